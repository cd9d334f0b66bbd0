"""The reader of each file format."""

from collections.abc import Callable
from pathlib import Path

from yingji_map.domain.errors import UnreadableFile
from yingji_map.ingest.geojson import read_geojson
from yingji_map.ingest.source import ReadOptions, SourceTable
from yingji_map.ingest.table import read_table
from yingji_map.ingest.vector import read_vector

_READERS: dict[str, Callable[[Path, ReadOptions], SourceTable]] = {
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".gpkg": read_vector,
    ".shp": read_vector,
    ".csv": read_table,
}


def read_source(path: Path, options: ReadOptions) -> SourceTable:
    """Read a file of any accepted format, chosen by its extension.

    Raises
    ------
    UnreadableFile
        It is missing, empty, of another format, or broken.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        accepted = " ".join(_READERS)
        zh, en = f"只读 {accepted} 文件", f"files are read from {accepted}"
    elif not path.is_file():
        zh, en = "没有这个文件", "no such file"
    elif not path.stat().st_size:
        zh, en = "文件是空的", "the file is empty"
    else:
        return reader(path, options)
    raise UnreadableFile(file=path.name, reason_zh=zh, reason_en=en)
