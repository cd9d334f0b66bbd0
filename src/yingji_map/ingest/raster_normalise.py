"""Any accepted raster → the one form that is kept: GeoTIFF, one band, EPSG:4490, north up."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import Transformer
from pyproj.exceptions import ProjError
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import CRSError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from yingji_map.domain.crs import STORAGE_SRID, storage_transformer
from yingji_map.domain.errors import CrsNotConvertible, InvalidParameter, RasterRefused
from yingji_map.domain.layer import RasterOptions
from yingji_map.ingest.coordinate_systems import unknown_crs
from yingji_map.ingest.raster import open_raster, read_band

_BAND_ROWS = 512  # rows read at once: bounds memory for a raster of any height
_RESAMPLING = {
    "mean": Resampling.bilinear,
    "max": Resampling.max,
    "min": Resampling.min,
    "sum": Resampling.sum,  # keeps the total: people are neither lost nor doubled
}


def normalise_raster(
    source: Path, target: Path, options: RasterOptions, crs: str | None = None
) -> None:
    """Write `source` to `target` in the kept form; a file already in that form is copied as it is.

    Parameters
    ----------
    target
        Path of the new file; an intermediate one may stand beside it for a while.
    options
        What the numbers mean; `statistic` picks how pixels are resampled where the grid turns.
    crs
        Coordinate system of a file that states none, such as `EPSG:4490`.

    Raises
    ------
    UnreadableFile
        The source is missing or broken.
    UnknownCrs
        It states no coordinate system and `crs` is None.
    CrsNotConvertible
        Its coordinate system needs local parameters to become CGCS2000.
    RasterRefused
        More than one band, no place on earth, values outside the valid range, or none at all.
    """
    with open_raster(source) as dataset:
        if dataset.count != 1:
            raise _refusal(
                source,
                f"有 {dataset.count} 个波段，只接受单波段",
                f"{dataset.count} bands; exactly one is accepted",
            )
        if dataset.transform.is_identity:
            raise _refusal(source, "没有地理位置（仿射变换）", "it has no place (affine transform)")
        system = _coordinate_system(source, dataset, crs)
        has_our_degrees = _way_to_storage(source, system) is None
        _refuse_foreign_values(source, dataset, options)
        if _is_in_kept_form(dataset):
            shutil.copyfile(source, target)
        elif has_our_degrees and _is_north_up(dataset):
            _write(dataset, target, CRS.from_epsg(STORAGE_SRID))
        else:
            plain = target.with_suffix(".plain.tif")
            _write(dataset, plain, system)
            _warp(plain, target, options)
            plain.unlink()


def _coordinate_system(source: Path, dataset: Any, crs: str | None) -> CRS:  # noqa: ANN401 - rasterio has no types
    if dataset.crs:
        return dataset.crs
    if crs is None:
        raise unknown_crs(source.name, list(dataset.bounds), None)
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise InvalidParameter(
            parameter="crs", value=crs, reason_zh="不认识的坐标系", reason_en="unknown system"
        ) from error


def _way_to_storage(source: Path, system: CRS) -> Transformer | None:
    try:
        return storage_transformer(system.to_wkt())
    except ProjError as error:
        raise CrsNotConvertible(file=source.name, crs=system.to_string()) from error


def _is_in_kept_form(dataset: Any) -> bool:  # noqa: ANN401 - rasterio has no types
    # A file beside it may hold its mask, its void value or its place: a copy would lose them.
    beside = [name for name in dataset.files[1:] if not name.endswith(".ovr")]
    return bool(
        dataset.driver == "GTiff"
        and dataset.crs
        and dataset.crs.to_epsg() == STORAGE_SRID
        and _is_north_up(dataset)
        and not beside
    )


def _is_north_up(dataset: Any) -> bool:  # noqa: ANN401 - rasterio has no types
    transform = dataset.transform
    return bool(transform.b == 0 and transform.d == 0 and transform.a > 0 and transform.e < 0)


def _bands(dataset: Any) -> Iterator[Window]:  # noqa: ANN401 - rasterio has no types
    for row in range(0, dataset.height, _BAND_ROWS):
        yield Window(0, row, dataset.width, min(_BAND_ROWS, dataset.height - row))


def _refuse_foreign_values(source: Path, dataset: Any, options: RasterOptions) -> None:  # noqa: ANN401 - rasterio has no types
    low, high = options.valid_range
    faults, known, first = 0, 0, ""
    for window in _bands(dataset):
        values = read_band(dataset, window)
        known += int(np.count_nonzero(~np.isnan(values)))
        places = np.argwhere((values < low) | (values > high))
        if len(places) and not faults:
            row, column = (int(part) for part in places[0])
            first = f"({window.row_off + row + 1}, {column + 1}) = {values[row, column]:g}"
        faults += len(places)
    if faults:
        span = f"{low:g} … {high:g} {options.unit}"
        raise _refusal(
            source,
            f"{faults} 个像元的值不在 {span} 之内，首个（行, 列）{first}",
            f"{faults} pixels lie outside {span}; first (row, column) {first}",
        )
    if not known:
        raise _refusal(source, "全是空值", "it holds no value at all")


def _write(dataset: Any, target: Path, system: CRS) -> None:  # noqa: ANN401 - rasterio has no types
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "width": dataset.width,
        "height": dataset.height,
        "crs": system,
        "transform": dataset.transform,
        "nodata": float("nan"),
        "compress": "deflate",
        "predictor": 3,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
    }
    with rasterio.open(target, "w", **profile) as kept:
        for window in _bands(dataset):
            kept.write(read_band(dataset, window), 1, window=window)


def _warp(plain: Path, target: Path, options: RasterOptions) -> None:
    degrees = CRS.from_epsg(STORAGE_SRID)
    with (
        rasterio.open(plain) as dataset,
        WarpedVRT(dataset, crs=degrees, resampling=_RESAMPLING[options.statistic]) as view,
    ):
        _write(view, target, degrees)


def _refusal(source: Path, zh: str, en: str) -> RasterRefused:
    return RasterRefused(file=source.name, reason_zh=zh, reason_en=en)
