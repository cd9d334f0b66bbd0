"""Refused rows as a GeoPackage that people open, correct and hand in again."""

import tempfile
from pathlib import Path

import numpy as np
from pyogrio.raw import write as write_with_gdal

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.import_record import RefusedRow

_OWN = ("refused_row", "refused_reason")
_TAKEN_BY_GDAL = {"fid", "geom"}


def write_refused_file(path: Path, rows: list[RefusedRow], language: str) -> None:
    """Write one layer `refused`: number, reason, the values of the file as text, geometry or none.

    Parameters
    ----------
    path
        Ends in `.gpkg`; an existing file is replaced, whole or not at all.
    language
        Of the reasons: `zh` or `en`.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row.properties))
    reasons = [row.reason_zh if language == "zh" else row.reason_en for row in rows]
    values = [
        np.array([row.row for row in rows], dtype=np.int64),
        np.array(reasons, dtype=object),
        *(np.array([row.properties.get(name) for row in rows], dtype=object) for name in columns),
    ]
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row.shape for row in rows]
    with tempfile.TemporaryDirectory(prefix=".refused-", dir=path.parent) as folder:
        draft = Path(folder) / "refused.gpkg"
        write_with_gdal(  # type: ignore[no-untyped-call]  # pyogrio has no types
            draft,
            shapes,
            values,
            np.array([*_OWN, *_distinct(columns)], dtype=object),
            layer="refused",
            driver="GPKG",
            geometry_type="Unknown",
            crs=f"EPSG:{STORAGE_SRID}",
        )
        draft.replace(path)


def _distinct(names: list[str]) -> list[str]:
    """Return column names that SQLite tells apart, which does not look at upper and lower case."""
    taken = {*_OWN, *_TAKEN_BY_GDAL}
    chosen: list[str] = []
    for name in names:
        free = name or "_"
        while free.casefold() in taken:
            free += "_"
        taken.add(free.casefold())
        chosen.append(free)
    return chosen
