"""Where water goes on a DEM: upstream area, height above the nearest river, catchment means."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.raster import Raster
from yingji_map.engine.relief import GridArray, pixel_sizes_m

_OUTLET = -1
_STEPS_PER_PIXEL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drainage:
    """The drainage of a DEM, pixels numbered row by row.

    Attributes
    ----------
    order
        `(n_flooded,)` int64 pixels, every one after the pixel it drains to; voids are left out.
    downstream
        `(n_pixels,)` int64 pixel that each drains to, -1 at outlets.
    pixel_km2
        `(n_pixels,)` area of each pixel.
    """

    order: npt.NDArray[np.int64]
    downstream: npt.NDArray[np.int64]
    pixel_km2: npt.NDArray[np.float64]


def drain(dem: Raster) -> Drainage:
    """Return where each pixel drains to: steepest descent after filling pits from the edge inwards.

    References
    ----------
    Barnes, Lehman & Mulla (2014), Priority-flood, algorithm 1; in filled pits water follows the
    flood back to where it came from.
    """
    widths, height = pixel_sizes_m(dem)
    order, downstream = _flood(dem.values.astype(np.float64), widths, height)
    pixel_km2 = np.repeat(widths * height / 1e6, dem.values.shape[1])
    return Drainage(order=order, downstream=downstream, pixel_km2=pixel_km2)


def upstream_km2(drainage: Drainage, shape: tuple[int, int]) -> GridArray:
    """Return the area that drains through each pixel, itself included; NaN on voids."""
    total = _accumulate(drainage.order, drainage.downstream, drainage.pixel_km2)
    total[total == 0] = np.nan
    return total.reshape(shape)


def catchment_mean(drainage: Drainage, values: GridArray) -> GridArray:
    """Return the area-weighted mean of `values` over everything upstream of each pixel.

    Pixels without a value are left out of the mean; NaN where none upstream has one.
    """
    flat = values.reshape(-1)
    area = np.where(np.isnan(flat), 0.0, drainage.pixel_km2)
    weighted = _accumulate(drainage.order, drainage.downstream, np.nan_to_num(flat) * area)
    covered = _accumulate(drainage.order, drainage.downstream, area)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weighted / covered).reshape(values.shape)


def height_above_river(
    dem: Raster, drainage: Drainage, rivers: npt.NDArray[np.object_]
) -> GridArray:
    """Return each pixel's height in metres above the river pixel it drains to.

    NaN where the way down leaves the DEM before it meets a river.

    References
    ----------
    Nobre et al. (2011), Height Above the Nearest Drainage, J. Hydrology 404.
    """
    is_river = river_pixels(dem, rivers).reshape(-1)
    heights = dem.values.astype(np.float64).reshape(-1)
    above = _above_base(drainage.order, drainage.downstream, heights, is_river)
    return above.reshape(dem.values.shape)


def river_pixels(dem: Raster, rivers: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return the pixels that river lines (degrees) run through, `(height, width)`."""
    marked = np.zeros(dem.values.shape, dtype=np.bool_)
    lines = shapely.get_parts(rivers)
    points, line = shapely.get_coordinates(lines, return_index=True)
    columns = (points[:, 0] - dem.west) / dem.step_lon
    rows = (dem.north - points[:, 1]) / dem.step_lat
    _mark(marked, rows, columns, line.astype(np.int64))
    return marked


@numba.njit(cache=True)
def _mark(
    marked: npt.NDArray[np.bool_], rows: GridArray, columns: GridArray, line: npt.NDArray[np.int64]
) -> None:
    n_rows, n_columns = marked.shape
    for start in range(len(rows) - 1):
        if line[start] != line[start + 1]:
            continue
        span_row = rows[start + 1] - rows[start]
        span_column = columns[start + 1] - columns[start]
        steps = int(max(abs(span_row), abs(span_column)) * _STEPS_PER_PIXEL) + 1
        last_row = -1
        last_column = -1
        for step in range(steps + 1):
            row = int(np.floor(rows[start] + span_row * step / steps))
            column = int(np.floor(columns[start] + span_column * step / steps))
            if 0 <= row < n_rows and 0 <= column < n_columns:
                marked[row, column] = True
                # No diagonal gap: a flow path must not slip between two river pixels.
                if last_row >= 0 and row != last_row and column != last_column:
                    marked[last_row, column] = True
                last_row, last_column = row, column
            else:
                last_row = last_column = -1


