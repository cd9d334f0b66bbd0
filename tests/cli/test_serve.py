"""`yingji serve` answers, and leaves nothing behind when it is told to stop."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from yingji_map.store.cluster import Cluster

pytestmark = [pytest.mark.db, pytest.mark.slow]
_SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Return an empty data folder; a server left running is stopped."""
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"
        Cluster(home=Path(folder) / "data" / "postgres").stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(data_dir: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "yingji_map", "serve"],
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(_SRC),
            "YINGJI_DATA_DIR": str(data_dir),
            "YINGJI_HTTP__PORT": str(port),
        },
    )


def _answer(address: str) -> dict[str, object]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return dict(json.load(response))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            time.sleep(0.2)
    message = f"no answer from {address}"
    raise TimeoutError(message)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_service_stops_the_database_it_started(
    data_dir: Path, how: signal.Signals
) -> None:
    port = _free_port()
    program = _serve(data_dir, port)
    health = _answer(f"http://127.0.0.1:{port}/healthz")
    cluster = Cluster(home=data_dir / "postgres")
    ran = cluster.status().is_running

    program.send_signal(how)
    program.communicate(timeout=60)

    assert health["status"] == "ok"
    assert ran
    assert not cluster.status().is_running


def test_a_taken_port_is_one_sentence_and_exit_code_three(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        program = _serve(data_dir, taken.getsockname()[1])
        _, said = program.communicate(timeout=60)

    assert program.returncode == 3
    assert "address-in-use" in said
    assert "Traceback" not in said
