"""A box of a Gauss-Kruger zone as a shape in degrees: its sides follow no meridian and no parallel."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.crs import STORAGE_SRID, ServedCrs, transformer

# A side of 100 km cut into 64 strays from its image in degrees by less than a decimetre.
_PIECES = 64


def zone_box(crs: ServedCrs, bounds: tuple[float, float, float, float]) -> BaseGeometry | None:
    """Return the box as a polygon in degrees, None where the zone's projection has no such place.

    Parameters
    ----------
    crs
        A system in metres.
    bounds
        West, south, east, north in metres, the false easting in it.
    """
    west, south, east, north = bounds
    steps = np.linspace(0.0, 1.0, _PIECES, endpoint=False)
    xs = [west + (east - west) * steps, np.full(_PIECES, east)]
    ys = [np.full(_PIECES, south), south + (north - south) * steps]
    xs += [east + (west - east) * steps, np.full(_PIECES, west)]
    ys += [np.full(_PIECES, north), north + (south - north) * steps]
    lon, lat = transformer(crs.srid, STORAGE_SRID).transform(
        np.concatenate(xs), np.concatenate(ys), errcheck=False
    )
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    ring = shapely.Polygon(np.column_stack([lon, lat]))
    # A box without width or height is a line: what lies on it is found.
    shape = ring if ring.is_valid else shapely.LineString(ring.exterior.coords)
    return shape if shape.is_valid else None
