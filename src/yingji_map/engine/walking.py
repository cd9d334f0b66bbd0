"""Walking across country: how long straight lines over the ground take, and which cannot be walked."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import (
    CLIFF_SLOPE,
    DS_PER_M_AT_1_KM_H,
    OFF_PATH_KM_H,
    Direction,
    slope_factor,
)
from yingji_map.domain.raster import Raster
from yingji_map.engine.graph import Flags, Floats, Ints

_WATER = 5  # of layers/raster/landcover.yaml
# Heights are compared this often on every walk, so that a walk costs the same in any company.
_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is walked on.

    Attributes
    ----------
    heights
        Elevation in metres.
    cover
        Land cover classes, None when unknown: then no water but rivers is in the way.
    rivers
        Tree of rivers too wide to wade, None when there are none.
    """

    heights: Raster
    cover: Raster | None = None
    rivers: shapely.STRtree | None = None


class Walks(NamedTuple):
    """Straight walks: deciseconds there and back, at least 1, and whether they can be made."""

    there_ds: Ints
    back_ds: Ints
    is_open: Flags

    def in_direction(self, direction: Direction) -> Ints:
        """Return the walks as a search in a direction takes them."""
        return self.there_ds if direction is Direction.FROM else self.back_ds


def walks_between(ground: Ground, start: Floats, end: Floats) -> Walks:
    """Return the walks from places to places.

    Parameters
    ----------
    start, end
        `(n, 2)` longitude, latitude. Outside the elevation model nothing can be walked.
    """
    if len(start) == 0:
        none = np.zeros(0, dtype=np.int32)
        return Walks(none, none, np.zeros(0, dtype=bool))
    _, _, length_m = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    length_m = np.asarray(length_m, dtype=np.float64)
    share = np.linspace(0.0, 1.0, _STEPS + 1)
    points = start[:, None, :] + share[None, :, None] * (end - start)[:, None, :]
    heights = _heights(ground.heights, points)
    step_m = np.maximum(length_m / _STEPS, 1e-6)[:, None]
    slope = np.diff(heights, axis=1) / step_m
    is_open = np.array(np.isfinite(heights).all(axis=1), dtype=np.bool_)
    is_open &= (np.abs(slope) <= CLIFF_SLOPE.value).all(axis=1)
    if ground.cover is not None:
        is_open &= ~(_classes(ground.cover, points) == _WATER).any(axis=1)
    if ground.rivers is not None:
        lines = shapely.linestrings(np.stack((start, end), axis=1))
        is_open[ground.rivers.query(lines, predicate="intersects")[0]] = False
    flat_ds = length_m * (DS_PER_M_AT_1_KM_H / OFF_PATH_KM_H) / _STEPS
    return Walks(_whole(flat_ds, slope), _whole(flat_ds, -slope), is_open)


def _whole(flat_ds: Floats, slope: Floats) -> Ints:
    known = np.nan_to_num(np.clip(slope, -CLIFF_SLOPE.value, CLIFF_SLOPE.value))
    total = (slope_factor(known) * flat_ds[:, None]).sum(axis=1)
    return np.asarray(np.maximum(np.rint(total), 1), dtype=np.int32)


def _heights(raster: Raster, points: Floats) -> Floats:
    """Return heights between pixel centres, bilinear; NaN outside and where a pixel is void."""
    row, column = _pixels(raster, points)
    row, column = row - 0.5, column - 0.5
    high, wide = raster.values.shape
    inside = (np.abs(row - (high - 1) / 2) <= high / 2) & (
        np.abs(column - (wide - 1) / 2) <= wide / 2
    )
    row, column = np.clip(row, 0, high - 1), np.clip(column, 0, wide - 1)
    top = np.minimum(row.astype(np.int64), max(high - 2, 0))
    left = np.minimum(column.astype(np.int64), max(wide - 2, 0))
    down, right = np.minimum(top + 1, high - 1), np.minimum(left + 1, wide - 1)
    south, east = row - top, column - left
    values = raster.values
    upper = values[top, left] * (1 - east) + values[top, right] * east
    lower = values[down, left] * (1 - east) + values[down, right] * east
    return np.where(inside, upper * (1 - south) + lower * south, np.nan)


def _classes(raster: Raster, points: Floats) -> npt.NDArray[np.float32]:
    """Return the class of the pixel that each point is in; NaN outside."""
    row, column = (value.astype(np.int64) for value in _pixels(raster, points))
    high, wide = raster.values.shape
    inside = (row >= 0) & (row < high) & (column >= 0) & (column < wide)
    found = raster.values[np.clip(row, 0, high - 1), np.clip(column, 0, wide - 1)]
    return np.where(inside, found, np.nan).astype(np.float32)


def _pixels(raster: Raster, points: Floats) -> tuple[Floats, Floats]:
    row = (raster.north - points[..., 1]) / raster.step_lat
    column = (points[..., 0] - raster.west) / raster.step_lon
    return row, column
