"""Debris-flow gullies on a DEM: small catchments, their channels, and how far their flows run out."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from yingji_map.domain.raster import Raster
from yingji_map.domain.risk_numbers import GullyRules
from yingji_map.engine.drainage import Drainage, upstream_km2
from yingji_map.engine.relief import GridArray, pixel_sizes_m

IntArray = npt.NDArray[np.int64]
_NONE = -1
# Rickenmann (1999), Natural Hazards 19: L = 1.9·V^0.16·He^0.83 m, for V 700–1e6 m³, He 110–1820 m.
_FACTOR, _VOLUME_POWER, _DROP_POWER = 1.9, 0.16, 0.83
_VOLUMES_M3 = (700.0, 1e6)
_DROPS_M = (110.0, 1820.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gullies:
    """The gullies of a DEM, and the pixels that each can reach.

    Attributes
    ----------
    outlet
        `(n_gullies,)` pixel where each joins larger water, ascending.
    area_km2, relief_m, gradient_permille, runout_m
        `(n_gullies,)` catchment, its highest point above the outlet, fall of the longest channel,
        and travel distance of a flow from the head of that channel.
    label
        `(n_pixels,)` gully that each pixel drains to, -1 where none.
    path_gully, path_pixel, path_m
        `(n_pairs,)` channel pixels of each gully, then the pixels of the way down from its outlet,
        with the distance from the farthest head.
    in_channel
        `(n_pairs,)` whether the pixel lies in the catchment.
    """

    outlet: IntArray
    area_km2: GridArray
    relief_m: GridArray
    gradient_permille: GridArray
    runout_m: GridArray
    label: IntArray
    path_gully: IntArray
    path_pixel: IntArray
    path_m: GridArray
    in_channel: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.outlet)


def travel_distance_m(volume_m3: GridArray, drop_m: GridArray) -> GridArray:
    """Return how far debris flows travel `(n,)`; inputs are held within the formula's range."""
    volume = np.clip(volume_m3, *_VOLUMES_M3)
    drop = np.clip(drop_m, *_DROPS_M)
    return np.asarray(_FACTOR * volume**_VOLUME_POWER * drop**_DROP_POWER)


def trace_gullies(dem: Raster, drainage: Drainage, rules: GullyRules) -> Gullies:
    """Find every gully: a catchment within the rules' bounds whose water then joins larger water.

    Catchments whose longest channel falls by less than the formula's least drop are left out.
    """
    heights = dem.values.astype(np.float64).reshape(-1)
    widths, height = pixel_sizes_m(dem)
    shape = dem.values.shape
    area = upstream_km2(drainage, (shape[0], shape[1])).reshape(-1)
    along, head = _longest(drainage.order, drainage.downstream, widths, (height, shape[1]))
    drop = np.maximum(heights[head] - heights, 0.0)
    below = drainage.downstream
    joins = (below == _NONE) | (area[below] > rules.max_km2)
    with np.errstate(invalid="ignore"):
        is_outlet = (area >= rules.min_km2) & (area <= rules.max_km2) & (drop >= _DROPS_M[0])
    outlet = np.flatnonzero(is_outlet & joins)
    label = _labels(drainage.order, below, outlet)
    runout = travel_distance_m(area[outlet] * rules.volume_m3_per_km2, drop[outlet])
    with np.errstate(invalid="ignore"):
        channel = np.flatnonzero((label != _NONE) & (area >= rules.min_km2))
    way = _ways_down(
        (outlet, along[outlet], rules.reach_ratio * runout), below, widths, (height, shape[1])
    )
    return Gullies(
        outlet=outlet,
        area_km2=area[outlet],
        relief_m=_highest(label, heights, len(outlet)) - heights[outlet],
        gradient_permille=1000 * drop[outlet] / along[outlet],
        runout_m=runout,
        label=label,
        path_gully=np.concatenate([label[channel], way[0]]),
        path_pixel=np.concatenate([channel, way[1]]),
        path_m=np.concatenate([along[channel], way[2]]),
        in_channel=np.arange(len(channel) + len(way[0])) < len(channel),
    )


def _highest(label: IntArray, heights: GridArray, count: int) -> GridArray:
    top = np.full(count, -np.inf)
    mine = label != _NONE
    np.maximum.at(top, label[mine], heights[mine])
    return top


@numba.njit(cache=True)
def _step_m(a: int, b: int, widths: GridArray, frame: tuple[float, int]) -> float:
    height, n_columns = frame
    down = (b // n_columns - a // n_columns) * height
    across = (b % n_columns - a % n_columns) * widths[a // n_columns]
    return float(np.hypot(down, across))


@numba.njit(cache=True)
def _longest(
    order: IntArray, downstream: IntArray, widths: GridArray, frame: tuple[float, int]
) -> tuple[GridArray, IntArray]:
    """Return the length of the longest way down to each pixel, and where that way begins."""
    along = np.zeros(len(downstream))
    head = np.arange(len(downstream))
    for position in range(len(order) - 1, -1, -1):
        pixel = order[position]
        below = downstream[pixel]
        if below != _NONE:
            length = along[pixel] + _step_m(pixel, below, widths, frame)
            if length > along[below]:
                along[below] = length
                head[below] = head[pixel]
    return along, head


@numba.njit(cache=True)
def _labels(order: IntArray, downstream: IntArray, outlet: IntArray) -> IntArray:
    label = np.full(len(downstream), _NONE, dtype=np.int64)
    for gully in range(len(outlet)):
        label[outlet[gully]] = gully
    for pixel in order:
        below = downstream[pixel]
        if label[pixel] == _NONE and below != _NONE:
            label[pixel] = label[below]
    return label


@numba.njit(cache=True)
def _ways_down(
    gullies: tuple[IntArray, GridArray, GridArray],
    downstream: IntArray,
    widths: GridArray,
    frame: tuple[float, int],
) -> tuple[IntArray, IntArray, GridArray]:
    """Return gully, pixel and distance along the way from each outlet to the end of its reach."""
    outlet, start, limit = gullies
    owner, pixels, metres = [0], [0], [0.0]  # one entry tells numba the types
    for gully in range(len(outlet)):
        pixel = outlet[gully]
        length = start[gully]
        while downstream[pixel] != _NONE:
            below = downstream[pixel]
            length += _step_m(pixel, below, widths, frame)
            if length > limit[gully]:
                break
            pixel = below
            owner.append(gully)
            pixels.append(pixel)
            metres.append(length)
    return np.array(owner)[1:], np.array(pixels)[1:], np.array(metres)[1:]
