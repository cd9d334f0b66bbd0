"""What a file holds, as one hash."""

import hashlib
from pathlib import Path

# A shapefile is a family of files; a change in any of these changes what is read.
_SHAPEFILE_PARTS = (".dbf", ".prj", ".cpg")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, for a shapefile of all parts that carry content."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    if path.suffix.lower() == ".shp":
        for suffix in _SHAPEFILE_PARTS:
            part = path.with_suffix(suffix)
            if part.is_file():
                digest.update(suffix.encode() + part.read_bytes())
    return digest.hexdigest()
