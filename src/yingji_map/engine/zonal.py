"""Rasters on cells: statistics over the pixels whose centre lies in a cell's inside part."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.raster import Raster

FloatArray = npt.NDArray[np.float64]
MEAN, MAX, P10, ARGMAX = 0, 1, 2, 3
_SHARE_P10 = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The edges of polygons as arrays: edge k of cell i for `start[i] ≤ k < start[i + 1]`.

    Attributes
    ----------
    edges
        `(n_edges, 4)` x0, y0, x1, y1 in degrees.
    start
        `(n_cells + 1,)` int64.
    """

    edges: FloatArray
    start: npt.NDArray[np.int64]


def outline(polygons: npt.NDArray[np.object_]) -> Outline:
    """Return the edges of polygons `(n_cells,)`, holes and parts included."""
    parts, part_cell = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(ring[:-1] == ring[1:])
    edges = np.hstack([points[joined], points[joined + 1]])
    cell = part_cell[ring_part[ring[joined]]]
    start = np.searchsorted(cell, np.arange(len(polygons) + 1)).astype(np.int64)
    return Outline(edges=edges, start=start)


def zonal(raster: Raster, outlines: Outline, anchor: FloatArray, statistic: int) -> FloatArray:
    """Return one statistic per cell.

    A cell so small that no pixel centre lies in it takes the pixel under its anchor.

    Parameters
    ----------
    raster
        Values with NaN voids; voids are left out.
    anchor
        `(n_cells, 2)` longitude and latitude of a point of each cell.
    statistic
        MEAN, MAX, P10 (linear between order statistics), or ARGMAX (row-major number of the pixel
        with the largest value).

    Returns
    -------
    FloatArray
        `(n_cells,)`, NaN where no pixel has a value.
    """
    frame = np.array([raster.west, raster.north, raster.step_lon, raster.step_lat])
    return _zonal(raster.values, frame, outlines.edges, outlines.start, (anchor, statistic))


def at_points(raster: Raster, points: FloatArray) -> FloatArray:
    """Return the value of the pixel under each point `(n, 2)`; NaN outside the raster."""
    frame = np.array([raster.west, raster.north, raster.step_lon, raster.step_lat])
    return _at_points(raster.values, frame, np.ascontiguousarray(points, dtype=np.float64))


def pixel_centres(raster: Raster, pixels: npt.NDArray[np.int64]) -> FloatArray:
    """Return longitude and latitude of pixels `(n,)`, numbered row by row, as `(n, 2)`."""
    row, column = np.divmod(pixels, raster.values.shape[1])
    lon = raster.west + (column + 0.5) * raster.step_lon
    return np.column_stack([lon, raster.north - (row + 0.5) * raster.step_lat])


@numba.njit(cache=True)
def _at_points(
    values: npt.NDArray[np.float32], frame: FloatArray, points: FloatArray
) -> FloatArray:
    out = np.full(len(points), np.nan)
    width = values.shape[1]
    for row in range(len(points)):
        pixel = _pixel_at(values, frame, points[row, 0], points[row, 1])
        if pixel >= 0:
            out[row] = values[pixel // width, pixel % width]
    return out


@numba.njit(cache=True)
def _pixel_at(values: npt.NDArray[np.float32], frame: FloatArray, lon: float, lat: float) -> int:
    row = int(np.floor((frame[1] - lat) / frame[3]))
    column = int(np.floor((lon - frame[0]) / frame[2]))
    width = int(values.shape[1])
    if 0 <= row < values.shape[0] and 0 <= column < width:
        return row * width + column
    return -1


@numba.njit(cache=True)
def _zonal(
    values: npt.NDArray[np.float32],
    frame: FloatArray,
    edges: FloatArray,
    start: npt.NDArray[np.int64],
    how: tuple[FloatArray, int],
) -> FloatArray:
    anchor, statistic = how
    out = np.full(len(start) - 1, np.nan)
    for cell in range(len(start) - 1):
        pixels = _pixels_in(values, frame, edges[start[cell] : start[cell + 1]])
        if len(pixels) == 0:
            pixel = _pixel_at(values, frame, anchor[cell, 0], anchor[cell, 1])
            if pixel < 0 or np.isnan(values[pixel // values.shape[1], pixel % values.shape[1]]):
                continue
            pixels = np.array([pixel])
        found = np.empty(len(pixels))
        for k in range(len(pixels)):
            found[k] = values[pixels[k] // values.shape[1], pixels[k] % values.shape[1]]
        out[cell] = pixels[np.argmax(found)] if statistic == ARGMAX else _reduce(found, statistic)
    return out


@numba.njit(cache=True)
def _reduce(found: FloatArray, statistic: int) -> float:
    if statistic == MEAN:
        total = 0.0
        for value in found:
            total += value
        return total / len(found)
    if statistic == MAX:
        return float(found.max())
    ordered = np.sort(found)
    place = _SHARE_P10 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


@numba.njit(cache=True)
def _pixels_in(
    values: npt.NDArray[np.float32], frame: FloatArray, edges: FloatArray
) -> npt.NDArray[np.int64]:
    """Return the pixels with a value whose centre is inside (even-odd rule), row by row."""
    n_rows, n_columns = values.shape
    west, north, step_lon, step_lat = frame[0], frame[1], frame[2], frame[3]
    top = max(edges[:, 1].max(), edges[:, 3].max())
    bottom = min(edges[:, 1].min(), edges[:, 3].min())
    first = max(int(np.floor((north - top) / step_lat)), 0)
    last = min(int(np.floor((north - bottom) / step_lat)), n_rows - 1)
    wide = max(edges[:, 0].max(), edges[:, 2].max()) - min(edges[:, 0].min(), edges[:, 2].min())
    room = max(last - first + 1, 0) * (int(wide / step_lon) + 2)
    pixels = np.empty(room, dtype=np.int64)
    crossings = np.empty(len(edges))
    count = 0
    for row in range(first, last + 1):
        y = north - (row + 0.5) * step_lat
        hits = 0
        for k in range(len(edges)):
            y0, y1 = edges[k, 1], edges[k, 3]
            if (y0 <= y) != (y1 <= y):
                x0, x1 = edges[k, 0], edges[k, 2]
                crossings[hits] = x0 + (x1 - x0) * ((y - y0) / (y1 - y0))
                hits += 1
        along = np.sort(crossings[:hits])
        for pair in range(hits // 2):
            left = max(int(np.ceil((along[2 * pair] - west) / step_lon - 0.5)), 0)
            right = min(int(np.ceil((along[2 * pair + 1] - west) / step_lon - 0.5)), n_columns)
            for column in range(left, right):
                if not np.isnan(values[row, column]):
                    pixels[count] = row * n_columns + column
                    count += 1
    return pixels[:count]
