"""Zones with holes as polygons without any."""

import json

import pytest
import shapely

from yingji_map.domain.shapes import geodesic_area_km2, open_holes
from yingji_map.domain.warning_zone import parse_zone

OUTER = shapely.box(106.0, 32.0, 106.2, 32.2)


@pytest.mark.parametrize(
    "holes",
    [
        [shapely.box(106.05, 32.05, 106.1, 32.1)],
        [shapely.box(106.05, 32.05, 106.1, 32.1), shapely.box(106.05, 32.12, 106.1, 32.16)],
        [shapely.Point(106.05, 32.1).buffer(0.02), shapely.Point(106.15, 32.1).buffer(0.03)],
    ],
)
def test_holes_are_opened_and_nobody_is_added(holes: list[shapely.Polygon]) -> None:
    drawn = shapely.difference(OUTER, shapely.union_all(holes))

    opened = open_holes(shapely.MultiPolygon([drawn]))

    zone = parse_zone(json.loads(shapely.to_geojson(opened)))
    assert all(not part.interiors for part in zone.geoms)
    assert shapely.difference(zone, drawn.buffer(2e-6)).is_empty
    assert geodesic_area_km2(zone) == pytest.approx(geodesic_area_km2(drawn), rel=1e-4)


def test_a_zone_without_holes_stays_as_it_is() -> None:
    zone = shapely.MultiPolygon([OUTER])

    assert open_holes(zone).equals(zone)
