"""What is reached in time: equal to the route to every cell, cut at the minute, told by base."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from tests.support.road_oracle import INFINITE, place_costs
from tests.support.roads import Road, a_bent_grid, a_road_table, at, random_places

from yingji_map.domain.closure import ClosedPlace
from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.closing import close_roads
from yingji_map.engine.closures import ALL_OPEN
from yingji_map.engine.graph import build_graph
from yingji_map.engine.isochrone import area_km2, build_lattice, outline
from yingji_map.engine.places_served import prepare_access, serve
from yingji_map.engine.profile_network import RoadNetwork, build_network
from yingji_map.engine.reached_roads import reached_length_m, usable_length_m

SIDE = 5
BENT = build_network(build_graph(a_bent_grid(SIDE, seed=3)))
FLOOD = ClosedPlace(shape=shapely.box(*at(1.4, 1.2), *at(2.6, 2.3)))
LONG = build_network(build_graph(a_road_table({"a": Road([(0, 0), (25, 0)], speed_km_h=36.0)})))


def _times(
    roads: RoadNetwork,
    bases: npt.NDArray[np.float64],
    minutes: float,
    direction: Direction = Direction.FROM,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
    car = roads.by_profile[ProfileId.CAR]
    lattice = build_lattice(car, 8)
    access = prepare_access(car, direction, lattice.snaps)
    _, found = serve(car, car.snapper.snap(bases), access, round(minutes * 600))
    return found.cost_ds, found.base, lattice.cells


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("closures", [(), (FLOOD,)])
def test_every_cell_has_the_time_of_the_quickest_route_to_its_centre(
    direction: Direction, closures: tuple[ClosedPlace, ...]
) -> None:
    car = BENT.by_profile[ProfileId.CAR]
    closed = close_roads(BENT, closures)
    lattice = build_lattice(car, 8)
    snaps = car.snapper.moved(lattice.snaps, closed)
    bases = car.snapper.snap(random_places(6, SIDE, seed=4), closed=closed)
    limit_ds = 18_000

    _, found = serve(car, bases, prepare_access(car, direction, snaps, closed), limit_ds)

    expected = np.array(
        [
            place_costs(car, direction, bases.take(slice(row, row + 1)), snaps, closed=closed)
            for row in range(len(bases))
        ]
    )
    least = np.where(expected.min(axis=0) > limit_ds, INFINITE, expected.min(axis=0))
    assert found.cost_ds.tolist() == least.tolist()
    reached = least < INFINITE
    assert found.base[reached].tolist() == expected.argmin(axis=0)[reached].tolist()
    assert (found.base[~reached] == -1).all()
    assert 30 < reached.sum() < len(reached)


def test_closed_roads_move_the_cells_as_snapping_again_would() -> None:
    car = BENT.by_profile[ProfileId.CAR]
    closed = close_roads(BENT, [FLOOD])
    lattice = build_lattice(car, 8)

    moved = car.snapper.moved(lattice.snaps, closed)

    again = car.snapper.snap(lattice.snaps.places, closed=closed)
    assert 0 < moved.is_moved.sum() < len(moved)
    for name in ("edge", "along_m", "distance_m", "is_moved"):
        assert getattr(moved, name).tolist() == getattr(again, name).tolist()


def test_thirty_minutes_hold_the_place_at_29_and_not_the_one_at_31() -> None:
    car = LONG.by_profile[ProfileId.CAR]
    start = np.array([at(0, 0)])
    # 36 km/h: 10 metres a second along the parallel.
    metres = GEOD.line_length(*np.array([at(0, 0), at(1, 0)]).T)
    places = np.array([at(minutes * 600 / metres, 0) for minutes in (29, 31)])
    access = prepare_access(car, Direction.FROM, car.snapper.snap(places))

    _, found = serve(car, car.snapper.snap(start), access, 30 * 600)

    assert found.cost_ds[0] == pytest.approx(29 * 600, abs=3)
    assert found.cost_ds[1] == INFINITE


def test_the_interior_of_a_long_road_is_reached_and_its_far_end_is_not() -> None:
    times, _, cells = _times(LONG, np.array([at(0, 0)]), 15)

    lons = shapely.get_coordinates(outline(cells[times < INFINITE]))[:, 0]
    reach_deg = 15 * 600 / GEOD.line_length(*np.array([at(0, 0), at(1, 0)]).T) * 0.01
    assert at(0, 0)[0] + reach_deg - 0.01 < lons.max() < at(0, 0)[0] + reach_deg + 0.01


@pytest.mark.parametrize("minutes", [1, 15, 120])
def test_a_road_reached_in_part_counts_in_part(minutes: int) -> None:
    car = LONG.by_profile[ProfileId.CAR]
    bases = car.snapper.snap(np.array([at(10, 0)]))
    access = prepare_access(car, Direction.FROM, bases)
    reached, _ = serve(car, bases, access, minutes * 600)

    length_m = reached_length_m(car, Direction.FROM, bases, reached, (minutes * 600, ALL_OPEN))

    both_sides_m = 2 * minutes * 600
    total_m, west_m = usable_length_m(car), GEOD.line_length(*np.array([at(0, 0), at(10, 0)]).T)
    east_m = total_m - west_m
    expected = min(both_sides_m / 2, west_m) + min(both_sides_m / 2, east_m)
    assert length_m == pytest.approx(expected, abs=20)  # the base is 3 m off the road: 4.5 s


def test_what_lies_behind_a_closure_does_not_count_as_reached() -> None:
    car = LONG.by_profile[ProfileId.CAR]
    cut = ClosedPlace(shape=shapely.box(*at(11.9, -1), *at(12, 1)))
    closed = close_roads(LONG, [cut])
    bases = car.snapper.snap(np.array([at(10, 0)]), closed=closed)
    access = prepare_access(car, Direction.FROM, bases, closed)
    reached, _ = serve(car, bases, access, 6000)

    length_m = reached_length_m(car, Direction.FROM, bases, reached, (6000, closed))

    assert length_m == pytest.approx(
        GEOD.line_length(*np.array([at(10, 0), at(11.9, 0)]).T) + 6000, rel=1e-3
    )


def test_the_outline_covers_exactly_the_cells() -> None:
    times, _, cells = _times(BENT, np.array([at(2, 2)]), 10)
    inside = cells[times < INFINITE]

    shape = outline(inside)

    assert shape.is_valid
    area = abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6
    assert area == pytest.approx(area_km2(inside), rel=0.01)  # the sphere of H3, the ellipsoid here
    assert outline(inside[:0]).is_empty


def test_more_minutes_never_reach_less_and_another_base_never_slows() -> None:
    few, _, _ = _times(BENT, np.array([at(2, 2)]), 10)
    more, _, _ = _times(BENT, np.array([at(2, 2)]), 20)
    two, _, _ = _times(BENT, np.array([at(2, 2), at(0, 3)]), 20)

    assert (more <= few).all()
    assert (few[few < INFINITE] == more[few < INFINITE]).all()
    assert (two <= more).all()


def test_sixteen_threads_give_the_answer_of_one() -> None:
    def ask(number: int) -> tuple[bytes, bytes]:
        times, base, _ = _times(BENT, random_places(4, SIDE, seed=number % 3), 15)
        return times.tobytes(), base.tobytes()

    alone = [ask(number) for number in range(12)]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(ask, range(12)))

    assert together == alone
