"""GeoParquet → rows: geometry as WKB in the column that the file's own `geo` metadata names."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pyarrow.types as arrow_types
import shapely
from pyarrow.lib import ArrowException

from yingji_map.domain.errors import UnreadableFile
from yingji_map.ingest.source import ReadOptions, SourceTable, objects, refuse_repeated_columns

_MAX_BYTES = 4 * 1024**3  # decoded; a small file can claim any number of rows
_DEFAULT_CRS = "OGC:CRS84"  # Source: GeoParquet 1.1.0, “crs”: absent means this, null unknown
_COVERING = re.compile(r"^(bbox|geometry_bbox)$")


def read_geoparquet(path: Path, options: ReadOptions) -> SourceTable:
    """Read a GeoParquet file of version 0.1 or later whose geometry is encoded as WKB.

    Raises
    ------
    UnreadableFile
        It is no intact Parquet, states no geometry, or has it in another encoding.
    """
    try:
        with pq.ParquetFile(path) as file:  # type: ignore[no-untyped-call]  # pyarrow has no types
            _refuse_bomb(path, file.metadata)
            column, crs = _geometry_column(path, file.schema_arrow.metadata or {})
            refuse_repeated_columns(file.schema_arrow.names, path.name)
            table = file.read()
    except (ArrowException, OSError) as error:
        raise _refusal(path, "不是完好的 Parquet", "not an intact Parquet file") from error
    if column not in table.column_names:
        raise _refusal(path, f"没有几何列 {column}", f"no geometry column {column}")
    raw = table.column(column)
    if not (arrow_types.is_binary(raw.type) or arrow_types.is_large_binary(raw.type)):
        raise _refusal(path, "几何列不是 WKB", "its geometry column is not WKB")
    shapes = shapely.from_wkb(objects(raw.to_pylist()), on_invalid="ignore")
    names = [n for n in table.column_names if n != column and not _COVERING.match(n)]
    return SourceTable(
        file=path.name,
        encoding="utf-8",
        crs=options.crs or crs,
        columns={name: _values(table.column(name)) for name in names},
        geometry=shapes,
        rows=np.arange(1, len(shapes) + 1, dtype=np.int64),
    )


def _refuse_bomb(path: Path, metadata: pq.FileMetaData) -> None:
    groups = (metadata.row_group(at) for at in range(metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    if size > _MAX_BYTES:
        gib = size / 1024**3
        raise _refusal(
            path, f"解开后有 {gib:.1f} GiB，太大", f"it unpacks to {gib:.1f} GiB, too much"
        )


def _geometry_column(path: Path, metadata: dict[bytes, bytes]) -> tuple[str, str]:
    try:
        geo = json.loads(metadata[b"geo"])
        column = str(geo["primary_column"])
        about = geo["columns"][column]
        encoding = about["encoding"]
        crs = about.get("crs", _DEFAULT_CRS)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refusal(
            path, "没有 GeoParquet 的 geo 说明", "it has no GeoParquet “geo” metadata"
        ) from error
    if encoding != "WKB":
        raise _refusal(
            path,
            f"几何编码是 {encoding}，只读 WKB",
            f"its geometry is encoded as {encoding}; only WKB is read",
        )
    return column, _crs_text(crs)


def _crs_text(crs: Any) -> str:  # noqa: ANN401 - PROJJSON, WKT in old files, or null
    return json.dumps(crs) if isinstance(crs, dict) else str(crs or "")


def _values(column: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    return objects([_plain(value) for value in column.to_pylist()])


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever Parquet can hold
    if isinstance(value, bytes):
        return None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _refusal(path: Path, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(file=path.name, reason_zh=zh, reason_en=en)
