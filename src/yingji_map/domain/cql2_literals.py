"""The literals of CQL2 as constants: what is out of its domain is refused with its reason."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeGuard

import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.boxes import zone_box
from yingji_map.domain.crs import MERCATOR_SRID, ServedCrs, lonlat_of
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.filter import Constant, Kind
from yingji_map.domain.shapes import GEOMETRY_KINDS, shape_of

_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)$")
_MAX_NUMBER = 1e300
_FAR = 1e9  # metres and degrees alike
_SHOWN = 80
_TOO_LONG = "…"


def refused(fragment: object, reason_zh: str, reason_en: str) -> InvalidParameter:
    """Return the refusal of a part of a filter."""
    return InvalidParameter(
        parameter="filter", value=str(fragment)[:_SHOWN], reason_zh=reason_zh, reason_en=reason_en
    )


def constant_of(document: object, crs: ServedCrs) -> Constant | None:
    """Return a literal as a constant, None when the document is something else.

    Raises
    ------
    InvalidInput
        It is a literal, and no sound one.
    """
    if isinstance(document, bool):
        return Constant(document, Kind.BOOLEAN)
    if isinstance(document, int | float):
        return Constant(_number_of(document), Kind.NUMBER)
    if isinstance(document, str):
        return Constant(_text_of(document), Kind.TEXT)
    return _marked(document, crs) if isinstance(document, Mapping) else None


def _marked(document: Mapping[str, object], crs: ServedCrs) -> Constant | None:
    """Return a literal that names its own kind."""
    if "date" in document:
        return Constant(date_of(document["date"]), Kind.DATE)
    if "timestamp" in document:
        return Constant(instant_of(document["timestamp"]), Kind.INSTANT)
    if "type" in document:
        return Constant(_shape_of(document, crs), Kind.GEOMETRY)
    return Constant(_box_of(document["bbox"], crs), Kind.GEOMETRY) if "bbox" in document else None


def date_of(text: object) -> date:
    """Return a calendar day."""
    if isinstance(text, str) and _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # a day that does not exist: refused below
    raise refused(text, "应是日期，如 2026-07-18", "must be a date such as 2026-07-18")


def instant_of(text: object) -> datetime:
    """Return an instant with its offset."""
    if isinstance(text, str) and _INSTANT.match(text):
        try:
            return datetime.fromisoformat(text.upper())
        except ValueError:
            pass  # an hour that does not exist: refused below
    raise refused(
        text,
        "应是带时区的时间，如 2026-07-18T08:00:00+08:00",
        "must be a time with its offset, such as 2026-07-18T08:00:00+08:00",
    )


def is_date(text: object) -> bool:
    """Return whether a text is written as a calendar day."""
    return isinstance(text, str) and _DATE.match(text) is not None


def is_storable(text: str) -> bool:
    """Return whether the database can hold a text: no NUL, no half of a surrogate pair."""
    return not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text)


def _number_of(value: float) -> int | float:
    # False for NaN; beyond this a product would leave the range of floating point.
    if not abs(value) < _MAX_NUMBER:
        raise refused(_TOO_LONG, "数字过大", "the number is too large")
    return value


def _text_of(text: str) -> str:
    if not is_storable(text):
        raise refused(
            _TOO_LONG, "文字里有不允许的字符", "the text holds a character that is not allowed"
        )
    return text


def _shape_of(document: Mapping[str, object], crs: ServedCrs) -> BaseGeometry:
    coordinates = _in_storage_order(document.get("coordinates"), crs)
    return shape_of({"type": document["type"], "coordinates": coordinates}, GEOMETRY_KINDS)


def _box_of(numbers: object, crs: ServedCrs) -> BaseGeometry:
    if not isinstance(numbers, list) or len(numbers) not in {4, 6}:
        raise refused(numbers, "BBOX 应有 4 个或 6 个数", "BBOX takes 4 or 6 numbers")
    middle = len(numbers) // 2
    corners = [numbers[:2], numbers[middle : middle + 2]]
    if not crs.is_degrees and crs.srid != MERCATOR_SRID:
        return _zone_box_of(corners, crs)
    line = _shape_of({"type": "MultiPoint", "coordinates": corners}, crs)
    (west, south), (east, north) = shapely.get_coordinates(line)
    if south > north:
        raise refused(numbers, "上下界颠倒", "its lower bound is above its upper bound")
    if west <= east:
        return shapely.envelope(shapely.LineString([(west, south), (east, north)]))
    halves = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    return shapely.MultiPolygon(halves)  # across the antimeridian


def _zone_box_of(corners: list[list[object]], crs: ServedCrs) -> BaseGeometry:
    low, high = ([float(edge) for edge in corner if _is_coordinate(edge)] for corner in corners)
    if len(low) == len(high) == 2:  # noqa: PLR2004 - northing, easting
        found = zone_box(crs, (low[1], low[0], high[1], high[0]))
        if found is not None and low <= high and low[1] <= high[1]:
            return found
    raise refused(
        corners,
        "不是这个投影带里的范围，顺序是北、东",
        "is no box of this zone (northing, easting)",
    )


def _in_storage_order(node: object, crs: ServedCrs) -> object:
    """Return coordinates with longitude first, in degrees; what is no position is left for review."""
    if not isinstance(node, list):
        return node
    if not _is_position(node):
        return [_in_storage_order(part, crs) for part in node]
    return list(lonlat_of(crs, node[0], node[1]))


def _is_position(node: list[object]) -> bool:
    return len(node) in {2, 3} and all(map(_is_coordinate, node))


def _is_coordinate(number: object) -> TypeGuard[float]:
    # Compared, not asked whether it is finite: an integer may be too long for that.
    return isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < _FAR
