"""Zip archives opened without trust: names, number and size are judged before a byte is unpacked."""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from yingji_map.domain.errors import UnreadableFile

MAX_MEMBERS = 5_000
MAX_UNPACKED_BYTES = 4 * 1024**3
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_CHUNK_BYTES = 1024 * 1024
_MAX_NAME_BYTES = 255

Chooser = Callable[[PurePosixPath], bool]


def unpack(path: Path, folder: Path, is_wanted: Chooser) -> list[Path]:
    """Unpack the wanted members of a zip into `folder` and return where they lie.

    Names are UTF-8 where the archive says so or they read as such, else GB 18030, as Windows in
    China writes them.

    Raises
    ------
    UnreadableFile
        It is no zip, damaged, encrypted, larger than the limits, or a name points out of it.
    """
    with opened_archive(path) as archive:
        found = [(_place(path, info), info) for info in archive.infolist() if not info.is_dir()]
        wanted = [(place, info) for place, info in found if is_wanted(place)]
        places = [place for place, _ in wanted]
        if len(set(places)) < len(places):
            raise _refusal(path, "里面有同名文件", "it holds two files of one name")
        return [_write(path, archive, info, folder / place) for place, info in wanted]


@contextmanager
def opened_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yield a zip whose directory is within the limits; damage found later is a refusal too.

    Raises
    ------
    UnreadableFile
        See `unpack`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(path, archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _refusal(path, "不是完好的压缩包", "not an intact archive") from error


def _refuse_bomb(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise _refusal(
            path,
            f"里面有 {len(members)} 个文件，最多 {MAX_MEMBERS} 个",
            f"it holds {len(members)} files, at most {MAX_MEMBERS} are taken",
        )
    # What the directory claims is what `zipfile` reads at most, so a lie cannot grow.
    size = sum(info.file_size for info in members)
    if size > MAX_UNPACKED_BYTES:
        raise _refusal(
            path,
            f"解开后有 {size / 1024**3:.1f} GiB，超过上限 {MAX_UNPACKED_BYTES / 1024**3:g} GiB",
            f"it unpacks to {size / 1024**3:.1f} GiB, above {MAX_UNPACKED_BYTES / 1024**3:g} GiB",
        )
    if any(info.flag_bits & _ENCRYPTED for info in members):
        raise _refusal(path, "有密码，请解密后再导入", "it is encrypted; hand it in without")


def _place(path: Path, info: zipfile.ZipInfo) -> PurePosixPath:
    name = _decoded(info)
    place = PurePosixPath(name.replace("\\", "/"))
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    is_outside = place.is_absolute() or ".." in place.parts or ":" in place.parts[0]
    is_unnameable = any(len(part.encode()) > _MAX_NAME_BYTES for part in place.parts)
    if is_link or is_outside or is_unnameable:
        shown = name[:80]
        raise _refusal(
            path, f"里面的文件名“{shown}”不安全", f"the name “{shown}” in it is not safe"
        )
    return place


def _decoded(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    raw = info.filename.encode("cp437")  # how `zipfile` read the bytes of an unflagged name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _write(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK_BYTES):
                sink.write(chunk)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        zh, en = "里面一个名字既是文件又是文件夹", "one name in it is both a file and a folder"
        raise _refusal(path, zh, en) from error
    return target


def _refusal(path: Path, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(file=path.name, reason_zh=zh, reason_en=en)
