"""On the road, then on foot: equal to scipy on one graph of roads and cells; no way through water."""

from collections.abc import Iterator

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from tests.support.roads import Road, a_bent_grid, a_road_table, at, random_places

from yingji_map.domain.closure import ClosedPlace
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.network import OFF_PATH_KM_H, Direction, ProfileId, slope_factor
from yingji_map.domain.raster import Raster
from yingji_map.engine.closing import close_roads
from yingji_map.engine.closures import ClosedRoads
from yingji_map.engine.country import (
    Country,
    Links,
    build_country,
    drive_walk,
    link_roads,
    prepare_links,
)
from yingji_map.engine.graph import build_graph
from yingji_map.engine.places_served import Access
from yingji_map.engine.profile_network import ProfileNetwork, RoadNetwork, build_network
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import exits_of, from_tail_ds
from yingji_map.engine.walking import Ground, walks_between

SIDE = 4
LIMIT_DS = 60_000
BENT = build_network(build_graph(a_bent_grid(SIDE, seed=5)))
FLOOD = ClosedPlace(shape=shapely.box(*at(1.2, 1.2), *at(2.1, 2.3)))
WEST, NORTH, STEP = 106.1, 32.4, 0.001
LINE = build_network(build_graph(a_road_table({"a": Road([(0, 0), (6, 0)], speed_km_h=36.0)})))


def ground_of(
    height: npt.NDArray[np.float64], cover: npt.NDArray[np.float64] | None = None
) -> Ground:
    def raster(values: npt.NDArray[np.float64]) -> Raster:
        return Raster(
            values=values.astype(np.float32),
            west=WEST,
            north=NORTH,
            step_lon=STEP,
            step_lat=STEP,
            sha256="0" * 64,
        )

    return Ground(heights=raster(height), cover=None if cover is None else raster(cover))


def _hills() -> Ground:
    y, x = np.mgrid[0:300, 0:300]
    cover = np.full((300, 300), 2.0)
    cover[(x > 120) & (x < 126)] = 5  # a lake across, with a ford
    cover[150:160, 100:140] = 2
    return ground_of(300 + 60 * np.sin(x / 9.0) + 50 * np.cos(y / 7.0), cover)


HILLS = _hills()
FLAT = ground_of(np.zeros((300, 300)))
Prepared = tuple[Country, tuple[Links, Access]]


def prepared(
    network: ProfileNetwork, ground: Ground, direction: Direction, closed: ClosedRoads
) -> Prepared:
    country = build_country(network, 8, ground)
    links = link_roads(network, country)
    return country, (links, prepare_links(network, links, direction, closed))


