"""Longitude-latitude grids: where a pixel lies, how wide it is in metres, what noise falls on it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Grid:
    """A north-up grid in degrees (EPSG:4490); row 0 is the northernmost."""

    west: float
    north: float
    step: float
    shape: tuple[int, int]

    @cached_property
    def lat_scale(self) -> float:
        """Cosine of the middle latitude: how much shorter a degree of longitude is."""
        return float(np.cos(np.radians(self.north - self.step * self.shape[0] / 2)))

    @property
    def dx_m(self) -> float:
        """Width of a pixel in metres."""
        return self.step * METRES_PER_DEGREE * self.lat_scale

    @property
    def dy_m(self) -> float:
        """Height of a pixel in metres."""
        return self.step * METRES_PER_DEGREE

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        rows, columns = self.shape
        return (
            self.west,
            self.north - rows * self.step,
            self.west + columns * self.step,
            self.north,
        )

    def coarser(self, factor: int) -> "Grid":
        """Return the grid whose pixels are blocks of `factor` by `factor`."""
        shape = (self.shape[0] // factor, self.shape[1] // factor)
        return Grid(self.west, self.north, self.step * factor, shape)

    def lon(self, column: np.ndarray | float) -> np.ndarray:
        """Longitude of pixel centres."""
        return self.west + (np.asarray(column, float) + 0.5) * self.step

    def lat(self, row: np.ndarray | float) -> np.ndarray:
        """Latitude of pixel centres."""
        return self.north - (np.asarray(row, float) + 0.5) * self.step

    def mesh(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of every pixel centre."""
        rows, columns = self.shape
        return np.meshgrid(self.lon(np.arange(columns)), self.lat(np.arange(rows)))

    def locate(self, lon: np.ndarray | float, lat: np.ndarray | float) -> tuple:
        """Row and column of the pixels that hold the points, clamped to the grid."""
        row = np.floor((self.north - np.asarray(lat, float)) / self.step).astype(int)
        column = np.floor((np.asarray(lon, float) - self.west) / self.step).astype(int)
        return np.clip(row, 0, self.shape[0] - 1), np.clip(column, 0, self.shape[1] - 1)

    def distance_m(self, mask: np.ndarray) -> np.ndarray:
        """Distance of every pixel to the nearest one of `mask`, metres."""
        return ndimage.distance_transform_edt(~mask, sampling=(self.dy_m, self.dx_m))


def random_stream(seed: int, name: str) -> np.random.Generator:
    """Return a generator of its own for each subject, so that one change does not stir the rest."""
    return np.random.default_rng([seed, *name.encode()])


def noise(grid: Grid, rng: np.random.Generator, wavelength_m: float, octaves: int) -> np.ndarray:
    """Return smooth fractal noise in about -1..1 whose largest features are `wavelength_m` wide."""
    total = np.zeros(grid.shape)
    amplitude, norm = 1.0, 0.0
    for octave in range(octaves):
        spacing = wavelength_m / 2**octave
        size = (
            int(grid.shape[0] * grid.dy_m / spacing) + 5,
            int(grid.shape[1] * grid.dx_m / spacing) + 5,
        )
        lattice = rng.standard_normal(size)
        rows = np.arange(grid.shape[0]) * grid.dy_m / spacing + 1.5
        columns = np.arange(grid.shape[1]) * grid.dx_m / spacing + 1.5
        total += amplitude * _cubic(_cubic(lattice, rows).T, columns).T
        norm += amplitude**2
        amplitude *= 0.5
    return total / (1.6 * np.sqrt(norm))


def _cubic(lattice: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Interpolate along axis 0 with Catmull-Rom weights."""
    base = np.floor(at).astype(int)
    t = (at - base)[:, None]
    weights = (
        ((-t + 2) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((-3 * t + 4) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    return sum(w * lattice[base + k - 1] for k, w in enumerate(weights))


def block_mean(values: np.ndarray, factor: int) -> np.ndarray:
    """Mean over blocks of `factor` by `factor` pixels."""
    rows, columns = values.shape[0] // factor, values.shape[1] // factor
    return values.reshape(rows, factor, columns, factor).mean(axis=(1, 3))


def slope_degrees(grid: Grid, height: np.ndarray) -> np.ndarray:
    """Slope after Horn 1981, the 3 by 3 method of the GIS programs, degrees."""
    padded = np.pad(height, 1, mode="edge")
    a, b, c = padded[:-2, :-2], padded[:-2, 1:-1], padded[:-2, 2:]
    d, f = padded[1:-1, :-2], padded[1:-1, 2:]
    g, h, i = padded[2:, :-2], padded[2:, 1:-1], padded[2:, 2:]
    east = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * grid.dx_m)
    north = ((a + 2 * b + c) - (g + 2 * h + i)) / (8 * grid.dy_m)
    return np.degrees(np.arctan(np.hypot(east, north)))
