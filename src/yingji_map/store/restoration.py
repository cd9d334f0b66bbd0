"""What a layer was known to be at an instant, written again as what it is known to be now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    exists,
    func,
    insert,
    not_,
    select,
    update,
)

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import Cause, LayerAct
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.layers import lock_layer
from yingji_map.store.ledger import advance_layer, content_columns, known, next_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSummary:
    """What a restoration did, counted in rows; `version` is the layer's version afterwards."""

    written: int
    closed: int
    version: int


def restore_layer(
    tx: Connection, definition: LayerDefinition, known_at: datetime
) -> RestoreSummary:
    """Believe again what was believed at `known_at`, for every valid time.

    The rows known since are closed, those closed since are written again; rows that say the same
    stay. Nothing is deleted: what was known in between can still be asked for.
    """
    state = lock_layer(tx, definition.id)
    now = next_moment(tx, state)
    table = layer_table(definition)
    wanted = table.alias("wanted")
    standing = table.alias("standing")
    key = definition.key or ""
    is_wanted = exists().where(_is_same(table, wanted, key), known(wanted, known_at))
    is_standing = exists().where(_is_same(wanted, standing, key), known(standing))
    closing = and_(known(table), not_(is_wanted))
    returning = and_(known(wanted, known_at), not_(is_standing))
    # Both are chosen before anything is written: afterwards “known now” would read otherwise.
    ending_ids = list(tx.scalars(select(table.c.row_id).where(closing)))
    coming_ids = list(tx.scalars(select(wanted.c.row_id).where(returning)))
    if not ending_ids and not coming_ids:
        return RestoreSummary(written=0, closed=0, version=state.version)
    tx.execute(
        update(table)
        .where(table.c.row_id == func.any(ending_ids))
        .values(known_during=func.tstzrange(func.lower(table.c.known_during), now))
    )
    names = [*content_columns(table), "valid_during"]
    again = select(*(table.c[name] for name in names), func.tstzrange(now, None)).where(
        table.c.row_id == func.any(coming_ids)
    )
    tx.execute(insert(table).from_select([*names, "known_during"], again))
    cause = Cause(act=LayerAct.RESTORE, restored_known_at=known_at)
    return RestoreSummary(
        written=len(coming_ids),
        closed=len(ending_ids),
        version=advance_layer(tx, definition, state, now, cause),
    )


def _is_same(left: FromClause, right: FromClause, key: str) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in (key, "content_hash", "valid_during")))
