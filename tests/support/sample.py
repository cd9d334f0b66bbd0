"""The sample county made once for many test runs, kept under a name that follows its sources."""

import hashlib
import importlib.metadata
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "sample_data"
# Libraries whose release may move a digit of the result.
_LIBRARIES = ("numpy", "scipy", "numba", "shapely", "rasterio")


def make_sample(folder: Path) -> None:
    """Run the generator as its users do."""
    subprocess.run(
        [sys.executable, str(SOURCES / "generate.py"), "--out", str(folder)],
        check=True,
        capture_output=True,
    )


def cached_sample() -> Path:
    """Return a folder with the sample; made now if the sources have changed since the last time."""
    digest = hashlib.sha256()
    for path in sorted([*SOURCES.rglob("*.py"), SOURCES / "county_outline.geojson"]):
        digest.update(path.read_bytes())
    for library in _LIBRARIES:
        digest.update(importlib.metadata.version(library).encode())
    kept = Path(tempfile.gettempdir()) / f"yingji-sample-{os.getuid()}-{digest.hexdigest()[:16]}"
    if not (kept / "manifest.json").exists():
        with tempfile.TemporaryDirectory(prefix="yingji-sample-") as work:
            made = Path(work) / "sample"
            make_sample(made)
            made.chmod(0o755)
            if not kept.exists():
                made.rename(kept)
    return kept
