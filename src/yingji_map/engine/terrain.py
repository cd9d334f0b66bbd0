"""Heights on the squares of the web map, and their code in colours for relief shading."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from yingji_map.domain.raster import Raster
from yingji_map.domain.tile import TileAddress

FloatArray = npt.NDArray[np.float64]
SIDE = 256  # pixels
MAX_ZOOM = 14
_SMALLEST = 2  # rows or columns of the coarsest level
_OFFSET_M = 32768.0  # Source: Terrarium encoding, Tilezen "Joerd" formats documentation
# Finer steps are noise of the interpolation: a slope of 0.3 % on a pixel of 20 m, and half the file.
_STEP_M = 1 / 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Heights in metres `(height, width)`, without voids; `west` and `north` are outer corners.

    Attributes
    ----------
    known
        Where the data has a height, `(height, width)`; None where it has one everywhere.
    """

    values: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_] | None
    west: float
    north: float
    step_lon: float
    step_lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """An elevation model with its coarser levels, each half as fine as the one before."""

    levels: tuple[Level, ...]
    bounds: tuple[float, float, float, float]

    @property
    def max_zoom(self) -> int:
        """Return the zoom at which a pixel is as fine as the data; more would only be blown up."""
        finest = math.log2(360 / (SIDE * self.levels[0].step_lon))
        return min(max(math.ceil(finest - 1e-9), 0), MAX_ZOOM)


def build_terrain(raster: Raster) -> Terrain:
    """Fill the voids with the nearest height and prepare the coarser levels.

    A raster without any height is flat ground at 0 m.
    """
    known = np.isfinite(raster.values)
    level = Level(
        values=_without_voids(raster.values),
        known=None if known.all() else known,
        west=raster.west,
        north=raster.north,
        step_lon=raster.step_lon,
        step_lat=raster.step_lat,
    )
    levels = [level]
    while min(levels[-1].values.shape) > _SMALLEST:
        levels.append(_halved(levels[-1]))
    return Terrain(levels=tuple(levels), bounds=raster.bounds)


def heights_on_tile(terrain: Terrain, tile: TileAddress, margin: int = 0) -> FloatArray:
    """Return heights in metres at the pixel centres of a tile, `(SIDE, SIDE)`, row 0 in the north.

    With a margin, so many pixels of the tiles around stand on every side. Bilinear between the centres of the level that is just finer than the tile's pixels. Beyond
    the data its border goes on, the farther the coarser: neither a cliff nor endless furrows.
    """
    lon, lat = pixel_centres(tile, margin)
    base = _level_for(terrain, 360 / ((1 << tile.z) * SIDE))
    depth = np.clip(np.log2(1 + _pixels_outside(terrain, lon, lat)), base, len(terrain.levels) - 1)
    heights = np.zeros((len(lat), len(lon)))
    for number in range(math.floor(depth.min()), math.ceil(depth.max()) + 1):
        share = np.maximum(0, 1 - np.abs(depth - number))
        heights += share * _sampled(terrain.levels[number], lon, lat)
    return heights


def known_on_tile(terrain: Terrain, tile: TileAddress) -> npt.NDArray[np.bool_]:
    """Return where the data has a height at the pixels of a tile, `(SIDE, SIDE)`."""
    lon, lat = pixel_centres(tile)
    west, south, east, north = terrain.bounds
    inside = ((lat > south) & (lat < north))[:, None] & ((lon > west) & (lon < east))[None, :]
    level = terrain.levels[_level_for(terrain, 360 / ((1 << tile.z) * SIDE))]
    if level.known is None or not inside.any():
        return np.asarray(inside)
    height, width = level.known.shape
    columns = np.clip(((lon - level.west) / level.step_lon).astype(np.intp), 0, width - 1)
    rows = np.clip(((level.north - lat) / level.step_lat).astype(np.intp), 0, height - 1)
    return np.asarray(inside & level.known[rows[:, None], columns[None, :]])


def pixel_centres(tile: TileAddress, margin: int = 0) -> tuple[FloatArray, FloatArray]:
    """Return longitudes and latitudes of the pixel centres of a tile and a margin around it."""
    centre = (np.arange(-margin, SIDE + margin) + 0.5) / SIDE
    count = 1 << tile.z
    lon = (tile.x + centre) / count * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (tile.y + centre) / count))))
    return lon, lat


def terrarium(heights: FloatArray) -> npt.NDArray[np.uint8]:
    """Return heights as colours `(…, 3)`: height = red · 256 + green + blue / 256 − 32768 m."""
    stepped = np.rint((heights + _OFFSET_M) / _STEP_M) * _STEP_M
    code = np.clip(np.rint(stepped * 256), 0, (1 << 24) - 1).astype(np.uint32)
    return np.stack([code >> 16, (code >> 8) & 0xFF, code & 0xFF], axis=-1).astype(np.uint8)


def _without_voids(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    void = ~np.isfinite(values)
    if void.all():
        return np.zeros(values.shape or (1, 1), dtype=np.float32)
    if not void.any():
        return values
    nearest = ndimage.distance_transform_edt(void, return_distances=False, return_indices=True)
    return np.asarray(values[tuple(nearest)], dtype=np.float32)


def _halved(level: Level) -> Level:
    odd_rows, odd_columns = (size % 2 for size in level.values.shape)
    even = np.pad(level.values, ((0, odd_rows), (0, odd_columns)), mode="edge")
    height, width = even.shape
    blocks = even.reshape(height // 2, 2, width // 2, 2)
    known = level.known
    if known is not None:
        known = np.pad(known, ((0, odd_rows), (0, odd_columns)), mode="edge")
        quarters = known.reshape(height // 2, 2, width // 2, 2)
        known = np.asarray(quarters.any(axis=(1, 3)), dtype=np.bool_)
    return Level(
        values=blocks.mean(axis=(1, 3), dtype=np.float32),
        known=known,
        west=level.west,
        north=level.north,
        step_lon=2 * level.step_lon,
        step_lat=2 * level.step_lat,
    )


def _level_for(terrain: Terrain, pixel_lon: float) -> int:
    fitting = [n for n, level in enumerate(terrain.levels) if level.step_lon <= pixel_lon]
    return max(fitting, default=0)


def _pixels_outside(terrain: Terrain, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Return how far places are from the data, `(n_lat, n_lon)`, in pixels of the finest level."""
    west, south, east, north = terrain.bounds
    finest = terrain.levels[0]
    aside = np.maximum(0, np.maximum(west - lon, lon - east)) / finest.step_lon
    along = np.maximum(0, np.maximum(south - lat, lat - north)) / finest.step_lat
    return np.asarray(np.hypot(aside[None, :], along[:, None]))


def _sampled(level: Level, lon: FloatArray, lat: FloatArray) -> FloatArray:
    height, width = level.values.shape
    left, right, share_x = _neighbours((lon - level.west) / level.step_lon - 0.5, width)
    above, below, share_y = _neighbours((level.north - lat) / level.step_lat - 0.5, height)
    rows = level.values[above] * (1 - share_y)[:, None] + level.values[below] * share_y[:, None]
    return np.asarray(rows[:, left] * (1 - share_x) + rows[:, right] * share_x)


def _neighbours(
    position: FloatArray, size: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]:
    """Return the pixels before and after each position, and how far it is towards the second."""
    inside = np.clip(position, 0, size - 1)
    before = np.floor(inside).astype(np.intp)
    after = np.minimum(before + 1, size - 1)
    return before, after, inside - before
