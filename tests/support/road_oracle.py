"""The same trips by scipy on a graph whose edges are really cut where places lie on them."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import Direction, off_path_ds
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import RoadGraph
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps

INFINITE = 2**31 - 1
_SCALE = 1_000_000  # an arc of no cost must still be an arc for scipy, so each counts one more
Arc = tuple[int, int, int]


def whole_edges(graph: RoadGraph, mask: npt.NDArray[np.bool_]) -> ClosedRoads:
    """Return the closure of whole edges."""
    edge = np.flatnonzero(mask).astype(np.int32)
    return ClosedRoads(
        mask=mask.astype(np.uint8) if len(edge) else ALL_OPEN.mask,
        edge=edge,
        from_m=np.zeros(len(edge)),
        to_m=graph.length_m[edge],
        owner=np.zeros(len(edge), dtype=np.int32),
    )


def node_costs(
    network: ProfileNetwork, source: int, *, closed: ClosedRoads = ALL_OPEN
) -> npt.NDArray[np.int64]:
    """Return deciseconds from a node to every node, `INFINITE` where there is no way."""
    arcs = _arcs_of_edges(network, {}, closed)
    return _distances(arcs, network.graph.node_count, source)


def place_costs(
    network: ProfileNetwork,
    direction: Direction,
    origin: Snaps,
    targets: Snaps,
    *,
    closed: ClosedRoads = ALL_OPEN,
) -> npt.NDArray[np.int64]:
    """Return deciseconds from a place to every target (or back), walks included."""
    nodes, count = network.graph.node_count, len(targets)
    places = _joined(origin, targets)
    on_road = {int(row): nodes + int(row) for row in np.flatnonzero(places.edge >= 0)}
    beside = nodes + len(places)
    arcs = _arcs_of_edges(network, _cuts(network, places, on_road), closed)
    if direction is Direction.TO:
        arcs = [(end, start, cost) for start, end, cost in arcs]
    walks = off_path_ds(places.distance_m)
    for row, node in on_road.items():
        ends = (beside, node) if row == 0 else (node, beside + row)
        arcs.append((*ends, int(walks[row])))
    arcs += _straight_walks(places, beside)
    found = _distances(arcs, beside + len(places), beside)
    return found[beside + 1 : beside + 1 + count]


def _joined(origin: Snaps, targets: Snaps) -> Snaps:
    both = (origin, targets)
    return Snaps(
        edge=np.concatenate([snaps.edge for snaps in both]),
        along_m=np.concatenate([snaps.along_m for snaps in both]),
        distance_m=np.concatenate([snaps.distance_m for snaps in both]),
        places=np.concatenate([snaps.places for snaps in both]),
        on_road=np.concatenate([snaps.on_road for snaps in both]),
        is_moved=np.concatenate([snaps.is_moved for snaps in both]),
    )


def _cuts(
    network: ProfileNetwork, places: Snaps, on_road: dict[int, int]
) -> dict[int, list[tuple[float, int, int]]]:
    """Return metres, deciseconds from the tail and node of the places on each edge."""
    cuts: dict[int, list[tuple[float, int, int]]] = {}
    for row, node in on_road.items():
        edge, along_m = int(places.edge[row]), float(places.along_m[row])
        share = along_m / network.graph.length_m[edge]
        cost = round(min(share, 1.0) * float(network.cost_ds[edge]))
        cuts.setdefault(edge, []).append((along_m, cost, node))
    return cuts


def _arcs_of_edges(
    network: ProfileNetwork,
    cuts: dict[int, list[tuple[float, int, int]]],
    closed: ClosedRoads,
) -> list[Arc]:
    graph = network.graph
    arcs: list[Arc] = []
    shut: dict[int, list[tuple[float, float]]] = {}
    for edge, low, high in zip(closed.edge, closed.from_m, closed.to_m, strict=True):
        shut.setdefault(int(edge), []).append((float(low), float(high)))
    for edge in range(graph.edge_count):
        cost, length_m = int(network.cost_ds[edge]), float(graph.length_m[edge])
        if cost == 0:
            continue
        is_oneway = bool(graph.is_oneway[edge]) and network.profile.obeys_oneway
        stops = [(0.0, 0, int(graph.tail[edge])), (length_m, cost, int(graph.head[edge]))]
        stops = sorted([*stops, *cuts.get(edge, [])])
        for (a_m, a_ds, a), (b_m, b_ds, b) in pairwise(stops):
            if any(low <= b_m and high >= a_m for low, high in shut.get(edge, [])):
                continue
            arcs.append((a, b, b_ds - a_ds))
            is_same_place = b_m - a_m <= 0.01
            if not is_oneway or (is_same_place and len(stops) > 2):
                arcs.append((b, a, b_ds - a_ds))
    return arcs


def _straight_walks(places: Snaps, beside: int) -> list[Arc]:
    arcs: list[Arc] = []
    start = places.places[0]
    for row in range(1, len(places)):
        if places.edge[row] < 0:
            continue
        _, _, distance_m = GEOD.inv(*start, *places.places[row])
        if distance_m <= places.distance_m[0] + places.distance_m[row]:
            cost = int(off_path_ds(np.array([distance_m]))[0])
            arcs.append((beside, beside + row, cost))
    return arcs


def _distances(arcs: list[Arc], nodes: int, source: int) -> npt.NDArray[np.int64]:
    least: dict[tuple[int, int], int] = {}
    for start, end, cost in arcs:
        scaled = cost * _SCALE + 1
        least[start, end] = min(scaled, least.get((start, end), scaled))
    ends = np.array(list(least), dtype=np.int64).reshape(-1, 2)
    values = np.array(list(least.values()), dtype=np.float64)
    matrix = csr_array((values, (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    found = dijkstra(matrix, indices=source)
    return np.where(np.isinf(found), INFINITE, np.nan_to_num(found, posinf=0) // _SCALE).astype(
        np.int64
    )
