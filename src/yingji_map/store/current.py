"""One feature as it is now, held so that whoever read it may change it."""

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, exists, func, select

from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.features import as_of
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.layers import lock_layer


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentFeature:
    """A feature's present state, private fields too; `row_id` changes whenever the feature does."""

    row_id: int
    values: dict[str, object]
    geometry: BaseGeometry


def hold_feature(tx: Connection, definition: LayerDefinition, key: str) -> CurrentFeature | None:
    """Return a feature's present state, None where it has none; writers of its layer take turns."""
    lock_layer(tx, definition.id)
    return find_current(tx, definition, key)


def find_current(tx: Connection, definition: LayerDefinition, key: str) -> CurrentFeature | None:
    """Return a feature's present state, None where it has none."""
    table = layer_table(definition)
    names = [field.name for field in definition.fields]
    row = tx.execute(
        select(
            table.c.row_id,
            func.ST_AsBinary(table.c.geom).label("shape"),
            *(table.c[name].label(f"field_{name}") for name in names),
        ).where(as_of(table), table.c[definition.key or ""] == key)
    ).first()
    if row is None:
        return None
    return CurrentFeature(
        row_id=row[0],
        geometry=shapely.from_wkb(bytes(row[1])),
        values=dict(zip(names, row[2:], strict=True)),
    )


def is_taken(tx: Connection, definition: LayerDefinition, key: str) -> bool:
    """Return whether a feature has this key now or is known to have it later."""
    table = layer_table(definition)
    later = table.c.valid_during.op("&&")(func.tstzrange(func.statement_timestamp(), None))
    known = func.upper_inf(table.c.known_during)
    here = exists().where(known, later, table.c[definition.key or ""] == key)
    return bool(tx.scalar(select(here)))
