"""The reader of each file format."""

from collections.abc import Callable
from pathlib import Path

from yingji_map.domain.errors import UnreadableFile
from yingji_map.ingest.geojson import read_geojson, read_geojson_lines
from yingji_map.ingest.geoparquet import read_geoparquet
from yingji_map.ingest.kml import read_kml
from yingji_map.ingest.source import ReadOptions, SourceTable
from yingji_map.ingest.table import read_table
from yingji_map.ingest.vector import read_vector
from yingji_map.ingest.workbook import read_workbook
from yingji_map.ingest.zipped import read_zip

_READERS: dict[str, Callable[[Path, ReadOptions], SourceTable]] = {
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".geojsonl": read_geojson_lines,
    ".geojsons": read_geojson_lines,
    ".seq": read_geojson_lines,
    ".gpkg": read_vector,
    ".shp": read_vector,
    ".fgb": read_vector,
    ".gdb": read_vector,
    ".parquet": read_geoparquet,
    ".geoparquet": read_geoparquet,
    ".kml": read_kml,
    ".kmz": read_kml,
    ".csv": read_table,
    ".tsv": read_table,
    ".xlsx": read_workbook,
}
_ZIP = ".zip"
_FOLDERS = {".gdb"}
_SHOWN_FILES = 8
VECTOR_SUFFIXES = frozenset(_READERS)
ACCEPTED = " ".join((*_READERS, _ZIP))


def read_source(path: Path, options: ReadOptions) -> SourceTable:
    """Read a file of any accepted format, chosen by its extension; a zip by what is in it.

    Raises
    ------
    UnreadableFile
        It is missing, empty, a folder, of another format, or broken.
    """
    suffix = path.suffix.lower()
    if suffix == _ZIP:
        _refuse_unusable(path)
        return read_zip(path, options, read_source, set(_READERS))
    reader = _READERS.get(suffix)
    if reader is None and not path.is_dir():
        raise UnreadableFile(
            file=path.name,
            reason_zh=f"只读 {ACCEPTED} 文件",
            reason_en=f"files are read from {ACCEPTED}",
        )
    _refuse_unusable(path)
    assert reader is not None  # noqa: S101 - a folder of another name was refused just now
    return reader(path, options)


def _refuse_unusable(path: Path) -> None:
    if path.is_dir():
        if path.suffix.lower() in _FOLDERS:
            return
        zh, en = _inside(path)
    elif not path.is_file():
        zh, en = "没有这个文件", "no such file"
    elif not path.stat().st_size:
        zh, en = "文件是空的", "the file is empty"
    elif path.suffix.lower() in _FOLDERS:
        zh, en = "应是文件夹，请整个提供", "must be a folder; hand it in whole"
    else:
        return
    raise UnreadableFile(file=path.name, reason_zh=zh, reason_en=en)


def _inside(folder: Path) -> tuple[str, str]:
    found = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in {*_READERS, _ZIP})
    if not found:
        return "是文件夹，里面没有可读的文件", "a folder, with no file in it that could be read"
    more = "…" if len(found) > _SHOWN_FILES else ""
    names = "、".join(found[:_SHOWN_FILES]) + more
    return f"是文件夹，请一次导入一个文件：{names}", f"a folder; import one of its files: {names}"
