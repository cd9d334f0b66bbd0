"""QGIS of this machine, run offscreen in a process of its own; another Python than ours has it."""

import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

_PYTHONS = ("/usr/bin/python3", "python3")
_PROBE = "import qgis.core"


@lru_cache(maxsize=1)
def qgis_python() -> str | None:
    """Return the Python that has QGIS's modules, None where there is none."""
    for name in _PYTHONS:
        program = shutil.which(name)
        if (
            program
            and not subprocess.run(
                [program, "-c", _PROBE], capture_output=True, check=False, env=_environment()
            ).returncode
        ):
            return program
    return None


def inspect(script: Path, *arguments: str, timeout_s: float = 120) -> Any:
    """Run a PyQGIS script and return the JSON document it prints last."""
    program = qgis_python()
    assert program is not None, "asked for without QGIS"
    done = subprocess.run(
        [program, str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
        env=_environment(),
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "NO_PROXY": "127.0.0.1"}
