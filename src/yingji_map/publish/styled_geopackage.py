"""A GeoPackage whose layers QGIS opens with their styles."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.raw import write as write_with_gdal

from yingji_map.domain.crs import STORAGE_SRID

_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
_CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description)
VALUES ('layer_styles', 'attributes', 'layer_styles', '')
"""
_ROW = """
INSERT INTO layer_styles (
  f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
  styleSLD, useAsDefault, description, owner
) VALUES ('', '', ?, 'geom', ?, ?, ?, 1, ?, '')
"""


def add_cells(
    path: Path,
    layer: str,
    title: str,
    cells: npt.NDArray[np.object_],
    columns: Mapping[str, npt.NDArray[np.generic]],
) -> None:
    """Write the cells of a hazard as polygons (EPSG:4490) into a GeoPackage; NaN is no value."""
    masks = [np.isnan(values) if values.dtype.kind == "f" else None for values in columns.values()]
    write_with_gdal(  # type: ignore[no-untyped-call]  # pyogrio has no types
        path,
        shapely.to_wkb(cells),
        list(columns.values()),
        np.array(list(columns), dtype=object),
        field_mask=masks,
        driver="GPKG",
        layer=layer,
        geometry_type="Polygon",
        crs=f"EPSG:{STORAGE_SRID}",
        layer_options={"IDENTIFIER": title},
    )


def embed_styles(path: Path, styles: Mapping[str, tuple[str, bytes, bytes]]) -> None:
    """Put title, QML and SLD of each layer into the table that QGIS reads styles from."""
    rows = [
        (layer, title, qml.decode(), sld.decode(), title)
        for layer, (title, qml, sld) in styles.items()
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_TABLE)
        database.execute(_CONTENTS)
        database.executemany(_ROW, rows)
