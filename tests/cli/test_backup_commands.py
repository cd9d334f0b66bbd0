"""`yingji db backup|restore`, run as the page that teaches them says."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_layer_commands import COUNTY, ROOT, SHELTERS, Run, yingji
from tests.support.files import write_geojson

__all__ = ["yingji"]  # the fixture
pytestmark = [pytest.mark.db, pytest.mark.slow]


def _versions(run: Run, layer: str) -> Any:
    return json.loads(run("layer", "history", layer, "--json").stdout)["versions"]


def test_the_page_takes_a_store_back_to_its_backup(yingji: Run, tmp_path: Path) -> None:
    county = write_geojson(tmp_path / "county.geojson", [COUNTY])
    shelters = write_geojson(tmp_path / "shelters.geojson", SHELTERS)
    assert yingji("layer", "import", "county", str(county)).returncode == 0
    page = (ROOT / "docs/how-to/back-up.md").read_text(encoding="utf-8")
    commands = re.findall(r"^yingji (.+)$", page, flags=re.MULTILINE)

    backed_up = yingji(*shlex.split(commands[0]))
    kept = _versions(yingji, "county")
    assert yingji("layer", "import", "shelter", str(shelters)).returncode == 0
    refused = yingji(*shlex.split(commands[2].replace("--replace", "")))
    rest = [yingji(*shlex.split(command)) for command in commands[1:]]

    assert len(commands) == 3
    assert (backed_up.returncode, [outcome.returncode for outcome in rest]) == (0, [0, 0])
    assert refused.returncode == 1
    assert "store-not-empty" in refused.stderr
    assert "校验值全部一致" in rest[-1].stderr
    assert _versions(yingji, "county") == kept
    assert _versions(yingji, "shelter") == []


def test_an_existing_file_a_missing_folder_and_a_broken_backup_are_refused(
    yingji: Run, tmp_path: Path
) -> None:
    (tmp_path / "old.yingji").write_bytes(b"PK not a backup")

    assert yingji("db", "backup", "old.yingji").returncode == 2
    assert yingji("db", "backup", "none/new.yingji").returncode == 2
    assert yingji("db", "restore", "none.yingji").returncode == 2
    broken = yingji("db", "restore", "old.yingji", "--replace")
    assert broken.returncode == 1
    assert "backup-damaged" in broken.stderr
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    assert yingji("db", "backup", "new.yingji", YINGJI_DATABASE__URL=away).returncode == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.yingji"]
