"""What review would otherwise have to look for in every change."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

from yingji_map.cli.reference import render_all

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
MAX_LINES = 300
DRAWERS = {"utils", "helpers", "common", "misc"}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_module_is_longer_than_its_budget() -> None:
    too_long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
        and "Over budget:" not in path.read_text(encoding="utf-8")
    }

    assert too_long == {}


def test_no_module_is_a_drawer() -> None:
    assert [path for path in SOURCES if path.stem in DRAWERS] == []


def test_every_module_says_its_one_reason_to_change() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[
            :1
        ]
    ]

    assert silent == []


def test_every_sql_file_says_what_it_needs() -> None:
    for path in (ROOT / "src").rglob("*.sql"):
        head = path.read_text(encoding="utf-8").split("\n\n")[0]
        for word in ("Purpose:", "Parameters:", "Index:", "Rows:"):
            assert word in head, f"{path.name} lacks {word}"
        assert "SELECT *" not in path.read_text(encoding="utf-8")


def test_generated_files_are_up_to_date() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in render_all(ROOT).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "run make bless"


def test_lock_files_carry_no_download_addresses() -> None:
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text(encoding="utf-8"))
    requirements = "".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("requirements*.lock")
    )

    assert requirements
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", requirements)


def test_tracked_files_hold_no_secrets_and_no_home_paths() -> None:
    suspicious = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|/home/[a-z]+/|/Users/[A-Za-z]+/")

    assert [str(path) for path in _tracked() if suspicious.search(path.read_bytes())] == []
