"""Rain: what falls in a normal year, and one July storm that grows and then moves north-east."""

from datetime import datetime, timedelta, timezone

import numpy as np
from scipy import ndimage

from .grid import METRES_PER_DEGREE, Grid, noise, random_stream
from .terrain import Terrain

STEP = 0.01
STORM_PEAK_MM = 232.0
START = datetime(2026, 7, 13, 15, tzinfo=timezone(timedelta(hours=8)))
# Six grids three hours apart: the storm's centre, its strength and its width in km.
_STORM: tuple[tuple[float, float, float, float], ...] = (
    (106.13, 32.14, 0.35, 11.0),
    (106.20, 32.19, 0.75, 12.0),
    (106.28, 32.25, 1.15, 13.0),
    (106.38, 32.30, 1.30, 13.0),
    (106.50, 32.38, 1.05, 14.0),
    (106.62, 32.45, 0.60, 15.0),
)


def rain_grid(terrain_grid: Grid) -> Grid:
    """Return the hundredth-degree grid that covers the terrain."""
    west, south, east, north = terrain_grid.bounds
    left, top = np.floor(west / STEP) * STEP, np.ceil(north / STEP) * STEP
    shape = (int(np.ceil((top - south) / STEP)), int(np.ceil((east - left) / STEP)))
    return Grid(round(float(left), 6), round(float(top), 6), STEP, shape)


def normals(
    terrain: Terrain, grid: Grid, inside: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean annual rain (900..1400 mm) and mean annual largest 24-hour rain (70..140 mm)."""
    relief = _relief(terrain, grid)
    _, lat = grid.mesh()
    patch = noise(grid, random_stream(seed, "annual rain"), 30_000, 2)
    annual = relief / 1_800 + 0.5 * (lat - 32.3) + 0.09 * patch
    # The front of the range catches most: heavy days peak on its southern slope, not on the crest.
    front = np.exp(-(((relief - 950) / 420) ** 2))
    patch = noise(grid, random_stream(seed, "heavy rain"), 22_000, 2)
    heavy = 0.75 * front + 0.25 * relief / 1_800 + 0.12 * patch
    return _stretch(annual, inside, 905, 1_395), _stretch(heavy, inside, 71, 139)


def storm(
    terrain: Terrain, grid: Grid, inside: np.ndarray, seed: int
) -> list[tuple[datetime, np.ndarray]]:
    """Rain of the last 24 hours at each of the six times, mm."""
    relief = _relief(terrain, grid)
    lift = 0.75 + 0.55 * np.exp(-(((relief - 900) / 500) ** 2))
    lon, lat = grid.mesh()
    falls = []
    for k, (x, y, strength, width_km) in enumerate(_STORM):
        east = (lon - x) * METRES_PER_DEGREE * grid.lat_scale / 1000
        north = (lat - y) * METRES_PER_DEGREE / 1000
        along, across = (east * 0.88 + north * 0.48), (north * 0.88 - east * 0.48)
        core = np.exp(-((along / (1.7 * width_km)) ** 2) - (across / width_km) ** 2)
        cells = np.exp(0.45 * noise(grid, random_stream(seed, f"storm {k}"), 9_000, 2))
        falls.append(strength * (core + 0.05) * cells * lift)
    before = (
        0.16
        * np.exp(-(((lon - 106.7) / 0.3) ** 2))
        * np.exp(noise(grid, random_stream(seed, "day before"), 15_000, 2))
    )
    fading = np.array([1.0, 0.85, 0.6, 0.3, 0.1, 0.0])
    totals = [np.sum(falls[: k + 1], axis=0) + fading[k] * before for k in range(len(falls))]
    scale = STORM_PEAK_MM / max(total[inside].max() for total in totals)
    return [
        (START + timedelta(hours=3 * k), np.round(total * scale, 1))
        for k, total in enumerate(totals)
    ]


def _relief(terrain: Terrain, grid: Grid) -> np.ndarray:
    """Height above 450 m as the clouds see it: averaged over some 5 km."""
    smooth = ndimage.gaussian_filter(terrain.height.astype(float), 45, mode="nearest")
    lon, lat = grid.mesh()
    row, column = terrain.grid.locate(lon, lat)
    return np.maximum(smooth[row, column] - 450, 0)


def _stretch(values: np.ndarray, inside: np.ndarray, low: float, high: float) -> np.ndarray:
    """Scale so that the county spans `low` to `high`; beyond it values are held to that range."""
    first, last = values[inside].min(), values[inside].max()
    return np.round(np.clip(low + (values - first) / (last - first) * (high - low), low, high), 1)
