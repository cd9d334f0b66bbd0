"""What a folder or a zip of many files holds: the data sets in it, and what is no data set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yingji_map.domain.errors import UnreadableFile, YingjiError
from yingji_map.ingest.archive import unpack
from yingji_map.ingest.formats import VECTOR_SUFFIXES
from yingji_map.ingest.vector import spatial_layers
from yingji_map.ingest.workbook import sheets_with_rows

_ZIP, _GDB = ".zip", ".gdb"
_OF_MANY = {".gpkg": spatial_layers, _GDB: spatial_layers, ".xlsx": sheets_with_rows}
_PARTS = {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qix", ".xml", ".qml"}
_RASTERS = {".tif", ".tiff", ".nc", ".img", ".asc", ".hgt"}
_JUNK = "__MACOSX"
_FOR_RASTERS = ("栅格，请用 yingji raster import", "a raster: use yingji raster import")
_UNKNOWN = ("不是数据文件", "no data file")
_NESTED = ("压缩包里的压缩包，请先解开", "a zip within a zip: unpack it first")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """One table of rows that could become part of a layer.

    Attributes
    ----------
    name
        Where it lies in the folder, as people would write it: `2025/避难场所.shp`.
    source_layer
        Which of the layers or sheets in its file; None where there is only one.
    """

    path: Path
    name: str
    source_layer: str | None = None

    @property
    def shown(self) -> str:
        """Return the name with the layer within."""
        return self.name if self.source_layer is None else f"{self.name}/{self.source_layer}"

    @property
    def title(self) -> str:
        """Return the words that may say what it is about."""
        return self.source_layer or PurePosixPath(self.name).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that is no data set, and why."""

    name: str
    reason_zh: str
    reason_en: str


def find_data_sets(place: Path, scratch: Path) -> tuple[list[DataSet], list[LeftOut]]:
    """Find every data set in a folder or zip; zips are unpacked into `scratch`.

    Raises
    ------
    UnreadableFile
        There is no such folder or zip, or the zip is not safe or not intact.
    """
    if place.is_file() and place.suffix.lower() == _ZIP:
        inside = scratch / "0"
        unpack(place, inside, _is_wanted)
        return _sorted(_found(inside, "", None))
    if not place.is_dir():
        zh, en = "应是文件夹或 .zip", "must be a folder or a .zip"
        raise UnreadableFile(file=place.name, reason_zh=zh, reason_en=en)
    return _sorted(_found(place, "", scratch))


def _sorted(found: Iterator[DataSet | LeftOut]) -> tuple[list[DataSet], list[LeftOut]]:
    everything = sorted(found, key=lambda item: item.name)
    return (
        [item for item in everything if isinstance(item, DataSet)],
        [item for item in everything if isinstance(item, LeftOut)],
    )


def _found(folder: Path, prefix: str, scratch: Path | None) -> Iterator[DataSet | LeftOut]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == _JUNK or path.is_symlink():
            continue
        name, suffix = f"{prefix}{path.name}", path.suffix.lower()
        if path.is_dir() and suffix != _GDB:
            yield from _found(path, f"{name}/", scratch)
        elif suffix == _ZIP:
            yield from _in_zip(path, name, scratch)
        elif suffix in VECTOR_SUFFIXES:
            yield from _layers_in(path, name)
        elif suffix in _RASTERS:
            yield LeftOut(name=name, reason_zh=_FOR_RASTERS[0], reason_en=_FOR_RASTERS[1])
        elif suffix not in _PARTS:
            yield LeftOut(name=name, reason_zh=_UNKNOWN[0], reason_en=_UNKNOWN[1])


def _in_zip(path: Path, name: str, scratch: Path | None) -> Iterator[DataSet | LeftOut]:
    if scratch is None:
        yield LeftOut(name=name, reason_zh=_NESTED[0], reason_en=_NESTED[1])
        return
    inside = scratch / str(sum(1 for _ in scratch.iterdir()))
    try:
        unpack(path, inside, _is_wanted)
    except UnreadableFile as error:
        yield LeftOut(name=name, reason_zh=error.text("zh"), reason_en=error.text("en"))
        return
    yield from _found(inside, f"{name}/", None)


def _layers_in(path: Path, name: str) -> Iterator[DataSet]:
    """Yield one data set a layer; a file that cannot be opened is one, to be refused by name."""
    list_layers = _OF_MANY.get(path.suffix.lower())
    try:
        layers = list_layers(path) if list_layers else []
    except YingjiError:
        layers = []
    if len(layers) < 2:  # noqa: PLR2004 - one needs no naming
        yield DataSet(path=path, name=name)
        return
    for layer in layers:
        yield DataSet(path=path, name=name, source_layer=layer)


def _is_wanted(place: PurePosixPath) -> bool:
    return _JUNK not in place.parts and not any(part.startswith(".") for part in place.parts)
