"""Any accepted grid → the one form that is kept: COG, one band of float32, EPSG:4490, north up."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from affine import Affine
from pyproj import Transformer
from pyproj.exceptions import ProjError
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import CRSError, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from yingji_map.domain.crs import STORAGE_SRID, storage_transformer
from yingji_map.domain.errors import (
    CrsNotConvertible,
    InvalidParameter,
    RasterRefused,
)
from yingji_map.domain.layer import RasterOptions
from yingji_map.domain.raster_report import GridFacts
from yingji_map.domain.raster_unit import UnitChange, find_unit_change
from yingji_map.ingest.coordinate_systems import unknown_crs
from yingji_map.ingest.raster import open_raster, read_band
from yingji_map.ingest.raster_cog import facts_of, write_cog
from yingji_map.ingest.raster_source import Grid, GridOptions

_BAND_ROWS = 512  # rows read at once: bounds memory for a raster of any height
_RESAMPLING = {
    "mean": Resampling.bilinear,
    "max": Resampling.max,
    "min": Resampling.min,
    "sum": Resampling.sum,  # keeps the total: people are neither lost nor doubled
    "majority": Resampling.nearest,  # a class between two classes is no class
}
_WORLD = 360.0
_SLACK = 1e-6  # degrees
_WGS84 = CRS.from_epsg(4326)
VAGUE_DEGREES = "WGS 84 (CF)"  # degrees of a NetCDF file that names no datum


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """One band of an open file, in the layer's unit, its columns begun where the map begins."""

    dataset: Any
    grid: Grid
    system: CRS
    transform: Affine
    change: UnitChange
    nodata: float | None
    first_column: int

    def rows(self, window: Window) -> npt.NDArray[np.float32]:
        """Read whole rows, voids as NaN."""
        values = read_band(self.dataset, window, band=self.grid.band)
        if self.nodata is not None:
            values[values == self.nodata] = np.nan
        if not self.change.is_none:
            values = values * self.change.factor + self.change.offset
        return np.roll(values.astype(np.float32), -self.first_column, axis=1)


def normalise_raster(
    grid: Grid, target: Path, options: RasterOptions, said: GridOptions
) -> tuple[GridFacts, str]:
    """Write a grid to `target` in the kept form; return its facts and the system it was read in.

    Parameters
    ----------
    target
        Path of the new file; intermediate ones may stand beside it for a while.
    options
        What the numbers mean; `statistic` picks how pixels are resampled where the grid turns.

    Raises
    ------
    UnreadableFile
        The source is missing or broken.
    UnknownCrs
        It states no coordinate system and nobody said it.
    CrsNotConvertible
        Its coordinate system needs local parameters to become CGCS2000.
    RasterRefused
        It has no place on earth, another unit, values outside the valid range, or none at all.
    """
    with open_raster(grid.path, grid.address) as dataset:
        view = _view(dataset, grid, options, said)
        _refuse_foreign_values(view, options)
        has_our_degrees = _way_to_storage(grid, view.system) is None
        plain = target.with_suffix(".plain.tif")
        if has_our_degrees and _is_north_up(view.transform):
            _write(view, plain, CRS.from_epsg(STORAGE_SRID))
            write_cog(plain, target, options)
        else:
            _write(view, plain, view.system)
            _warp(grid, plain, target, options)
        plain.unlink()
        name = _name_of(view.system) if dataset.crs or said.crs else VAGUE_DEGREES
    facts = facts_of(target)
    if facts.lowest is None:
        raise _refusal(grid, "投影到经纬度后全是空值", "nothing is left of it in degrees")
    return facts, name


def _name_of(system: CRS) -> str:
    code = system.to_epsg()
    return f"EPSG:{code}" if code else str(system.to_wkt().partition('["')[2].partition('"')[0])


def _view(dataset: Any, grid: Grid, options: RasterOptions, said: GridOptions) -> _View:  # noqa: ANN401 - rasterio has no types
    is_uneven = any(space.startswith("GEOLOCATION") for space in dataset.tag_namespaces())
    if dataset.transform.is_identity or is_uneven:
        raise _refusal(
            grid,
            "经纬度不是等间距的格网" if is_uneven else "没有地理位置（仿射变换）",
            "its grid is not evenly spaced" if is_uneven else "it has no place (affine transform)",
        )
    system = _coordinate_system(grid, dataset, said.crs)
    first, west = _first_column(grid, dataset, system)
    transform = dataset.transform
    return _View(
        dataset=dataset,
        grid=grid,
        system=system,
        transform=Affine(transform.a, transform.b, west, transform.d, transform.e, transform.f),
        change=_unit_change(grid, options, said),
        nodata=said.nodata,
        first_column=first,
    )


def _coordinate_system(grid: Grid, dataset: Any, crs: str | None) -> CRS:  # noqa: ANN401 - rasterio has no types
    if dataset.crs:
        return dataset.crs
    if crs is None:
        if _has_degrees_of_cf(dataset.tags()):
            return _WGS84  # CF: degrees of latitude and longitude are a system, if a vague one
        raise unknown_crs(grid.path.name, list(dataset.bounds), None)
    try:
        return CRS.from_user_input(crs)
    except (CRSError, ValueError) as error:
        raise InvalidParameter(
            parameter="crs", value=crs, reason_zh="不认识的坐标系", reason_en="unknown system"
        ) from error


def _has_degrees_of_cf(tags: dict[str, str]) -> bool:
    """Return whether a NetCDF file has an axis of latitude (CF conventions 1.11, §4.1)."""
    north = {"degrees_north", "degree_north", "degree_n", "degrees_n", "degreen", "degreesn"}
    return any(key.endswith("#units") and unit.lower() in north for key, unit in tags.items())


