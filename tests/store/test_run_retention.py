"""Pruning runs: the latest stay, and whatever a warning came from."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError
from tests.support.risk_runs import COMPUTED_AT, a_run, a_surface

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.run import RunKind
from yingji_map.services.prune_runs import PruneRuns
from yingji_map.store.database import Store
from yingji_map.store.run_retention import delete_runs, find_prunable_runs
from yingji_map.store.runs import find_runs, save_run
from yingji_map.store.tables import warning_origins

pytestmark = pytest.mark.db


def _save(tx: Connection, hours: int, *, kind: RunKind = RunKind.DYNAMIC, text: str = "a") -> str:
    at = COMPUTED_AT + timedelta(hours=hours)
    record, surfaces = a_run([a_surface(rings=1)], kind=kind, valid_at=at, text=text)
    save_run(tx, record, surfaces)
    return record.run_id


def _blame(tx: Connection, run_id: str) -> None:
    values = {"warning_id": run_id, "run_id": run_id, "hazard": "flood", "zone_key": "z"}
    tx.execute(insert(warning_origins).values(**values))


def test_the_latest_of_each_kind_and_the_runs_behind_warnings_stay(tx: Connection) -> None:
    hours = [_save(tx, hour) for hour in range(6)]
    static = _save(tx, 0, kind=RunKind.STATIC)
    _blame(tx, hours[1])

    prunable = [run.run_id for run in find_prunable_runs(tx, 2)]
    deleted = delete_runs(tx, prunable)

    assert prunable == [hours[0], hours[2], hours[3]]
    assert deleted == 3
    assert {run.run_id for run in find_runs(tx, 99)} == {*hours[4:], hours[1], static}


def test_what_was_replaced_goes_before_what_is_current(tx: Connection) -> None:
    first, second = _save(tx, 0), _save(tx, 1)
    again = _save(tx, 1, text="b")
    replaced = next(run.run_id for run in find_runs(tx, 9, is_superseded=True))

    prunable = [run.run_id for run in find_prunable_runs(tx, 2)]

    assert prunable == [replaced]
    assert replaced in {second, again}
    assert first not in prunable


def test_the_database_itself_keeps_the_run_behind_a_warning(tx: Connection) -> None:
    run_id = _save(tx, 0)
    _blame(tx, run_id)

    with pytest.raises(IntegrityError, match="warning_origins"), tx.begin_nested():
        delete_runs(tx, [run_id])


def test_a_rehearsal_deletes_nothing_and_one_run_always_stays(store: Store) -> None:
    with store.transaction() as tx:
        kept = {_save(tx, hour) for hour in range(3)}
    prune = PruneRuns(store=store, keep=500)

    shown = prune.run(1, is_dry_run=True)
    by_setting = prune.run()
    with pytest.raises(InvalidParameter):
        prune.run(0)
    gone = prune.run(1)

    with store.read() as tx:
        left = {run.run_id for run in find_runs(tx, 99)}
    assert by_setting == []
    assert [run.run_id for run in shown] == [run.run_id for run in gone]
    assert left == kept - {run.run_id for run in gone}
    assert len(left) == 1
    with store.transaction() as tx:
        delete_runs(tx, left)
