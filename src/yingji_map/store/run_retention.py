"""Which risk runs may go, and letting them go."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from yingji_map.domain.run import RunKind, RunRecord
from yingji_map.store.runs import find_runs
from yingji_map.store.tables import risk_runs, warning_origins

_ALL = 1_000_000


def find_prunable_runs(tx: Connection, keep: int) -> list[RunRecord]:
    """Return the runs beyond the `keep` latest of each kind, the least wanted first.

    Replaced runs go before those that still say how things stand. A run that proposed a warning,
    and the base of a scenario that stays, are not among them.
    """
    gone: list[RunRecord] = []
    kept: list[RunRecord] = []
    for kind in RunKind:
        runs = find_runs(tx, _ALL, kinds=[kind])
        ranked = sorted(runs, key=lambda run: run.is_superseded)
        kept += ranked[:keep]
        gone += ranked[keep:]
    needed = set(tx.scalars(select(warning_origins.c.run_id).distinct()))
    needed |= {run.inputs.base_run_id for run in kept if run.inputs.base_run_id}
    return [run for run in reversed(gone) if run.run_id not in needed]


def delete_runs(tx: Connection, run_ids: Collection[str]) -> int:
    """Delete runs with all their cells and return how many there were.

    A warning's run is refused by the database even when it was proposed a moment ago.
    """
    statement = delete(risk_runs).where(risk_runs.c.run_id.in_(list(run_ids)))
    return len(tx.scalars(statement.returning(risk_runs.c.run_id)).all())
