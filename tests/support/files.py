"""Files as bureaus hand them in, written from rows."""

import csv
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyogrio.raw import write as write_with_gdal
from pyproj import CRS

_DRIVERS = {
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
    ".kml": "LIBKML",
    ".gdb": "OpenFileGDB",
}
Row = Mapping[str, Any]  # attributes, and the geometry under "geom"


def write_geojson(path: Path, rows: Sequence[Row]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {name: value for name, value in row.items() if name != "geom"},
            "geometry": None if row["geom"] is None else shapely.geometry.mapping(row["geom"]),
        }
        for row in rows
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False),
        encoding="utf-8",
    )
    return path


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    names = [name for name in rows[0] if name != "geom"]
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*names, "lon", "lat"])
        for row in rows:
            writer.writerow([*(row[name] for name in names), row["geom"].x, row["geom"].y])
    return path


def write_workbook(path: Path, rows: Sequence[Row], *, title: str | None = None) -> Path:
    """Write a sheet of points, perhaps below a line that says what it is."""
    names = [name for name in rows[0] if name != "geom"]
    book = openpyxl.Workbook()
    sheet = book.active
    if title is not None:
        sheet.append([title])
    sheet.append([*names, "经度", "纬度"])
    for row in rows:
        sheet.append([*(row[name] for name in names), row["geom"].x, row["geom"].y])
    book.save(path)
    return path


def write_geoparquet(path: Path, rows: Sequence[Row], *, crs: object = "EPSG:4490") -> Path:
    """Write GeoParquet 1.1 with WKB geometry; `crs=None` says that the system is unknown."""
    names = [name for name in rows[0] if name != "geom"]
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in names}
    columns["geometry"] = [shapely.to_wkb(row["geom"]) for row in rows]
    about = {
        "encoding": "WKB",
        "geometry_types": [],
        "crs": None if crs is None else CRS.from_user_input(crs).to_json_dict(),
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path)
    return path


def write_zip(path: Path, members: Mapping[str, bytes], *, as_windows: bool = False) -> Path:
    """Write a zip; names as Windows in China leaves them are GBK without a flag."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            if as_windows:
                info = _WindowsName(name)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


class _WindowsName(zipfile.ZipInfo):
    """A member whose name is written as GBK bytes, without the flag that says UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the standard library's name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def write_vector(path: Path, rows: Sequence[Row], **options: Any) -> Path:
    """Write a file through GDAL, with `crs` and `encoding` among the options."""
    names = [name for name in rows[0] if name != "geom"]
    columns = [np.array([row[name] for row in rows]) for name in names]
    columns = [c.astype(object) if c.dtype.kind == "U" else c for c in columns]
    shapes = [row["geom"] for row in rows]
    settings = {"crs": "EPSG:4490", "geometry_type": shapes[0].geom_type, **options}
    write_with_gdal(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        columns,
        np.array(names, dtype=object),
        driver=_DRIVERS[path.suffix],
        **settings,
    )
    return path
