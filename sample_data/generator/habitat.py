"""Where people would live: flat, dry, near a river, not too high."""

import numpy as np
from scipy import ndimage

from .grid import block_mean, slope_degrees
from .terrain import Terrain


def habitability_of(terrain: Terrain) -> np.ndarray:
    """Score 0..1 on blocks of two by two pixels."""
    grid = terrain.grid.coarser(2)
    height = block_mean(terrain.height.astype(float), 2)
    slope = ndimage.gaussian_filter(slope_degrees(grid, height), 1.5)
    flat = np.exp(-((slope / 11) ** 1.5))
    above = block_mean(np.minimum(terrain.hand, 1000), 2)
    dry = np.clip((above - 1.5) / 3, 0.02, 1) * np.exp(-np.maximum(above - 12, 0) / 90)
    big = grid.distance_m(ndimage.maximum_filter(terrain.area_km2, 2)[::2, ::2] > 20)
    small = grid.distance_m(ndimage.maximum_filter(terrain.area_km2, 2)[::2, ::2] > 3)
    water = 0.25 + 0.75 * np.maximum(np.exp(-big / 900), 0.6 * np.exp(-small / 500))
    mild = np.exp(-np.maximum(height - 500, 0) / 900)
    size = ndimage.maximum_filter(terrain.area_km2, 2)[::2, ::2]
    bank = ndimage.binary_dilation(size > 6, structure=np.ones((3, 3)))
    dry = np.where(bank, 0, dry)
    return flat * dry * water * mild
