"""Two moments of knowledge of one layer, compared in the database; only what differs is read."""

from dataclasses import dataclass
from datetime import datetime

import shapely
from sqlalchemy import Connection, RowMapping, collate, func, or_, select
from sqlalchemy.sql.selectable import Subquery

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import FeatureChange, FeatureState
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.ledger import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One feature on both sides, by row number; None where it is not."""

    key: str
    before: int | None
    after: int | None


def find_changes(
    tx: Connection, definition: LayerDefinition, from_known_at: datetime, to_known_at: datetime
) -> list[FeatureChange]:
    """Compare the features that held until further notice at two moments, sorted by key."""
    pairs = _differing(tx, definition, from_known_at, to_known_at)
    wanted = [row_id for pair in pairs for row_id in (pair.before, pair.after)]
    states = _states(tx, definition, [row_id for row_id in wanted if row_id is not None])
    return [
        FeatureChange(
            key=pair.key,
            before=None if pair.before is None else states[pair.before],
            after=None if pair.after is None else states[pair.after],
        )
        for pair in pairs
    ]


def _differing(
    tx: Connection, definition: LayerDefinition, from_known_at: datetime, to_known_at: datetime
) -> list[_Pair]:
    before = _side(definition, from_known_at, "before")
    after = _side(definition, to_known_at, "after")
    key = func.coalesce(before.c.feature_key, after.c.feature_key)
    statement = (
        select(key, before.c.row_id, after.c.row_id)
        .select_from(before.join(after, before.c.feature_key == after.c.feature_key, full=True))
        .where(
            or_(
                before.c.content_hash.is_distinct_from(after.c.content_hash),
                before.c.valid_from.is_distinct_from(after.c.valid_from),
            )
        )
        .order_by(collate(key, "C"))
    )
    return [_Pair(key=row[0], before=row[1], after=row[2]) for row in tx.execute(statement)]


def _side(definition: LayerDefinition, known_at: datetime, name: str) -> Subquery:
    table = layer_table(definition)
    return (
        select(
            table.c[definition.key or ""].label("feature_key"),
            table.c.row_id,
            table.c.content_hash,
            func.lower(table.c.valid_during).label("valid_from"),
        )
        .where(standing(table, known_at))
        .subquery(name)
    )


def _states(
    tx: Connection, definition: LayerDefinition, row_ids: list[int]
) -> dict[int, FeatureState]:
    table = layer_table(definition)
    names = [field.name for field in definition.fields]
    statement = select(
        table.c.row_id,
        func.ST_AsBinary(table.c.geom).label("shape"),
        func.lower(table.c.valid_during).label("valid_from"),
        *(table.c[name].label(f"field_{name}") for name in names),
    ).where(table.c.row_id == func.any(row_ids))
    return {row["row_id"]: _state(row, names) for row in tx.execute(statement).mappings()}


def _state(row: RowMapping, names: list[str]) -> FeatureState:
    return FeatureState(
        values={name: row[f"field_{name}"] for name in names},
        geometry=shapely.from_wkb(bytes(row["shape"])),
        valid_from=row["valid_from"],
    )
