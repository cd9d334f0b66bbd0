"""Slope and reach of steep ground from a DEM on a longitude-latitude grid."""

import math

import numba
import numpy as np
import numpy.typing as npt

from yingji_map.domain.crs import GEOD
from yingji_map.domain.raster import Raster

GridArray = npt.NDArray[np.float64]
STEEP_DEGREES = 8.0  # Source: risk model of landslides, mask “max slope ≥ 8°” (a judgement)
FLAT = -1.0  # aspect of level ground: no direction, but a pixel all the same
REACH_RATIO = 2.0  # ground below a slope is in reach up to twice the height above it


def pixel_sizes_m(raster: Raster) -> tuple[GridArray, float]:
    """Return the width of a pixel in each row `(height,)` and the height of a pixel, in metres.

    Source: radii of curvature of the ellipsoid, Torge & Müller 2012, eqs. 4.15 and 4.18.
    """
    rows = np.arange(raster.values.shape[0])
    latitude = np.radians(raster.north - (rows + 0.5) * raster.step_lat)
    bend = np.sqrt(1 - GEOD.es * np.sin(latitude) ** 2)
    prime_vertical = GEOD.a / bend
    middle = float(latitude[len(latitude) // 2])
    meridian = GEOD.a * (1 - GEOD.es) / (1 - GEOD.es * math.sin(middle) ** 2) ** 1.5
    widths = prime_vertical * np.cos(latitude) * math.radians(raster.step_lon)
    return widths, meridian * math.radians(raster.step_lat)


def slope_degrees(dem: Raster) -> GridArray:
    """Return the slope `(height, width)` in degrees, NaN on voids.

    References
    ----------
    Horn, B. K. P. (1981), Hill shading and the reflectance map, third-order finite difference; a
    missing neighbour counts as level with the pixel itself.
    """
    widths, height = pixel_sizes_m(dem)
    return _slope(dem.values.astype(np.float64), widths, height)


def aspect_degrees(dem: Raster) -> GridArray:
    """Return the compass direction in which each pixel falls, 0 north, 90 east; FLAT on the level.

    NaN on voids. The gradient is that of `slope_degrees`.
    """
    widths, height = pixel_sizes_m(dem)
    return _aspect(dem.values.astype(np.float64), widths, height)


def runout(dem: Raster, slope: GridArray) -> GridArray:
    """Return 1 on steep ground and on ground it can reach `(height, width)`, else 0; NaN on voids.

    A pixel is in reach when some steep pixel lies higher by h within 2·h. Distances step from pixel
    to pixel in eight directions, up to 8 % longer than straight ones, so that reach errs short.
    """
    heights = dem.values.astype(np.float64)
    widths, height = pixel_sizes_m(dem)
    with np.errstate(invalid="ignore"):
        top = np.where(slope >= STEEP_DEGREES, heights, -np.inf)
    _spread_down(top, widths, height, 1.0 / REACH_RATIO)
    with np.errstate(invalid="ignore"):
        reached = (top >= heights).astype(np.float64)
    reached[np.isnan(heights)] = np.nan
    return reached


@numba.njit(cache=True)
def _slope(heights: GridArray, widths: GridArray, height: float) -> GridArray:
    n_rows, n_columns = heights.shape
    out = np.full((n_rows, n_columns), np.nan)
    for row in range(n_rows):
        for column in range(n_columns):
            if not np.isnan(heights[row, column]):
                along_x, along_y = _gradient(heights, row, column, (widths[row], height))
                out[row, column] = math.degrees(math.atan(math.hypot(along_x, along_y)))
    return out


@numba.njit(cache=True)
def _aspect(heights: GridArray, widths: GridArray, height: float) -> GridArray:
    n_rows, n_columns = heights.shape
    out = np.full((n_rows, n_columns), np.nan)
    for row in range(n_rows):
        for column in range(n_columns):
            if not np.isnan(heights[row, column]):
                along_x, along_y = _gradient(heights, row, column, (widths[row], height))
                out[row, column] = FLAT
                if along_x != 0.0 or along_y != 0.0:
                    out[row, column] = math.degrees(math.atan2(-along_x, along_y)) % 360.0
    return out


@numba.njit(cache=True)
def _gradient(
    heights: GridArray, row: int, column: int, size: tuple[float, float]
) -> tuple[float, float]:
    """Return the rise per metre towards the east and towards the south."""
    n_rows, n_columns = heights.shape
    near = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            r, c = row + i - 1, column + j - 1
            near[i, j] = heights[row, column]
            if 0 <= r < n_rows and 0 <= c < n_columns and not np.isnan(heights[r, c]):
                near[i, j] = heights[r, c]
    east = near[0, 2] + 2 * near[1, 2] + near[2, 2]
    west = near[0, 0] + 2 * near[1, 0] + near[2, 0]
    north = near[0, 0] + 2 * near[0, 1] + near[0, 2]
    south = near[2, 0] + 2 * near[2, 1] + near[2, 2]
    return (east - west) / (8 * size[0]), (south - north) / (8 * size[1])


@numba.njit(cache=True)
def _spread_down(top: GridArray, widths: GridArray, height: float, fall: float) -> None:
    """Lower `top` away from its peaks by `fall` per metre: two sweeps over the grid, in place."""
    n_rows, n_columns = top.shape
    for backward in range(2):
        for step_row in range(n_rows):
            row = n_rows - 1 - step_row if backward else step_row
            toward = 1 if backward else -1
            side = widths[row] * fall
            for step_column in range(n_columns):
                column = n_columns - 1 - step_column if backward else step_column
                best = top[row, column]
                if 0 <= column + toward < n_columns:
                    best = max(best, top[row, column + toward] - side)
                if 0 <= row + toward < n_rows:
                    best = max(best, top[row + toward, column] - height * fall)
                    diagonal = math.hypot(widths[row], height) * fall
                    for shift in (-1, 1):
                        if 0 <= column + shift < n_columns:
                            best = max(best, top[row + toward, column + shift] - diagonal)
                top[row, column] = best
