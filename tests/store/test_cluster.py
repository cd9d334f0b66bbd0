"""The embedded PostGIS survives what happens on real machines."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from yingji_map.domain.errors import ClusterUnavailable
from yingji_map.store.cluster import Cluster
from yingji_map.store.cluster_process import is_server_of

pytestmark = [pytest.mark.db, pytest.mark.slow]
_FAST = "fsync = off\nsynchronous_commit = off\n"
_SRC = Path(__file__).parents[2] / "src"
_PROGRAM = """
import sys, time
from pathlib import Path
import psycopg
from yingji_map.store.cluster import Cluster
with Cluster(home=Path(sys.argv[1]), extra_settings="fsync = off\\n").running() as url:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT 1")
        print("using", flush=True)
        time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """Return the home of a cluster that has not been made; what is left running is stopped."""
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "pg"
        yield home
        if (home / "data" / "PG_VERSION").exists():
            (home / "data" / "PG_VERSION").write_text(_major_here())
            Cluster(home=home).stop()


def _major_here() -> str:
    from yingji_map.store.cluster_binaries import find_binaries, known_places  # noqa: PLC0415

    return f"{find_binaries(known_places()).major}\n"


def _cluster(home: Path) -> Cluster:
    return Cluster(home=home, extra_settings=_FAST)


def _program(home: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(home), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_SRC)},
    )


def _query(url: str, statement: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(statement).fetchone() if statement else None
        return row[0] if row else None


def _until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_two_programs_started_at_once_share_one_server_and_the_last_stops_it(home: Path) -> None:
    programs = [_program(home, 1.5), _program(home, 3)]

    assert [program.wait(timeout=60) for program in programs] == [0, 0]

    assert not _cluster(home).status().is_running


def test_a_started_server_stays_until_it_is_stopped(home: Path) -> None:
    cluster = _cluster(home)
    cluster.start()
    with cluster.running():
        pass

    stayed = cluster.status().is_running
    stopped = (cluster.stop(), cluster.stop())

    assert stayed
    assert stopped == (True, False)
    assert not cluster.status().is_running


def test_a_killed_program_leaves_a_server_that_the_next_one_uses_and_stops(home: Path) -> None:
    program = _program(home, 60)
    assert program.stdout is not None
    assert program.stdout.readline().strip() == "using"
    program.kill()
    program.wait()
    program.stdout.close()
    pid = _cluster(home).status().pid

    with _cluster(home).running():
        reused = _cluster(home).status().pid

    assert reused == pid
    assert not _cluster(home).status().is_running


def test_committed_rows_survive_a_killed_server(home: Path) -> None:
    cluster = Cluster(home=home)
    with cluster.running() as url:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        pid = cluster.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert _until(lambda: not is_server_of(pid, cluster.data))

    with cluster.running() as url:
        assert _query(url, "SELECT number FROM kept") == 7


def test_a_pid_file_whose_number_went_to_another_program_is_no_obstacle(home: Path) -> None:
    with _cluster(home).running():
        pass
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n")

    with _cluster(home).running() as url:
        assert _query(url, "SELECT 1") == 1


def test_data_of_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    with _cluster(home).running():
        pass
    (home / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(ClusterUnavailable) as caught, _cluster(home).running():
        pass

    assert "PostgreSQL 9" in caught.value.text("zh")
    assert caught.value.fields["fix"] == "sudo apt-get install postgresql-9 postgresql-9-postgis-3"
    assert (home / "data" / "PG_VERSION").read_text() == "9\n"


def test_a_machine_without_postgresql_is_told_what_to_install(home: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(ClusterUnavailable) as caught,
        Cluster(home=home, places=(tmp_path,)).running(),
    ):
        pass

    assert "apt-get install postgresql postgresql-postgis" in str(caught.value.fields["fix"])
    assert not (home / "data").exists()


def test_a_server_without_postgis_is_told_apart_from_no_server(home: Path, tmp_path: Path) -> None:
    for name, answer in {
        "initdb": "",
        "pg_ctl": "",
        "postgres": "postgres (PostgreSQL) 16.3",
        "pg_config": str(tmp_path / "share"),
    }.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{answer}'\n")
        program.chmod(0o755)

    with (
        pytest.raises(ClusterUnavailable) as caught,
        Cluster(home=home, places=(tmp_path,)).running(),
    ):
        pass

    assert "PostGIS" in caught.value.text("zh")
    assert caught.value.fields["fix"] == "sudo apt-get install postgresql-16-postgis-3"


def test_a_full_disk_is_refused_before_anything_is_made(home: Path) -> None:
    full = Cluster(home=home, free_bytes=lambda _path: 20 * 1024**2)

    with pytest.raises(ClusterUnavailable) as caught, full.running():
        pass

    assert "20 MB" in caught.value.text("zh")
    assert not (home / "data").exists()


def test_an_initdb_that_was_killed_half_way_is_begun_anew(home: Path) -> None:
    (home / "data.making").mkdir(parents=True)
    (home / "data.making" / "PG_VERSION").write_text("15\n")

    with _cluster(home).running() as url:
        assert _query(url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_the_server_as_himself(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def use() -> int:
        with _cluster(home).running() as url:
            pid = _cluster(home).status().pid
            owner = Path(f"/proc/{pid}").stat().st_uid
            return 0 if _query(url, "SELECT 1") == 1 and owner == nobody.pw_uid else 3

    assert _as_user(nobody, use) == 0
    assert not _cluster(home).status().is_running


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_of_somebody_else_is_refused_with_a_way_out(home: Path) -> None:
    home.mkdir()

    def use() -> int:
        try:
            with _cluster(home).running():
                return 4
        except ClusterUnavailable as error:
            return 0 if "YINGJI_DATA_DIR" in str(error.fields["fix"]) else 5

    assert _as_user(pwd.getpwnam("nobody"), use) == 0


def _as_user(user: pwd.struct_passwd, work: Callable[[], int]) -> int:
    """Run `work` in a forked child that became `user`; returns its exit code."""
    child = os.fork()
    if child == 0:
        code = 9
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
