"""Nearest by travel time against scipy's Dijkstra: the same graph, the same answers, one run.

usage: python benchmarks/reachability.py [side]   (side of the bent grid; 548 gives 300,000 nodes)
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.graph import build_graph
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.profile_network import ProfileNetwork, build_network
from yingji_map.engine.shortest_paths import Arrivals, Departures, Task, search
from yingji_map.engine.targets import prepare_targets

Value = TypeVar("Value")
SHELTERS, NEAREST, ROUNDS = 155, 5, 40
WEST, SOUTH, STEP = 104.0, 30.0, 0.01
GAPS, ONEWAYS = 0.25, 0.04
NONE = np.zeros(0, dtype=np.int32)


def main(side: int) -> None:
    table = bent_grid(side)
    graph, built_s = timed(lambda: build_graph(table))
    network, prepared_s = timed(lambda: build_network(graph))
    car = network.by_profile[ProfileId.CAR]
    arcs = car.ways[Direction.FROM].arcs
    print(f"{graph.node_count:,} nodes, {len(arcs.edge):,} arcs (car); CPU time of this process")
    print(f"graph {built_s:.2f} s, four profiles {prepared_s:.2f} s")
    matrix = csr_array(
        (arcs.ends[:, 1].astype(np.float64), arcs.ends[:, 0], arcs.start),
        shape=(graph.node_count, graph.node_count),
    )
    _one_to_all(car, matrix)
    _nearest(car, matrix, side)


def _one_to_all(car: ProfileNetwork, matrix: csr_array) -> None:
    nodes = car.graph.node_count
    workspace = car.workspaces.take()
    arrivals = Arrivals(np.full(nodes, -1, dtype=np.int32), NONE, NONE, NONE, NONE)
    sources = np.random.default_rng(1).integers(0, nodes, 6)
    ours, theirs = [], []
    for source in sources:
        departures = Departures(
            np.array([source], dtype=np.int32), np.zeros(1, dtype=np.int32), NONE, NONE
        )
        task = Task(car.ways[Direction.FROM].arcs, departures, arrivals)
        _, ours_s = timed(lambda task=task: search(task, 0, 1, workspace))
        expected, theirs_s = timed(lambda source=source: dijkstra(matrix, indices=int(source)))
        is_reached = workspace.labels.stamp == workspace.run
        found = np.where(is_reached, workspace.labels.cost, np.inf)
        assert (found == expected).all(), "costs differ from scipy"
        ours.append(ours_s)
        theirs.append(theirs_s)
    car.workspaces.give_back(workspace)
    report("one to all", ours[1:], theirs[1:])  # the first call compiles or loads


def _nearest(car: ProfileNetwork, matrix: csr_array, side: int) -> None:
    shelters = car.snapper.snap(places_in(SHELTERS, side, seed=2))
    targets = prepare_targets(car, Direction.FROM, shelters)
    ours, unlimited, limited = [], [], []
    for place in places_in(ROUNDS, side, seed=3):
        answer, ours_s = timed(
            lambda place=place: find_nearest(
                car, car.snapper.snap(place[None, :]), targets, NEAREST
            )
        )
        if len(answer.found) < NEAREST:
            continue
        start = int(car.graph.tail[car.snapper.snap(place[None, :]).edge[0]])
        # scipy cannot stop at the k-th target: either it goes everywhere, or it is told the answer.
        limit = answer.found[-1].cost_ds
        _, all_s = timed(lambda start=start: dijkstra(matrix, indices=start))
        _, limited_s = timed(
            lambda start=start, limit=limit: dijkstra(matrix, indices=start, limit=limit)
        )
        ours.append(ours_s)
        unlimited.append(all_s)
        limited.append(limited_s)
    title = f"{NEAREST} nearest of {SHELTERS}, snapping and routes included"
    report(title, ours[1:], unlimited[1:])
    report("  scipy told the last cost as its limit", ours[1:], limited[1:])


def bent_grid(side: int) -> FeatureTable:
    """Return roads on a grid with gaps, bends, speeds and one-way roads, about 0.9 km apart."""
    rng = np.random.default_rng(11)
    x, y = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    nodes = np.stack((x, y), axis=-1) + rng.uniform(-0.3, 0.3, (side, side, 2))
    east = (nodes[:-1].reshape(-1, 2), nodes[1:].reshape(-1, 2))
    north = (nodes[:, :-1].reshape(-1, 2), nodes[:, 1:].reshape(-1, 2))
    start, end = (np.vstack(pair) for pair in zip(east, north, strict=True))
    kept = rng.random(len(start)) > GAPS
    start, end = start[kept], end[kept]
    bend = (start + end) / 2 + rng.uniform(-0.15, 0.15, start.shape)
    count = len(start)
    lines = np.stack((start, bend, end), axis=1) * STEP + (WEST, SOUTH)
    return FeatureTable(
        layer_id="road",
        keys=tuple(f"R{number:07d}" for number in range(count)),
        row_ids=np.arange(count),
        geometry=shapely.linestrings(lines.round(7)),
        columns={
            "speed_km_h": rng.choice([20.0, 30.0, 40.0, 60.0], count).astype(object),
            "is_oneway": (rng.random(count) < ONEWAYS).astype(object),
            "width_m": np.full(count, None, dtype=object),
        },
    )


def places_in(count: int, side: int, seed: int) -> npt.NDArray[np.float64]:
    """Return places all over the grid, `(count, 2)` longitude, latitude."""
    steps = np.random.default_rng(seed).uniform(0, side - 1, (count, 2))
    return steps * STEP + (WEST, SOUTH)


def report(title: str, ours: list[float], theirs: list[float]) -> None:
    mine, other = np.median(ours) * 1000, np.median(theirs) * 1000
    print(f"{title:45s} {mine:8.2f} ms   scipy {other:8.2f} ms   scipy ÷ ours {other / mine:5.1f}")


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    started = time.process_time()
    value = work()
    return value, time.process_time() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 548)
