"""Road features as a graph: nodes where roads end or meet, edges with their geodesic length."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import GEOD, STORAGE_SRID, metric_srid, transformer
from yingji_map.domain.features import FeatureTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_UNITS_PER_DEGREE = 1e7  # two vertices are one node when they agree to 1e-7 degrees, about 1 cm
_ORIGIN = np.array([180.0, 90.0])
ROAD_COLUMNS = ("speed_km_h", "is_oneway", "width_m", "structure")
_LEVELS = {"桥梁": 1, "隧道": 2}  # of the field `structure`; everything else is on the ground


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadGraph:
    """The road network before anyone travels on it.

    Attributes
    ----------
    node_places
        `(n_nodes, 2)` longitude, latitude; Morton order, so that neighbours are near in memory.
    tail, head
        `(n_edges,)` nodes at the first and last vertex of each edge, as digitised.
    length_m
        `(n_edges,)` geodesic length.
    feature
        `(n_edges,)` row of the road feature that the edge is part of.
    speed_km_h, width_m
        `(n_edges,)` of the road; NaN where unknown.
    is_oneway
        `(n_edges,)` True when traffic may only go from tail to head.
    is_off_ground
        `(n_edges,)` True for bridges and tunnels, which can be left at their ends only.
    vertices
        `(n_vertices, 2)` longitude, latitude of all roads.
    vertices_metric
        `(n_vertices, 2)` the same in metres, Gauss-Kruger zone `srid`.
    along_m
        `(n_vertices,)` running geodesic length; differences within an edge are distances along it.
    first, last
        `(n_edges,)` index of the first and last vertex of each edge.
    road_keys
        Business codes of the road features.
    """

    node_places: Floats
    tail: Ints
    head: Ints
    length_m: Floats
    feature: Ints
    speed_km_h: Floats
    width_m: Floats
    is_oneway: Flags
    is_off_ground: Flags
    vertices: Floats
    vertices_metric: Floats
    along_m: Floats
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    srid: int
    road_keys: tuple[str, ...]

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        return len(self.node_places)

    @property
    def edge_count(self) -> int:
        """How many edges there are."""
        return len(self.tail)

    def metric_lines(self) -> npt.NDArray[np.object_]:
        """Return every edge as a line in metres, `(n_edges,)`."""
        counts = self.last - self.first + 1
        edge = np.repeat(np.arange(self.edge_count), counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        lines = shapely.linestrings(self.vertices_metric[self.first[edge] + offset], indices=edge)
        return np.asarray(lines, dtype=object)


def build_graph(roads: FeatureTable) -> RoadGraph:
    """Turn road features into a graph.

    Roads meet where they share a vertex (to 1 cm), be it at an end or in the middle; roads that
    cross without a shared vertex, such as a bridge over another road, do not meet. Nor do a bridge
    or tunnel and a road on the ground that share a vertex in the middle of both.

    Parameters
    ----------
    roads
        At least one feature, lines in EPSG:4490, with the columns `ROAD_COLUMNS`.
    """
    lines, row_of_line = shapely.get_parts(roads.geometry, return_index=True)
    vertices, line_of_vertex = _distinct_vertices(lines)
    level = _levels(roads)[row_of_line]
    keys = _keys_by_level(_place_keys(vertices), line_of_vertex, level)
    is_node = _is_node(keys, line_of_vertex)
    at = np.flatnonzero(is_node)
    is_edge = line_of_vertex[at[:-1]] == line_of_vertex[at[1:]]
    first, last = at[:-1][is_edge], at[1:][is_edge]
    node_of_vertex, node_vertex = _number_nodes(keys, vertices, at)
    feature = row_of_line[line_of_vertex[first]].astype(np.int32)
    along_m = _running_length_m(vertices, line_of_vertex)
    srid = metric_srid(float(np.median(vertices[:, 0])))
    metric = transformer(STORAGE_SRID, srid).transform(vertices[:, 0], vertices[:, 1])
    oneway = np.array([bool(value) for value in roads.columns["is_oneway"]], dtype=bool)
    return RoadGraph(
        node_places=vertices[node_vertex],
        tail=node_of_vertex[first],
        head=node_of_vertex[last],
        length_m=along_m[last] - along_m[first],
        feature=feature,
        speed_km_h=roads.numbers("speed_km_h")[feature],
        width_m=roads.numbers("width_m")[feature],
        is_oneway=oneway[feature],
        is_off_ground=level[line_of_vertex[first]] > 0,
        vertices=vertices,
        vertices_metric=np.column_stack(metric),
        along_m=along_m,
        first=first,
        last=last,
        srid=srid,
        road_keys=roads.keys,
    )


def _distinct_vertices(
    lines: npt.NDArray[np.object_],
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the vertices of all lines and their line; repeats and lines of one vertex are gone."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    keys = _place_keys(vertices)
    repeats = np.zeros(len(keys), dtype=bool)
    repeats[1:] = (keys[1:] == keys[:-1]) & (line[1:] == line[:-1])
    vertices, line = vertices[~repeats], line[~repeats]
    long_enough = np.bincount(line, minlength=len(lines))[line] > 1
    return vertices[long_enough], line[long_enough].astype(np.int64)


def _place_keys(vertices: Floats) -> npt.NDArray[np.int64]:
    units = np.rint((vertices + _ORIGIN) * _UNITS_PER_DEGREE).astype(np.int64)
    return np.asarray((units[:, 0] << 31) | units[:, 1], dtype=np.int64)


def _levels(roads: FeatureTable) -> npt.NDArray[np.int64]:
    """Return 1 for each bridge, 2 for each tunnel, else 0, `(n_roads,)`."""
    structures = roads.columns.get("structure")
    if structures is None:
        return np.zeros(len(roads), dtype=np.int64)
    return np.array([_LEVELS.get(str(value), 0) for value in structures], dtype=np.int64)


def _keys_by_level(
    keys: npt.NDArray[np.int64], line: npt.NDArray[np.int64], level: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return keys that differ by level where all lines at a place pass through it."""
    _, place = np.unique(keys, return_inverse=True)
    is_end = _is_end(line)
    passes = np.bincount(place, weights=is_end, minlength=int(place.max(initial=-1)) + 1) == 0
    apart = np.where(passes[place], level[line], 0)
    return np.asarray(place * (len(_LEVELS) + 1) + apart, dtype=np.int64)


