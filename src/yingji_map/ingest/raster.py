"""Raster files → `Raster` values: whole, by window, or decimated."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.raster import Raster
from yingji_map.ingest.file_hash import sha256_of

# Formats that hold their own pixels; VRT and its like could point at any other file.
RASTER_DRIVERS = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".asc": "AAIGrid",
    ".hgt": "SRTMHGT",
    ".img": "HFA",
    ".nc": "netCDF",
    ".nc4": "netCDF",
    ".h5": "HDF5",
    ".hdf5": "HDF5",
}
_SNAP = 1e-6  # of a pixel: keeps rounding noise from widening a window by a whole pixel

Bounds = tuple[float, float, float, float]


def read_raster(
    path: Path,
    *,
    sha256: str | None = None,
    bounds: Bounds | None = None,
    max_side: int | None = None,
) -> Raster:
    """Read a kept raster (one band, EPSG:4490, north up).

    Parameters
    ----------
    sha256
        Hash of the file where the caller knows it; None computes it.
    bounds
        West, south, east, north in degrees; widened to whole pixels and cut to the raster. Where
        they do not meet it the values have shape (0, 0).
    max_side
        Greatest number of pixels along a side; a larger window is averaged down to it, voids left
        out of the average.

    Raises
    ------
    UnreadableFile
        The file is missing, broken or no raster.
    """
    with open_raster(path) as dataset:
        transform = dataset.transform
        window = _window(dataset, bounds)
        height, width = int(window.height), int(window.width)
        shrink = 1.0 if max_side is None else max(1.0, max(height, width) / max_side)
        shape = (math.ceil(height / shrink), math.ceil(width / shrink))
        values = read_band(dataset, window, shape) if height and width else np.empty((0, 0))
        return Raster(
            values=values.astype(np.float32),
            west=transform.c + window.col_off * transform.a,
            north=transform.f + window.row_off * transform.e,
            step_lon=transform.a * (width / shape[1] if shape[1] else 1),
            step_lat=-transform.e * (height / shape[0] if shape[0] else 1),
            sha256=sha256 or sha256_of(path),
        )


def open_raster(path: Path, address: str | None = None) -> Any:  # noqa: ANN401 - rasterio has no types
    """Open a file as a raster of the accepted formats; `address` names a variable inside it.

    Raises
    ------
    UnreadableFile
        It is missing, broken or something else.
    """
    if not path.is_file():
        raise UnreadableFile(file=path.name, reason_zh="没有这个文件", reason_en="no such file")
    driver = RASTER_DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise UnreadableFile(
            file=path.name,
            reason_zh=f"只读 {' '.join(RASTER_DRIVERS)} 栅格",
            reason_en=f"rasters are read from {' '.join(RASTER_DRIVERS)}",
        )
    try:
        with warnings.catch_warnings():
            # A raster without a place is refused below, by name, where it is imported.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            if address is None:
                return rasterio.open(path, driver=driver)
            return rasterio.open(address)
    except RasterioError as error:
        raise UnreadableFile(
            file=path.name, reason_zh=f"不是完好的 {driver}", reason_en=f"not an intact {driver}"
        ) from error


def read_band(
    dataset: Any,  # noqa: ANN401 - rasterio has no types
    window: Window,
    shape: tuple[int, int] | None = None,
    band: int = 1,
) -> npt.NDArray[np.float64]:
    """Read a band in its unit: scale and offset applied, voids as NaN.

    Raises
    ------
    UnreadableFile
        The pixels are damaged.
    """
    try:
        masked = dataset.read(
            band, window=window, out_shape=shape, masked=True, resampling=Resampling.average
        )
    except RasterioError as error:
        raise UnreadableFile(
            file=Path(dataset.name).name,
            reason_zh="像元数据损坏或不完整",
            reason_en="pixel data damaged or cut short",
        ) from error
    scaled = masked.astype(np.float64) * dataset.scales[band - 1] + dataset.offsets[band - 1]
    return np.asarray(scaled.filled(np.nan), dtype=np.float64)


def _window(dataset: Any, bounds: Bounds | None) -> Window:  # noqa: ANN401 - rasterio has no types
    if bounds is None:
        return Window(0, 0, dataset.width, dataset.height)
    west, south, east, north = bounds
    transform = dataset.transform
    left = _clamp((west - transform.c) / transform.a + _SNAP, dataset.width, math.floor)
    right = _clamp((east - transform.c) / transform.a - _SNAP, dataset.width, math.ceil)
    top = _clamp((north - transform.f) / transform.e + _SNAP, dataset.height, math.floor)
    bottom = _clamp((south - transform.f) / transform.e - _SNAP, dataset.height, math.ceil)
    return Window(left, top, max(right - left, 0), max(bottom - top, 0))


def _clamp(position: float, size: int, towards: Callable[[float], int]) -> int:
    return min(max(towards(position), 0), size)
