"""Files as bureaus hand them in, written from rows."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio.raw import write as write_with_gdal

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


def write_vector(path: Path, rows: Sequence[Row], **options: Any) -> Path:
    """Write a GeoPackage or Shapefile, with `crs` and `encoding` among the options."""
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
        driver={".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix],
        **settings,
    )
    return path
