"""What must hold on every road network."""

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.road_oracle import whole_edges
from tests.support.roads import Place, Road, a_road_table, at

from yingji_map.domain.closure import ClosedPlace
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.closing import close_roads
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import build_graph
from yingji_map.engine.nearest import NearestTargets, find_nearest
from yingji_map.engine.profile_network import ProfileNetwork, RoadNetwork, build_network
from yingji_map.engine.targets import prepare_targets

SIDE = 4
_STREETS = [
    ((x, y), (x + dx, y + dy))
    for x in range(SIDE)
    for y in range(SIDE)
    for dx, dy in ((1, 0), (0, 1))
    if x + dx < SIDE and y + dy < SIDE
]
_steps = st.floats(0, SIDE - 1).map(lambda value: round(value, 3))
places = st.tuples(_steps, _steps)
many_places = st.lists(places, min_size=1, max_size=6)
directions = st.sampled_from(Direction)


@st.composite
def networks(draw: st.DrawFn, *, has_oneways: bool = True) -> ProfileNetwork:
    """Return a part of a small street grid with speeds and one-way streets, as a car sees it."""
    chosen = draw(st.lists(st.sampled_from(_STREETS), min_size=1, unique=True))
    roads = {
        f"R{number:02d}": Road(
            places=street[::-1] if draw(st.booleans()) else street,
            speed_km_h=draw(st.sampled_from([12.0, 30.0, 60.0])),
            is_oneway=has_oneways and draw(st.booleans()),
        )
        for number, street in enumerate(chosen)
    }
    return build_network(build_graph(a_road_table(roads))).by_profile[ProfileId.CAR]


def _ask(
    network: ProfileNetwork,
    origin: Place,
    targets: list[Place],
    direction: Direction = Direction.FROM,
    closed: ClosedRoads = ALL_OPEN,
) -> NearestTargets:
    snaps = network.snapper.snap(np.array([at(*place) for place in targets]))
    start = network.snapper.snap(np.array([at(*origin)]))
    prepared = prepare_targets(network, direction, snaps, closed)
    return find_nearest(network, start, prepared, k=len(targets))


def _are_near_roads(network: ProfileNetwork, *steps: Place) -> bool:
    return bool((network.snapper.snap(np.array([at(*step) for step in steps])).edge >= 0).all())


def _costs(found: NearestTargets) -> dict[int, int]:
    return {one.target: one.cost_ds for one in found.found}


@given(networks(), places, many_places, places, directions)
def test_another_place_never_lengthens_the_first_trip(
    network: ProfileNetwork,
    origin: Place,
    targets: list[Place],
    another: Place,
    direction: Direction,
) -> None:
    before = _costs(_ask(network, origin, targets, direction))

    after = _costs(_ask(network, origin, [*targets, another], direction))

    assert {target: after.get(target) for target in before} == before
    assert min(after.values(), default=0) <= min(before.values(), default=2**31)


@given(networks(), places, many_places, directions, st.data())
def test_closing_a_road_never_shortens_a_trip(
    network: ProfileNetwork,
    origin: Place,
    targets: list[Place],
    direction: Direction,
    data: st.DataObject,
) -> None:
    edges = network.graph.edge_count
    is_closed = data.draw(st.lists(st.booleans(), min_size=edges, max_size=edges))
    closed = whole_edges(network.graph, np.array(is_closed))
    before = _costs(_ask(network, origin, targets, direction))

    after = _costs(_ask(network, origin, targets, direction, closed))

    assert set(after) <= set(before)
    assert all(after[target] >= before[target] for target in after)


@given(networks(), places, many_places, directions, st.lists(st.tuples(places, places), max_size=3))
def test_closing_areas_never_shortens_a_trip_whose_ends_stay_on_their_road(
    network: ProfileNetwork,
    origin: Place,
    targets: list[Place],
    direction: Direction,
    corners: list[tuple[Place, Place]],
) -> None:
    areas = [ClosedPlace(shape=shapely.MultiPoint([at(*a), at(*b)]).envelope) for a, b in corners]
    areas = [area for area in areas if shapely.get_dimensions(area.shape) == 2]
    roads = RoadNetwork(graph=network.graph, by_profile={ProfileId.CAR: network})
    closed = close_roads(roads, areas)
    ends = [at(*place) for place in (origin, *targets)]
    snaps = network.snapper.snap(np.array(ends), closed=closed)
    before = _costs(_ask(network, origin, targets, direction))

    start = snaps.take(slice(0, 1))
    prepared = prepare_targets(network, direction, snaps.take(slice(1, None)), closed)
    after = _costs(find_nearest(network, start, prepared, k=len(targets)))

    stayed = [t for t in after if not snaps.is_moved[0] and not snaps.is_moved[t + 1]]
    assert all(after[target] >= before[target] for target in stayed)
    assert (snaps.distance_m + 1e-6 >= network.snapper.snap(np.array(ends)).distance_m).all()


@given(networks(has_oneways=False), places, places)
def test_without_oneway_roads_there_and_back_take_the_same(
    network: ProfileNetwork, here: Place, there: Place
) -> None:
    assume(_are_near_roads(network, here, there))

    assert _costs(_ask(network, here, [there])) == _costs(_ask(network, there, [here]))


@given(networks(), places, places)
def test_going_there_is_the_same_as_coming_from_here(
    network: ProfileNetwork, here: Place, there: Place
) -> None:
    assume(_are_near_roads(network, here, there))

    going = _ask(network, here, [there], Direction.FROM)

    coming = _ask(network, there, [here], Direction.TO)

    assert _costs(going) == _costs(coming)


@given(networks(), places, many_places, directions)
def test_every_place_is_found_or_counted(
    network: ProfileNetwork, origin: Place, targets: list[Place], direction: Direction
) -> None:
    answer = _ask(network, origin, targets, direction)

    together = sorted([*_costs(answer), *answer.unreachable.tolist()])
    assert together == list(range(len(targets)))


@given(networks(), places, many_places, directions)
def test_fewer_places_are_the_first_of_more(
    network: ProfileNetwork, origin: Place, targets: list[Place], direction: Direction
) -> None:
    snaps = network.snapper.snap(np.array([at(*place) for place in targets]))
    start = network.snapper.snap(np.array([at(*origin)]))
    prepared = prepare_targets(network, direction, snaps)
    every = find_nearest(network, start, prepared, k=len(targets))

    for k in range(1, len(targets) + 1):
        few = find_nearest(network, start, prepared, k=k)
        assert list(_costs(few).items()) == list(_costs(every).items())[:k]
        assert few.unreachable.tolist() == every.unreachable.tolist()
