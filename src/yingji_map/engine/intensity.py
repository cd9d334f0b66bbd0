"""Seismic intensity around an epicentre: along its axes, between them, and felt from past quakes."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
_LOWEST, _HIGHEST = 0.0, 14.0
_STEPS = 60  # halves 14 degrees below the resolution of a float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attenuation:
    """`I = a + b·M + c·lg(R + r0)` along one axis, R in km; c is negative."""

    a: float
    b: float
    c: float
    r0: float

    def at(self, magnitude: float, distance_km: FloatArray) -> FloatArray:
        """Return the intensity `(n,)` at epicentral distances along the axis."""
        return self.a + self.b * magnitude + self.c * np.log10(distance_km + self.r0)

    def reach_km(self, magnitude: float, intensity: float) -> float:
        """Return the distance at which an intensity is felt; below 0 when it is felt nowhere."""
        return float(10 ** ((intensity - self.a - self.b * magnitude) / self.c) - self.r0)


def intensity_at(
    axes: tuple[Attenuation, Attenuation], magnitude: float, place_km: tuple[float, float]
) -> float:
    """Return the intensity at a place between the axes of the isoseismal ellipses.

    The intensity I solves `(x / R_long(I))² + (y / R_short(I))² = 1`; at the epicentre it is the
    lesser of the axes' values there.

    Parameters
    ----------
    axes
        Attenuation along the strike of the fault and across it.
    place_km
        Distances from the epicentre along and across the strike.
    """
    x, y = place_km
    long_axis, short_axis = axes
    zero = np.zeros(1)
    top = min(float(axis.at(magnitude, zero)[0]) for axis in axes)
    low, high = _LOWEST, min(top, _HIGHEST)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        along = long_axis.reach_km(magnitude, middle)
        across = short_axis.reach_km(magnitude, middle)
        is_inside = along > 0 and across > 0 and (x / along) ** 2 + (y / across) ** 2 <= 1
        low, high = (middle, high) if is_inside else (low, middle)
    return (low + high) / 2


def peak_acceleration_gal(
    terms: tuple[float, float, float, float, float], magnitude: float, distance_km: float
) -> float:
    """Return `10^(a + b·M + c·lg(R + d·e^(e·M)))` in cm/s².

    Parameters
    ----------
    terms
        a, b, c, d, e of one zone, axis and range of magnitudes.
    """
    a, b, c, d, e = terms
    reach = distance_km + d * math.exp(e * magnitude)
    return float(10 ** (a + b * magnitude + c * math.log10(reach)))


def felt_intensity(
    anchor: FloatArray, points: FloatArray, magnitude: FloatArray, attenuation: Attenuation
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return the largest intensity that past quakes made at each anchor, and which quake made it.

    Parameters
    ----------
    anchor, points
        `(n, 2)` metres.
    magnitude
        `(n_points,)`; quakes without one (NaN) are left out.

    Returns
    -------
    tuple
        Intensity `(n_cells,)`, NaN when there is no quake, and row of the quake, -1 then.
    """
    largest = np.full(len(anchor), np.nan)
    quake = np.full(len(anchor), -1, dtype=np.int64)
    for row in np.flatnonzero(~np.isnan(magnitude)):
        away_km = np.hypot(*(anchor - points[row]).T) / 1000
        felt = attenuation.at(float(magnitude[row]), away_km)
        is_more = ~(felt <= largest)
        largest[is_more] = felt[is_more]
        quake[is_more] = row
    return largest, quake
