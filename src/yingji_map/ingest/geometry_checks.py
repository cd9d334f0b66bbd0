"""Whether the geometry of a row is there, of the right kind, on earth, and valid."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.domain.quality import Finding
from yingji_map.ingest.normalise import Candidates

_STORED_KINDS = {
    GeometryType.POINT: ("Point", "点", "a point"),
    GeometryType.LINE: ("MultiLineString", "线", "a line"),
    GeometryType.POLYGON: ("MultiPolygon", "面", "a polygon"),
}
_KINDS_ZH = {
    "Point": "点",
    "MultiPoint": "多点",
    "LineString": "线",
    "MultiLineString": "多线",
    "Polygon": "面",
    "MultiPolygon": "多面",
    "GeometryCollection": "混合图形",
}
_FAULTS_ZH = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞套着洞",
    "Nested shells": "面套着面",
    "Duplicate Rings": "有重复的环",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "点数太少",
}
_WHERE = re.compile(r"^(.*)\[(\S+) (\S+)\]$")
_MAX_LON, _MAX_LAT = 180, 90


def check_geometry(candidates: Candidates, definition: LayerDefinition) -> list[Finding]:
    """Return what is wrong with the geometries, one finding a row at most, the first cause first."""
    assert definition.geometry is not None  # noqa: S101 - the definition's validator guarantees it
    broken = {f.row for f in candidates.faults if f.rule in {"geometry", "coordinates"}}
    if None in broken:
        return []  # no row lies where the file claims: their places say nothing
    shapes = candidates.geometry
    valid = shapely.is_valid(shapes)
    findings: list[Finding] = []
    for at in np.flatnonzero(~(valid & _looks_sound(shapes, definition.geometry))).tolist():
        row = int(candidates.rows[at])
        if row not in broken:
            faults = _faults(row, shapes[at], definition.geometry, is_valid=bool(valid[at]))
            findings += [fault for fault in [next(faults, None)] if fault is not None]
    return findings


def _looks_sound(
    shapes: npt.NDArray[np.object_], kind: GeometryType
) -> npt.NDArray[np.bool_]:  # (n,)
    """Tell which geometries are of the stored kind and lie on earth, away from 0, 0."""
    stored = _STORED_KINDS[kind][0]
    is_kind = shapely.get_type_id(shapes) == int(shapely.GeometryType[stored.upper()])
    bounds = shapely.bounds(shapes)  # NaN where there is nothing
    is_on_earth = (np.abs(bounds) <= (_MAX_LON, _MAX_LAT, _MAX_LON, _MAX_LAT)).all(axis=1)
    is_sound: npt.NDArray[np.bool_] = is_kind & is_on_earth & bounds.any(axis=1)
    return is_sound & ~_has_stray_numbers(shapes)


def _has_stray_numbers(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:  # (n,)
    coordinates, at = shapely.get_coordinates(shapes, return_index=True)
    stray = np.zeros(len(shapes), dtype=bool)
    stray[at[~np.isfinite(coordinates).all(axis=1)]] = True
    return stray


def fault_names(shape: Any) -> tuple[str, str]:  # noqa: ANN401 - shapely geometry
    """Return what makes a geometry invalid, and where, in Chinese and English."""
    finding = _invalid(0, shape)
    return finding.reason_zh, finding.reason_en


def _faults(
    row: int,
    shape: Any,  # noqa: ANN401 - shapely geometry or None
    kind: GeometryType,
    *,
    is_valid: bool,
) -> Iterator[Finding]:
    if shape is None or shape.is_empty:
        yield _fault(row, "geometry", ("没有图形", "has no geometry"))
        return
    stored, zh, en = _STORED_KINDS[kind]
    if shape.geom_type != stored:
        found = shape.geom_type
        reason = f"应是{zh}，却是{_KINDS_ZH.get(found, found)}", f"must be {en}, is {found}"
        yield _fault(row, "geometry", reason)
    yield from _misplaced(row, shapely.get_coordinates(shape))
    if not is_valid:
        yield _invalid(row, shape)


def _misplaced(row: int, coordinates: np.ndarray[Any, np.dtype[np.float64]]) -> Iterator[Finding]:
    if not np.isfinite(coordinates).all():
        yield _fault(
            row, "coordinates", ("坐标不是有限的数", "has coordinates that are not finite")
        )
        return
    lon, lat = coordinates[np.argmax(np.abs(coordinates[:, 1]))]
    if abs(lat) > _MAX_LAT and abs(lat) <= _MAX_LON and abs(lon) <= _MAX_LAT:
        reason = (
            f"纬度 {lat:g} 大于 90，经纬度像是写反了",
            f"latitude {lat:g} exceeds 90: longitude and latitude look swapped",
        )
        yield _fault(row, "coordinates", reason)
    outside = (np.abs(coordinates) > (_MAX_LON, _MAX_LAT)).any(axis=1)
    if outside.any():
        x, y = coordinates[np.argmax(outside)]
        reason = (
            f"坐标 {x:g}, {y:g} 不是经纬度；若是投影坐标，请用 --crs 指明",
            f"{x:g}, {y:g} are not degrees; if they are projected, name the system with --crs",
        )
        yield _fault(row, "coordinates", reason)
    if len(coordinates) == 1 and not coordinates.any():
        yield _fault(row, "coordinates", ("坐标是 0, 0，像是没有填", "lies at 0, 0: not filled in"))


def _invalid(row: int, shape: Any) -> Finding:  # noqa: ANN401 - shapely geometry
    text = str(shapely.is_valid_reason(shape))
    match = _WHERE.match(text)
    what = match[1] if match else text
    lon, lat = (float(match[2]), float(match[3])) if match else (None, None)
    where = "" if lon is None else f" {lon:.6f}, {lat:.6f}"
    return Finding(
        rule="geometry",
        row=row,
        lon=lon,
        lat=lat,
        reason_zh=f"图形无效：{_FAULTS_ZH.get(what, what)}{where}",
        reason_en=f"invalid geometry: {what}{where}",
    )


def _fault(row: int, rule: str, reason: tuple[str, str]) -> Finding:
    return Finding(rule=rule, row=row, reason_zh=reason[0], reason_en=reason[1])
