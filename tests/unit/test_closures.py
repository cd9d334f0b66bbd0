"""Closures on the road graph: exactly the stretches meant, and what is left on either side."""

import numpy as np
import pytest
import shapely
from tests.support.roads import Road, a_road_table, at

from yingji_map.domain.closure import LINE_REACH_M, ClosedPlace, ClosureChoice, choice_of
from yingji_map.domain.crs import GEOD
from yingji_map.domain.errors import InvalidGeometry, InvalidParameter
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.closing import close_roads, closed_length_m
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import build_graph
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.profile_network import RoadNetwork, build_network
from yingji_map.engine.targets import prepare_targets

ROADS = {
    "long": Road([(0, 0), (4, 0)]),
    "on": Road([(4, 0), (8, 0)]),
    "loop": Road([(0, 0), (0, 2), (8, 2), (8, 0)], speed_km_h=12.0),
}


def _network(roads: dict[str, Road] = ROADS) -> RoadNetwork:
    return build_network(build_graph(a_road_table(roads)))


def _box(west: float, south: float, east: float, north: float) -> ClosedPlace:
    return ClosedPlace(shape=shapely.box(*at(west, south), *at(east, north)))


def _seconds(
    network: RoadNetwork,
    start: tuple[float, float],
    end: tuple[float, float],
    closed: ClosedRoads = ALL_OPEN,
    direction: Direction = Direction.FROM,
) -> float | None:
    car = network.by_profile[ProfileId.CAR]
    snaps = car.snapper.snap(np.array([at(*start), at(*end)]), closed=closed)
    targets = prepare_targets(car, direction, snaps.take(slice(1, 2)), closed)
    found = find_nearest(car, snaps.take(slice(0, 1)), targets, k=1).found
    return found[0].cost_ds / 10 if found else None


def test_an_area_closes_the_stretch_inside_it() -> None:
    network = _network()

    closed = close_roads(network, [_box(1, -1, 2.5, 1)])

    inside_m = GEOD.line_length(*np.array([at(1, 0), at(2.5, 0)]).T)
    road = network.graph.road_keys[network.graph.feature[closed.edge[0]]]
    assert (len(closed.edge), road) == (1, "long")
    assert closed_length_m(closed) == pytest.approx(inside_m, abs=0.5)


def test_on_either_side_of_a_cut_its_own_end_is_reached() -> None:
    network = _network()
    closed = close_roads(network, [_box(1.9, -1, 2.1, 1)])

    assert _seconds(network, (0, 0), (1.5, 0), closed) == _seconds(network, (0, 0), (1.5, 0))
    assert _seconds(network, (2.5, 0), (8, 0), closed) == _seconds(network, (2.5, 0), (8, 0))
    around, before = _seconds(network, (1.5, 0), (2.5, 0), closed), 94
    assert around is not None
    assert around > 10 * before


@pytest.mark.parametrize("direction", list(Direction))
def test_a_cut_road_cuts_off_only_those_beyond_the_cut(direction: Direction) -> None:
    network = _network({"long": ROADS["long"], "on": ROADS["on"]})
    closed = close_roads(network, [_box(2.9, -1, 3.1, 1)])
    villages = [(1.0, 0.1), (2.8, 0.1), (3.3, 0.1), (6.0, 0.1), (8.0, 0.1)]

    reached = [
        _seconds(network, (0, 0), village, closed, direction) is not None for village in villages
    ]

    assert reached == [True, True, False, False, False]


def test_a_line_across_a_road_cuts_it_and_one_beside_it_does_not() -> None:
    network = _network()
    across = ClosedPlace(shape=shapely.LineString([at(2, -0.1), at(2, 0.1)]))
    beside = ClosedPlace(shape=shapely.LineString([at(1, 0.05), at(3, 0.05)]))  # 55 m north

    cut, untouched = close_roads(network, [across]), close_roads(network, [beside])

    assert closed_length_m(cut) == pytest.approx(2 * LINE_REACH_M, abs=0.1)
    assert untouched is ALL_OPEN


def test_a_road_code_closes_that_road_and_leaves_its_ends_open() -> None:
    network = _network()
    closed = close_roads(network, [ClosedPlace(road_codes=("on",))])

    assert closed_length_m(closed) == pytest.approx(network.graph.length_m[closed.edge].sum())
    assert _seconds(network, (0, 0), (4, 0), closed) == _seconds(network, (0, 0), (4, 0))


def test_from_inside_a_closed_area_one_walks_to_the_nearest_open_road() -> None:
    network = _network()
    car = network.by_profile[ProfileId.CAR]
    closed = close_roads(network, [_box(1, -1, 3, 1)])

    snaps = car.snapper.snap(np.array([at(2.8, 0), at(3.5, 0)]), closed=closed)

    walk_m = GEOD.line_length(*np.array([at(2.8, 0), at(3, 0)]).T)
    assert snaps.is_moved.tolist() == [True, False]
    assert snaps.distance_m[0] == pytest.approx(walk_m, abs=0.1)
    assert snaps.on_road[0] == pytest.approx(at(3, 0), abs=1e-6)


def test_where_every_road_near_is_closed_there_is_none() -> None:
    network = _network()
    closed = close_roads(network, [_box(-9, -9, 19, 19)])

    snaps = network.by_profile[ProfileId.CAR].snapper.snap(np.array([at(2, 0)]), closed=closed)

    assert (snaps.edge.tolist(), snaps.is_moved.tolist()) == ([-1], [True])


def test_overlapping_closures_are_told_apart_and_counted_once() -> None:
    network = _network()
    closed = close_roads(network, [_box(1, -1, 3, 1), _box(2, -1, 3.5, 1)])
    edge, length_m = int(closed.edge[0]), float(network.graph.length_m[closed.edge[0]])

    whole = closed.owners_between(edge, length_m, 0)
    first = closed.owners_between(edge, length_m * 0.3, length_m * 0.4)

    assert (whole, first) == ({0, 1}, {0})
    once_m = GEOD.line_length(*np.array([at(1, 0), at(3.5, 0)]).T)
    assert closed_length_m(closed) == pytest.approx(once_m, abs=0.5)


def test_what_lies_on_the_other_side_of_the_world_closes_nothing() -> None:
    far = ClosedPlace(shape=shapely.box(-80, -40, -60, -20))

    assert close_roads(_network(), [far]) is ALL_OPEN


def test_a_choice_is_read_from_text_and_from_geometry() -> None:
    line = {"type": "LineString", "coordinates": [[106.2, 32.2], [106.3, 32.2]]}

    assert choice_of("in_force") == ClosureChoice()
    assert choice_of("none") == ClosureChoice(with_in_force=False)
    assert choice_of("7, 3") == ClosureChoice(with_in_force=False, ids=(7, 3))
    assert choice_of("in_force,road:G5").place.road_codes == ("G5",)
    assert choice_of(line).place.shape == shapely.LineString(line["coordinates"])
    assert choice_of(line).with_in_force


@pytest.mark.parametrize("given", ["", "all", "-1", "1.5", "{", "9" * 20, 7, None, []])
def test_a_choice_that_means_nothing_is_refused(given: object) -> None:
    with pytest.raises(InvalidParameter):
        choice_of(given)


def test_a_point_closes_nothing_and_is_refused() -> None:
    with pytest.raises(InvalidGeometry):
        choice_of({"type": "Point", "coordinates": [106, 32]})
