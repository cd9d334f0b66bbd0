"""What the first layers grew into: the ground on which all later ones are placed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from .features import Feature, Places
from .geology import Geology
from .grid import METRES_PER_DEGREE, block_mean, slope_degrees
from .rivers import Rivers
from .road_network import Segment
from .terrain import Terrain


@dataclass(frozen=True)
class World:
    """Terrain, water, rock, roads, people, and the first hazard points."""

    outline: shapely.Polygon
    terrain: Terrain
    rivers: Rivers
    geology: Geology
    segments: list[Segment]
    places: Places
    geohazards: list[Feature]
    reservoirs: list[Feature]
    tailings: list[Feature]
    seed: int

    @cached_property
    def height(self) -> np.ndarray:
        """Height on the walking grid, metres."""
        return block_mean(self.terrain.height.astype(float), 2)

    @cached_property
    def slope(self) -> np.ndarray:
        """Slope on the walking grid, degrees."""
        return slope_degrees(self.terrain.grid.coarser(2), self.height)

    @cached_property
    def lon_scale(self) -> float:
        """Metres in a degree of longitude."""
        return METRES_PER_DEGREE * self.terrain.grid.lat_scale

    def township_code(self, lon: float, lat: float) -> str:
        """Return the township that holds a point of the county."""
        townships = self.places.townships
        return townships.code[int(townships.of(np.array([lon]), np.array([lat]))[0])]

    def holds(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Tell which points lie in the county."""
        return self.places.townships.of(lon, lat) >= 0


def clean(area: shapely.Geometry) -> shapely.Geometry:
    """Return the area with coordinates as the files keep them, valid, polygons only."""
    snapped = shapely.set_precision(area, 1e-7)
    parts = [p for p in shapely.get_parts(snapped) if p.geom_type == "Polygon" and p.area > 0]
    parts = sorted(parts, key=lambda part: (-part.area, part.wkb))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def area_km2(area: shapely.Geometry, lon_scale: float) -> float:
    """Return the area on the plane of the county's middle latitude, good to a percent."""
    return float(area.area * lon_scale * METRES_PER_DEGREE / 1e6)
