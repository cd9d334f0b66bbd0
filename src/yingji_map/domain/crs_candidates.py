"""Which coordinate systems numbers could be in: named for the one who knows, never chosen."""

import math
from dataclasses import dataclass

from pyproj import CRS

from yingji_map.domain.crs import transformer

Box = tuple[float, float, float, float]

# Source: EPSG registry, CGCS2000 / Gauss-Kruger (6°, zones 13–23), 3-degree zones 25–45, and
# 3-degree by central meridian 75E–135E without zone number. A 6° zone without its number is the
# 3° zone of the same central meridian.
_ZONES = ((4491, range(13, 24), 6, -3), (4513, range(25, 46), 3, 0))  # srid, zones, step, shift
_BY_MERIDIAN = (4534, range(75, 136, 3))
_MERCATOR = 3857
_EASTINGS_M = (100_000, 900_000)
_NORTHINGS_M = (1_500_000, 6_100_000)
_CHINA = (72.0, 17.0, 136.0, 54.0)
_ZONE_M = 1_000_000
_NEAR_DEGREES = 0.5
_OFF_AXIS_M = 1_000_000  # nothing in its own zone lies this far from the central meridian
_MAX_LON, _MAX_LAT = 180, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsCandidate:
    """A system that the numbers fit, and where they would lie in it (degrees)."""

    crs: str
    bounds: Box
    central_meridian: int | None = None

    def text(self, language: str) -> str:
        """Return the candidate as a few words in `zh` or `en`."""
        west, south, east, north = (f"{value:.2f}" for value in self.bounds)
        if language == "zh":
            meridian = (
                "" if self.central_meridian is None else f"中央经线 {self.central_meridian}°，"
            )
            return f"{self.crs}（{meridian}落在 {west}–{east}°E、{south}–{north}°N）"
        meridian = "" if self.central_meridian is None else f"CM {self.central_meridian}°, "
        return f"{self.crs} ({meridian}at {west}–{east}°E, {south}–{north}°N)"


def find_candidates(bounds: Box, near: Box | None = None) -> tuple[CrsCandidate, ...]:
    """Return the systems that numbers within `bounds` fit.

    Parameters
    ----------
    bounds
        West, south, east, north in the unknown system.
    near
        Where the data is expected (degrees); candidates elsewhere are left out unless none is
        left.
    """
    west, south, east, north = bounds
    if not all(math.isfinite(value) for value in bounds):
        return ()
    if -_MAX_LON <= west <= east <= _MAX_LON and -_MAX_LAT <= south <= north <= _MAX_LAT:
        return (CrsCandidate(crs="EPSG:4490", bounds=bounds),)
    found = [c for srid, cm in _fitting(bounds) if (c := _candidate(srid, cm, bounds)) is not None]
    close = [c for c in found if near is not None and _meet(c.bounds, near, _NEAR_DEGREES)]
    return tuple(close or found)


def misfit(crs: str, bounds: Box) -> bool:
    """Return whether numbers cannot be in a transverse Mercator system that is claimed for them.

    True where they lie so far from its central meridian that the zone number is missing, not
    part of the system, or the numbers are degrees.
    """
    system = CRS.from_user_input(crs)
    operation = system.coordinate_operation
    if not system.is_projected or operation is None:
        return False
    if operation.method_name != "Transverse Mercator":
        return False
    offsets = [
        float(p.value) * p.unit_conversion_factor
        for p in operation.params
        if p.name == "False easting"
    ]
    middle = (bounds[0] + bounds[2]) / 2
    unit = system.axis_info[0].unit_conversion_factor if system.axis_info else 1.0
    is_far = bool(offsets) and abs(middle * unit - offsets[0]) > _OFF_AXIS_M
    is_degrees = max(abs(value) for value in bounds) <= _MAX_LON
    return is_far or is_degrees


def _fitting(bounds: Box) -> list[tuple[int, int | None]]:
    west, south, east, north = bounds
    is_plane = _NORTHINGS_M[0] <= south and north <= _NORTHINGS_M[1]
    found: list[tuple[int, int | None]] = []
    if is_plane and _EASTINGS_M[0] <= west and east <= _EASTINGS_M[1]:
        first, meridians = _BY_MERIDIAN
        found += [(first + at, meridian) for at, meridian in enumerate(meridians)]
    zone = int(west // _ZONE_M)
    is_one_zone = zone == int(east // _ZONE_M) and _EASTINGS_M[0] <= west % _ZONE_M
    for srid, zones, step, shift in _ZONES:
        if is_plane and is_one_zone and zone in zones:
            found.append((srid + zone - zones[0], zone * step + shift))
    found.append((_MERCATOR, None))
    return found


def _candidate(srid: int, meridian: int | None, bounds: Box) -> CrsCandidate | None:
    west, south, east, north = bounds
    lon, lat = transformer(srid, 4490).transform(
        [west, east, west, east], [south, south, north, north]
    )
    place = (min(lon), min(lat), max(lon), max(lat))
    if not all(math.isfinite(value) for value in place) or not _meet(place, _CHINA, 0):
        return None
    return CrsCandidate(crs=f"EPSG:{srid}", bounds=place, central_meridian=meridian)


def _meet(one: Box, other: Box, margin: float) -> bool:
    return (
        one[0] <= other[2] + margin
        and other[0] <= one[2] + margin
        and one[1] <= other[3] + margin
        and other[1] <= one[3] + margin
    )
