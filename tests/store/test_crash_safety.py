"""Killed at any moment, the store is what it was before or what it should be after, never between."""

import itertools
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
import pytest
import shapely
from sqlalchemy import func, select, text
from tests.support.files import write_geojson
from tests.support.importers import EXIT_UNAVAILABLE, WELL, start_import

from yingji_map.domain.errors import ClusterUnavailable, StoreUnavailable
from yingji_map.store.cluster import Cluster
from yingji_map.store.cluster_process import is_server_of
from yingji_map.store.database import Store, open_store
from yingji_map.store.features import read_features
from yingji_map.store.history import find_history
from yingji_map.store.layers import apply_layer, lock_layer
from yingji_map.store.ledger import sum_up
from yingji_map.store.schema import upgrade_schema
from yingji_map.store.tables import imports
from yingji_map.store.versions import find_versions

pytestmark = [pytest.mark.db, pytest.mark.slow]
MIGRATIONS = Path(__file__).parents[2] / "migrations"
SEED = 510821
ROWS = 3000  # enough for a commit in mid-write to be caught
STAGES = ("Reading", "Writing")
KILLS = int(os.environ.get("YINGJI_KILLS", "4"))  # `make campaign` kills oftener
Depths = dict[str, float]


@dataclass(frozen=True)
class Content:
    """A file and the layer that it makes."""

    path: Path
    depths: Depths


def _content(folder: Path, name: str, codes: range, depth: float) -> Content:
    depths = {f"W{number:05d}": depth for number in codes}
    rows = [
        {"code": code, "name": f"井{code}", "depth_m": depth, "geom": shapely.Point(106.1, 32.2)}
        for code in depths
    ]
    return Content(write_geojson(folder / name, rows), depths)


