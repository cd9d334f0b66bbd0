"""Isochrones and closures against scipy's Dijkstra: the same graph, the same answers, one run.

usage: python benchmarks/isochrone.py [side]   (side of the bent grid; 548 gives 300,000 nodes)
"""

import sys
from pathlib import Path

import numpy as np
import shapely
from reachability import ROUNDS, SHELTERS, STEP, bent_grid, places_in, report, timed
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.closure import ClosedPlace
from yingji_map.domain.network import Direction, ProfileId, off_path_ds
from yingji_map.engine.closing import close_roads
from yingji_map.engine.graph import build_graph
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.profile_network import ProfileNetwork, RoadNetwork, build_network
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.spreading import spread
from yingji_map.engine.targets import exits_of, prepare_targets

MINUTES, BASES, NEAREST = (30, 240), 50, 5
CLOSED_STEPS = 3.0  # radius of the closed area in grid steps of about a kilometre


def main(side: int) -> None:
    roads = build_network(build_graph(bent_grid(side)))
    car = roads.by_profile[ProfileId.CAR]
    arcs = car.ways[Direction.FROM].arcs
    print(f"{car.graph.node_count:,} nodes, {len(arcs.edge):,} arcs; CPU time of this process")
    for minutes in MINUTES:
        for count in (1, BASES):
            _spread(car, side, count, minutes)
    _closure(roads, side)


def _matrix(car: ProfileNetwork, starts: Snaps) -> csr_array:
    """Return the graph with one node more for each base, from which its road is reached."""
    arcs = car.ways[Direction.FROM].arcs
    exits = exits_of(car, car.ways[Direction.FROM], starts)
    nodes = car.graph.node_count
    costs = exits.cost_ds + off_path_ds(starts.distance_m)[exits.place]
    row = np.concatenate((arcs.source, nodes + exits.place))
    column = np.concatenate((arcs.ends[:, 0], exits.node))
    # scipy takes a cost of 0 for no arc; 1e-6 is below any decisecond.
    value = np.maximum(np.concatenate((arcs.ends[:, 1], costs)).astype(np.float64), 1e-6)
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    size = nodes + len(starts)
    return csr_array((value[first], (row[first], column[first])), shape=(size, size))


def _spread(car: ProfileNetwork, side: int, count: int, minutes: int) -> None:
    ours, theirs, limit_ds, reached_nodes = [], [], minutes * 600, 0
    for seed in range(ROUNDS // 4):
        bases = car.snapper.snap(places_in(count, side, seed=100 + seed))
        matrix = _matrix(car, bases)
        sources = car.graph.node_count + np.arange(count)
        reached, ours_s = timed(lambda bases=bases: spread(car, Direction.FROM, bases, limit_ds))
        expected, theirs_s = timed(
            lambda matrix=matrix, sources=sources: dijkstra(
                matrix, indices=sources, limit=limit_ds, min_only=True
            )
        )
        least = np.rint(np.nan_to_num(expected[: car.graph.node_count], posinf=UNREACHED))
        assert (reached.cost_ds == least).all(), "costs differ from scipy"
        ours.append(ours_s)
        theirs.append(theirs_s)
        reached_nodes = int((least < UNREACHED).sum())
    title = f"{minutes} minutes, {count} base(s), {reached_nodes:,} nodes"
    report(title, ours[1:], theirs[1:])  # the first call compiles or loads


def _closure(roads: RoadNetwork, side: int) -> None:
    """Close an area, then answer: ours lays it on the graph, scipy's graph is made anew."""
    car = roads.by_profile[ProfileId.CAR]
    places = places_in(SHELTERS, side, seed=2)
    ours, theirs, edges = [], [], 0
    for place in places_in(ROUNDS // 4, side, seed=7):
        area = ClosedPlace(shape=shapely.Point(place).buffer(CLOSED_STEPS * STEP))

        def answer(place: np.ndarray = place, area: ClosedPlace = area) -> int:
            closed = close_roads(roads, [area])
            targets = prepare_targets(
                car, Direction.FROM, car.snapper.snap(places, closed=closed), closed
            )
            origin = car.snapper.snap(place[None, :] + 4 * STEP, closed=closed)
            find_nearest(car, origin, targets, NEAREST)
            return int((closed.mask > 0).sum())

        edges, ours_s = timed(answer)
        closed = close_roads(roads, [area])
        start = int(car.graph.tail[car.snapper.snap(place[None, :]).edge[0]])
        _, theirs_s = timed(lambda closed=closed, start=start: _anew(car, closed.mask, start))
        ours.append(ours_s)
        theirs.append(theirs_s)
    report(f"close {edges} road edges, {NEAREST} nearest of {SHELTERS}", ours[1:], theirs[1:])


def _anew(car: ProfileNetwork, mask: np.ndarray, start: int) -> None:
    arcs, nodes = car.ways[Direction.FROM].arcs, car.graph.node_count
    kept = mask[arcs.edge] == 0
    values = arcs.ends[kept, 1].astype(np.float64)
    matrix = csr_array((values, (arcs.source[kept], arcs.ends[kept, 0])), shape=(nodes, nodes))
    dijkstra(matrix, indices=start)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 548)