def _first_column(grid: Grid, dataset: Any, system: CRS) -> tuple[int, float]:  # noqa: ANN401 - rasterio has no types
    """Return which column the kept grid begins with, and its western edge: 0–360 becomes −180–180."""
    transform = dataset.transform
    west, width = transform.c, dataset.width
    east = west + width * transform.a
    if not system.is_geographic or transform.b or east <= _WORLD / 2 + _SLACK:
        return 0, west
    if west >= _WORLD / 2 - _SLACK:
        return 0, west - _WORLD
    if abs(width * transform.a - _WORLD) > transform.a / 2:
        zh, en = "跨过 180° 经线，请先拆成两半", "it crosses the 180th meridian, split it there"
        raise _refusal(grid, zh, en)
    first = int(np.ceil((_WORLD / 2 - west) / transform.a - 0.5 - _SLACK))
    return first % width, west + first * transform.a - _WORLD


def _unit_change(grid: Grid, options: RasterOptions, said: GridOptions) -> UnitChange:
    stated = said.unit or grid.unit
    if stated is None:
        return UnitChange()
    change = find_unit_change(stated, options.unit)
    if change is None:
        raise _refusal(
            grid,
            f"单位“{stated}”换算不成 {options.unit}，请用 --unit 写明，如 --unit {options.unit}",
            f"its unit “{stated}” does not become {options.unit}; "
            f"name it with --unit, such as --unit {options.unit}",
        )
    return change


def _way_to_storage(grid: Grid, system: CRS) -> Transformer | None:
    try:
        return storage_transformer(system.to_wkt())
    except ProjError as error:
        if _is_of_a_sphere(system):
            return Transformer.from_crs(system.to_wkt(), STORAGE_SRID, always_xy=True)
        raise CrsNotConvertible(file=grid.path.name, crs=system.to_string()) from error


def _is_of_a_sphere(system: CRS) -> bool:
    """Return whether a system is of a sphere without a datum.

    Weather radars and models reckon on one, and by their convention its latitudes are those of
    WGS 84 (DWD, RADOLAN composite format description, §3); no survey is ever made on it.
    """
    parsed = pyproj.CRS.from_wkt(system.to_wkt())
    ellipsoid = parsed.ellipsoid
    is_round = ellipsoid is not None and ellipsoid.semi_major_metre == ellipsoid.semi_minor_metre
    name = parsed.datum.name.lower() if parsed.datum else ""
    return is_round and name.startswith(("unknown", "unnamed", "not_specified", "not specified"))


def _is_north_up(transform: Affine) -> bool:
    return bool(transform.b == 0 and transform.d == 0 and transform.a > 0 and transform.e < 0)


def _row_windows(dataset: Any) -> Iterator[Window]:  # noqa: ANN401 - rasterio has no types
    for row in range(0, dataset.height, _BAND_ROWS):
        yield Window(0, row, dataset.width, min(_BAND_ROWS, dataset.height - row))


def _refuse_foreign_values(view: _View, options: RasterOptions) -> None:
    low, high = options.valid_range
    faults, known, first, common = 0, 0, "", np.nan
    for window in _row_windows(view.dataset):
        values = view.rows(window)
        known += int(np.count_nonzero(~np.isnan(values)))
        places = np.argwhere((values < low) | (values > high))
        if len(places) and not faults:
            row, column = (int(part) for part in places[0])
            common = values[row, column]
            column_there = (column + view.first_column) % view.dataset.width
            first = f"({window.row_off + row + 1}, {column_there + 1}) = {common:g}"
        faults += len(places)
    if faults:
        span = f"{low:g} … {high:g} {options.unit}"
        is_void = common in {-9999, -32768, -32767, 32767, -999, 9999, 65535}
        raise _refusal(
            view.grid,
            f"{faults} 个像元的值不在 {span} 之内，首个（行, 列）{first}"
            + (f"；若是空值，请加 --nodata {common:g}" if is_void else ""),
            f"{faults} pixels lie outside {span}; first (row, column) {first}"
            + (f"; if it stands for a void, add --nodata {common:g}" if is_void else ""),
        )
    if not known:
        raise _refusal(view.grid, "全是空值", "it holds no value at all")


def _write(view: _View, target: Path, system: CRS) -> None:
    with rasterio.open(target, "w", **_profile(view.dataset, system, view.transform)) as plain:
        for window in _row_windows(view.dataset):
            plain.write(view.rows(window), 1, window=window)


def _profile(dataset: Any, system: CRS, transform: Affine) -> dict[str, Any]:  # noqa: ANN401 - rasterio has no types
    return {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "width": dataset.width,
        "height": dataset.height,
        "crs": system,
        "transform": transform,
        "nodata": float("nan"),
        "tiled": True,
        "bigtiff": "if_safer",
    }


def _warp(grid: Grid, plain: Path, target: Path, options: RasterOptions) -> None:
    degrees = CRS.from_epsg(STORAGE_SRID)
    warped = target.with_suffix(".warped.tif")
    try:
        with (
            rasterio.open(plain) as dataset,
            WarpedVRT(dataset, crs=degrees, resampling=_RESAMPLING[options.statistic]) as view,
            rasterio.open(warped, "w", **_profile(view, degrees, view.transform)) as sink,
        ):
            for window in _row_windows(view):
                sink.write(view.read(1, window=window), 1, window=window)
    except RasterioError as error:
        zh, en = "投影不到经纬度上", "it cannot be brought to longitude and latitude"
        raise _refusal(grid, zh, en) from error
    write_cog(warped, target, options)
    warped.unlink()


def _refusal(grid: Grid, zh: str, en: str) -> RasterRefused:
    return RasterRefused(file=grid.name, reason_zh=zh, reason_en=en)
