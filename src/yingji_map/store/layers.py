"""The catalogue as the store knows it: which layers exist, their versions and extents."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import Cause
from yingji_map.store.layer_tables import apply_layer_table
from yingji_map.store.tables import layer_versions, layers

CHANNEL = "yingji_layer_changed"
_APPLY_LOCK = 5108  # any number that only this program uses; the second one says which layer


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerState:
    """What is stored of one layer right now; `bounds` is (west, south, east, north) in degrees."""

    layer_id: str
    version: int
    content_hash: str
    row_count: int
    bounds: tuple[float, float, float, float] | None
    updated_at: datetime


def apply_layer(tx: Connection, definition: LayerDefinition) -> tuple[str, ...]:
    """Make the store ready for a layer; see `apply_layer_table` for what is refused.

    Returns
    -------
    tuple of str
        What was done; empty when the layer was ready already.
    """
    # Two programs that first use a layer at once would both create its table; one waits here
    # and then finds it.
    tx.execute(select(func.pg_advisory_xact_lock(_APPLY_LOCK, func.hashtext(definition.id))))
    done = () if definition.is_raster else apply_layer_table(tx, definition)
    document = definition.model_dump(mode="json")
    known = tx.scalar(select(layers.c.definition).where(layers.c.layer_id == definition.id))
    if known == document:
        return done
    statement = upsert(layers).values(
        layer_id=definition.id, kind=definition.kind.value, definition=document
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[layers.c.layer_id],
            set_={"kind": statement.excluded.kind, "definition": statement.excluded.definition},
        )
    )
    return (*done, "registered" if known is None else "redefined")


def lock_layer(tx: Connection, layer_id: str) -> LayerState:
    """Return a layer's state, holding its row so that writers take turns.

    Only who holds it may write rows of the layer in this transaction: its table refuses others.
    """
    tx.execute(select(func.set_config("yingji.writer", layer_id, True)))  # noqa: FBT003 - until commit
    row = tx.execute(select(layers).where(layers.c.layer_id == layer_id).with_for_update())
    return _state(row.mappings().one())


def find_layer_states(tx: Connection) -> dict[str, LayerState]:
    """Return the state of every applied layer by its id."""
    rows = tx.execute(select(layers)).mappings()
    return {row["layer_id"]: _state(row) for row in rows}


def save_layer_state(tx: Connection, state: LayerState, cause: Cause) -> None:
    """Record a layer's new version with its cause and tell every listener at commit."""
    content = {
        "version": state.version,
        "content_hash": state.content_hash,
        "row_count": state.row_count,
        "bounds": list(state.bounds) if state.bounds else None,
    }
    tx.execute(
        update(layers)
        .where(layers.c.layer_id == state.layer_id)
        .values(**content, updated_at=state.updated_at)
    )
    tx.execute(
        insert(layer_versions).values(
            **content,
            layer_id=state.layer_id,
            known_at=state.updated_at,
            act=cause.act.value,
            import_id=cause.import_id,
            restored_known_at=cause.restored_known_at,
        )
    )
    tx.execute(select(func.pg_notify(CHANNEL, f"{state.layer_id}:{state.version}")))


def statement_time(tx: Connection) -> datetime:
    """Return the database's clock, the one clock that stamps knowledge."""
    return tx.execute(text("SELECT clock_timestamp()")).scalar_one()  # type: ignore[no-any-return]  # one column of a text statement


def _state(row: RowMapping) -> LayerState:
    bounds = row["bounds"]
    return LayerState(
        layer_id=row["layer_id"],
        version=row["version"],
        content_hash=row["content_hash"],
        row_count=row["row_count"],
        bounds=tuple(bounds) if bounds else None,
        updated_at=row["updated_at"],
    )
