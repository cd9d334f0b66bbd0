"""What a raster file holds: its grids, one for each band that is meant, with their times and units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from yingji_map.domain.errors import InvalidParameter, RasterRefused, YingjiError
from yingji_map.ingest.raster import RASTER_DRIVERS, open_raster
from yingji_map.ingest.raster_archive import is_archive, unpack_rasters
from yingji_map.ingest.raster_time import cf_time, has_time_in_name, time_in_name

SUFFIXES = set(RASTER_DRIVERS)
_TIME_NAMES = ("time", "valid_time", "t", "times")
_SHOWN = 12
_AXIS = "NETCDF_DIM_"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOptions:
    """What the operator says about files of grids.

    Attributes
    ----------
    variable
        Variable of a NetCDF or HDF5 file, number of the band of others; None where there is one.
    crs
        Coordinate system of files that state none.
    unit
        Unit of the numbers, such as `0.1 mm`; None takes what the file states, or the layer's.
    nodata
        Number that stands for a void where the file does not say so.
    zone
        Time zone of times that name none.
    """

    variable: str | None = None
    crs: str | None = None
    unit: str | None = None
    nodata: float | None = None
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One band of one file.

    Attributes
    ----------
    address
        Name of the variable as GDAL opens it; None for a file of bands.
    name
        How reports call it.
    valid_at
        The time it tells; None where it tells none.
    unit
        The unit it states; None where it states none.
    time_fault_zh, time_fault_en
        Why a time that is there could not be read; empty otherwise.
    """

    path: Path
    address: str | None
    band: int
    name: str
    valid_at: datetime | None
    unit: str | None
    time_fault_zh: str = ""
    time_fault_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableGrid:
    """A file whose grids could not even be listed, and why."""

    name: str
    error: YingjiError


def find_grids(
    paths: Iterable[Path], options: GridOptions, folder: Path
) -> list[Grid | UnreadableGrid]:
    """Return every grid of files, folders and archives, in the order of their names.

    Parameters
    ----------
    folder
        An empty folder that archives are unpacked into.

    Raises
    ------
    RasterRefused
        A folder without a raster.
    InvalidParameter
        Several variables or bands and none, or an unknown one, was named.
    """
    found: list[Grid | UnreadableGrid] = []
    for number, file in enumerate(_files(paths)):
        try:
            if is_archive(file):
                members = unpack_rasters(file, folder / str(number), SUFFIXES)
            else:
                members = [file]
            for member in members:
                found += _grids_of(member, options)
        except InvalidParameter:
            raise
        except YingjiError as error:
            found.append(UnreadableGrid(name=file.name, error=error))
    return found


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = [
            one
            for one in sorted(path.rglob("*"))
            if one.is_file()
            and not one.name.startswith(".")
            and (one.suffix.lower() in SUFFIXES or is_archive(one))
        ]
        if not inside:
            zh, en = "文件夹里没有栅格", "no raster in the folder"
            raise RasterRefused(file=path.name, reason_zh=zh, reason_en=en)
        files += inside
    return files


def _grids_of(path: Path, options: GridOptions) -> list[Grid]:
    with open_raster(path) as dataset:
        if dataset.driver in {"netCDF", "HDF5", "HDF5Image"} or not dataset.count:
            return _grids_of_variables(path, dataset, options)
        grid = Grid(
            path=path,
            address=None,
            band=_band(path, dataset.count, options.variable),
            name=path.name,
            valid_at=time_in_name(path.stem, options.zone),
            unit=None,
        )
        unit = str(dataset.units[grid.band - 1] or "") or None
    return [replace(_with_fault(grid, path.stem), unit=unit)]


def _band(path: Path, count: int, wanted: str | None) -> int:
    if wanted is not None and wanted.isdecimal() and 1 <= int(wanted) <= count:
        return int(wanted)
    if wanted is None and count == 1:
        return 1
    if wanted is None:
        raise RasterRefused(
            file=path.name,
            reason_zh=f"有 {count} 个波段，只取一个，请用 --variable 1 到 {count} 指明",
            reason_en=f"{count} bands; exactly one is taken, name it with --variable 1 to {count}",
        )
    raise _unknown_variable(path, wanted, [str(number) for number in range(1, count + 1)])


