"""The whole product, started once as a newcomer starts it: `yingji up` on an empty folder."""

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
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PATIENCE_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A served sample county: its address, the environment of its command line, what `up` said."""

    url: str
    environment: dict[str, str]
    log: Path


@pytest.fixture(scope="session")
def county() -> Iterator[County]:
    """Serve the sample county from nothing until the tests are done."""
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        port = _free_port()
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "YINGJI_DATA_DIR": str(Path(folder) / "data"),
            "YINGJI_HTTP__PORT": str(port),
            "YINGJI_LANGUAGE": "zh",
        }
        log = Path(folder) / "up.log"
        with log.open("w") as output:
            program = subprocess.Popen(
                [sys.executable, "-m", "yingji_map", "up"],
                stdout=output,
                stderr=output,
                env=environment,
            )
        county = County(url=f"http://127.0.0.1:{port}", environment=environment, log=log)
        try:
            _wait_until_ready(county, program)
            yield county
        finally:
            program.send_signal(signal.SIGINT)
            program.wait(timeout=60)


def _wait_until_ready(county: County, program: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        if program.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{county.url}/readyz", timeout=5):
                return
        except (urllib.error.HTTPError, OSError):
            time.sleep(0.5)
    pytest.fail(f"`yingji up` did not become ready:\n{county.log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
