"""Normals of rain, drought and frost, on the rain grid."""

import numpy as np
from scipy import ndimage

from .county import burn
from .grid import Grid, noise, random_stream
from .rain import normals, rain_grid
from .world import World

_LAPSE_K_PER_M = 6.5e-3
_JANUARY_MINIMUM_AT_450_M = 2.6


def climate(world: World) -> tuple[Grid, dict[str, np.ndarray]]:
    """Return the grid, and values by raster layer."""
    grid = rain_grid(world.terrain.grid)
    inside = burn(grid, world.outline)
    annual, heavy = normals(world.terrain, grid, inside, world.seed)
    patch = noise(grid, random_stream(world.seed, "showers"), 12_000, 2)
    smooth = ndimage.gaussian_filter(world.terrain.height.astype(float), 12, mode="nearest")
    height = smooth[world.terrain.grid.locate(*grid.mesh())]
    wetness = (annual - annual[inside].min()) / np.ptp(annual[inside])
    frost = _JANUARY_MINIMUM_AT_450_M - _LAPSE_K_PER_M * (height - 450)
    return grid, {
        "rain_normal_1h": np.round(heavy * (0.36 + 0.04 * patch), 1),
        "dry_spell_normal": np.round(31 - 12 * wetness + 2 * patch, 1),
        "january_minimum_normal": np.round(frost + 0.4 * patch, 1),
    }
