"""Coordinate systems: what is stored, what is measured in, and in which order axes come."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pyproj import CRS, Geod, Transformer

STORAGE_SRID = 4490  # Source: CGCS2000, the legal datum of China (blueprint decision 3)
MERCATOR_SRID = 3857
GEOD = Geod(ellps="GRS80")  # CGCS2000 differs from GRS80 by 0.1 mm in the minor axis

_FIRST_ZONE_SRID = 4534  # EPSG:4534 is CGCS2000 / 3-degree Gauss-Kruger CM 75E, without zone prefix
_FIRST_MERIDIAN = 75
_LAST_MERIDIAN = 135
_ZONE_WIDTH = 3
# Datums that agree with CGCS2000 to centimetres; others need parameters that PROJ does not have,
# and without them it would be off by a hundred metres in silence.
_SAME_PLACES = ("china geodetic coordinate system 2000", "china_2000", "china 2000", "cgcs2000")
_WGS84_NAMES = ("world geodetic system 1984", "wgs_1984", "wgs 84", "wgs84")


@dataclass(frozen=True, slots=True)
class ServedCrs:
    """A coordinate system that answers may be given in, as its definition orders the axes."""

    uri: str
    srid: int
    is_north_first: bool
    is_degrees: bool = True


_EPSG_URI = "http://www.opengis.net/def/crs/EPSG/0/{}"
CRS84 = ServedCrs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, is_north_first=False)
STORAGE_CRS = ServedCrs(_EPSG_URI.format(STORAGE_SRID), STORAGE_SRID, is_north_first=True)
# CRS84 first: what clients take when they do not ask (OGC 18-058 §6.2.2).
SERVED_CRS = {
    crs.uri: crs
    for crs in (
        CRS84,
        ServedCrs(_EPSG_URI.format(4326), 4326, is_north_first=True),
        STORAGE_CRS,
        ServedCrs(
            _EPSG_URI.format(MERCATOR_SRID), MERCATOR_SRID, is_north_first=False, is_degrees=False
        ),
    )
}


def local_systems(bounds: Iterable[tuple[float, float, float, float]]) -> tuple[ServedCrs, ...]:
    """Return the 3-degree Gauss-Kruger zones (CGCS2000) that the bounds touch, from west to east.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees, of whatever is there.
    """
    srids: set[int] = set()
    for west, _south, east, _north in bounds:
        srids.update(range(metric_srid(west), metric_srid(east) + 1))
    # Their X points north and comes first, as on every Chinese map sheet.
    return tuple(
        ServedCrs(_EPSG_URI.format(srid), srid, is_north_first=True, is_degrees=False)
        for srid in sorted(srids)
    )


def lonlat_of(crs: ServedCrs, first: float, second: float) -> tuple[float, float]:
    """Return a position of `crs`, its axes in the order of its definition, as longitude and latitude."""
    east, north = (second, first) if crs.is_north_first else (first, second)
    if crs.is_degrees:
        return east, north
    lon, lat = transformer(crs.srid, STORAGE_SRID).transform(east, north)
    return lon, lat


def metric_srid(lon: float) -> int:
    """Return the EPSG code of the 3-degree Gauss-Kruger zone (CGCS2000) that holds `lon`.

    Parameters
    ----------
    lon
        Longitude in degrees; clamped to the zones that EPSG defines (75°E to 135°E).
    """
    meridian = round(lon / _ZONE_WIDTH) * _ZONE_WIDTH
    meridian = min(max(meridian, _FIRST_MERIDIAN), _LAST_MERIDIAN)
    return _FIRST_ZONE_SRID + (meridian - _FIRST_MERIDIAN) // _ZONE_WIDTH


@lru_cache(maxsize=64)
def transformer(from_srid: int, to_srid: int) -> Transformer:
    """Return a cached transformer; coordinates go in and come out east first, north second."""
    return Transformer.from_crs(from_srid, to_srid, always_xy=True)


def storage_transformer(crs: str) -> Transformer | None:
    """Return the way from `crs` to the storage system, None where the degrees are the same.

    Parameters
    ----------
    crs
        EPSG code (`EPSG:4523`), OGC name or WKT.

    Raises
    ------
    pyproj.exceptions.CRSError
        There is no such system.
    pyproj.exceptions.ProjError
        No transformation with known parameters leads to CGCS2000.
    """
    system = CRS.from_user_input(crs)
    datum = (system.geodetic_crs or system).datum
    name = "" if datum is None else datum.name.lower()
    is_near = name.startswith((*_SAME_PLACES, *_WGS84_NAMES))
    if is_near and system.is_geographic:
        return None
    return Transformer.from_crs(system, STORAGE_SRID, always_xy=True, allow_ballpark=is_near)