@pytest.fixture
def contents(tmp_path: Path) -> tuple[Content, Content]:
    """Return two files that replace each other: some wells end, some begin, all change."""
    first = _content(tmp_path, "one.geojson", range(ROWS), 1)
    second = _content(tmp_path, "two.geojson", range(ROWS // 2, ROWS + ROWS // 2), 2)
    return first, second


def _settled(store: Store) -> tuple[int, Depths]:
    """Return version and rows when nobody writes any more, having checked that they agree."""
    with store.transaction() as tx:
        state = lock_layer(tx, "well")  # waits for what a killed program had sent already
        table = read_features(tx, WELL)
        content_hash, row_count, bounds = sum_up(tx, WELL)
        versions = find_versions(tx, "well", limit=1000)
        accepted = tx.scalar(select(func.count()).select_from(imports))
        left = tx.scalars(text("SELECT relname FROM pg_class WHERE relname LIKE 'stage%'")).all()
    assert left == [], "a staging table outlived its import"
    assert (state.content_hash, state.row_count, state.bounds) == (content_hash, row_count, bounds)
    assert row_count == len(table)
    assert [v.version for v in versions] == list(range(state.version, 0, -1))
    assert accepted == state.version, "an import is recorded when its rows are, and only then"
    return state.version, dict(zip(table.keys, table.columns["depth_m"], strict=True))


def _prepare(store: Store, contents: tuple[Content, Content], url: str) -> dict[str, float]:
    """Import both files undisturbed and return how long an import takes from each stage on."""
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE IF EXISTS layer.well"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))
        apply_layer(tx, WELL)
    durations_s = {}
    for number, stage in enumerate(("Reading", "Reading", *STAGES)):  # the first one is cold
        process = start_import(url, contents[number % 2].path, stage=stage)
        began = time.monotonic()
        process.join(60)
        durations_s[stage] = time.monotonic() - began
        assert process.exitcode == 0
    return durations_s


def _alternate(
    store: Store,
    url: str,
    contents: tuple[Content, Content],
    kill: Callable[[BaseProcess], None],
    kills: int,
) -> tuple[int, int]:
    """Import one file over the other, killing at random moments; returns how often each way."""
    rng = random.Random(SEED)  # noqa: S311 - moments, not secrets
    durations_s = _prepare(store, contents, url)
    # One moment in every stretch of an import, most of them while it writes, in any order.
    moments = [(STAGES[number % 3 > 0], (number + rng.random()) / kills) for number in range(kills)]
    rng.shuffle(moments)
    version, stands = _settled(store)
    outcomes = [0, 0]
    for stage, share in moments:
        coming = contents[1] if stands == contents[0].depths else contents[0]
        process = start_import(url, coming.path, stage=stage)
        time.sleep(share * durations_s[stage])
        kill(process)
        process.join(60)
        assert process.exitcode in {0, EXIT_UNAVAILABLE, -signal.SIGKILL}

        new_version, rows = _settled(store)

        assert (new_version, rows) in ((version, stands), (version + 1, coming.depths))
        outcomes[new_version - version] += 1
        version, stands = new_version, rows
    return outcomes[0], outcomes[1]


def test_a_killed_importer_leaves_the_state_before_or_after(
    store: Store, database_url: str, contents: tuple[Content, Content]
) -> None:
    before, after = _alternate(store, database_url, contents, BaseProcess.kill, KILLS)

    assert before + after == KILLS
    assert before > 0


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Run a server of its own, to be killed; what it wrote outlives it in the system's cache."""
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(home=Path(folder) / "pg", extra_settings="fsync = off\n")
        cluster.start()
        yield cluster
        cluster.stop()


def test_a_killed_postgresql_leaves_the_state_before_or_after(
    cluster: Cluster, contents: tuple[Content, Content]
) -> None:
    store = open_store(cluster.url, pool_size=1)
    upgrade_schema(store.engine, MIGRATIONS)

    victims = itertools.cycle([_kill_server, _kill_backend])

    def kill(_importer: BaseProcess) -> None:
        next(victims)(cluster)
        _until_answering(store)

    before, after = _alternate(store, cluster.url, contents, kill, KILLS)
    store.dispose()

    assert before + after == KILLS
    assert before > 0


def _kill_server(cluster: Cluster) -> None:
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while is_server_of(pid, cluster.data) and time.monotonic() < end:
        time.sleep(0.02)
    while True:
        try:
            cluster.start()
        except ClusterUnavailable:  # its orphans still hold the shared memory
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def _kill_backend(cluster: Cluster) -> None:
    """Kill the importer's server process: PostgreSQL ends all others and recovers by itself."""
    with suppress(psycopg.OperationalError), psycopg.connect(_libpq(cluster)) as connection:
        for (pid,) in connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'yingji'"
        ).fetchall():
            with suppress(ProcessLookupError):  # gone with the first one
                os.kill(pid, signal.SIGKILL)


def _libpq(cluster: Cluster) -> str:
    return cluster.url.replace("+psycopg", "")


def _until_answering(store: Store) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            with store.read():
                return
        except StoreUnavailable:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_eight_importers_at_once_lose_nothing(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    with store.transaction() as tx:  # not even the table is there: they race for that too
        tx.execute(text("DROP TABLE IF EXISTS layer.well"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))
    parts = []
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        # Each has its own wells and one that all of them have, each with another depth.
        own = range(number * 60 + 1, number * 60 + 61)
        parts.append(_content(folder, "part.geojson", range(1), float(number)))
        parts[-1] = _merged(folder, parts[-1].depths, own, float(number))

    processes = [start_import(database_url, part.path) for part in parts]
    for process in processes:
        process.join(90)

    assert [process.exitcode for process in processes] == [0] * 8
    version, rows = _settled(store)
    assert version == 8
    shared = rows.pop("W00000")
    assert rows == {
        code: depth for part in parts for code, depth in part.depths.items() if code != "W00000"
    }
    with store.read() as tx:
        moments = [v.known_at for v in find_versions(tx, "well", limit=8)]
        told = [row.values["depth_m"] for row in find_history(tx, WELL, "W00000")]
    assert moments == sorted(set(moments), reverse=True)
    assert sorted(set(told)) == [float(number) for number in range(8)]
    assert shared in told


def test_a_connection_lost_within_copy_is_a_refusal(store: Store) -> None:
    def write() -> None:
        with store.transaction() as tx:
            pid = tx.scalar(select(func.pg_backend_pid()))
            cursor = tx.connection.cursor()
            with store.engine.begin() as other:
                other.execute(select(func.pg_terminate_backend(pid, 5000)))
            with cursor.copy("COPY core.risk_runs FROM STDIN") as copy:
                copy.write_row([1])

    with pytest.raises(StoreUnavailable):
        write()


def _merged(folder: Path, shared: Depths, own: range, depth: float) -> Content:
    """Return a file with the shared well and some of its own."""
    mine = _content(folder, "part.geojson", own, depth)
    depths = shared | mine.depths
    rows = [
        {"code": code, "name": f"井{code}", "depth_m": depth, "geom": shapely.Point(106.1, 32.2)}
        for code in depths
    ]
    return Content(write_geojson(folder / "part.geojson", rows), depths)
