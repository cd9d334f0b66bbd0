"""Every command that a page marks as runnable (```` ```sh run ````) runs on the sample county."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.journeys.conftest import ROOT, County

pytestmark = [pytest.mark.db, pytest.mark.slow]
# A refusal must fail the test as it would fail the reader.
_PREAMBLE = 'curl() { command curl --fail-with-body --silent --show-error "$@"; }\n'
_BLOCK = re.compile(r"^```sh run\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_COMMANDS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}:{number}")
    for page in _PAGES
    for number, block in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")), start=1)
]


@pytest.mark.parametrize("block", _COMMANDS)
def test_a_documented_command_works_as_written(county: County, block: str, tmp_path: Path) -> None:
    script = _PREAMBLE + block.replace("http://127.0.0.1:8000", county.url)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=county.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "it printed nothing"


def test_the_readme_has_commands_to_run() -> None:
    assert _BLOCK.search((ROOT / "README.md").read_text(encoding="utf-8"))
