"""The nearest by travel time: equal to scipy on a graph that is really cut, and told as a trip."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest
from tests.support.road_oracle import INFINITE, node_costs, place_costs, whole_edges
from tests.support.roads import Road, a_bent_grid, a_road_table, at, random_places

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import OFF_PATH_KM_H, Direction, LegMode, ProfileId, Trip
from yingji_map.engine.graph import build_graph
from yingji_map.engine.nearest import NearestTargets, find_nearest
from yingji_map.engine.profile_network import ProfileNetwork, build_network
from yingji_map.engine.shortest_paths import (
    Arrivals,
    Departures,
    Task,
    Workspace,
    search,
)
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import prepare_targets

SIDE = 14
BENT = build_network(build_graph(a_bent_grid(SIDE, seed=5))).by_profile
NONE = np.zeros(0, dtype=np.int32)


def _network(roads: dict[str, Road], profile: ProfileId = ProfileId.CAR) -> ProfileNetwork:
    return build_network(build_graph(a_road_table(roads))).by_profile[profile]


def _snap(network: ProfileNetwork, *steps: tuple[float, float]) -> Snaps:
    return network.snapper.snap(np.array([at(*step) for step in steps]))


def _nearest(
    network: ProfileNetwork,
    origin: tuple[float, float],
    places: list[tuple[float, float]],
    direction: Direction = Direction.FROM,
) -> NearestTargets:
    targets = prepare_targets(network, direction, _snap(network, *places))
    return find_nearest(network, _snap(network, origin), targets, k=len(places))


def _costs(found: NearestTargets) -> dict[int, int]:
    return {one.target: one.cost_ds for one in found.found}


def _length_m(coordinates: npt.NDArray[np.float64]) -> float:
    return float(GEOD.line_length(coordinates[:, 0], coordinates[:, 1]))


@pytest.mark.parametrize("profile", list(ProfileId))
@pytest.mark.parametrize("closed_share", [0.0, 0.1])
def test_costs_between_nodes_equal_scipy(profile: ProfileId, closed_share: float) -> None:
    network = BENT[profile]
    rng = np.random.default_rng(3)
    nodes = network.graph.node_count
    closed = whole_edges(network.graph, rng.random(network.graph.edge_count) < closed_share)
    targets = rng.choice(nodes, 40, replace=False).astype(np.int32)
    at_node = np.full(nodes, -1, dtype=np.int32)
    at_node[targets] = np.arange(40)
    arrivals = Arrivals(
        at_node, np.full(40, -1, np.int32), targets, np.arange(40, dtype=np.int32), NONE[:0]
    )._replace(cost=np.zeros(40, dtype=np.int32))
    ways = network.ways[Direction.FROM]
    arcs = ways.arcs._replace(closed=closed.mask)
    workspace: Workspace = network.workspaces.take()

    for source in rng.integers(0, nodes, 13):  # 13 × 40 = 520 pairs
        departures = Departures(np.array([source], np.int32), np.zeros(1, np.int32), NONE, NONE)
        outcome = search(Task(arcs, departures, arrivals), 40, 40, workspace)

        expected = node_costs(network, int(source), closed=closed)
        assert outcome.cost.tolist() == expected[targets].tolist()
    network.workspaces.give_back(workspace)


@pytest.mark.parametrize("profile", list(ProfileId))
@pytest.mark.parametrize("direction", list(Direction))
def test_the_nearest_equal_brute_force(profile: ProfileId, direction: Direction) -> None:
    network = BENT[profile]
    snaps = network.snapper.snap(random_places(60, SIDE, seed=1))
    targets = prepare_targets(network, direction, snaps)

    for place in random_places(100, SIDE, seed=2):
        origin = network.snapper.snap(place[None, :])
        answer = find_nearest(network, origin, targets, k=7)

        expected = place_costs(network, direction, origin, snaps)
        order = np.lexsort((np.arange(60), expected))[:7]
        reachable = [(int(t), int(expected[t])) for t in order if expected[t] < INFINITE]
        assert [(one.target, one.cost_ds) for one in answer.found] == reachable
        assert answer.unreachable.tolist() == np.flatnonzero(expected == INFINITE).tolist()


@pytest.mark.parametrize("direction", list(Direction))
def test_a_trip_is_the_sum_of_its_legs_and_its_line_is_as_long(direction: Direction) -> None:
    network = BENT[ProfileId.CAR]
    targets = prepare_targets(
        network, direction, network.snapper.snap(random_places(40, SIDE, seed=8))
    )

    checked = 0
    for place in random_places(30, SIDE, seed=9):
        answer = find_nearest(network, network.snapper.snap(place[None, :]), targets, k=5)

        checked += len(answer.found)
        for one in answer.found:
            there = targets.snaps.places[one.target]
            ends = (place, there) if direction is Direction.FROM else (there, place)
            _check_trip(one.trip, ends, one.cost_ds)
    assert checked > 100


def _check_trip(trip: Trip, ends: tuple[npt.NDArray[np.float64], ...], cost_ds: int) -> None:
    assert trip.travel_time_s == cost_ds / 10
    assert trip.travel_time_s == pytest.approx(sum(leg.travel_time_s for leg in trip.legs))
    assert trip.distance_m == pytest.approx(sum(leg.distance_m for leg in trip.legs))
    assert _length_m(trip.coordinates) == pytest.approx(trip.distance_m, abs=0.05)
    assert trip.coordinates[0].tolist() == ends[0].tolist()
    assert trip.coordinates[-1].tolist() == ends[1].tolist()


def test_a_target_on_the_same_edge_is_reached_along_it() -> None:
    network = _network({"a": Road([(0, 0), (4, 0)])})

    found = _nearest(network, (1, 0), [(3, 0), (0.5, 0)])

    metres = _length_m(np.array([at(1, 0), at(3, 0)]))
    assert _costs(found)[0] == pytest.approx(metres, abs=1)  # 36 km/h is 1 m a decisecond
    assert _costs(found)[1] == pytest.approx(metres / 4, abs=1)
    modes = [leg.mode for leg in found.found[0].trip.legs if leg.distance_m > 1]
    assert modes == [LegMode.ROAD]


def test_a_oneway_road_is_left_at_its_end_and_entered_at_its_beginning() -> None:
    loop = {
        "a": Road([(0, 0), (4, 0)], is_oneway=True),
        "b": Road([(4, 0), (4, 2), (0, 2), (0, 0)]),
    }
    network = _network(loop)

    found = _nearest(network, (3, 0), [(1, 0)])

    trip = found.found[0].trip
    around_m = network.graph.length_m.sum() - _length_m(np.array([at(1, 0), at(3, 0)]))
    assert trip.distance_m == pytest.approx(around_m, abs=0.1)
    assert _costs(_nearest(_network(loop, ProfileId.FIRE_ENGINE), (3, 0), [(1, 0)]))[0] == (
        pytest.approx(_length_m(np.array([at(1, 0), at(3, 0)])) / 0.8, abs=1)
    )


def test_the_other_direction_goes_the_other_way_round_a_oneway_road() -> None:
    network = _network({"a": Road([(0, 0), (4, 0)], is_oneway=True)})

    outward = _nearest(network, (1, 0), [(3, 0), (0.5, 0)])
    inward = _nearest(network, (1, 0), [(3, 0), (0.5, 0)], Direction.TO)

    assert (list(_costs(outward)), outward.unreachable.tolist()) == ([0], [1])
    assert (list(_costs(inward)), inward.unreachable.tolist()) == ([1], [0])
    line = inward.found[0].trip.coordinates
    assert (line[0].tolist(), line[-1].tolist()) == (list(at(0.5, 0)), list(at(1, 0)))


def test_at_a_junction_every_road_can_be_taken() -> None:
    # The place is put on road `a`, which leads away from the junction one way only.
    network = _network({"a": Road([(2, 0), (4, 0)], is_oneway=True), "b": Road([(2, 0), (0, 0)])})

    found = _nearest(network, (2, 0), [(1, 0)])

    assert found.unreachable.tolist() == []


def test_places_in_another_part_of_the_network_are_counted_not_dropped() -> None:
    network = _network({"a": Road([(0, 0), (1, 0)]), "b": Road([(5, 5), (6, 5)])})

    found = _nearest(network, (0.5, 0), [(5.5, 5), (1, 0), (60, 60)])

    assert list(_costs(found)) == [1]
    assert found.unreachable.tolist() == [0, 2]  # on the other part, and beside no road


def test_who_stands_at_the_place_has_arrived() -> None:
    network = _network({"a": Road([(0, 0), (4, 0)])})

    found = _nearest(network, (2, 0.2), [(3, 0), (2, 0.2)])

    assert found.found[0].target == 1
    assert found.found[0].cost_ds == 0
    assert len(found.found[0].trip.coordinates) == 2


def test_a_place_nearer_than_the_road_is_walked_to_straight() -> None:
    network = _network({"a": Road([(0, 0), (4, 0)])})

    found = _nearest(network, (2, 0.2), [(2.01, 0.2)])

    trip = found.found[0].trip
    assert [leg.mode for leg in trip.legs] == [LegMode.WALK]
    assert trip.travel_time_s == pytest.approx(trip.distance_m / (OFF_PATH_KM_H / 3.6), abs=0.1)


def test_equal_trips_come_in_the_order_of_the_places() -> None:
    network = _network({"a": Road([(0, 0), (4, 0)])})

    found = _nearest(network, (1, 0), [(4, 0), (3, 0), (3, 0), (3, 0)])

    assert len({one.cost_ds for one in found.found[:3]}) == 1
    assert [one.target for one in found.found] == [1, 2, 3, 0]


def test_a_ring_road_is_left_on_the_shorter_side() -> None:
    ring = Road([(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)])
    network = _network({"a": ring, "b": Road([(0, 0), (-3, 0)])})

    found = _nearest(network, (0, 1.8), [(-1, 0)])

    shorter = _length_m(np.array([at(0, 1.8), at(0, 0), at(-1, 0)]))
    assert found.found[0].trip.distance_m == pytest.approx(shorter, abs=0.1)


def test_sixteen_threads_give_the_answers_of_one() -> None:
    network = BENT[ProfileId.CAR]
    targets = prepare_targets(
        network, Direction.FROM, network.snapper.snap(random_places(50, SIDE, seed=4))
    )
    places = random_places(200, SIDE, seed=6)

    def ask(place: npt.NDArray[np.float64]) -> list[tuple[int, int, bytes]]:
        answer = find_nearest(network, network.snapper.snap(place[None, :]), targets, k=5)
        return [(o.target, o.cost_ds, o.trip.coordinates.tobytes()) for o in answer.found]

    alone = [ask(place) for place in places]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(ask, places))

    assert together == alone


def test_a_workspace_is_good_for_any_number_of_searches() -> None:
    network = BENT[ProfileId.CAR]
    targets = prepare_targets(
        network, Direction.FROM, network.snapper.snap(random_places(20, SIDE, seed=4))
    )
    origin = network.snapper.snap(random_places(1, SIDE, seed=2))
    before = find_nearest(network, origin, targets, k=5)
    worn = network.workspaces.take()
    worn.run = 2**31 - 2  # the last number that fits; the labels carry small ones
    network.workspaces.give_back(worn)

    after = find_nearest(network, origin, targets, k=5)

    assert _costs(after) == _costs(before)
    assert worn.run == 1