def _is_end(line: npt.NDArray[np.int64]) -> Flags:
    is_end = np.ones(len(line), dtype=bool)
    is_end[1:-1] = (line[1:-1] != line[:-2]) | (line[1:-1] != line[2:])
    return is_end


def _is_node(keys: npt.NDArray[np.int64], line: npt.NDArray[np.int64]) -> Flags:
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    is_shared = counts[inverse] > 1
    return np.asarray(_is_end(line) | is_shared, dtype=bool)


def _number_nodes(
    keys: npt.NDArray[np.int64], vertices: Floats, at: npt.NDArray[np.int64]
) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Return the node of each vertex (-1 for none) and one vertex of each node, in Morton order."""
    _, sample, inverse = np.unique(keys[at], return_index=True, return_inverse=True)
    order = np.argsort(_morton(vertices[at[sample]]), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    node_of_vertex = np.full(len(keys), -1, dtype=np.int32)
    node_of_vertex[at] = rank[inverse]
    return node_of_vertex, at[sample[order]]


def _morton(places: Floats) -> npt.NDArray[np.uint64]:
    low, high = places.min(axis=0), places.max(axis=0)
    grid = ((places - low) / np.maximum(high - low, 1e-9) * 65535).astype(np.uint64)
    return _spread(grid[:, 0]) | (_spread(grid[:, 1]) << np.uint64(1))


def _spread(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values


def _running_length_m(vertices: Floats, line: npt.NDArray[np.int64]) -> Floats:
    lon, lat = vertices[:, 0], vertices[:, 1]
    _, _, steps = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    steps = np.where(line[1:] == line[:-1], steps, 0.0)
    return np.concatenate(([0.0], np.cumsum(steps)))
