"""Tiles as clients read them: decoded, and brought back from grid units to degrees."""

from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import shape

from yingji_map.domain.crs import transformer
from yingji_map.domain.tile import EXTENT, TileAddress


def decoded(tile: bytes, source_layer: str) -> dict[int, dict[str, Any]]:
    """Return features by id, geometry in grid units with y down."""
    layer = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})[source_layer]
    assert layer["extent"] == EXTENT
    assert layer["version"] == 2
    features = {feature["id"]: feature for feature in layer["features"]}
    assert len(features) == len(layer["features"])
    return features


def grid_shape(feature: dict[str, Any]) -> shapely.Geometry:
    """Return a decoded feature's geometry in grid units."""
    return shape(feature["geometry"])


def to_grid(geometry: shapely.Geometry, tile: TileAddress) -> shapely.Geometry:
    """Return a geometry in degrees as exact grid units of a tile, y down."""
    east, north = tile.corner_m
    to_mercator = transformer(4490, 3857)

    def place(lonlat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x, y = to_mercator.transform(lonlat[:, 0], lonlat[:, 1])
        unit = tile.side_m / EXTENT
        return np.column_stack([(x - east) / unit, (north - y) / unit])

    return shapely.transform(geometry, place)
