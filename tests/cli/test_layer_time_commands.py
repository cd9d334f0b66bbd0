"""`yingji layer history|diff|restore|end`, run as the page that teaches them says."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import shapely
from tests.cli.test_layer_commands import COUNTY, ROOT, SHELTERS, Run, yingji
from tests.support.files import write_geojson

__all__ = ["yingji"]  # the fixture
pytestmark = pytest.mark.db


@pytest.fixture
def shelters(yingji: Run, tmp_path: Path) -> Path:
    """Import the county, two shelters, then a second file with one of them changed."""
    county = write_geojson(tmp_path / "county.geojson", [COUNTY])
    first = write_geojson(tmp_path / "one.geojson", SHELTERS)
    changed = {**SHELTERS[0], "capacity_persons": 900, "geom": shapely.Point(106.2, 32.2)}
    second = write_geojson(tmp_path / "two.geojson", [changed])
    assert yingji("layer", "import", "county", str(county)).returncode == 0
    assert yingji("layer", "import", "shelter", str(first), "--replace").returncode == 0
    assert yingji("layer", "import", "shelter", str(second), "--replace").returncode == 0
    return second


def _json(run: Run, *words: str) -> Any:
    outcome = run(*words, "--json")
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


@pytest.mark.usefixtures("shelters")
def test_a_wrong_import_is_seen_and_taken_back(yingji: Run, tmp_path: Path) -> None:
    newest, older, *_ = _json(yingji, "layer", "history", "shelter")["versions"]
    span = ("--from", str(older["version"]), "--to", f"v{newest['version']}")
    found = _json(yingji, "layer", "diff", "shelter", *span)
    spoken = yingji("layer", "diff", "shelter", *span, "--geojson", "d.geojson")
    number = str(older["version"])
    rehearsed = _json(yingji, "layer", "restore", "shelter", "--version", number, "--dry-run")
    restored = _json(yingji, "layer", "restore", "shelter", "--version", number)

    assert found["counts"] == {"added": 0, "changed": 1, "redated": 0, "ended": 1}
    changes = {change["key"]: change for change in found["changes"]}
    assert changes["S001"]["fields"] == {"capacity_persons": {"old": 100, "new": 900}}
    assert changes["S001"]["is_moved"]
    assert "capacity_persons: 100 → 900" in spoken.stdout
    assert "- S002" in spoken.stdout
    assert len(json.loads((tmp_path / "d.geojson").read_text("utf-8"))["features"]) == 2
    assert rehearsed["content_hash"] == restored["content_hash"] == older["content_hash"]
    assert _json(yingji, "layer", "history", "shelter")["versions"][0]["act"] == "restore"


def test_a_shelter_that_closed_ends_and_is_still_in_its_history(
    yingji: Run, shelters: Path
) -> None:
    since = "2026-01-01T00:00+08:00"
    assert (
        yingji(
            "layer", "import", "shelter", str(shelters), "--valid-from", "2025-06-01T00:00+08:00"
        ).returncode
        == 0
    )

    ended = _json(yingji, "layer", "end", "shelter", "S001", "--since", since)
    again = yingji("layer", "end", "shelter", "S001", "--since", since)

    assert ended["closed"] >= 1
    assert "什么都没变" in again.stderr
    rows = _json(yingji, "layer", "history", "shelter", "S001")["versions"]
    assert any(row["valid_to"] == "2025-12-31T16:00:00+00:00" for row in rows)
    assert yingji("layer", "history", "shelter").stdout.count("终止") >= 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("restore", "shelter"), 2),
        (("restore", "shelter", "--version", "1", "--known-at", "2026-01-01T00:00Z"), 2),
        (("restore", "shelter", "--version", "99999"), 1),
        (("restore", "dem", "--version", "1"), 1),
        (("diff", "shelter", "--from", "昨天"), 2),
        (("diff", "shelter", "--from", "99999"), 1),
        (("end", "shelter", "S999"), 1),
        (("end", "shelter", "S001", "--since", "2026-01-01"), 2),
        (("history", "none"), 1),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(
    yingji: Run, words: tuple[str, ...], code: int
) -> None:
    outcome = yingji("layer", *words)

    assert outcome.returncode == code, outcome.stderr
    assert "Traceback" not in outcome.stderr


@pytest.mark.usefixtures("shelters")
def test_every_command_of_the_page_works(yingji: Run, tmp_path: Path) -> None:
    write_geojson(tmp_path / "更正.geojson", SHELTERS)
    page = (ROOT / "docs/how-to/go-back-in-time.md").read_text(encoding="utf-8")
    commands = re.findall(r"^yingji (.+)$", page, flags=re.MULTILINE)

    outcomes = {command: yingji(*shlex.split(command)) for command in commands}

    assert len(commands) >= 8
    assert {c: o.stderr for c, o in outcomes.items() if o.returncode} == {}
    assert (tmp_path / "那时.gpkg").exists()