def _grids_of_variables(path: Path, container: Any, options: GridOptions) -> list[Grid]:  # noqa: ANN401 - rasterio has no types
    addresses = {_variable_in(address): address for address in container.subdatasets}
    if not addresses:
        only = container.tags(1).get("NETCDF_VARNAME", "") if container.count else ""
        if options.variable not in {None, only}:
            raise _unknown_variable(path, options.variable or "", [only])
        return _bands(path, None, container, options)
    if options.variable is None and len(addresses) == 1:
        address = next(iter(addresses.values()))
    elif options.variable in addresses:
        address = addresses[options.variable]
    else:
        raise _unknown_variable(path, options.variable or "", list(addresses))
    with open_raster(path, address) as dataset:
        return _bands(path, address, dataset, options)


def _bands(path: Path, address: str | None, dataset: Any, options: GridOptions) -> list[Grid]:  # noqa: ANN401 - rasterio has no types
    if not dataset.count:
        zh, en = "里面没有格网数据", "it holds no gridded data"
        raise RasterRefused(file=path.name, reason_zh=zh, reason_en=en)
    tags = dataset.tags()
    _refuse_more_axes(path, dataset, tags)
    grids = []
    for band in dataset.indexes:
        own = dataset.tags(band)
        variable = own.get("NETCDF_VARNAME") or _variable_in(address or "")
        number = f"[{band}]" if dataset.count > 1 else ""
        grid = Grid(
            path=path,
            address=address,
            band=band,
            name=f"{path.name}:{variable}{number}" if variable else path.name,
            valid_at=None,
            unit=own.get("units") or None,
        )
        grids.append(_timed(grid, own, tags, options))
    return grids


def _timed(
    grid: Grid, own: Mapping[str, str], tags: Mapping[str, str], options: GridOptions
) -> Grid:
    axis = next((name for name in _axes(own) if _is_time(name, tags)), None)
    stem = grid.path.stem
    if axis is None:
        return _with_fault(replace(grid, valid_at=time_in_name(stem, options.zone)), stem)
    units, calendar = tags.get(f"{axis}#units", ""), tags.get(f"{axis}#calendar")
    moment = cf_time(float(own[_AXIS + axis]), units, calendar, options.zone)
    if moment is not None:
        return replace(grid, valid_at=moment)
    shown = f"{units}（{calendar}）" if calendar else units
    return replace(
        grid,
        time_fault_zh=f"时间“{shown}”读不懂",
        time_fault_en=f"its time “{shown}” cannot be told",
    )


def _refuse_more_axes(path: Path, dataset: Any, tags: Mapping[str, str]) -> None:  # noqa: ANN401 - rasterio has no types
    """Refuse an axis besides time with more than one step: nobody knows which is meant."""
    steps: dict[str, set[str]] = {}
    for band in dataset.indexes:
        own = dataset.tags(band)
        for axis in _axes(own):
            steps.setdefault(axis, set()).add(own[_AXIS + axis])
    more = [axis for axis, at in steps.items() if len(at) > 1 and not _is_time(axis, tags)]
    if more:
        raise RasterRefused(
            file=path.name,
            reason_zh=f"除经纬度和时间外还有维 {more[0]}，有 {len(steps[more[0]])} 层，请先取出一层",
            reason_en=f"besides time it has {len(steps[more[0]])} steps of {more[0]}; take one out",
        )


def _axes(own: Mapping[str, str]) -> list[str]:
    return [key.removeprefix(_AXIS) for key in own if key.startswith(_AXIS)]


def _is_time(axis: str, tags: Mapping[str, str]) -> bool:
    is_named = axis.lower() in _TIME_NAMES or tags.get(f"{axis}#standard_name") == "time"
    return is_named or " since " in tags.get(f"{axis}#units", "")


def _with_fault(grid: Grid, stem: str) -> Grid:
    if grid.valid_at is not None or not has_time_in_name(stem):
        return grid
    return replace(
        grid,
        time_fault_zh="文件名里的时间没有写明时区，请用 --zone 指明，如 --zone +08:00",
        time_fault_en="the time in its name has no zone, name it with --zone, such as +08:00",
    )


def _variable_in(address: str) -> str:
    return address.rpartition(":")[2].lstrip("/")


def _unknown_variable(path: Path, wanted: str, known: list[str]) -> InvalidParameter:
    names = "、".join(known[:_SHOWN])
    said_zh = f"没有“{wanted}”；" if wanted else ""
    said_en = f"has no “{wanted}”; " if wanted else ""
    return InvalidParameter(
        parameter="variable",
        value=wanted or "—",
        reason_zh=f"{path.name} {said_zh}里有 {names}，请指明一个",
        reason_en=f"{path.name} {said_en}it holds {names}; name one",
    )
