"""A raster as a scenario assumes it."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.assumption import Assumption, AssumptionKind
from yingji_map.domain.raster import Raster
from yingji_map.engine.zonal import pixel_centres


def assume(raster: Raster, assumption: Assumption) -> Raster:
    """Return the raster with the assumed values on pixels whose centre lies in the place.

    A place so small that it holds no pixel's centre changes the pixels that it touches. Nothing
    falls below zero.
    """
    place = shapely.from_wkb(bytes.fromhex(assumption.geom_wkb))
    shapely.prepare(place)
    centres = pixel_centres(raster, np.arange(raster.values.size))
    is_in = shapely.intersects_xy(place, centres[:, 0], centres[:, 1])
    inside = np.asarray(is_in, dtype=np.bool_).reshape(raster.values.shape)
    if not inside.any():
        inside = _touched(raster, place)
    values = raster.values.copy()
    if assumption.kind is AssumptionKind.VALUE:
        values[inside] = assumption.amount
    elif assumption.kind is AssumptionKind.DELTA:
        values[inside] = np.maximum(values[inside] + np.float32(assumption.amount), 0)
    else:
        values[inside] = values[inside] * np.float32(assumption.amount)
    return replace(raster, values=values)


def nothing_on(frame: Raster) -> Raster:
    """Return zeros on the pixels of another raster."""
    return replace(frame, values=np.zeros_like(frame.values), sha256="")


def _touched(raster: Raster, place: shapely.Geometry) -> npt.NDArray[np.bool_]:
    height, width = raster.values.shape
    row, column = np.divmod(np.arange(height * width), width)
    west = raster.west + column * raster.step_lon
    north = raster.north - row * raster.step_lat
    pixels = shapely.box(west, north - raster.step_lat, west + raster.step_lon, north)
    touched = shapely.intersects(place, pixels)
    return np.asarray(touched, dtype=np.bool_).reshape(height, width)