@numba.njit(cache=True)
def _accumulate(
    order: npt.NDArray[np.int64], downstream: npt.NDArray[np.int64], amount: GridArray
) -> GridArray:
    total = np.zeros(len(downstream))
    for position in range(len(order) - 1, -1, -1):
        pixel = order[position]
        total[pixel] += amount[pixel]
        if downstream[pixel] != _OUTLET:
            total[downstream[pixel]] += total[pixel]
    return total


@numba.njit(cache=True)
def _above_base(
    order: npt.NDArray[np.int64],
    downstream: npt.NDArray[np.int64],
    heights: GridArray,
    is_river: npt.NDArray[np.bool_],
) -> GridArray:
    base = np.full(len(heights), np.nan)
    above = np.full(len(heights), np.nan)
    for pixel in order:
        if is_river[pixel]:
            base[pixel] = heights[pixel]
        elif downstream[pixel] != _OUTLET:
            base[pixel] = base[downstream[pixel]]
        above[pixel] = max(heights[pixel] - base[pixel], 0.0)
        if np.isnan(base[pixel]):
            above[pixel] = np.nan
    return above


@numba.njit(cache=True)
def _flood(  # noqa: C901 - one loop over a queue; split, it would only pass its arrays around
    heights: GridArray, widths: GridArray, height: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    n_rows, n_columns = heights.shape
    size = n_rows * n_columns
    filled = heights.copy().reshape(-1)
    downstream = np.full(size, _OUTLET, dtype=np.int64)
    is_queued = np.isnan(filled)
    keys = np.empty(size)
    pixels = np.empty(size, dtype=np.int64)
    count = 0
    order = np.empty(size, dtype=np.int64)
    done = 0
    for row in range(n_rows):
        for column in range(n_columns):
            pixel = row * n_columns + column
            if not is_queued[pixel] and _is_edge(heights, row, column):
                is_queued[pixel] = True
                count = _push(keys, pixels, count, filled[pixel], pixel)
    while count > 0:
        pixel = pixels[0]
        count = _pop(keys, pixels, count)
        order[done] = pixel
        done += 1
        row, column = pixel // n_columns, pixel % n_columns
        steepest = 0.0
        for i in range(-1, 2):
            for j in range(-1, 2):
                r, c = row + i, column + j
                if (i == 0 and j == 0) or not (0 <= r < n_rows and 0 <= c < n_columns):
                    continue
                other = r * n_columns + c
                if np.isnan(heights[r, c]):
                    continue
                if not is_queued[other]:
                    is_queued[other] = True
                    filled[other] = max(filled[other], filled[pixel])
                    downstream[other] = pixel
                    count = _push(keys, pixels, count, filled[other], other)
                elif filled[other] < filled[pixel]:
                    run = np.hypot(i * height, j * widths[row])
                    drop = (filled[pixel] - filled[other]) / run
                    # Strictly lower pixels were taken from the queue before: no circles.
                    if drop > steepest:
                        steepest = drop
                        downstream[pixel] = other
    return order[:done], downstream


@numba.njit(cache=True)
def _is_edge(heights: GridArray, row: int, column: int) -> bool:
    n_rows, n_columns = heights.shape
    for r in range(row - 1, row + 2):
        for c in range(column - 1, column + 2):
            if not (0 <= r < n_rows and 0 <= c < n_columns) or np.isnan(heights[r, c]):
                return True
    return False


@numba.njit(cache=True)
def _push(
    keys: GridArray, pixels: npt.NDArray[np.int64], count: int, key: float, pixel: int
) -> int:
    place = count
    while place > 0:
        parent = (place - 1) // 2
        if keys[parent] < key or (keys[parent] == key and pixels[parent] < pixel):
            break
        keys[place], pixels[place] = keys[parent], pixels[parent]
        place = parent
    keys[place], pixels[place] = key, pixel
    return count + 1


@numba.njit(cache=True)
def _pop(keys: GridArray, pixels: npt.NDArray[np.int64], count: int) -> int:
    """Remove the lowest entry (equal heights: the lowest pixel number); return the new count."""
    count -= 1
    key, pixel = keys[count], pixels[count]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        right = child + 1
        if right < count and (
            keys[right] < keys[child]
            or (keys[right] == keys[child] and pixels[right] < pixels[child])
        ):
            child = right
        if key < keys[child] or (key == keys[child] and pixel < pixels[child]):
            break
        keys[place], pixels[place] = keys[child], pixels[child]
        place = child
    keys[place], pixels[place] = key, pixel
    return count
