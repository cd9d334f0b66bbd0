"""Every row a feature ever had: what was true when, and what we knew when."""

from dataclasses import dataclass
from datetime import datetime

import shapely
from sqlalchemy import Connection, func, select

from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.layer_tables import layer_table


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureVersion:
    """One row of a feature; `valid_to` or `known_to` None means still."""

    row_id: int
    values: dict[str, object]
    geometry: shapely.Geometry
    valid_from: datetime | None
    valid_to: datetime | None
    known_from: datetime | None
    known_to: datetime | None
    import_id: int | None


def find_history(tx: Connection, definition: LayerDefinition, key: str) -> list[FeatureVersion]:
    """Return all rows of a feature, in the order in which they became known."""
    table = layer_table(definition)
    names = [field.name for field in definition.fields]
    statement = (
        select(
            table.c.row_id,
            table.c.import_id,
            func.ST_AsBinary(table.c.geom).label("shape"),
            func.lower(table.c.valid_during).label("valid_from"),
            func.upper(table.c.valid_during).label("valid_to"),
            func.lower(table.c.known_during).label("known_from"),
            func.upper(table.c.known_during).label("known_to"),
            *(table.c[name].label(f"field_{name}") for name in names),
        )
        .where(table.c[definition.key or ""] == key)
        .order_by("known_from", "valid_from", table.c.row_id)
    )
    return [
        FeatureVersion(
            row_id=row["row_id"],
            values={name: row[f"field_{name}"] for name in names},
            geometry=shapely.from_wkb(bytes(row["shape"])),
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            known_from=row["known_from"],
            known_to=row["known_to"],
            import_id=row["import_id"],
        )
        for row in tx.execute(statement).mappings()
    ]
