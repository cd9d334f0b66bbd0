"""Rivers traced from the terrain: one line per reach, ordered after Strahler, named along the stem."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from .grid import Grid, random_stream
from .names import unused_names
from .terrain import TRUNKS, Terrain

CHANNEL_KM2 = 2.0
_MAX_SHIFT = 0.45  # of a pixel, so that a smoothed vertex stays on its own pixel


@dataclass(frozen=True)
class Rivers:
    """Reaches as lists of pixel indices, with their lines and attributes."""

    pixels: list[np.ndarray]
    lines: list[shapely.LineString]
    order: np.ndarray
    catchment_km2: np.ndarray
    name: list[str | None]
    channel_order: np.ndarray
    reach_of_pixel: np.ndarray


def trace_rivers(terrain: Terrain, inside: np.ndarray, seed: int) -> Rivers:
    """Follow the water from every spring to the next confluence or out of the county."""
    area = terrain.area_km2.ravel()
    channel = area >= CHANNEL_KM2
    strahler = _strahler(terrain, channel)
    near = ndimage.binary_dilation(inside, iterations=3).ravel() & channel
    donors = np.zeros(area.size, int)
    upstream = np.flatnonzero(near)
    np.add.at(donors, terrain.receiver[upstream], 1)
    heads = upstream[(donors[upstream] != 1)]
    stem = _stem_names(terrain, near, seed)
    pixels = [
        reach for head in np.sort(heads) if len(reach := _walk(terrain, near, donors, head)) > 1
    ]
    reach_of_pixel = np.full(area.size, -1)
    for number, reach in enumerate(pixels):
        reach_of_pixel[reach[:-1]] = number
    return Rivers(
        pixels=pixels,
        lines=[_smooth_line(terrain.grid, reach) for reach in pixels],
        order=np.array([strahler[reach[0]] for reach in pixels]),
        catchment_km2=np.array([area[reach[-2]] for reach in pixels]),
        name=[stem.get(int(reach[0])) for reach in pixels],
        channel_order=strahler.reshape(terrain.height.shape),
        reach_of_pixel=reach_of_pixel,
    )


def _strahler(terrain: Terrain, channel: np.ndarray) -> np.ndarray:
    """Order of each channel pixel: two equal tributaries raise it by one."""
    order = np.zeros(channel.size, np.int64)
    second = np.zeros(channel.size, np.int64)
    for index in terrain.order[::-1]:
        if not channel[index]:
            continue
        if order[index] == 0:
            order[index] = 1
        elif second[index] == order[index]:
            order[index] += 1
        below = terrain.receiver[index]
        if below == index:
            continue
        if order[index] > order[below]:
            order[below], second[below] = order[index], order[below]
        else:
            second[below] = max(second[below], order[index])
    return order


def _walk(terrain: Terrain, near: np.ndarray, donors: np.ndarray, head: int) -> np.ndarray:
    reach = [head]
    while True:
        below = terrain.receiver[reach[-1]]
        if below == reach[-1] or not near[below]:
            break
        reach.append(below)
        if donors[below] != 1:
            break
    return np.array(reach)


def _stem_names(terrain: Terrain, near: np.ndarray, seed: int) -> dict[int, str]:
    """Find which tributary is the stem at each confluence, then name the stems."""
    area = terrain.area_km2.ravel()
    largest_donor = np.full(area.size, -1)
    joining: dict[int, list[int]] = {}
    for index in np.flatnonzero(near):
        below = terrain.receiver[index]
        joining.setdefault(int(below), []).append(int(index))
        if largest_donor[below] < 0 or area[index] > area[largest_donor[below]]:
            largest_donor[below] = index
    return _name_stems(terrain, near, (largest_donor, joining), seed)


def _name_stems(terrain: Terrain, near: np.ndarray, donors: tuple, seed: int) -> dict[int, str]:
    """Name the known rivers first, then what joins them, up to small brooks."""
    area = terrain.area_km2.ravel()
    largest_donor, joining = donors
    names: dict[int, str] = {}
    queue: list[int] = []

    def name_stem(mouth: int, name: str) -> None:
        index = mouth
        while index >= 0 and index not in names:
            names[index] = name
            queue.extend(i for i in joining.get(index, []) if i != largest_donor[index])
            index = int(largest_donor[index])

    for name, path in TRUNKS.items():
        name_stem(_mouth(terrain, near, names, path[len(path) // 2]), name)
    fresh = unused_names(random_stream(seed, "river names"))
    outlets = [i for i in np.flatnonzero(near) if not near[terrain.receiver[i]] and i not in names]
    queue.extend(int(i) for i in outlets)
    while queue:
        mouth = max(queue, key=lambda i: (area[i], i))
        queue.remove(mouth)
        if mouth not in names and area[mouth] >= 3 * CHANNEL_KM2:
            suffix = "河" if area[mouth] > 60 else "溪" if area[mouth] > 25 else "沟"
            name_stem(mouth, next(fresh) + suffix)
    return names


def _mouth(terrain: Terrain, near: np.ndarray, names: dict[int, str], place: tuple) -> int:
    """Follow the river that passes near a place down to a named one or out of the county."""
    index = _strongest_near(terrain, near, place)
    while True:
        below = int(terrain.receiver[index])
        if below == index or not near[below] or below in names:
            return index
        index = below


def _strongest_near(terrain: Terrain, near: np.ndarray, place: tuple[float, float]) -> int:
    """Channel pixel with the largest catchment within some 1.5 km."""
    grid = terrain.grid
    row, column = (int(v) for v in grid.locate(*place))
    reach = 26
    rows = slice(max(row - reach, 0), row + reach)
    columns = slice(max(column - reach, 0), column + reach)
    area = np.where(near.reshape(grid.shape), terrain.area_km2, 0)[rows, columns]
    r, c = np.unravel_index(int(area.argmax()), area.shape)
    return int((rows.start + r) * grid.shape[1] + columns.start + c)


def _smooth_line(grid: Grid, reach: np.ndarray) -> shapely.LineString:
    rows, columns = np.divmod(reach, grid.shape[1])
    points = np.column_stack([columns, rows]).astype(float)
    smooth = smooth_path(points, 3, _MAX_SHIFT)
    return shapely.LineString(
        np.round(np.column_stack([grid.lon(smooth[:, 0]), grid.lat(smooth[:, 1])]), 7)
    )


def smooth_path(points: np.ndarray, passes: int, max_shift: float) -> np.ndarray:
    """Average each vertex with its neighbours, ends fixed, none moved farther than `max_shift`."""
    smooth = points.copy()
    for _ in range(passes):
        smooth[1:-1] = (smooth[:-2] + 2 * smooth[1:-1] + smooth[2:]) / 4
    return points + np.clip(smooth - points, -max_shift, max_shift)
