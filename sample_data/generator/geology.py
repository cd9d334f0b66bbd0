"""Rock groups in belts along the strike of the 米仓山, and the faults between them."""

from dataclasses import dataclass

import numpy as np
import shapely
from rasterio.features import sieve
from scipy import ndimage

from .coverage import tile
from .grid import Grid, noise, random_stream
from .terrain import Terrain, rock_belts

# Belts from north to south: lower bound north of the mountain front (degrees), class, group name.
# Susceptibility per class after the risk model's table (hard massive .2 … loose 1).
BELTS: tuple[tuple[float, str, str], ...] = (
    (0.245, "坚硬块状", "岩浆岩岩组"),
    (0.150, "坚硬层状", "碳酸盐岩岩组"),
    (0.105, "软硬互层", "砂页岩互层岩组"),
    (0.045, "坚硬层状", "灰岩白云岩岩组"),
    (-0.030, "软硬互层", "含煤砂泥岩岩组"),
    (-0.085, "软弱", "红层泥岩岩组"),
    (-0.130, "软硬互层", "红层砂泥岩互层岩组"),
    (-9.0, "软弱", "红层泥岩夹砂岩岩组"),
)
SUSCEPTIBILITY = {"坚硬块状": 0.2, "坚硬层状": 0.4, "软硬互层": 0.7, "软弱": 0.9, "松散": 1.0}
_FAULTS: tuple[tuple[str, float, float, float, bool], ...] = (
    ("米仓山南缘断层", 0.105, 106.02, 106.78, True),
    ("国华—米仓山断层", 0.245, 106.28, 106.72, False),
    ("双汇—五权断层", 0.150, 106.10, 106.62, False),
    ("高阳—普济断层", 0.045, 106.05, 106.50, False),
    ("嘉川—三江断层", -0.030, 106.00, 106.76, False),
    ("大德—黄洋断层", -0.085, 106.10, 106.44, False),
    ("龙凤—九龙断层", -0.130, 106.30, 106.60, False),
)


@dataclass(frozen=True)
class Geology:
    """Rock polygons, fault lines and the susceptibility on the terrain grid."""

    rock: list[tuple[str, str, shapely.Polygon]]
    fault: list[tuple[str, bool, shapely.Geometry]]
    susceptibility: np.ndarray


def map_geology(outline: shapely.Polygon, terrain: Terrain, seed: int) -> Geology:
    """Cut the county into rock belts, with loose deposits on the flood plains."""
    grid = terrain.grid.coarser(4)
    north = rock_belts(grid, seed)
    north = north + 0.006 * noise(grid, random_stream(seed, "rock edges"), 3_000, 3)
    belt = np.argmax([north >= lower for lower, _, _ in BELTS], axis=0)
    loose = (terrain.hand < 9) & (_river_size(terrain) > 90)
    belt[ndimage.binary_closing(loose[2::4, 2::4], iterations=2)] = len(BELTS)
    belt = sieve(belt.astype(np.int16), 45, connectivity=4)
    parts = np.zeros(grid.shape, int)
    for number in range(len(BELTS) + 1):
        labelled, _ = ndimage.label(belt == number)
        parts = np.where(belt == number, labelled + parts.max(), parts)
    class_of: dict[int, int] = {}
    for part, first in zip(*np.unique(parts, return_index=True), strict=True):
        class_of[int(part)] = int(belt.ravel()[first])
    groups = [*((kind, name) for _, kind, name in BELTS), ("松散", "第四系松散岩组")]
    polygons = tile(outline, parts, grid, 1.6 * grid.step)
    rock = [(*groups[class_of[part]], polygon) for part, polygon in polygons.items()]
    score = np.array([SUSCEPTIBILITY[kind] for kind, _ in groups])[belt]
    return Geology(
        rock=rock,
        fault=_faults(outline, grid, north, seed),
        susceptibility=np.kron(score, np.ones((4, 4))),
    )


def _river_size(terrain: Terrain) -> np.ndarray:
    """Catchment of the largest channel within some 900 m, km²."""
    return ndimage.maximum_filter(terrain.area_km2, size=31)


def _faults(
    outline: shapely.Polygon, grid: Grid, north: np.ndarray, seed: int
) -> list[tuple[str, bool, shapely.Geometry]]:
    faults = []
    for name, level, first, last, is_active in _FAULTS:
        lon = np.arange(first, last, 0.004)
        lat = 32.285 + 0.22 * (lon - 106.3) + level
        for _ in range(12):
            row, column = grid.locate(lon, lat)
            lat = lat + 0.5 * (level - north[row, column])
        lat = ndimage.gaussian_filter1d(lat, 3)
        faults.append((name, is_active, np.column_stack([lon, lat])))
    rng = random_stream(seed, "cross faults")
    for name, lon, lat in (("英萃断层", 106.42, 32.50), ("水磨断层", 106.66, 32.36)):
        along = np.linspace(-0.06, 0.06, 25)
        wobble = np.cumsum(rng.normal(0, 0.0006, along.size))
        faults.append((name, False, np.column_stack([lon + along * 0.6 + wobble, lat - along])))
    lines = [
        (name, is_active, shapely.intersection(shapely.LineString(np.round(path, 6)), outline))
        for name, is_active, path in faults
    ]
    return [
        (name, is_active, _longest(line)) for name, is_active, line in lines if not line.is_empty
    ]


def _longest(line: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(line), key=lambda part: part.length)
