"""The one file of a backup: a ZIP of the dump, the rasters and, last, the manifest; sealed by a hash.

The ZIP's comment, the last bytes of the file, is the SHA-256 of every byte before it: a ZIP has
bytes that no checksum of its own covers.
"""

import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import SEEK_END, fsync
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from yingji_map.domain.errors import BackupDamaged, BackupFailed
from yingji_map.store.backup_manifest import Manifest, Member

DUMP = "database.dump"
MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_SEAL_BYTES = 64
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError)


def raster_member(sha256: str) -> str:
    """Return the name of a raster inside a backup."""
    return f"rasters/{sha256}.tif"


@dataclass(frozen=True, slots=True)
class BackupWriter:
    """Puts members into a backup, hashing them on the way."""

    archive: zipfile.ZipFile
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, name: str, source: IO[bytes]) -> Member:
        """Copy a stream to its end as one member."""
        digest, size = hashlib.sha256(), 0
        with self.archive.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        member = Member(sha256=digest.hexdigest(), size_bytes=size)
        self.members[name] = member
        return member

    def close_with(self, manifest: Manifest) -> None:
        """Write the manifest, the last member."""
        self.archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))


@contextmanager
def backup_draft(path: Path) -> Iterator[BackupWriter]:
    """Write a backup that appears whole, readable by its owner only, or not at all.

    Raises
    ------
    BackupFailed
        The disk is full or not writable; no file is left.
    """
    try:
        # The folder beside it is on the same disk (so that the rename is atomic) and is closed
        # to others, for the backup holds private fields.
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            with zipfile.ZipFile(draft, "x", zipfile.ZIP_STORED) as archive:
                archive.comment = b"0" * _SEAL_BYTES
                yield BackupWriter(archive)
            draft.chmod(0o600)
            with draft.open("r+b") as stream:
                seal = _seal_of(stream)
                stream.seek(-_SEAL_BYTES, SEEK_END)
                stream.write(seal)
                stream.flush()
                fsync(stream.fileno())
            draft.replace(path)
    except OSError as error:
        reason = f"{path.name}: {error.strerror or error}"
        raise BackupFailed(reason_zh=reason, reason_en=reason) from error


@contextmanager
def opened_member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Read one member of a verified backup."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
        yield stream


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says about itself.

    Raises
    ------
    BackupDamaged
        It is no backup, or not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return Manifest.model_validate_json(archive.read(MANIFEST))
    except (*_BROKEN, OSError, ValidationError) as error:
        raise BackupDamaged(
            file=path.name,
            reason_zh="不是完整的备份文件",
            reason_en="it is not a whole backup file",
        ) from error


def verify_members(path: Path, manifest: Manifest) -> None:
    """Read the whole file and compare every member with the manifest.

    Raises
    ------
    BackupDamaged
        A member is missing, too many, or not what was written.
    """
    if manifest.is_sealed and not _is_whole(path):
        raise _damaged(path, "SHA-256")
    promised = {raster_member(sha256): sha256 for sha256 in manifest.rasters}
    for name in (DUMP, *promised):
        member = manifest.members.get(name)
        if member is None or member.sha256 != promised.get(name, member.sha256):
            raise _damaged(path, name)
    try:
        found = _member_hashes(path)
    except (*_BROKEN, OSError) as error:
        raise _damaged(path, str(error)) from error
    wanted = {name: member.sha256 for name, member in manifest.members.items()}
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            raise _damaged(path, name)


def _is_whole(path: Path) -> bool:
    with path.open("rb") as stream:
        seal = _seal_of(stream)
        stream.seek(-_SEAL_BYTES, SEEK_END)
        return stream.read() == seal


def _seal_of(stream: IO[bytes]) -> bytes:
    """Return the hash of everything before the seal."""
    left = stream.seek(0, SEEK_END) - _SEAL_BYTES
    stream.seek(0)
    digest = hashlib.sha256()
    while left > 0:
        chunk = stream.read(min(_CHUNK, left))
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


def _member_hashes(path: Path) -> dict[str, str]:
    hashes = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            digest = hashlib.sha256()
            with archive.open(name) as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
            hashes[name] = digest.hexdigest()
    del hashes[MANIFEST]
    return hashes


def _damaged(path: Path, name: str) -> BackupDamaged:
    return BackupDamaged(
        file=path.name,
        reason_zh=f"里面的 {name} 与备份时不同",
        reason_en=f"{name} inside differs from what was backed up",
    )
