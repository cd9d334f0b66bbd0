"""What is odd about a road network: separate parts, loose ends, and ends that just miss a road."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from yingji_map.engine.graph import Floats, RoadGraph

NEAR_MISS_M = 15.0  # a road's width and a digitising error; an assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPart:
    """A part of the network that no road joins to the rest; `lon`, `lat` is one place in it."""

    edges: int
    length_km: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseEnd:
    """A road end that meets no other road."""

    road: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A loose end that stops just short of another road: probably they should meet."""

    road: str
    other_road: str
    gap_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyReport:
    """Size and oddities of a network; parts by length, the rest by road.

    Attributes
    ----------
    roads_without_speed
        Roads that no profile can use because their speed is unknown.
    """

    roads: int
    nodes: int
    edges: int
    length_km: float
    parts: tuple[NetworkPart, ...]
    loose_ends: tuple[LooseEnd, ...]
    near_misses: tuple[NearMiss, ...]
    roads_without_speed: tuple[str, ...]


def report_topology(graph: RoadGraph) -> TopologyReport:
    """Look for what a road network should not have, without changing it."""
    ends = np.bincount(np.concatenate((graph.tail, graph.head)), minlength=graph.node_count)
    loose = np.flatnonzero(ends == 1)
    edge_at = np.full(graph.node_count, -1, dtype=np.int64)
    for nodes in (graph.tail, graph.head):
        edge_at[nodes] = np.arange(graph.edge_count)
    order = np.lexsort((loose, graph.feature[edge_at[loose]]))
    loose = loose[order]
    missing = np.unique(graph.feature[~(graph.speed_km_h > 0)])
    return TopologyReport(
        roads=len(graph.road_keys),
        nodes=graph.node_count,
        edges=graph.edge_count,
        length_km=float(graph.length_m.sum()) / 1000,
        parts=_parts(graph),
        loose_ends=tuple(
            LooseEnd(road=_road(graph, edge_at[node]), lon=lon, lat=lat)
            for node, (lon, lat) in zip(loose, graph.node_places[loose].tolist(), strict=True)
        ),
        near_misses=_near_misses(graph, loose, edge_at[loose]),
        roads_without_speed=tuple(graph.road_keys[row] for row in missing),
    )


def _parts(graph: RoadGraph) -> tuple[NetworkPart, ...]:
    joined = coo_array(
        (np.ones(graph.edge_count, dtype=np.int8), (graph.tail, graph.head)),
        shape=(graph.node_count, graph.node_count),
    )
    count, part_of_node = connected_components(joined, directed=False)
    part = part_of_node[graph.tail]
    length_km = np.bincount(part, weights=graph.length_m, minlength=count) / 1000
    edges = np.bincount(part, minlength=count)
    _, sample = np.unique(part_of_node, return_index=True)
    places = graph.node_places[sample]
    order = np.lexsort((np.arange(count), -length_km))
    return tuple(
        NetworkPart(
            edges=int(edges[number]),
            length_km=float(length_km[number]),
            lon=float(places[number, 0]),
            lat=float(places[number, 1]),
        )
        for number in order
    )


def _near_misses(
    graph: RoadGraph, loose: npt.NDArray[np.int64], own: npt.NDArray[np.int64]
) -> tuple[NearMiss, ...]:
    lines = graph.metric_lines()
    points = np.asarray(shapely.points(_metric_places(graph, loose, own)), dtype=object)
    asked, found = shapely.STRtree(lines).query(points, predicate="dwithin", distance=NEAR_MISS_M)
    apart = ~_share_a_node(graph, own[asked], found)
    asked, found = asked[apart], found[apart]
    gaps_m = np.asarray(shapely.distance(points[asked], lines[found]), dtype=np.float64)
    order = np.lexsort((found, gaps_m, asked))
    asked, first = np.unique(asked[order], return_index=True)
    found, gaps_m = found[order][first], gaps_m[order][first]
    return tuple(
        NearMiss(
            road=_road(graph, own[end]),
            other_road=_road(graph, other),
            gap_m=float(gap_m),
            lon=float(graph.node_places[loose[end], 0]),
            lat=float(graph.node_places[loose[end], 1]),
        )
        for end, other, gap_m in zip(asked, found, gaps_m, strict=True)
    )


def _metric_places(
    graph: RoadGraph, nodes: npt.NDArray[np.int64], edges: npt.NDArray[np.int64]
) -> Floats:
    vertex = np.where(graph.tail[edges] == nodes, graph.first[edges], graph.last[edges])
    return graph.vertices_metric[vertex]


def _share_a_node(
    graph: RoadGraph, edges: npt.NDArray[np.int64], others: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    tail, head = graph.tail[edges], graph.head[edges]
    other_tail, other_head = graph.tail[others], graph.head[others]
    shared = (tail == other_tail) | (tail == other_head)
    return np.asarray(shared | (head == other_tail) | (head == other_head), dtype=bool)


def _road(graph: RoadGraph, edge: int) -> str:
    return graph.road_keys[int(graph.feature[edge])]
