"""`yingji warning`, run as an officer would."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from tests.support.county import settle_county
from tests.support.warnings import a_zone

from yingji_map.cli.main import commands
from yingji_map.cli.session import refusals_as_exit_codes
from yingji_map.store.database import Store

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def address(store: Store, database_url: str) -> str:
    """Return the address of a store with a county of two villages."""
    settle_county(store, {"a": (106.3, 32.15, 400, 120), "b": (106.5, 32.3, 7, 2)})
    return database_url


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    """Return a GeoJSON file as QGIS saves it: a collection of one feature."""
    feature = {"type": "Feature", "properties": {}, "geometry": a_zone()}
    path = tmp_path / "范围.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    return path


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Finished]


@pytest.fixture
def warning_command(
    address: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run `yingji warning …` in this process, which spares a start of several seconds each."""
    monkeypatch.setenv("YINGJI_DATABASE__URL", address)
    monkeypatch.setenv("YINGJI_LANGUAGE", "zh")
    monkeypatch.setenv("YINGJI_ISSUER__NAME", "旺苍县防汛办")

    def run(*words: str) -> Finished:
        with pytest.raises(SystemExit) as left, refusals_as_exit_codes():
            commands(["warning", *words])
        printed = capfd.readouterr()
        return Finished(int(left.value.code or 0), printed.out, printed.err)

    return run


def _draft(run: Command, zone: Path, expires: str, *words: str) -> Finished:
    fixed = ("--hazard", "landslide", "--level", "red", "--zone", str(zone), "--expires", expires)
    return run("draft", *fixed, *words)


def test_a_draft_is_listed_shown_and_exported(
    warning_command: Command, zone: Path, tmp_path: Path
) -> None:
    tonight = (datetime.now(UTC) + timedelta(hours=6)).isoformat(timespec="seconds")
    out = tmp_path / "cap.xml"

    drafted = _draft(warning_command, zone, tonight, "--json")
    warning = json.loads(drafted.stdout)
    exported = warning_command("export", warning["id"], "--out", str(out))

    assert warning["audience"]["population_persons"] == 400
    assert warning["issuer"] == "旺苍县防汛办"
    shown = warning_command("show", warning["id"]).stdout
    assert "红色 / Ⅰ级" in shown
    assert "人口 400" in shown
    assert warning["id"] in warning_command("list").stdout
    assert exported.returncode == 0
    namespaces = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
    alert = etree.parse(out).getroot()
    assert alert.findtext("cap:identifier", namespaces=namespaces) == warning["id"]


@pytest.mark.parametrize(
    ("expires", "word"),
    [
        ("2020-01-01T00:00+08:00", "晚于生效时间"),
        ("2099-01-01", "缺时区"),
        ("明天", "2026-07-14T09:20"),
    ],
)
def test_an_end_that_cannot_be_is_one_sentence_and_exit_code_1(
    warning_command: Command, zone: Path, expires: str, word: str
) -> None:
    refused = _draft(warning_command, zone, expires)

    assert refused.returncode == 1
    assert word in refused.stderr


@pytest.mark.parametrize("content", ["{", "[]", '{"type": "FeatureCollection", "features": []}'])
def test_a_file_that_is_no_zone_is_refused(
    warning_command: Command, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "bad.geojson"
    file.write_text(content, encoding="utf-8")

    refused = _draft(warning_command, file, "2099-01-01T00:00+08:00")

    assert refused.returncode == 1
    assert "bad.geojson" in refused.stderr


def test_exporting_what_is_not_there_is_refused(warning_command: Command) -> None:
    refused = warning_command("export", "none")

    assert refused.returncode == 1
    assert "none" in refused.stderr
    assert refused.stdout == ""
