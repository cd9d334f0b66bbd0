"""Data sets handed in as one zip: which are in it, and which one is meant."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from yingji_map.domain.errors import InvalidParameter, UnreadableFile
from yingji_map.ingest.archive import unpack
from yingji_map.ingest.source import ReadOptions, SourceTable

_SHAPEFILE_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
_JUNK = "__MACOSX"  # what a Mac adds to every archive

Reader = Callable[[Path, ReadOptions], SourceTable]


def read_zip(path: Path, options: ReadOptions, read: Reader, suffixes: set[str]) -> SourceTable:
    """Read the one data set of a zip, or the one that `options.source_layer` names.

    `source_layer` is the name of a file in the zip without its ending, followed by `/` and a layer
    where that file holds several; with one file in the zip the layer alone is enough.

    Parameters
    ----------
    read
        Reader of a single data set.
    suffixes
        Endings of the data sets that it reads.

    Raises
    ------
    UnreadableFile
        The zip is not safe or not intact, or holds nothing that could be read.
    InvalidParameter
        It holds several data sets and none, or an unknown one, was named.
    """

    def is_wanted(place: PurePosixPath) -> bool:
        if _JUNK in place.parts or place.name.startswith("."):
            return False
        ending = place.suffix.lower()
        return _geodatabase(place) is not None or ending in suffixes | _SHAPEFILE_PARTS

    with tempfile.TemporaryDirectory(prefix="yingji-zip-") as name:
        folder = Path(name)
        unpacked = unpack(path, folder, is_wanted)
        inside = sorted({p for p in (_data_set(f, folder, suffixes) for f in unpacked) if p})
        chosen, layer = _choice(path, inside, options.source_layer)
        table = read(chosen, replace(options, source_layer=layer))
    return replace(table, file=path.name)


def _data_set(file: Path, folder: Path, suffixes: set[str]) -> Path | None:
    database = _geodatabase(PurePosixPath(file.relative_to(folder)))
    if database is not None:
        return folder / database
    return file if file.suffix.lower() in suffixes else None


def _geodatabase(place: PurePosixPath) -> PurePosixPath | None:
    return next((p for p in place.parents if p.suffix.lower() == ".gdb"), None)


def _choice(path: Path, inside: list[Path], wanted: str | None) -> tuple[Path, str | None]:
    if not inside:
        raise UnreadableFile(
            file=path.name,
            reason_zh="压缩包里没有可读的数据文件（Shapefile 要有 .shp）",
            reason_en="no data file in the archive (a Shapefile needs its .shp)",
        )
    name, _, layer = (wanted or "").partition("/")
    named = [data_set for data_set in inside if name in (data_set.stem, data_set.name)]
    if len(named) == 1:
        return named[0], layer or None
    if len(inside) == 1:
        return inside[0], wanted
    names = "、".join(data_set.name for data_set in inside)
    raise InvalidParameter(
        parameter="source_layer",
        value=wanted or "",
        reason_zh=f"{path.name} 里有：{names}，请指明一个",
        reason_en=f"{path.name} holds {names}; name one",
    )
