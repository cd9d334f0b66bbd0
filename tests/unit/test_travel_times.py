"""Travel times between many places, with roads closed and without: equal to scipy on a cut graph."""

import numpy as np
import pytest
import shapely
from tests.support.road_oracle import INFINITE, place_costs
from tests.support.roads import Road, a_bent_grid, a_road_table, at, random_places

from yingji_map.domain.closure import ClosedPlace
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.closing import close_roads
from yingji_map.engine.closures import ALL_OPEN
from yingji_map.engine.graph import build_graph
from yingji_map.engine.matrix import travel_times_ds
from yingji_map.engine.profile_network import build_network

SIDE = 12
BENT = build_network(build_graph(a_bent_grid(SIDE, seed=7)))
FLOOD = ClosedPlace(shape=shapely.Point(at(6, 6)).buffer(0.021))
CUT = ClosedPlace(shape=shapely.LineString([at(2, 2.4), at(9, 2.6)]))
BRIDGES = ClosedPlace(road_codes=("R0030040", "R0080081", "R0070031", "R0010051"))


@pytest.mark.parametrize("profile", list(ProfileId))
@pytest.mark.parametrize("closures", [(), (FLOOD, CUT, BRIDGES)])
def test_five_hundred_trips_equal_scipy(
    profile: ProfileId, closures: tuple[ClosedPlace, ...]
) -> None:
    network = BENT.by_profile[profile]
    closed = close_roads(BENT, closures)
    origins = network.snapper.snap(random_places(20, SIDE, seed=1), closed=closed)
    destinations = network.snapper.snap(random_places(25, SIDE, seed=2), closed=closed)

    times = travel_times_ds(network, origins, destinations, closed)

    for row in range(len(origins)):
        origin = origins.take(slice(row, row + 1))
        expected = place_costs(network, Direction.FROM, origin, destinations, closed=closed)
        if origin.edge[0] < 0:
            expected[:] = INFINITE
        assert times[row].tolist() == expected.tolist()
    assert (times < INFINITE).sum() > 100
    assert (times > travel_times_ds(network, origins, destinations, ALL_OPEN)).any() == bool(
        closures
    )


def test_a_place_off_the_road_network_has_no_times() -> None:
    roads = build_network(build_graph(a_road_table({"a": Road([(0, 0), (4, 0)])})))
    network = roads.by_profile[ProfileId.CAR]
    places = network.snapper.snap(np.array([at(1, 0), at(30, 30), at(3, 0)]))

    times = travel_times_ds(network, places, places)

    assert (times == INFINITE).tolist() == [
        [False, True, False],
        [True, True, True],
        [False, True, False],
    ]
    assert times[0, 2] == times[2, 0] > 0