def costs_by_scipy(
    network: ProfileNetwork, found: Prepared, bases: Snaps, *, is_walker: bool
) -> npt.NDArray[np.float64]:
    """Return the cost of every cell on one graph: roads, links, cells, and a start."""
    country, (links, access) = found
    direction, closed = access.direction, access.closed
    nodes, cells = network.graph.node_count, len(country.cells)
    ways = network.ways[direction]
    is_open = ~closed.mask[ways.arcs.edge].astype(bool) if len(closed.mask) else slice(None)
    land = country.onward[direction]
    rows = [ways.arcs.source[is_open], access.node, nodes + land.source]
    columns = [
        ways.arcs.ends[is_open, 0],
        nodes + links.rows[access.place],
        nodes + land.ends[:, 0],
    ]
    costs = [ways.arcs.ends[is_open, 1], access.cost_ds, land.ends[:, 1]]
    if is_walker:
        back = exits_of(network, ways, access.snaps, closed)
        away = links.walks.back_ds if direction is Direction.FROM else links.walks.there_ds
        rows.append(nodes + links.rows[back.place])
        columns.append(back.node)
        costs.append(away[back.place] + back.cost_ds)
    start = nodes + cells
    exits = exits_of(network, ways, bases, closed)
    walk = np.rint(bases.distance_m * (36.0 / OFF_PATH_KM_H)).astype(int)
    rows.append(np.full(len(exits.node), start))
    columns.append(exits.node)
    costs.append(exits.cost_ds + walk[exits.place])
    for cell, cost in (
        *_along_the_edge(network, found, bases),
        *_straight_away(country, bases, direction),
    ):
        rows.append(np.array([start]))
        columns.append(np.array([nodes + cell]))
        costs.append(np.array([cost]))
    row, column, cost = (np.concatenate(part) for part in (rows, columns, costs))
    # Of parallel arcs the quickest counts; scipy would add them up.
    order = np.lexsort((cost, column, row))
    row, column, cost = row[order], column[order], cost[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    matrix = coo_array(
        (cost[first].astype(np.float64), (row[first], column[first])), shape=(start + 1, start + 1)
    ).tocsr()
    return dijkstra(matrix, indices=start)[nodes : nodes + cells]


def _along_the_edge(
    network: ProfileNetwork, found: Prepared, bases: Snaps
) -> Iterator[tuple[int, int]]:
    """Yield cells on a base's own edge, with their cost."""
    links, access = found[1]
    ways = network.ways[access.direction]
    ours, theirs = from_tail_ds(network, access.snaps), from_tail_ds(network, bases)
    for base in range(len(bases)):
        edge, here = bases.edge[base], bases.along_m[base]
        for link in np.flatnonzero(access.snaps.edge == edge):
            there = access.snaps.along_m[link]
            allowed = (there >= here and ways.to_head[edge]) or (
                there <= here and ways.to_tail[edge]
            )
            between = [np.array([value]) for value in (edge, here, there)]
            if allowed and not access.closed.blocks(*between)[0]:
                walk = round(bases.distance_m[base] * 36.0 / OFF_PATH_KM_H)
                gap = abs(int(ours[link]) - int(theirs[base]))
                yield int(links.rows[link]), gap + int(access.walk_ds[link]) + walk


def _straight_away(
    country: Country, bases: Snaps, direction: Direction
) -> Iterator[tuple[int, int]]:
    """Yield the cells about each base, with the walk from it."""
    for place in bases.places:
        own = h3.latlng_to_cell(place[1], place[0], country.resolution)
        rows = np.flatnonzero(np.isin(country.cells, h3.grid_disk(own, 1)))
        start = np.repeat(place[None], len(rows), axis=0)
        walks = walks_between(country.ground, start, country.centres[rows])
        cost = walks.there_ds if direction is Direction.FROM else walks.back_ds
        for open_row in np.flatnonzero(walks.is_open):
            yield int(rows[open_row]), int(cost[open_row])


@pytest.mark.parametrize("profile", [ProfileId.RESCUE, ProfileId.FOOT])
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("closures", [(), (FLOOD,)])
def test_costs_equal_scipy_on_one_graph_of_roads_and_cells(
    profile: ProfileId, direction: Direction, closures: tuple[ClosedPlace, ...]
) -> None:
    network = BENT.by_profile[profile]
    closed = close_roads(BENT, closures)
    found = prepared(network, HILLS, direction, closed)
    bases = network.snapper.snap(random_places(4, SIDE, seed=6), closed=closed)

    _, cells = drive_walk(network, *found, bases, LIMIT_DS)

    expected = costs_by_scipy(network, found, bases, is_walker=profile is ProfileId.FOOT)
    expected = np.where(expected > LIMIT_DS, np.inf, expected)
    ours = np.where(cells.cost_ds == UNREACHED, np.inf, cells.cost_ds)
    assert np.isfinite(ours).sum() > 50
    assert ours.tolist() == expected.tolist()


def test_uphill_takes_longer_than_downhill_and_the_flat_is_in_between() -> None:
    slope = np.array([-0.3, -0.05, 0.0, 0.3])

    factor = slope_factor(slope)

    assert factor[2] == pytest.approx(1.0)
    assert factor[1] == pytest.approx(np.exp(-0.175))
    assert factor[3] / factor[0] == pytest.approx(np.exp(3.5 * 0.1))


def test_a_walk_on_a_ramp_is_toblers_in_both_directions() -> None:
    x = np.mgrid[0:300, 0:300][1]
    ramp = ground_of(x * STEP * 94_220 * 0.2)  # one fifth upwards to the east, metres a degree here
    start, end = np.array([[106.2, 32.2]]), np.array([[106.21, 32.2]])

    walks = walks_between(ramp, start, end)

    flat = walks_between(FLAT, start, end).there_ds[0]
    slope = 0.2 * 94_220 / (flat / 36.0 * OFF_PATH_KM_H / 0.01)
    assert walks.there_ds[0] / flat == pytest.approx(float(slope_factor(np.array(slope))), rel=1e-3)
    assert walks.back_ds[0] / flat == pytest.approx(float(slope_factor(np.array(-slope))), rel=1e-3)


def _reached(
    ground: Ground, table: FeatureTable | None = None
) -> tuple[Country, npt.NDArray[np.bool_]]:
    roads: RoadNetwork = LINE if table is None else build_network(build_graph(table))
    network = roads.by_profile[ProfileId.RESCUE]
    found = prepared(network, ground, Direction.FROM, close_roads(roads, ()))
    bases = network.snapper.snap(np.array([at(0, 0)]))
    _, cells = drive_walk(network, *found, bases, LIMIT_DS)
    return found[0], cells.cost_ds < UNREACHED


def test_water_and_cliffs_are_not_walked_through() -> None:
    y = np.mgrid[0:300, 0:300][0]
    lake = np.where((y > 185) & (y < 190), 5.0, 2.0)  # an arm of water north of the road
    wall = np.where(y > 187, 0.0, 2_000.0)
    north = lambda country: country.centres[:, 1] > NORTH - 0.185  # noqa: E731
    everywhere = np.zeros((300, 300))

    open_country, reached = _reached(FLAT)
    assert reached[north(open_country)].any()
    for ground in (ground_of(everywhere, lake), ground_of(wall)):
        country, reached = _reached(ground)
        assert reached.any()
        assert not reached[north(country)].any()


def test_a_river_too_wide_to_wade_is_not_crossed() -> None:
    river = shapely.STRtree([shapely.LineString([(106.0, 32.215), (106.5, 32.215)])])
    ground = Ground(heights=FLAT.heights, rivers=river)

    country, reached = _reached(ground)

    assert reached.any()
    assert not reached[country.centres[:, 1] > 32.215].any()


def test_nobody_steps_off_a_bridge() -> None:
    road = a_road_table(
        {"a": Road([(0, 0), (2, 0)]), "b": Road([(2, 0), (4, 0)]), "c": Road([(4, 0), (6, 0)])}
    )
    structure = np.array([None, "桥梁", None], dtype=object)
    bridged = FeatureTable(
        layer_id="road",
        keys=road.keys,
        row_ids=road.row_ids,
        geometry=road.geometry,
        columns={**road.columns, "structure": structure},
    )
    network = build_network(build_graph(bridged)).by_profile[ProfileId.RESCUE]

    links = link_roads(network, build_country(network, 8, FLAT))

    keys = {network.graph.road_keys[row] for row in network.graph.feature[links.snaps.edge]}
    assert keys == {"a", "c"}


@pytest.mark.parametrize(("structure", "parts"), [("桥梁", 2), ("隧道", 2), ("路基", 1), (None, 1)])
def test_a_bridge_over_a_road_does_not_meet_it(structure: str | None, parts: int) -> None:
    crossing = a_road_table(
        {"over": Road([(0, 1), (1, 1), (2, 1)]), "under": Road([(1, 0), (1, 1), (1, 2)])}
    )
    column = np.array([structure, None], dtype=object)
    table = FeatureTable(
        layer_id="road",
        keys=crossing.keys,
        row_ids=crossing.row_ids,
        geometry=crossing.geometry,
        columns={**crossing.columns, "structure": column},
    )

    network = build_network(build_graph(table)).by_profile[ProfileId.CAR]

    assert len(np.unique(network.strong_part)) == parts


def test_a_road_that_ends_on_a_bridge_still_meets_it() -> None:
    table = a_road_table({"over": Road([(0, 1), (1, 1), (2, 1)]), "ramp": Road([(1, 0), (1, 1)])})
    columns = {**table.columns, "structure": np.array(["桥梁", None], dtype=object)}
    joined = FeatureTable(
        layer_id="road",
        keys=table.keys,
        row_ids=table.row_ids,
        geometry=table.geometry,
        columns=columns,
    )

    network = build_network(build_graph(joined)).by_profile[ProfileId.CAR]

    assert len(np.unique(network.strong_part)) == 1
