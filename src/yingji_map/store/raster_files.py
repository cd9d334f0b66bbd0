"""Raster files of the data folder, named by their content."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def raster_path(data_dir: Path, sha256: str) -> Path:
    """Return where the raster with this content is kept."""
    return data_dir / "rasters" / f"{sha256}.tif"


@contextmanager
def drafts_folder(data_dir: Path) -> Iterator[Path]:
    """Lend a folder beside the kept rasters to write new ones to; it vanishes with what was not kept."""
    folder = data_dir / "rasters"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=folder) as drafts:
        yield Path(drafts)


@contextmanager
def raster_draft(data_dir: Path) -> Iterator[Path]:
    """Lend a path beside the kept rasters to write a new one to; it vanishes unless kept."""
    with drafts_folder(data_dir) as drafts:
        yield drafts / "raster.tif"


def keep_raster(data_dir: Path, draft: Path, sha256: str) -> Path:
    """Move a finished draft to its place; readers see the whole file or none."""
    target = raster_path(data_dir, sha256)
    if not target.exists():
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(target)
    return target
