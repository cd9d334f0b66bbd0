"""The one real thing in the sample: the outline of 旺苍县, and the grid laid over it."""

import json
from pathlib import Path

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import from_origin

from .grid import Grid

CODE = "510821"
NAME = "旺苍县"
STEP = 2 / 3600
MARGIN = 0.03
_OUTLINE = Path(__file__).parents[1] / "county_outline.geojson"


def read_outline() -> shapely.Polygon:
    """Return the county's outline (see NOTICE for where it comes from)."""
    document = json.loads(_OUTLINE.read_text(encoding="utf-8"))
    return shapely.geometry.shape(document["features"][0]["geometry"])


def lay_grid(outline: shapely.Polygon) -> Grid:
    """Return a two-arc-second grid, 3 km wider than the county, divisible into blocks of four."""
    west, south, east, north = outline.bounds
    first = np.floor((west - MARGIN) / (4 * STEP)) * 4
    last = np.ceil((north + MARGIN) / (4 * STEP)) * 4
    columns = int(np.ceil((east + MARGIN - first * STEP) / (4 * STEP))) * 4
    rows = int(np.ceil((last * STEP - south + MARGIN) / (4 * STEP))) * 4
    return Grid(float(first * STEP), float(last * STEP), STEP, (rows, columns))


def burn(grid: Grid, area: shapely.Geometry) -> np.ndarray:
    """Return which pixel centres lie in `area`."""
    return rasterize(
        [(area, 1)],
        out_shape=grid.shape,
        transform=from_origin(grid.west, grid.north, grid.step, grid.step),
        dtype="uint8",
    ).astype(bool)
