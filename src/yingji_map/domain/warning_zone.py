"""The rules a warning zone must keep, so that what is drawn, counted and published is one shape."""

from collections.abc import Mapping

import shapely
from shapely import MultiPolygon, Polygon

from yingji_map.domain.errors import InvalidGeometry
from yingji_map.domain.shapes import polygon_of

MAX_PARTS = 100
# 6 decimals are 0.11 m. The zone is rounded once, on entry, and never again: the shape that is
# checked and counted is the very shape that CAP carries. It is never simplified: `polygon_of`
# refuses more than 10 000 vertices, because dropping some could drop people who are inside.
DECIMALS = 6


def parse_zone(document: Mapping[str, object]) -> MultiPolygon:
    """Return a GeoJSON Polygon or MultiPolygon as a zone.

    Parameters
    ----------
    document
        GeoJSON geometry in degrees, longitude first; heights are dropped.

    Returns
    -------
    MultiPolygon
        Valid, without holes, outer rings counter-clockwise, coordinates of 6 decimals.

    Raises
    ------
    InvalidGeometry
        What is wrong and, where there is one, the place of the fault.
    """
    drawn = polygon_of(document)
    parts = [part for part in shapely.get_parts(drawn) if isinstance(part, Polygon)]
    if len(parts) > MAX_PARTS:
        raise InvalidGeometry(
            reason_zh=f"有 {len(parts)} 块，上限 {MAX_PARTS} 块",
            reason_en=f"it has {len(parts)} parts, at most {MAX_PARTS} are taken",
        )
    for part in parts:
        if part.interiors:
            raise _hole_of(part)
    # Checked again: rounding can fold a sliver onto itself.
    rounded = polygon_of(
        {"type": "MultiPolygon", "coordinates": [[_rounded_ring(part)] for part in parts]}
    )
    return shapely.orient_polygons(MultiPolygon(shapely.get_parts(rounded).tolist()))


def zone_document(zone: MultiPolygon) -> dict[str, object]:
    """Return the zone as GeoJSON, longitude first: a Polygon when it has one part."""
    shape = zone.geoms[0] if len(zone.geoms) == 1 else zone
    return dict(shapely.geometry.mapping(shape))


def _hole_of(part: Polygon) -> InvalidGeometry:
    # CAP 1.2 has no inner rings. Filling the hole would warn people nobody meant to warn.
    lon, lat = (round(value, DECIMALS) for value in part.interiors[0].coords[0])
    return InvalidGeometry(
        reason_zh=f"范围里有洞（位置 {lon}, {lat}），CAP 1.2 不能表达；请补上洞，或拆成几块不带洞的",
        reason_en=f"it has a hole at {lon}, {lat}, which CAP 1.2 cannot express; fill or split it",
        lon=lon,
        lat=lat,
    )


def _rounded_ring(part: Polygon) -> list[list[float]]:
    pairs = [
        [round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in list(part.exterior.coords)
    ]
    return [pair for number, pair in enumerate(pairs) if number == 0 or pair != pairs[number - 1]]
