"""Geometries of requests: what is refused and where, and measures on the ellipsoid."""

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import mapping

from yingji_map.domain.errors import InvalidGeometry, InvalidParameter
from yingji_map.domain.shapes import (
    check_position,
    check_radius,
    geodesic_area_km2,
    geodesic_buffer,
    polygon_of,
    shape_of,
)

SQUARE = [[106, 32], [107, 32], [107, 33], [106, 33], [106, 32]]
HOLE = [[106.4, 32.4], [106.4, 32.6], [106.6, 32.6], [106.6, 32.4], [106.4, 32.4]]


def _polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"type": "Point", "coordinates": [106, 32]}, "类型应为 Polygon 或 MultiPolygon"),
        ({}, "类型应为"),
        ({"type": ["Polygon"], "coordinates": [SQUARE]}, "类型应为"),
        (_polygon(), "没有坐标"),
        ({"type": "Polygon"}, "层次不对"),
        (_polygon("abc"), "层次不对"),
        (_polygon([[106, 32], [107, "32"], [107, 33], [106, 32]]), "两个数"),
        (_polygon([[106, 32], [107, True], [107, 33], [106, 32]]), "两个数"),
        (_polygon([[106, 32], [float("nan"), 32], [107, 33], [106, 32]]), "两个数"),
        (_polygon([[106, 32], [10**400, 32], [107, 33], [106, 32]]), "两个数"),
        (_polygon(SQUARE[:-1]), "没有闭合"),
        (_polygon([[106, 32], [107, 32], [106, 32]]), "没有闭合"),
        (_polygon([]), "没有闭合"),
        (_polygon([[lat, lon] for lon, lat in SQUARE]), "经度在前"),
        (_polygon([[106, 32], [107, 33], [107, 32], [106, 33], [106, 32]]), "边界自相交"),
        (_polygon(SQUARE, [[100, 32], [101, 32], [101, 33], [100, 32]]), "洞在外环之外"),
        (_polygon([[70, 0], [140, 0], [140, 55], [70, 55], [70, 0]]), "超过上限"),
    ],
)
def test_a_zone_that_cannot_be_used_is_refused_with_its_fault(
    document: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidGeometry) as caught:
        polygon_of(document)

    assert said in caught.value.text("zh")
    assert caught.value.text("en")


def test_a_self_crossing_is_named_with_its_position() -> None:
    crossing = _polygon([[106, 32], [107, 33], [107, 32], [106, 33], [106, 32]])

    with pytest.raises(InvalidGeometry) as caught:
        polygon_of(crossing)

    assert (caught.value.fields["lon"], caught.value.fields["lat"]) == (106.5, 32.5)


def test_a_zone_of_too_many_vertices_is_refused() -> None:
    ring = mapping(shapely.Point(106, 32).buffer(0.1, quad_segs=2501))

    with pytest.raises(InvalidGeometry, match="10000 vertices"):
        polygon_of({"type": "Polygon", "coordinates": [[list(p) for p in ring["coordinates"][0]]]})


def test_holes_and_several_parts_are_fine() -> None:
    shape = polygon_of({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]})

    whole = geodesic_area_km2(polygon_of(_polygon(SQUARE)))
    hole = geodesic_area_km2(polygon_of(_polygon(HOLE)))
    assert geodesic_area_km2(shape) == pytest.approx(whole - hole, rel=1e-9)


def test_a_third_coordinate_is_dropped() -> None:
    shape = shape_of({"type": "Point", "coordinates": [106, 32, 500]}, ("Point",))

    assert not shape.has_z


@pytest.mark.parametrize("radius_m", [50, 5_000, 150_000])
def test_the_rim_of_a_buffer_is_everywhere_at_its_radius(radius_m: float) -> None:
    rim = shapely.get_coordinates(geodesic_buffer(shapely.Point(106.29, 32.23), radius_m))

    lon, lat = np.full(len(rim), 106.29), np.full(len(rim), 32.23)
    distance = Geod(ellps="GRS80").inv(lon, lat, rim[:, 0], rim[:, 1])[2]
    assert np.abs(distance - radius_m).max() < radius_m * 1e-6


def test_the_buffer_of_a_line_keeps_its_distance_at_both_ends() -> None:
    line = shapely.LineString([(105.8, 32.0), (106.8, 32.6)])

    wide = geodesic_buffer(line, 3_000)

    geod = Geod(ellps="GRS80")
    for lon, lat in line.coords:
        for bearing in (149, 329):  # across the line
            inside = geod.fwd(lon, lat, bearing, 2_990)[:2]
            outside = geod.fwd(lon, lat, bearing, 3_010)[:2]
            assert wide.contains(shapely.Point(inside))
            assert not wide.contains(shapely.Point(outside))


@pytest.mark.parametrize("radius_m", [0, -1, float("nan"), float("inf"), 1e9])
def test_an_absurd_radius_is_refused(radius_m: float) -> None:
    with pytest.raises(InvalidParameter, match="radius_m"):
        check_radius(radius_m)


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (float("nan"), 0)])
def test_a_position_off_the_globe_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(InvalidParameter):
        check_position(lon, lat)
