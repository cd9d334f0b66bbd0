"""What is said, and undone, where a file's coordinate system is missing, false or shifted."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from yingji_map.domain.china_datum import Datum, undo
from yingji_map.domain.crs import MERCATOR_SRID
from yingji_map.domain.crs_candidates import CrsCandidate, find_candidates, misfit
from yingji_map.domain.errors import InvalidParameter, UnknownCrs
from yingji_map.domain.quality import Finding, Note
from yingji_map.ingest.source import SourceTable, objects

Box = tuple[float, float, float, float]
_SHOWN = 6
_MOST = (5, 95)  # percent
_NAMES = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


def bulk_bounds(geometry: npt.NDArray[np.object_]) -> Box:
    """Return the bounds of most coordinates: a few wrong rows must not hide what the rest say."""
    coordinates = shapely.get_coordinates(geometry)
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(finite):
        return (np.nan, np.nan, np.nan, np.nan)
    (west, south), (east, north) = np.percentile(finite, _MOST, axis=0).tolist()
    return west, south, east, north


def unknown_crs(file: str, bounds: Sequence[float], near: Box | None) -> UnknownCrs:
    """Return the refusal that asks for a coordinate system and names those that would fit."""
    west, south, east, north = bounds
    candidates = find_candidates((west, south, east, north), near)
    return UnknownCrs(
        file=file,
        candidates=[candidate.crs for candidate in candidates],
        hint_zh=_hint(candidates, "zh"),
        hint_en=_hint(candidates, "en"),
    )


def misplaced(source: SourceTable, near: Box | None) -> list[Finding]:
    """Return the fault of a file whose coordinates cannot be in the system it states."""
    bounds = bulk_bounds(source.geometry)
    if not np.isfinite(bounds).all() or not misfit(source.crs, bounds):
        return []
    west, _, east, _ = bounds
    candidates = find_candidates(bounds, near)
    name = CRS.from_user_input(source.crs).name
    return [
        Finding(
            rule="coordinates",
            value=f"{west:,.0f} … {east:,.0f}",
            reason_zh=f"坐标 {west:,.0f} … {east:,.0f} 不在所称的 {name} 里，可能带号写错。"
            + _hint(candidates, "zh"),
            reason_en=f"coordinates {west:,.0f} … {east:,.0f} are not in {name} as stated; the "
            f"zone number may be wrong. {_hint(candidates, 'en')}",
        )
    ]


def unshifted(
    geometry: npt.NDArray[np.object_], source: SourceTable, datum: Datum | None
) -> tuple[npt.NDArray[np.object_], tuple[Note, ...]]:
    """Return geometry (degrees) with the declared shift undone, and the note that says so.

    Raises
    ------
    InvalidParameter
        The file's coordinates are of a kind that is never shifted that way.
    """
    if datum is None:
        return geometry, ()
    system = CRS.from_user_input(source.crs)
    # Web Mercator of 高德 is the usual one on shifted degrees; 百度 has a Mercator of its own.
    is_web = datum is Datum.GCJ02 and system.to_epsg() == MERCATOR_SRID
    if not (system.is_geographic or is_web):
        raise InvalidParameter(
            parameter="datum",
            value=datum.value,
            reason_zh=f"{_NAMES[datum]} 只用于经纬度，文件的坐标系却是 {system.name}",
            reason_en=f"{_NAMES[datum]} is of degrees, the file is in {system.name}",
        )
    transform: Any = shapely.transform  # its types know no functions of two arrays
    true = objects(list(transform(geometry, undo(datum), interleaved=False)))
    name = _NAMES[datum]
    note = Note(zh=f"按声明从 {name} 还原为 CGCS2000", en=f"turned back from {name} as declared")
    return true, (note,)


def _hint(candidates: tuple[CrsCandidate, ...], language: str) -> str:
    if not candidates:
        return ""
    is_zh = language == "zh"
    shown = ("、" if is_zh else ", ").join(c.text(language) for c in candidates[:_SHOWN])
    more = len(candidates) - _SHOWN
    rest = (f" 等 {len(candidates)} 个" if is_zh else f" and {more} more") if more > 0 else ""
    return f"数值像是：{shown}{rest}。" if is_zh else f"The numbers fit {shown}{rest}. "
