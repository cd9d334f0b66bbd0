"""What a file holds, as one hash."""

import hashlib
from pathlib import Path

# A shapefile is a family of files; a change in any of these changes what is read.
_SHAPEFILE_PARTS = (".dbf", ".prj", ".cpg")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, for a shapefile or a folder of all parts that carry content."""
    if path.is_dir():
        whole = hashlib.sha256()
        for part in sorted(file for file in path.rglob("*") if file.is_file()):
            whole.update(str(part.relative_to(path)).encode() + b"\x00" + _digest_of(part))
        return whole.hexdigest()
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    if path.suffix.lower() == ".shp":
        for suffix in _SHAPEFILE_PARTS:
            part = path.with_suffix(suffix)
            if part.is_file():
                digest.update(suffix.encode() + part.read_bytes())
    return digest.hexdigest()


def _digest_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
