"""A feature ends: it holds until an instant, and no longer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import Cause, LayerAct
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.layers import lock_layer
from yingji_map.store.ledger import advance_layer, close_rows, next_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSummary:
    """What ending did: rows closed (0: it had ended before), since when, the layer's version."""

    closed: int
    since: datetime
    version: int


def end_feature(
    tx: Connection,
    definition: LayerDefinition,
    key: str,
    since: datetime | None = None,
    import_id: int | None = None,
) -> EndSummary:
    """Let a feature hold only until `since`, None for now; what it was before stays true.

    Everything that was to hold later, a future change too, ends with it.

    Parameters
    ----------
    import_id
        Record that says who ended it.
    """
    state = lock_layer(tx, definition.id)
    now = next_moment(tx, state)
    moment = now if since is None else since
    table = layer_table(definition)
    closed = close_rows(tx, table, table.c[definition.key or ""] == key, now, moment)
    cause = Cause(act=LayerAct.END, import_id=import_id)
    version = advance_layer(tx, definition, state, now, cause) if closed else state.version
    return EndSummary(closed=closed, since=moment, version=version)


def is_known(tx: Connection, definition: LayerDefinition, key: str) -> bool:
    """Tell whether we know now that this feature exists or once existed."""
    table = layer_table(definition)
    here = exists().where(
        and_(func.upper_inf(table.c.known_during), table.c[definition.key or ""] == key)
    )
    return bool(tx.scalar(select(here)))
