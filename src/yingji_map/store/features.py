"""Features of a layer: read as of any time, written so that nothing is ever lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    collate,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
)

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import Cause, LayerAct
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.layers import lock_layer
from yingji_map.store.ledger import advance_layer, close_rows, next_moment
from yingji_map.store.staging import stage_features


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """How a write is recorded: by which import, true since when, and what ends with it.

    With `is_replacing` everything ends that is not written; else the features of `ending` do.
    """

    import_id: int | None = None
    valid_from: datetime | None = None
    is_replacing: bool = False
    ending: tuple[str, ...] = ()
    act: LayerAct = LayerAct.IMPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSummary:
    """What a write did, counted in features; `version` is the layer's version afterwards."""

    written: int
    unchanged: int
    closed: int
    version: int


def as_of(
    table: Table, at: datetime | None = None, known_at: datetime | None = None
) -> ColumnElement[bool]:
    """Return the condition “valid at `at`, as known at `known_at`”; None means now."""
    valid = table.c.valid_during.op("@>")(func.statement_timestamp() if at is None else at)
    if known_at is None:
        return and_(func.upper_inf(table.c.known_during), valid)
    return and_(table.c.known_during.op("@>")(known_at), valid)


def read_features(
    tx: Connection,
    definition: LayerDefinition,
    *,
    columns: Sequence[str] | None = None,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> FeatureTable:
    """Read a whole layer as of a time, sorted by key.

    Parameters
    ----------
    columns
        Fields to read; all of them by default.
    at, known_at
        Valid time and time of knowledge; None means now.
    """
    table = layer_table(definition)
    names = [field.name for field in definition.fields] if columns is None else list(columns)
    return read_where(tx, definition, as_of(table, at, known_at), names)


def read_where(
    tx: Connection,
    definition: LayerDefinition,
    condition: ColumnElement[bool],
    names: Sequence[str],
) -> FeatureTable:
    """Read the rows of a layer that a condition picks, sorted by key; one row a key at most."""
    table = layer_table(definition)
    key = table.c[definition.key or ""]
    statement = (
        select(
            key.label("feature_key"),
            table.c.row_id,
            func.ST_AsBinary(table.c.geom).label("shape"),
            *(table.c[name].label(f"field_{name}") for name in names),
        )
        .where(condition)
        .order_by(collate(key, "C"))
    )
    rows = tx.execute(statement).all()
    by_column = list(zip(*rows, strict=True)) if rows else [()] * (3 + len(names))
    return FeatureTable(
        layer_id=definition.id,
        keys=tuple(by_column[0]),
        row_ids=np.array(by_column[1], dtype=np.int64),
        geometry=shapely.from_wkb(np.array([bytes(shape) for shape in by_column[2]], dtype=object)),
        columns={
            name: _object_array(values) for name, values in zip(names, by_column[3:], strict=True)
        },
    )


def write_features(
    tx: Connection,
    definition: LayerDefinition,
    incoming: FeatureTable,
    options: WriteOptions = WriteOptions(),
) -> WriteSummary:
    """Write features by business key; equal content changes nothing, nothing is overwritten.

    A changed feature's old row stops being known now; what it said about the time before
    `valid_from` is written again, so that both “what was” and “what we knew” stay readable.

    Parameters
    ----------
    incoming
        Features in EPSG:4490, keys unique.
    options
        `valid_from` None means now; with `is_replacing`, features that `incoming` lacks end then.
    """
    state = lock_layer(tx, definition.id)
    now = next_moment(tx, state)
    since = now if options.valid_from is None else options.valid_from
    table = layer_table(definition)
    stage = stage_features(tx, definition, incoming)
    key = definition.key or ""
    standing = and_(
        func.upper_inf(table.c.known_during),
        func.upper_inf(table.c.valid_during),
        func.lower(table.c.valid_during) <= since,
    )
    same = exists().where(
        standing, table.c[key] == stage.c[key], table.c.content_hash == stage.c.content_hash
    )
    # Chosen before anything is closed: afterwards “same” would read otherwise.
    new_keys = [row[0] for row in tx.execute(select(stage.c[key]).where(not_(same)))]
    ending: ColumnElement[bool] = table.c[key] == func.any([*new_keys, *options.ending])
    if options.is_replacing:
        ending = ending | table.c[key].not_in(select(stage.c[key]))
    closed = close_rows(tx, table, ending, now, since)
    _insert_rows(tx, table, _rows_of(stage, new_keys, options.import_id), (now, since))
    stage.drop(tx)
    is_changed = bool(new_keys or closed)
    cause = Cause(act=options.act, import_id=options.import_id)
    return WriteSummary(
        written=len(new_keys),
        unchanged=len(incoming) - len(new_keys),
        closed=closed,
        version=advance_layer(tx, definition, state, now, cause) if is_changed else state.version,
    )


def count_features(tx: Connection, definition: LayerDefinition) -> int:
    """Return how many features are current."""
    table = layer_table(definition)
    return int(tx.scalar(select(func.count()).select_from(table).where(as_of(table))) or 0)


def has_dated_features(tx: Connection, definition: LayerDefinition) -> bool:
    """Tell whether a feature begins in the future, or holds now and ends at a known time."""
    table = layer_table(definition)
    now = func.statement_timestamp()
    later = func.lower(table.c.valid_during) > now
    ending = func.upper(table.c.valid_during) > now
    return bool(
        tx.scalar(select(exists().where(func.upper_inf(table.c.known_during), or_(later, ending))))
    )


def _object_array(values: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _insert_rows(
    tx: Connection, table: Table, rows: Select[tuple[object, ...]], times: tuple[datetime, datetime]
) -> None:
    now, since = times
    names = [*rows.selected_columns.keys(), "valid_during", "known_during"]
    dated = rows.add_columns(func.tstzrange(since, None), func.tstzrange(now, None))
    tx.execute(insert(table).from_select(names, dated))


def _rows_of(stage: Table, keys: list[str], import_id: int | None) -> Select[tuple[object, ...]]:
    key = next(iter(stage.primary_key.columns))
    number = literal(import_id, BigInteger).label("import_id")
    return select(*stage.columns, number).where(key == func.any(keys))
