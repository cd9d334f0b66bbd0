"""The mountains of the sample county: uplifted in the north, cut by rivers, filled along them."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from .flow import accumulate, erode, fill, height_above, receivers
from .grid import Grid, noise, random_stream

# Trunk valleys the erosion starts from, mouth first: where water shall run, not how.
TRUNKS: dict[str, list[tuple[float, float]]] = {
    "东河": [
        *((106.235, 31.93), (106.25, 32.05), (106.275, 32.14), (106.283, 32.2), (106.295, 32.235)),
        *((106.325, 32.30), (106.305, 32.37), (106.345, 32.44), (106.375, 32.51), (106.345, 32.58)),
        (106.36, 32.645),
    ],
    "宽滩河": [
        *((106.325, 32.30), (106.40, 32.335), (106.465, 32.40), (106.535, 32.46), (106.58, 32.54)),
        (106.60, 32.64),
    ],
    "黄洋河": [
        (106.295, 32.235),
        (106.36, 32.222),
        (106.45, 32.257),
        (106.55, 32.28),
        (106.655, 32.3),
    ],
    "白水河": [(106.283, 32.2), (106.22, 32.218), (106.15, 32.236), (106.065, 32.255)],
    "木门河": [
        (106.475, 31.93),
        (106.474, 32.02),
        (106.485, 32.09),
        (106.455, 32.15),
        (106.4, 32.175),
    ],
    "三江河": [(106.83, 32.335), (106.73, 32.328), (106.68, 32.36)],
    "盐河": [(106.345, 32.58), (106.30, 32.61), (106.30, 32.65)],
    "燕子河": [(106.305, 32.37), (106.225, 32.40), (106.15, 32.43)],
    "大德河": [(105.93, 32.13), (106.05, 32.175), (106.13, 32.17)],
}
MOUTHS = {"三江河": 600.0, "大德河": 470.0}
NORTHERN_OUTLETS = ((106.20, 1050.0), (106.47, 1150.0), (106.70, 1000.0))
_EXPONENT = 0.45
LOWEST_M, SUMMIT_M = 405.0, 2240.0
FLOODPLAIN_M = 26.0


@dataclass(frozen=True)
class Terrain:
    """Heights in metres and how water runs over them."""

    grid: Grid
    height: np.ndarray
    receiver: np.ndarray
    order: np.ndarray
    area_km2: np.ndarray
    hand: np.ndarray


def rock_belts(grid: Grid, seed: int) -> np.ndarray:
    """Distance north of the mountain front along the strike (east-north-east), degrees, warped."""
    lon, lat = grid.mesh()
    warp = 0.022 * noise(grid, random_stream(seed, "belts"), 14_000, 3)
    return lat - (32.285 + 0.22 * (lon - 106.3)) + warp


def _rates(grid: Grid, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Uplift per step, erodibility and the steepest slope (as a tangent) that the rock bears."""
    north = rock_belts(grid, seed)
    mountain = 1 / (1 + np.exp(-(north - 0.07) / 0.035))
    crest = np.exp(-(((north - 0.30) / 0.10) ** 2))
    corridor = np.exp(-(((north + 0.045) / 0.035) ** 2))
    uplift = 17 + 34 * mountain + 14 * crest - 9 * corridor
    uplift *= 1 + 0.22 * noise(grid, random_stream(seed, "uplift"), 16_000, 3)
    lon, lat = grid.mesh()
    bands = np.sin(
        (lat - 0.45 * lon) * 2 * np.pi / 0.062
        + 2.2 * noise(grid, random_stream(seed, "bands"), 20_000, 2)
    )
    erodibility = 0.4 * np.exp(0.28 * bands) * np.where(north < 0, 1.25, 1.0)
    patches = noise(grid, random_stream(seed, f"patches {grid.shape[0]}"), 1_600, 3)
    erodibility *= np.exp(
        0.35 * noise(grid, random_stream(seed, f"joints {grid.shape[0]}"), 700, 2)
    )
    steepest = (0.44 + 0.22 * mountain + 0.05 * bands) * np.exp(0.28 * patches)
    return np.maximum(uplift, 3.0), erodibility, steepest


