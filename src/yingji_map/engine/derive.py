"""Rasters reckoned from an elevation model, each with its formula and its source."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from yingji_map.domain.derivation import Derivation, DerivationMethod
from yingji_map.domain.raster import Raster
from yingji_map.engine.drainage import drain, height_above_river, upstream_km2
from yingji_map.engine.relief import GridArray, aspect_degrees, pixel_sizes_m, slope_degrees

# Part of what a derived raster came from: another formula makes it anew.
METHOD_VERSIONS = {
    DerivationMethod.SLOPE: "horn-1981-1",
    DerivationMethod.ASPECT: "horn-1981-1",
    DerivationMethod.RELIEF: "range-in-square-1",
    DerivationMethod.HEIGHT_ABOVE_RIVER: "nobre-2011-1",
    DerivationMethod.WETNESS: "beven-kirkby-1979-1",
}
_LEAST_TANGENT = (
    0.001  # level ground would have no finite index; 0.06° is below what a DEM resolves
)


def derive(
    dem: Raster, derivation: Derivation, rivers: npt.NDArray[np.object_] | None = None
) -> npt.NDArray[np.float32]:
    """Return the derived values on the pixels of `dem`; a void of it is a void of what comes of it.

    Parameters
    ----------
    rivers
        Lines in degrees; needed by heights above the river only.
    """
    method = derivation.method
    if method is DerivationMethod.SLOPE:
        values = slope_degrees(dem)
    elif method is DerivationMethod.ASPECT:
        values = aspect_degrees(dem)
    elif method is DerivationMethod.RELIEF:
        values = relief_m(dem, derivation.window_m)
    elif method is DerivationMethod.WETNESS:
        values = wetness(dem)
    else:
        assert rivers is not None  # noqa: S101 - the caller has read them
        values = height_above_river(dem, drain(dem), rivers)
    return values.astype(np.float32)


def relief_m(dem: Raster, window_m: float) -> GridArray:
    """Return highest minus lowest ground in the square around each pixel, NaN on voids.

    The square is the odd number of pixels nearest to `window_m`, three at least, at the latitude of
    the middle row; voids in it, and what lies beyond the edge, are left out.

    References
    ----------
    Known in China as 地势起伏度: 涂汉明, 刘振东 (1991), 中国地势起伏度研究, 测绘学报 20(4).
    """
    widths, height = pixel_sizes_m(dem)
    width = float(widths[len(widths) // 2])
    square = tuple(_odd(window_m / size) for size in (height, width))
    heights = dem.values.astype(np.float64)
    void = np.isnan(heights)
    highest = _extreme(np.where(void, -np.inf, heights), square, sign=1)
    lowest = _extreme(np.where(void, np.inf, heights), square, sign=-1)
    with np.errstate(invalid="ignore"):
        found = highest - lowest
    found[void] = np.nan
    return found


def wetness(dem: Raster) -> GridArray:
    """Return the topographic wetness index ln(a / tan β), NaN on voids.

    `a` is the area upstream of a pixel, itself included, per metre of contour (the side of a square
    of the pixel's area), β its slope, taken as 0.06° at least.

    References
    ----------
    Beven & Kirkby (1979), A physically based, variable contributing area model of basin hydrology,
    Hydrological Sciences Bulletin 24(1).
    """
    widths, height = pixel_sizes_m(dem)
    shape = (dem.values.shape[0], dem.values.shape[1])
    area_m2 = upstream_km2(drain(dem), shape) * 1e6
    contour_m = np.sqrt(widths * height)[:, None]
    tangent = np.maximum(np.tan(np.radians(slope_degrees(dem))), _LEAST_TANGENT)
    return np.asarray(np.log(area_m2 / contour_m / tangent))


def _odd(size: float) -> int:
    return max(3, 2 * round((size - 1) / 2) + 1)


def _extreme(values: GridArray, square: tuple[int, ...], *, sign: int) -> GridArray:
    """Return the greatest (sign 1) or least value in a square, one axis after the other."""
    search = ndimage.maximum_filter1d if sign > 0 else ndimage.minimum_filter1d
    beyond = -np.inf if sign > 0 else np.inf
    for axis, size in enumerate(square):
        values = search(values, size, axis=axis, mode="constant", cval=beyond)
    return np.asarray(values)
