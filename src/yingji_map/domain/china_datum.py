"""The two shifted coordinate systems of Chinese web maps, GCJ-02 and BD-09, and the way back.

Neither has a public definition. The forward formulas below are the ones that everybody uses and
that the shared outlines of China confirm; the way back has no closed form and is found by
iteration on the forward formula, so that a round trip is exact to well below a millimetre.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

# Source: the formula as published in googollee/eviltransform (2013) and wandergis/coordtransform:
# Krasovsky 1940 ellipsoid, offsets in metres, and the box outside of which nothing is shifted.
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006693421622965943
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_ORIGIN = (105.0, 35.0)
# Source: wandergis/coordtransform, bd09 from gcj02.
_BD_RADIANS = np.pi * 3000.0 / 180.0
_BD_SHIFT = (0.0065, 0.006)

_ENOUGH_DEGREES = 1e-12
_MAX_ROUNDS = 50  # each gains more than two digits; the limit is never met


class Datum(StrEnum):
    """What degrees of a Chinese source mean when they are not CGCS2000."""

    GCJ02 = "gcj02"
    BD09 = "bd09"


def undo(datum: Datum) -> Callable[[Degrees, Degrees], Pair]:
    """Return the function from shifted degrees to CGCS2000 (WGS 84 agrees to centimetres)."""
    return {Datum.GCJ02: wgs84_from_gcj02, Datum.BD09: wgs84_from_bd09}[datum]


def gcj02_from_wgs84(lon: Degrees, lat: Degrees) -> Pair:
    """Return GCJ-02 (高德, 腾讯) of WGS 84 degrees; what lies outside of the box is not shifted."""
    return _within_box(_shifted_to_gcj02, lon, lat)


def wgs84_from_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    """Return WGS 84 degrees of GCJ-02, to better than 1e-11 degrees."""
    return _within_box(_inverse(_shifted_to_gcj02), lon, lat)


def bd09_from_wgs84(lon: Degrees, lat: Degrees) -> Pair:
    """Return BD-09 (百度) of WGS 84 degrees; what lies outside of the box is not shifted."""
    return _within_box(_shifted_to_bd09, lon, lat)


def wgs84_from_bd09(lon: Degrees, lat: Degrees) -> Pair:
    """Return WGS 84 degrees of BD-09, to better than 1e-11 degrees."""
    return _within_box(_inverse(_shifted_to_bd09), lon, lat)


def _within_box(shift: Callable[[Degrees, Degrees], Pair], lon: Degrees, lat: Degrees) -> Pair:
    west, south, east, north = _BOX
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    x[inside], y[inside] = shift(x[inside], y[inside])
    return x, y


def _inverse(forward: Callable[[Degrees, Degrees], Pair]) -> Callable[[Degrees, Degrees], Pair]:
    def backward(lon: Degrees, lat: Degrees) -> Pair:
        x, y = lon.copy(), lat.copy()
        for _ in range(_MAX_ROUNDS):
            forward_x, forward_y = forward(x, y)
            step_x, step_y = lon - forward_x, lat - forward_y
            x, y = x + step_x, y + step_y
            if max(_greatest(step_x), _greatest(step_y)) < _ENOUGH_DEGREES:
                break
        return x, y

    return backward


def _greatest(values: Degrees) -> float:
    return float(np.abs(values).max(initial=0.0))


def _shifted_to_bd09(lon: Degrees, lat: Degrees) -> Pair:
    x, y = _shifted_to_gcj02(lon, lat)
    distance = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_RADIANS)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_RADIANS)
    return distance * np.cos(angle) + _BD_SHIFT[0], distance * np.sin(angle) + _BD_SHIFT[1]


def _shifted_to_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    east_m, north_m = _offsets_m(lon - _ORIGIN[0], lat - _ORIGIN[1])
    phi = np.radians(lat)
    root = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    along_meridian = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / root**1.5
    along_parallel = _SEMI_MAJOR_M / np.sqrt(root) * np.cos(phi)
    return lon + np.degrees(east_m / along_parallel), lat + np.degrees(north_m / along_meridian)


def _offsets_m(x: Degrees, y: Degrees) -> Pair:
    common = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    return east, north
