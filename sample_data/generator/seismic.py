"""Zones of ground motion, as a design map draws them."""

import numpy as np
import shapely

from .coverage import tile
from .grid import noise, random_stream
from .world import World


def seismic_zones(world: World) -> list[tuple[shapely.Geometry, dict]]:
    """Three zones from west to east, as if from the design map; they tile the county."""
    grid = world.terrain.grid.coarser(8)
    lon, lat = grid.mesh()
    east = (
        lon
        - 0.25 * (lat - 32.3)
        + 0.012 * noise(grid, random_stream(world.seed, "zones"), 9_000, 2)
    )
    zone = np.digitize(east, (106.17, 106.44))
    kinds = ((0.10, 0.45, "Ⅶ"), (0.10, 0.40, "Ⅶ"), (0.05, 0.40, "Ⅵ"))
    return [
        (
            area,
            {
                "code": f"510821DZ{k + 1}",
                "name": f"{kinds[k][0]:.2f} g / {kinds[k][1]:.2f} s 区",
                "pga_g": kinds[k][0],
                "tg_s": kinds[k][1],
                "intensity": kinds[k][2],
            },
        )
        for k, area in tile(world.outline, zone, grid, 2 * grid.step).items()
    ]
