"""GeoJSON geometries of requests: checked, measured and widened on the ellipsoid."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.crs import GEOD
from yingji_map.domain.errors import InvalidGeometry, InvalidParameter

MAX_VERTICES = 10_000
MAX_AREA_KM2 = 2_000_000.0  # the largest province, Xinjiang, has 1.66 million
MAX_RADIUS_M = 200_000.0
# RFC 7946 edges are straight in degrees, geodesics are not: pieces of 500 m differ by 3 mm.
_MAX_EDGE_DEGREES = 0.005
_QUADRANT_SEGMENTS = 64
_SLIT_DEGREES = 2e-6
_FAR = 1e9
_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
GEOMETRY_KINDS = tuple(_DEPTHS)
_FAULT_PLACE = re.compile(r"^(?P<what>[^\[]+)\[(?P<x>\S+) (?P<y>\S+)\]$")
_FAULTS_ZH = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞里套洞",
    "Nested shells": "多边形互相套叠",
    "Interior is disconnected": "内部不连通",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点数太少",
}


def polygon_of(document: Mapping[str, object]) -> BaseGeometry:
    """Return the Polygon or MultiPolygon of a GeoJSON geometry, valid, in degrees, of sane size.

    Raises
    ------
    InvalidGeometry
        Anything else; the fault says where.
    """
    shape = shape_of(document, ("Polygon", "MultiPolygon"))
    area_km2 = geodesic_area_km2(shape)
    if area_km2 > MAX_AREA_KM2:
        raise InvalidGeometry(
            reason_zh=f"面积 {area_km2:,.0f} 平方千米，超过上限 {MAX_AREA_KM2:,.0f}",
            reason_en=f"its area of {area_km2:,.0f} km² exceeds the limit of {MAX_AREA_KM2:,.0f}",
        )
    return shape


def shape_of(document: Mapping[str, object], kinds: tuple[str, ...]) -> BaseGeometry:
    """Return a GeoJSON geometry of one of `kinds`: longitude first, in degrees, closed, valid.

    Raises
    ------
    InvalidGeometry
        It is something else; the fault says where.
    """
    kind = document.get("type")
    if kind not in kinds or not isinstance(kind, str):
        raise InvalidGeometry(
            reason_zh=f"类型应为 {' 或 '.join(kinds)}，收到 {kind}",
            reason_en=f"its type must be {' or '.join(kinds)}, not {kind}",
        )
    count = 0
    for path in _paths(document.get("coordinates"), _DEPTHS[kind]):
        count += len(path)
        if count > MAX_VERTICES:
            raise InvalidGeometry(
                reason_zh=f"顶点超过 {MAX_VERTICES} 个，请先简化",
                reason_en=f"it has more than {MAX_VERTICES} vertices; simplify it first",
            )
        _check_positions(path)
        if kind.endswith("Polygon"):
            _check_ring(path)
        elif kind.endswith("LineString") and len(path) < 2:  # noqa: PLR2004 - a line has two ends
            raise InvalidGeometry(
                reason_zh="一条线至少两个点", reason_en="a line needs two positions"
            )
    if count == 0:
        raise InvalidGeometry(reason_zh="没有坐标", reason_en="it has no coordinates")
    shape = shapely.from_geojson(json.dumps({"type": kind, "coordinates": document["coordinates"]}))
    if not shape.is_valid:
        raise _fault_of(shape)
    return shapely.force_2d(shape)


def check_position(lon: float, lat: float) -> None:
    """Refuse a position that is none.

    Raises
    ------
    InvalidParameter
        A coordinate is no number of degrees in its range.
    """
    for name, value, limit in (("lon", lon, 180.0), ("lat", lat, 90.0)):
        if not (math.isfinite(value) and abs(value) <= limit):
            raise InvalidParameter(
                parameter=name,
                value=value,
                reason_zh=f"应为 -{limit:g} 到 {limit:g} 之间的度数",
                reason_en=f"must be degrees between -{limit:g} and {limit:g}",
            )


def check_radius(radius_m: float) -> None:
    """Refuse a radius that is not above 0 and within `MAX_RADIUS_M`."""
    if not (math.isfinite(radius_m) and 0 < radius_m <= MAX_RADIUS_M):
        raise InvalidParameter(
            parameter="radius_m",
            value=radius_m,
            reason_zh=f"应大于 0 且不超过 {MAX_RADIUS_M:g} 米",
            reason_en=f"must be above 0 and at most {MAX_RADIUS_M:g} metres",
        )


def geodesic_area_km2(shape: BaseGeometry) -> float:
    """Return the area of a polygon on the ellipsoid; holes are taken off."""
    oriented = shapely.orient_polygons(dense(shape))
    return abs(GEOD.geometry_area_perimeter(oriented)[0]) / 1e6


def dense(shape: BaseGeometry) -> BaseGeometry:
    """Return the same shape with edges so short that geodesics follow them."""
    return shapely.segmentize(shape, _MAX_EDGE_DEGREES)


def reach_of_m(shape: BaseGeometry) -> float:
    """Return how far a shape's bounding box reaches from the shape's middle, in metres."""
    west, south, east, north = shape.bounds
    middle = shape.centroid
    corners = ((west, south), (west, north), (east, south), (east, north))
    return max(float(GEOD.inv(middle.x, middle.y, *corner)[2]) for corner in corners)


def geodesic_buffer(shape: BaseGeometry, radius_m: float) -> BaseGeometry:
    """Return everything within `radius_m` metres of a shape in degrees, as a polygon in degrees.

    Built in an azimuthal equidistant projection about the shape's middle: exact for a point;
    for a shape that reaches d from its middle the error is at most radius · d² / 6R²
    (0.1 % at 500 km).
    """
    middle = shape.centroid
    plane = Proj(proj="aeqd", lat_0=middle.y, lon_0=middle.x, ellps="GRS80")
    flat = shapely.transform(dense(shape), _pairwise(plane))
    wide = shapely.buffer(flat, radius_m, quad_segs=_QUADRANT_SEGMENTS)
    return shapely.transform(wide, _pairwise(plane, inverse=True))


def _pairwise(
    plane: Proj, *, inverse: bool = False
) -> Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    def apply(pairs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(plane(pairs[:, 0], pairs[:, 1], inverse=inverse))

    return apply


def _paths(node: object, depth: int) -> Iterator[list[object]]:
    """Yield the lists of positions of a coordinates member `depth` levels deep."""
    if depth == 0:
        yield [node]
        return
    if not isinstance(node, list):
        raise InvalidGeometry(
            reason_zh="坐标的层次不对", reason_en="its coordinates are not nested as its type asks"
        )
    if depth == 1:
        yield node
        return
    for part in node:
        yield from _paths(part, depth - 1)


def _check_positions(path: list[object]) -> None:
    for position in path:
        if not _is_position(position):
            raise InvalidGeometry(
                reason_zh=f"坐标应是 [经度, 纬度] 两个数，收到 {str(position)[:60]}",
                reason_en=f"a position must be [longitude, latitude], not {str(position)[:60]}",
            )
        lon, lat = position[:2]  # type: ignore[index]  # _is_position made sure
        if abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004 - degrees
            raise InvalidGeometry(
                reason_zh=f"[{lon}, {lat}] 超出经纬度范围；顺序是经度在前，单位是度",
                reason_en=f"[{lon}, {lat}] is out of range; longitude comes first, in degrees",
                lon=lon,
                lat=lat,
            )


def _is_position(position: object) -> bool:
    return (
        isinstance(position, list)
        and len(position) in {2, 3}
        and all(
            isinstance(number, int | float)
            and not isinstance(number, bool)
            and -_FAR < number < _FAR  # false for NaN
            for number in position
        )
    )


def _check_ring(path: list[object]) -> None:
    start = path[0] if path else None
    if len(path) < 4 or path[0] != path[-1]:  # noqa: PLR2004 - RFC 7946 §3.1.6
        place = {"lon": start[0], "lat": start[1]} if isinstance(start, list) else {}
        raise InvalidGeometry(
            reason_zh=f"环没有闭合：至少四个点，末点等于首点（首点 {start}）",
            reason_en=f"a ring is not closed: four positions or more, last equals first ({start})",
            **place,
        )


def _fault_of(shape: BaseGeometry) -> InvalidGeometry:
    reason = shapely.is_valid_reason(shape)
    found = _FAULT_PLACE.match(reason)
    if found is None:
        return InvalidGeometry(reason_zh=reason, reason_en=reason)
    lon, lat = round(float(found["x"]), 7), round(float(found["y"]), 7)
    what_zh = _FAULTS_ZH.get(found["what"], found["what"])
    return InvalidGeometry(
        reason_zh=f"{what_zh}，位置 {lon}, {lat}",
        reason_en=f"{found['what']} at {lon}, {lat}",
        lon=lon,
        lat=lat,
    )


def open_holes(shape: MultiPolygon) -> MultiPolygon:
    """Return the ground as polygons without holes: a slit leads south out of each hole.

    A slit is about 0.4 m wide; nothing is added, and that is all that is lost.
    """
    parts = list(shape.geoms)
    whole: list[Polygon] = []
    while parts:
        part = parts.pop()
        if not part.interiors:
            whole.append(part)
            continue
        hole = part.interiors[0]
        at = shapely.Polygon(hole).representative_point()
        south = part.bounds[1] - 1
        slit = shapely.box(at.x - _SLIT_DEGREES, south, at.x + _SLIT_DEGREES, at.y)
        found = shapely.get_parts(shapely.difference(part, slit))
        parts += [piece for piece in found if isinstance(piece, Polygon)]
    return MultiPolygon(whole)
