"""When what is true of a layer changes by itself, without anybody writing."""

from datetime import datetime

from sqlalchemy import Connection, case, func, select

from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.layer_tables import layer_table


def find_next_change(tx: Connection, definition: LayerDefinition) -> datetime | None:
    """Return the next instant at which a known row begins or ends to be valid, None for never.

    What was read before that instant, at the same version of the layer, is still right.
    """
    table = layer_table(definition)
    now = func.statement_timestamp()
    begins, ends = func.lower(table.c.valid_during), func.upper(table.c.valid_during)
    # An aggregate over nothing, and an endless range, give NULL, which LEAST passes over.
    next_begin = func.min(case((begins > now, begins)))
    next_end = func.min(case((ends > now, ends)))
    found: datetime | None = tx.scalar(
        select(func.least(next_begin, next_end)).where(func.upper_inf(table.c.known_during))
    )
    return found
