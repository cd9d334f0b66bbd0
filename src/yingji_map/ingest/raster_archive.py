"""Rasters packed into zip and tar archives, unpacked without trust."""

import tarfile
import zlib
from pathlib import Path, PurePosixPath

from yingji_map.domain.errors import UnreadableFile
from yingji_map.ingest.archive import MAX_MEMBERS, MAX_UNPACKED_BYTES, Chooser, unpack

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
_BESIDE = {".prj", ".tfw", ".tifw", ".xml", ".hdr"}  # place, system and mask of the raster beside
_CHUNK_BYTES = 1024 * 1024


def is_archive(path: Path) -> bool:
    """Return whether a file is named like an archive that may hold rasters."""
    return path.name.lower().endswith(ARCHIVES)


def unpack_rasters(path: Path, folder: Path, suffixes: set[str]) -> list[Path]:
    """Unpack the rasters of an archive and what lies beside them; returns the rasters, sorted.

    Raises
    ------
    UnreadableFile
        It is damaged, unsafe, larger than the limits, or holds no raster.
    """

    def is_wanted(place: PurePosixPath) -> bool:
        is_junk = "__MACOSX" in place.parts or place.name.startswith(".")
        return not is_junk and place.suffix.lower() in suffixes | _BESIDE

    read = unpack if path.name.lower().endswith(".zip") else _unpack_tar
    found = [one for one in read(path, folder, is_wanted) if one.suffix.lower() in suffixes]
    if not found:
        raise _refusal(path, "压缩包里没有栅格", "no raster in the archive")
    return sorted(found)


def _unpack_tar(path: Path, folder: Path, is_wanted: Chooser) -> list[Path]:
    written: list[Path] = []
    total = 0
    try:
        with tarfile.open(path) as archive:
            for count, member in enumerate(archive, start=1):
                place = PurePosixPath(member.name)
                total += member.size
                if count > MAX_MEMBERS or total > MAX_UNPACKED_BYTES:
                    raise _refusal(path, "解开后太大", "it unpacks to too much")
                if place.is_absolute() or ".." in place.parts:
                    raise _refusal(path, "里面有不安全的文件名", "it holds a name that is not safe")
                if not member.isfile() or not is_wanted(place):
                    continue  # links and devices are never followed
                written.append(_write(archive, member, folder / place))
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise _refusal(path, "不是完好的压缩包", "not an intact archive") from error
    return written


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> Path:
    source = archive.extractfile(member)
    assert source is not None  # noqa: S101 - it is a file
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK_BYTES):
            sink.write(chunk)
    return target


def _refusal(path: Path, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(file=path.name, reason_zh=zh, reason_en=en)
