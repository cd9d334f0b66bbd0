"""A raster as one value: the shape in which grids cross the floors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """One band on a regular longitude-latitude grid (EPSG:4490), north up.

    Attributes
    ----------
    values
        `(height, width)` float32, row 0 is the northernmost; NaN is a void.
    west, north
        Outer corner of the upper left pixel, degrees.
    step_lon, step_lat
        Size of a pixel, degrees, both positive.
    sha256
        Hash of the file it was read from: its identity in a run.
    """

    values: npt.NDArray[np.float32]
    west: float
    north: float
    step_lon: float
    step_lat: float
    sha256: str

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north in degrees."""
        height, width = self.values.shape
        return (
            self.west,
            self.north - height * self.step_lat,
            self.west + width * self.step_lon,
            self.north,
        )
