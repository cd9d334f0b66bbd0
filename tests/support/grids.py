"""Grids as weather services hand them in: NetCDF files of the Climate and Forecast conventions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.io import netcdf_file

FILL = -999


def write_netcdf(  # noqa: PLR0913 - one argument for each thing such files differ in
    path: Path,
    values: npt.NDArray[Any],
    *,
    lon: Sequence[float] | npt.NDArray[Any],
    lat: Sequence[float] | npt.NDArray[Any],
    hours: Sequence[float] = (0,),
    since: str = "hours since 2026-07-01 00:00:00",
    calendar: str | None = None,
    unit: str = "mm",
    names: Sequence[str] = ("tp",),
    packing: tuple[float, float] | None = None,
) -> Path:
    """Write `values` `(time, lat, lon)` under every name; with `packing` (scale, offset) as int16."""
    with netcdf_file(path, "w") as file:
        file.Conventions = "CF-1.8"
        for name, axis, units in (
            ("time", hours, since),
            ("lat", lat, "degrees_north"),
            ("lon", lon, "degrees_east"),
        ):
            file.createDimension(name, len(axis))
            variable = file.createVariable(name, "d", (name,))
            variable[:] = axis
            variable.units = units
            if name == "time" and calendar:
                variable.calendar = calendar
        for name in names:
            variable = file.createVariable(name, "h" if packing else "f", ("time", "lat", "lon"))
            stored = values
            if packing:
                scale, offset = packing
                stored = np.rint((values - offset) / scale)
                variable.scale_factor, variable.add_offset = np.float64(scale), np.float64(offset)
            variable[:] = np.where(np.isnan(stored), FILL, stored)
            variable._FillValue = np.int16(FILL) if packing else np.float32(FILL)
            variable.units = unit
    return path
