"""A point with its attributes, and the neighbourhood lookups that every point layer needs."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .divisions import Townships
from .grid import METRES_PER_DEGREE, Grid
from .settlements import Settlements


@dataclass(frozen=True)
class Feature:
    """Longitude and latitude, and values by field name."""

    point: tuple[float, float]
    properties: dict


class Places:
    """Townships and settlements with fast lookups; `inside` is the county on the walking grid."""

    def __init__(self, townships: Townships, settlements: Settlements, inside: np.ndarray) -> None:
        self.townships = townships
        self.settlements = settlements
        self.inside = inside
        self._scale = float(np.cos(np.radians(32.3)))
        self._tree = cKDTree(self._metres(settlements.lon, settlements.lat))

    def _metres(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        scale = METRES_PER_DEGREE
        return np.column_stack([np.asarray(lon) * scale * self._scale, np.asarray(lat) * scale])

    def nearest_settlement(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest settlement and its distance in metres."""
        distance, number = self._tree.query(self._metres(lon, lat))
        return number, distance

    def jitter(
        self, grid: Grid, cells: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Points somewhere in the cells, moved to the centre if that left the county."""
        shift = rng.uniform(-0.4, 0.4, cells.shape)
        lon = np.round(grid.lon(cells[:, 1] + shift[:, 1]), 6)
        lat = np.round(grid.lat(cells[:, 0] + shift[:, 0]), 6)
        outside = self.townships.of(lon, lat) < 0
        lon[outside] = np.round(grid.lon(cells[outside, 1]), 6)
        lat[outside] = np.round(grid.lat(cells[outside, 0]), 6)
        return lon, lat

    def beside(
        self, numbers: np.ndarray, reach_m: float, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points within some reach of settlements, in the same township, and that township."""
        home = self.settlements
        lon, lat = home.lon[numbers].copy(), home.lat[numbers].copy()
        angle = rng.uniform(0, 2 * np.pi, len(numbers))
        reach = reach_m * np.sqrt(rng.random(len(numbers))) / METRES_PER_DEGREE
        moved_lon = np.round(lon + reach * np.cos(angle) / self._scale, 6)
        moved_lat = np.round(lat + reach * np.sin(angle), 6)
        same = self.townships.of(moved_lon, moved_lat) == home.township[numbers]
        lon[same], lat[same] = moved_lon[same], moved_lat[same]
        return lon, lat, home.township[numbers]