def _outlets(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Edge pixels where water leaves, and their height."""
    is_outlet = np.zeros(grid.shape, bool)
    level = np.zeros(grid.shape)
    mouths = [(106.235, grid.bounds[1], 405.0), (106.475, grid.bounds[1], 420.0)]
    mouths += [(grid.bounds[2], 32.335, 560.0), (grid.west, 32.13, 470.0)]
    mouths += [(lon, grid.north, height) for lon, height in NORTHERN_OUTLETS]
    for lon, lat, height in mouths:
        row, column = grid.locate(lon, lat)
        is_outlet[row, column], level[row, column] = True, height
    return is_outlet, level


def _first_surface(grid: Grid, seed: int) -> np.ndarray:
    """Slope gently towards the trunk valleys, with noise; only the drainage pattern survives."""
    lon, lat = grid.mesh()
    rng = random_stream(seed, "first surface")
    bend = 0.015 * noise(grid, rng, 5_500, 3), 0.013 * noise(grid, rng, 5_500, 3)
    points = shapely.points((lon + bend[0]) * grid.lat_scale, lat + bend[1])
    surface, nearest = np.full(grid.shape, np.inf), np.full(grid.shape, np.inf)
    mouths: dict[tuple[float, float], float] = {}
    for name, path in TRUNKS.items():
        line = shapely.LineString([(x * grid.lat_scale, y) for x, y in path])
        start = mouths.get(path[0], MOUTHS.get(name, 405.0))
        for x, y in path:
            along = line.project(shapely.Point(x * grid.lat_scale, y))
            mouths.setdefault((x, y), start + along * 350)
        near = shapely.distance(line, points)
        height = start + 350 * shapely.line_locate_point(line, points) + 450 * near
        surface = np.minimum(surface, height)
        nearest = np.minimum(nearest, near)
    swell = 60 * noise(grid, rng, 8_000, 2) + 55 * noise(grid, rng, 3_000, 4)
    bends = 8 * noise(grid, rng, 1_700, 2)  # or rivers would follow the grid's eight directions
    return surface + bends + (swell + 130) * np.clip(nearest / 0.025, 0.02, 1)


def _evolve(grid: Grid, height: np.ndarray, seed: int, steps: int, vigour: float) -> np.ndarray:
    is_outlet, level = _outlets(grid)
    uplift, erodibility, steepest = _rates(grid, seed)
    rates = (uplift * vigour, erodibility, steepest)
    height = np.where(is_outlet, level, np.maximum(height, level))
    for _ in range(steps):
        filled, order = fill(height, is_outlet)
        receiver, length = receivers(filled, is_outlet, grid.dx_m, grid.dy_m)
        area = accumulate(receiver, order, grid.dx_m * grid.dy_m)
        height = filled
        erode(height, (receiver, length, order, area), rates, _EXPONENT)
    return height


def _finer(grid: Grid, height: np.ndarray, seed: int) -> np.ndarray:
    """Double the resolution, with a little roughness for new gullies to start from."""
    fine = ndimage.zoom(height, 2, order=1, mode="nearest", grid_mode=True)
    rough = noise(grid, random_stream(seed, f"rough {grid.shape[0]}"), 900, 3)
    return fine + 6 * rough


def build_terrain(grid: Grid, inside: np.ndarray, seed: int) -> Terrain:
    """Raise and erode the land from coarse to fine, then lay flood plains along the rivers."""
    coarse, middle = grid.coarser(4), grid.coarser(2)
    height = _evolve(coarse, _first_surface(coarse, seed), seed, 110, 1.0)
    summit = height[inside[::4, ::4]].max()
    vigour = (SUMMIT_M - LOWEST_M) / (summit - LOWEST_M)
    height = LOWEST_M + (height - LOWEST_M) * vigour
    height = _evolve(middle, _finer(middle, height, seed), seed, 22, vigour)
    height = _evolve(grid, _finer(grid, height, seed), seed, 6, vigour)
    height = LOWEST_M + (height - LOWEST_M) * (
        (SUMMIT_M - LOWEST_M) / (height[inside].max() - LOWEST_M)
    )
    height += 1.5 * noise(grid, random_stream(seed, "soil"), 420, 2)
    return _settle(grid, _round_slopes(height))


def _round_slopes(height: np.ndarray) -> np.ndarray:
    return 0.25 * height + 0.75 * ndimage.gaussian_filter(height, 1.2, mode="nearest")


def _settle(grid: Grid, height: np.ndarray) -> Terrain:
    """Drain every pixel and flatten valley floors by the width their river earned."""
    is_outlet, level = _outlets(grid)
    height = np.where(is_outlet, level, np.maximum(height, LOWEST_M))
    filled, order = fill(height, is_outlet)
    receiver, _ = receivers(filled, is_outlet, grid.dx_m, grid.dy_m)
    area = accumulate(receiver, order, grid.dx_m * grid.dy_m) / 1e6
    hand, anchor = height_above(filled, receiver, order, area > 12)
    depth = FLOODPLAIN_M * np.clip(np.log10(np.maximum(area[anchor], 12) / 12) / 1.6, 0.25, 1.3)
    low = (anchor >= 0) & (hand < depth)
    share = np.where(low, hand / depth, 0)
    flat = filled.ravel().copy()
    flat[low] -= (hand * (1 - share) * 0.92)[low]
    height = np.round(flat.reshape(grid.shape), 2)
    filled, order = fill(height, is_outlet)
    receiver, _ = receivers(filled, is_outlet, grid.dx_m, grid.dy_m)
    area = accumulate(receiver, order, grid.dx_m * grid.dy_m) / 1e6
    hand, _ = height_above(filled, receiver, order, area > 1.5)
    return Terrain(
        grid=grid,
        height=filled.astype(np.float32),
        receiver=receiver,
        order=order,
        area_km2=area.reshape(grid.shape),
        hand=hand.reshape(grid.shape),
    )
