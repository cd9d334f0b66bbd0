"""Places on the road: the nearest edge of all, measured on the ellipsoid."""

import numpy as np
import pytest
import shapely
from shapely.ops import substring
from tests.support.roads import Road, a_bent_grid, a_road_table, at, random_places

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import ProfileId
from yingji_map.engine.graph import build_graph
from yingji_map.engine.profile_network import build_network
from yingji_map.engine.snapping import Snapper

GRAPH = build_graph(a_bent_grid(12, seed=7))
LINES = GRAPH.metric_lines()


def test_it_is_the_nearest_edge_of_all_and_the_distance_is_geodesic() -> None:
    every = np.ones(GRAPH.edge_count, dtype=bool)
    places = random_places(300, 12, seed=8)

    snaps = Snapper(GRAPH, every).snap(places)

    for row in range(300):
        edge = snaps.edge[row]
        span = slice(GRAPH.first[edge], GRAPH.last[edge] + 1)
        line = shapely.LineString(GRAPH.vertices[span])
        assert line.distance(shapely.Point(snaps.on_road[row])) < 1e-9
        _, _, exact = GEOD.inv(*places[row], *snaps.on_road[row])
        assert snaps.distance_m[row] == pytest.approx(exact)
        assert exact <= _least_distance_m(places[row]) * 1.001 + 0.01
        before = substring(line, 0, line.project(shapely.Point(snaps.on_road[row])))
        assert snaps.along_m[row] == pytest.approx(GEOD.geometry_length(before), abs=0.01)


def _least_distance_m(place: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return the least geodesic distance to points a few metres apart on all roads."""
    steps = np.linspace(0, 1, 200)
    least = np.inf
    for first, last in zip(GRAPH.first, GRAPH.last, strict=True):
        start, end = GRAPH.vertices[first:last], GRAPH.vertices[first + 1 : last + 1]
        points = (start[:, None] + steps[None, :, None] * (end - start)[:, None]).reshape(-1, 2)
        gaps = (points - place) * (94_000, 111_000)
        near = points[(gaps**2).sum(axis=1).argmin()]
        least = min(least, GEOD.inv(*place, *near)[2])
    return float(least)


def test_roads_that_may_not_be_used_are_passed_over() -> None:
    graph = build_graph(
        a_road_table(
            {
                "narrow": Road([(0, 0), (4, 0)], width_m=2.0),
                "wide": Road([(0, 1), (4, 1)], width_m=7.0),
            }
        )
    )
    networks = build_network(graph).by_profile
    place = np.array([at(2, 0.1)])

    edges = {p: int(networks[p].snapper.snap(place).edge[0]) for p in ProfileId}

    assert (edges[ProfileId.CAR], edges[ProfileId.FIRE_ENGINE]) == (0, 1)
    assert networks[ProfileId.CAR].snapper is networks[ProfileId.FOOT].snapper


def test_beyond_the_limit_a_place_stays_off_the_network() -> None:
    graph = build_graph(a_road_table({"a": Road([(0, 0), (4, 0)])}))
    snapper = Snapper(graph, np.ones(1, dtype=bool))

    snaps = snapper.snap(np.array([at(2, 2.6), at(2, 2.8), (-70.0, -33.0)]))

    assert snaps.edge.tolist() == [0, -1, -1]
    assert snaps.distance_m[1] == pytest.approx(3105, abs=5)
    assert snaps.distance_m[2] > 1e7


def test_where_no_road_may_be_used_nothing_is_on_the_network() -> None:
    graph = build_graph(a_road_table({"a": Road([(0, 0), (4, 0)])}))

    snaps = Snapper(graph, np.zeros(1, dtype=bool)).snap(np.array([at(2, 0)]))

    assert snaps.edge.tolist() == [-1]
