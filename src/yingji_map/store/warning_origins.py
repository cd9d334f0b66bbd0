"""Which run proposed which warning, each zone of it once."""

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from yingji_map.store.tables import warning_origins


def take_turns(tx: Connection, run_id: str) -> None:
    """Wait until nobody else proposes warnings of this run; holds until commit."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"propose {run_id}", 0))))


def find_proposed(tx: Connection, run_id: str) -> set[tuple[str, str]]:
    """Return hazard and zone key of what a run has proposed before."""
    table = warning_origins
    rows = tx.execute(select(table.c.hazard, table.c.zone_key).where(table.c.run_id == run_id))
    return {(hazard, key) for hazard, key in rows}


def save_origin(tx: Connection, warning_id: str, run_id: str, zone: tuple[str, str]) -> None:
    """Note that a run proposed a warning; `zone` is hazard and zone key."""
    values = {
        "warning_id": warning_id,
        "run_id": run_id,
        "hazard": zone[0],
        "zone_key": zone[1],
    }
    tx.execute(insert(warning_origins).values(**values))
