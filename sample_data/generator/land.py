"""What covers the ground: land cover, vegetation index, forest fuel, people by pixel."""

import numpy as np
import shapely
from rasterio.features import sieve
from scipy import ndimage

from .county import burn
from .coverage import tile
from .grid import Grid, block_mean, noise, random_stream
from .houses import Houses
from .world import World, area_km2

CROP, FOREST, SHRUB, GRASS, WATER, BARE, BUILT = 1, 2, 3, 4, 5, 7, 8
_NDVI = {CROP: 0.58, FOREST: 0.80, SHRUB: 0.68, GRASS: 0.55, WATER: 0.02, BARE: 0.12, BUILT: 0.22}
# Class, flammability (risk-models: pure pine and cypress burn best), load.
FUELS: tuple[tuple[str, float, float], ...] = (
    ("无林地", 0.0, 0.0),
    ("灌草", 0.7, 4.5),
    ("松类纯林", 0.95, 14.0),
    ("柏木林", 0.9, 11.0),
    ("针阔混交林", 0.6, 12.0),
    ("阔叶林", 0.4, 9.0),
)
_FUEL_BLOCK = 4
_SMALLEST_FUEL_CELLS = 16


def land_cover(world: World, houses: Houses) -> np.ndarray:
    """Class of each pixel of the walking grid (codes of layers/raster/landcover.yaml)."""
    grid = world.terrain.grid.coarser(2)
    patch = noise(grid, random_stream(world.seed, "land cover"), 2_500, 3)
    hand = block_mean(np.minimum(world.terrain.hand, 2_000), 2)
    cover = np.full(grid.shape, FOREST)
    cover[(world.height > 1_750 + 150 * patch) | (patch > 0.75)] = GRASS
    cover[(world.slope > 36 + 5 * patch) | ((patch < -0.6) & (world.slope > 18))] = SHRUB
    cover[(world.slope < 10 + 4 * patch) & (hand < 90) & (world.height < 1_150)] = CROP
    cover[world.slope > 52] = BARE
    largest = ndimage.maximum_filter(world.terrain.area_km2, 2)[::2, ::2]
    cover[(largest > 60) & (hand < 2.5)] = WATER
    built = np.zeros(grid.shape)
    np.add.at(built, grid.locate(houses.lon, houses.lat), houses.footprint_m2)
    cover[ndimage.uniform_filter(built, 3) > 0.035 * grid.dx_m * grid.dy_m] = BUILT
    return cover


def vegetation(world: World, cover: np.ndarray) -> np.ndarray:
    """Mean index of the growing season."""
    grid = world.terrain.grid.coarser(2)
    patch = noise(grid, random_stream(world.seed, "vegetation"), 1_800, 3)
    base = np.vectorize(_NDVI.get)(cover).astype(float)
    high = np.maximum(world.height - 1_300, 0) / 1_000
    return np.round(np.clip(base + 0.06 * patch - 0.08 * high, -0.1, 0.95), 3)


def people_grid(world: World, houses: Houses) -> tuple[Grid, np.ndarray]:
    """Whole persons per pixel of some 200 m; nodata where no part of the county lies."""
    grid = world.terrain.grid.coarser(4)
    persons = np.zeros(grid.shape)
    np.add.at(persons, grid.locate(houses.lon, houses.lat), houses.persons)
    reached = burn(grid, shapely.buffer(world.outline, grid.step)) | (persons > 0)
    return grid, np.where(reached, persons, -9999.0)


def forest_fuel(world: World, cover: np.ndarray) -> list[tuple[shapely.Geometry, dict]]:
    """Stands of one kind of fuel; together they tile the county."""
    grid = world.terrain.grid.coarser(2 * _FUEL_BLOCK)
    fuel = sieve(
        _fuel_class(world, cover, grid).astype(np.int16), _SMALLEST_FUEL_CELLS, connectivity=4
    )
    label = np.zeros(grid.shape, int)
    for kind in np.unique(fuel):
        pieces, _ = ndimage.label(fuel == kind)
        label = np.where(fuel == kind, pieces + label.max(), label)
    kind_of = {
        int(k): int(fuel.ravel()[i])
        for k, i in zip(*np.unique(label, return_index=True), strict=True)
    }
    rng = random_stream(world.seed, "fuel load")
    rows = []
    for i, (number, area) in enumerate(tile(world.outline, label, grid, 1.2 * grid.step).items()):
        name, ratio, load = FUELS[kind_of[number]]
        rows.append(
            (
                area,
                {
                    "code": f"510821XB{i + 1:04d}",
                    "name": f"{name}{i + 1}",
                    "fuel_class": name,
                    "fuel_ratio": ratio,
                    "load_t_ha": round(load * float(rng.uniform(0.75, 1.3)), 1),
                    "area_km2": round(area_km2(area, world.lon_scale), 3),
                },
            )
        )
    return rows


def _fuel_class(world: World, cover: np.ndarray, grid: Grid) -> np.ndarray:
    """Pine and cypress low down, mixed in the middle, broadleaf on high; by what covers most."""
    share = {code: _share(cover == code, grid) for code in (FOREST, SHRUB, GRASS)}
    height = _share(world.height, grid)
    patch = noise(grid, random_stream(world.seed, "stands"), 6_000, 2)
    warped = height + 260 * patch
    stand = np.select([warped < 780, warped < 1_050, warped < 1_450], [3, 2, 4], 5)
    low = share[SHRUB] + share[GRASS]
    is_bare = share[FOREST] + low < 0.45
    return np.where(is_bare, 0, np.where(low > share[FOREST], 1, stand))


def _share(values: np.ndarray, grid: Grid) -> np.ndarray:
    rows, columns = grid.shape
    cut = values[: rows * _FUEL_BLOCK, : columns * _FUEL_BLOCK].astype(float)
    return block_mean(cut, _FUEL_BLOCK)
