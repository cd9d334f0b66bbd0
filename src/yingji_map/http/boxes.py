"""`bbox` and `bbox-crs` as what they ask for: boxes in degrees, or a condition on the geometry."""

import math
from dataclasses import dataclass

from yingji_map.domain.boxes import zone_box
from yingji_map.domain.cql2 import GEOMETRY
from yingji_map.domain.crs import MERCATOR_SRID, STORAGE_SRID, ServedCrs, transformer
from yingji_map.domain.filter import Constant, Expression, Kind, Operation, Property
from yingji_map.domain.query import Bounds
from yingji_map.http.values import refused

_BBOX = "bbox"
_WORLD_M = 20037508.342789244


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """Where features are asked for: boxes in degrees, or (of a zone in metres) a condition."""

    boxes: tuple[Bounds, ...] | None = None
    condition: Expression | None = None

    def joined(self, other: Expression | None) -> Expression | None:
        """Return the condition that holds where this one and another do."""
        if self.condition is None or other is None:
            return other if self.condition is None else self.condition
        return Operation("and", (self.condition, other), Kind.BOOLEAN)


def place_of(text: str | None, crs: ServedCrs) -> AskedPlace:
    """Return where `bbox` asks for features; its axes are ordered as `crs` defines them."""
    if text is None:
        return AskedPlace()
    west, south, east, north = corners = _corners_of(text, crs)
    if south > north or (not crs.is_degrees and west > east):
        raise refused(_BBOX, text, "上下界颠倒", "its lower bound is above its upper bound")
    if crs.srid == MERCATOR_SRID:
        return AskedPlace((_degrees_of(corners),))
    if not crs.is_degrees:
        return _place_in_zone(text, crs, corners)
    return AskedPlace(_boxes_in_degrees(text, crs, corners))


def numbers_of(parameter: str, text: str) -> list[float]:
    """Return numbers with commas between."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = [math.nan]
    if not all(abs(number) < 1e9 for number in numbers):  # noqa: PLR2004 - false for NaN
        raise refused(parameter, text, "应是逗号分隔的数", "must be numbers with commas between")
    return numbers


def _corners_of(text: str, crs: ServedCrs) -> Bounds:
    numbers = numbers_of(_BBOX, text)
    if len(numbers) == 6:  # noqa: PLR2004 - with heights, which our features do not have
        low, high = numbers[:3], numbers[3:]
    elif len(numbers) == 4:  # noqa: PLR2004 - the two corners
        low, high = numbers[:2], numbers[2:]
    else:
        raise refused(_BBOX, text, "应有 4 个或 6 个数", "must be 4 or 6 numbers")
    x, y = (1, 0) if crs.is_north_first else (0, 1)
    return low[x], low[y], high[x], high[y]


def _place_in_zone(text: str, crs: ServedCrs, corners: Bounds) -> AskedPlace:
    shape = zone_box(crs, corners)
    if shape is None:
        raise refused(
            _BBOX,
            text,
            "不在这个投影带里；顺序是北向,东向（米）",
            "is outside of this zone; the order is northing,easting in metres",
        )
    operands = (Property(GEOMETRY, Kind.GEOMETRY), Constant(shape, Kind.GEOMETRY))
    return AskedPlace(condition=Operation("s_intersects", operands, Kind.BOOLEAN))


def _boxes_in_degrees(text: str, crs: ServedCrs, corners: Bounds) -> tuple[Bounds, ...]:
    west, south, east, north = corners
    if south > 90 or north < -90:  # noqa: PLR2004 - swapped axes look like this
        zh, en = "经度,纬度", "longitude,latitude"
        if crs.is_north_first:
            zh, en = "纬度,经度", "latitude,longitude"
        raise refused(
            _BBOX,
            text,
            f"纬度超出范围；这个坐标系的顺序是{zh}",
            f"latitude out of range; the order of this system is {en}",
        )
    south, north = max(south, -90.0), min(north, 90.0)
    if west > east:  # across the antimeridian
        return ((west, south, 180.0, north), (-180.0, south, east, north))
    return ((west, south, east, north),)


def _degrees_of(box: Bounds) -> Bounds:
    """Return a Mercator box in degrees; its sides follow meridians and parallels, so this is exact."""
    west, south, east, north = (min(max(edge, -_WORLD_M), _WORLD_M) for edge in box)
    to_degrees = transformer(MERCATOR_SRID, STORAGE_SRID)
    return (*to_degrees.transform(west, south), *to_degrees.transform(east, north))
