"""`yingji db` and `yingji doctor`, run as a person would."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.db, pytest.mark.slow]
_SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Return an empty data folder; a server left running is stopped."""
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"
        _yingji(Path(folder) / "data", "db", "stop")


def _yingji(data_dir: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yingji_map", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={
            **os.environ,
            "PYTHONPATH": str(_SRC),
            "YINGJI_DATA_DIR": str(data_dir),
            "YINGJI_LANGUAGE": "zh",
            **variables,
        },
    )


def test_a_database_is_started_upgraded_looked_at_and_stopped(data_dir: Path) -> None:
    before = _yingji(data_dir, "db", "status", "--json")
    started = _yingji(data_dir, "db", "start")
    upgraded = _yingji(data_dir, "db", "upgrade", "--json")
    again = _yingji(data_dir, "db", "upgrade", "--json")
    during = _yingji(data_dir, "db", "status", "--json")
    stopped = _yingji(data_dir, "db", "stop")

    assert (before.returncode, json.loads(before.stdout)["is_created"]) == (3, False)
    assert started.returncode == 0, started.stderr
    assert json.loads(upgraded.stdout)["after"] == json.loads(upgraded.stdout)["newest"]
    assert json.loads(again.stdout)["before"] == json.loads(again.stdout)["after"]
    assert (during.returncode, json.loads(during.stdout)["is_running"]) == (0, True)
    assert stopped.returncode == 0
    assert _yingji(data_dir, "db", "status").returncode == 3


def test_doctor_finds_this_machine_fit(data_dir: Path) -> None:
    done = _yingji(data_dir, "doctor", "--json")

    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert findings["PostGIS"]["state"] == "ok"
    assert findings["layers"]["state"] == "ok"


def test_doctor_names_a_server_that_does_not_answer_and_fails(data_dir: Path) -> None:
    address = "postgresql+psycopg://nobody@127.0.0.1:9/yingji"

    done = _yingji(data_dir, "doctor", "--json", YINGJI_DATABASE__URL=address)

    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 3
    assert findings["database"]["state"] == "fail"


def test_doctor_names_the_file_and_line_of_a_broken_definition(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "hazard").mkdir()
    (tmp_path / "hazard" / "well.yaml").write_text("id: well\nkind: hazard\ncolour: red\n")

    done = _yingji(data_dir, "doctor", "--json", YINGJI_LAYERS_DIR=str(tmp_path))

    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 3
    assert "well.yaml" in findings["layers"]["detail"]
    assert "colour（第 3 行）不认识的键" in findings["layers"]["detail"]


def test_an_unknown_command_is_wrong_usage(data_dir: Path) -> None:
    assert _yingji(data_dir, "db", "burn").returncode == 2
