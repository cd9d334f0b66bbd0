"""How rows of a layer stop being known, and how the layer then gets its next version."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    collate,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import Cause
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.layers import LayerState, save_layer_state, statement_time


def next_moment(tx: Connection, state: LayerState) -> datetime:
    """Return the instant of the next version: now, and later than the last one even if the clock ran back."""
    return max(statement_time(tx), state.updated_at + timedelta(microseconds=1))


def close_rows(
    tx: Connection, table: Table, ending: ColumnElement[bool], now: datetime, since: datetime
) -> int:
    """Let rows that hold at `since` or later be known no more; what they said of before is kept.

    Returns
    -------
    int
        How many rows were closed.
    """
    touched = and_(
        func.upper_inf(table.c.known_during),
        table.c.valid_during.op("&&")(func.tstzrange(since, None)),
        ending,
    )
    rows = tx.execute(
        update(table)
        .where(touched)
        .values(known_during=func.tstzrange(func.lower(table.c.known_during), now))
        .returning(table.c.row_id, func.lower(table.c.valid_during) < since)
    ).all()
    kept = [row_id for row_id, has_past in rows if has_past]
    if kept:
        names = content_columns(table)
        past: Select[tuple[object, ...]] = select(
            *(table.c[name] for name in names),
            func.tstzrange(func.lower(table.c.valid_during), since),
            func.tstzrange(now, None),
        ).where(table.c.row_id.in_(kept))
        tx.execute(insert(table).from_select([*names, "valid_during", "known_during"], past))
    return len(rows)


def content_columns(table: Table) -> list[str]:
    """Return the columns that a row takes along when it is written again."""
    skipped = {"row_id", "geom_3857", "valid_during", "known_during"}
    return [column.name for column in table.columns if column.name not in skipped]


def advance_layer(
    tx: Connection, definition: LayerDefinition, state: LayerState, now: datetime, cause: Cause
) -> int:
    """Give the layer its next version, summed up from what it holds; returns its number."""
    content_hash, row_count, bounds = sum_up(tx, definition)
    version = state.version + 1
    new = replace(
        state,
        version=version,
        content_hash=content_hash,
        row_count=row_count,
        bounds=bounds,
        updated_at=now,
    )
    save_layer_state(tx, new, cause)
    return version


def sum_up(
    tx: Connection, definition: LayerDefinition, known_at: datetime | None = None
) -> tuple[str, int, tuple[float, float, float, float] | None]:
    """Return hash, number and bounds of the features that hold until further notice.

    Parameters
    ----------
    known_at
        Time of knowledge; None means now.
    """
    table = layer_table(definition)
    order = collate(table.c[definition.key or ""].cast(Text), "C")
    ordered_hashes = func.string_agg(
        table.c.content_hash, aggregate_order_by(literal_column("''"), order)
    )
    extent = func.ST_Extent(table.c.geom)
    row = tx.execute(
        select(
            func.coalesce(func.md5(ordered_hashes), ""),
            func.count(),
            func.ST_XMin(extent),
            func.ST_YMin(extent),
            func.ST_XMax(extent),
            func.ST_YMax(extent),
        ).where(standing(table, known_at))
    ).one()
    return row[0], row[1], None if row[2] is None else (row[2], row[3], row[4], row[5])


def standing(table: FromClause, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition “holds until further notice, as known at `known_at`” (None: now)."""
    return and_(known(table, known_at), func.upper_inf(table.c.valid_during))


def known(table: FromClause, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition “known at `known_at`”; None means now."""
    if known_at is None:
        return func.upper_inf(table.c.known_during)
    return table.c.known_during.op("@>")(known_at)
