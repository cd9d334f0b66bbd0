"""Shaded relief of map tiles: light from four sides, true to the slope at every latitude."""

import math

import numpy as np
import numpy.typing as npt

from yingji_map.domain.tile import TileAddress
from yingji_map.engine.terrain import (
    SIDE,
    FloatArray,
    Terrain,
    heights_on_tile,
    known_on_tile,
    pixel_centres,
)

_MERCATOR_RADIUS_M = 6_378_137.0  # Source: EPSG:3857
_ALTITUDE_DEGREES = 45.0
_DIAGONAL = math.sqrt(0.5)
_DARKEST, _SPAN = 1.0, 254.0


def hillshade_on_tile(terrain: Terrain, tile: TileAddress) -> npt.NDArray[np.uint8]:
    """Return grey and alpha of a tile `(SIDE, SIDE, 2)`, alpha 0 where nothing is known.

    The pixels around the tile take part, so that tiles meet without a seam.
    """
    known = known_on_tile(terrain, tile)
    grey = np.zeros((SIDE, SIDE))
    if known.any():
        _, lat = pixel_centres(tile)
        grey = multidirectional(heights_on_tile(terrain, tile, margin=1), ground_sizes_m(tile, lat))
    alpha = np.where(known, 255, 0)
    return np.stack([np.rint(grey), alpha], axis=-1).astype(np.uint8)


def ground_sizes_m(tile: TileAddress, lat: FloatArray) -> FloatArray:
    """Return how many metres on the ground a pixel is wide, and high, at each latitude.

    Web Mercator stretches both alike, by 1 / cos φ: heights would look as much too flat.
    """
    pixel_m = 2 * math.pi * _MERCATOR_RADIUS_M / (SIDE * (1 << tile.z))
    return pixel_m * np.cos(np.radians(lat))


def multidirectional(heights: FloatArray, sizes_m: FloatArray) -> FloatArray:
    """Return brightness 1 … 255 of `heights` less a margin of one pixel.

    Parameters
    ----------
    heights
        `(n + 2, m + 2)` metres.
    sizes_m
        `(n,)` ground size of the pixels of each row.

    References
    ----------
    Mark (1992), A multidirectional, oblique-weighted, shaded-relief image of the Island of Hawaii,
    USGS OFR 92-422; gradient after Horn (1981). As `gdaldem hillshade -multidirectional`.
    """
    east, north = _gradient(heights, sizes_m[:, None])
    steepness = east * east + north * north
    low, high = math.sin(math.radians(_ALTITUDE_DEGREES)), math.cos(math.radians(_ALTITUDE_DEGREES))
    from_225 = low + high * _DIAGONAL * (east + north)
    from_270 = low + high * east
    from_315 = low + high * _DIAGONAL * (east - north)
    from_360 = low - high * north
    weighted = (
        (0.5 * steepness + east * north) * np.maximum(from_225, 0)
        + east * east * np.maximum(from_270, 0)
        + (0.5 * steepness - east * north) * np.maximum(from_315, 0)
        + north * north * np.maximum(from_360, 0)
    )
    is_level = steepness == 0
    shade = weighted / np.where(is_level, 1, 2 * steepness) / np.sqrt(1 + steepness)
    return np.asarray(_DARKEST + _SPAN * np.where(is_level, low, shade))


def _gradient(heights: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rise per metre towards the east and towards the north."""
    rows = heights[:-2] + 2 * heights[1:-1] + heights[2:]
    columns = heights[:, :-2] + 2 * heights[:, 1:-1] + heights[:, 2:]
    return (rows[:, 2:] - rows[:, :-2]) / (8 * size), (columns[:-2] - columns[2:]) / (8 * size)
