"""Closures onto the road graph: which stretches of which edges an area, a line or a road code closes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.closure import LINE_REACH_M, ClosedPlace
from yingji_map.domain.crs import STORAGE_SRID, transformer
from yingji_map.domain.shapes import dense
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import Flags, Floats, Ints, RoadGraph
from yingji_map.engine.profile_network import RoadNetwork

_MARGIN_DEG = 0.1  # around the network; what lies farther out closes nothing
_TOUCH_M = 1e-6
_Stretches = tuple[Ints, Floats, Floats]
_NOTHING: _Stretches = (np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0))


def close_roads(network: RoadNetwork, places: Sequence[ClosedPlace]) -> ClosedRoads:
    """Return what the closures close; `owner` is their number in `places`.

    Takes milliseconds and leaves the graph as it is, so a closure acts at once.
    """
    found = []
    for owner, place in enumerate(places):
        pieces = (_of_roads(network.graph, place.road_codes), _of_shape(network, place))
        found += [(*piece, np.full(len(piece[0]), owner, dtype=np.int32)) for piece in pieces]
    if not any(len(edge) for edge, *_ in found):
        return ALL_OPEN
    edge, from_m, to_m, owner_of = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((owner_of, to_m, from_m, edge))
    mask = np.zeros(network.graph.edge_count, dtype=np.uint8)
    mask[edge] = 1
    return ClosedRoads(
        mask=mask,
        edge=edge[order].astype(np.int32),
        from_m=from_m[order],
        to_m=to_m[order],
        owner=owner_of[order].astype(np.int32),
    )


def closed_length_m(closed: ClosedRoads) -> float:
    """Return how much road is closed; what two closures close counts once."""
    _, from_m, to_m = _merged((closed.edge, closed.from_m, closed.to_m))
    return float((to_m - from_m).sum())


def _of_roads(graph: RoadGraph, codes: Sequence[str]) -> _Stretches:
    if not codes:
        return _NOTHING
    wanted = set(codes)
    rows = [row for row, key in enumerate(graph.road_keys) if key in wanted]
    edge = np.flatnonzero(np.isin(graph.feature, rows)).astype(np.int32)
    return edge, np.zeros(len(edge)), graph.length_m[edge]


def _of_shape(network: RoadNetwork, place: ClosedPlace) -> _Stretches:
    shape = None if place.shape is None else _metric_shape(network, place.shape)
    edges = _NOTHING[0] if shape is None else network.every_road.edges_meeting(shape)
    if shape is None or len(edges) == 0:
        return _NOTHING
    graph = network.graph
    edge, vertex, segments = _segments(graph, edges)
    shapely.prepare(shape)
    whole = shapely.covers(shape, segments)
    partly = ~whole & shapely.intersects(shape, segments)
    start = graph.along_m[vertex] - graph.along_m[graph.first[edge]]
    step = graph.along_m[vertex + 1] - graph.along_m[vertex]
    row, low, high = _shares(segments, np.flatnonzero(partly), shape)
    return _merged(
        (
            np.concatenate((edge[whole], edge[row])),
            np.concatenate((start[whole], start[row] + low * step[row])),
            np.concatenate(((start + step)[whole], start[row] + high * step[row])),
        )
    )


def _metric_shape(network: RoadNetwork, shape: BaseGeometry) -> BaseGeometry | None:
    """Return the part of a shape about the network in metres, lines widened to their reach."""
    low, high = network.every_road.corners
    near = shapely.box(*(low - _MARGIN_DEG), *(high + _MARGIN_DEG))
    part = shapely.intersection(shape, near)
    if part.is_empty:
        return None
    to_metric = transformer(STORAGE_SRID, network.graph.srid)

    def flat(pairs: Floats) -> Floats:
        return np.column_stack(to_metric.transform(pairs[:, 0], pairs[:, 1]))

    metric = shapely.transform(dense(part), flat)
    is_area = shapely.get_dimensions(shape) == 2  # noqa: PLR2004 - a polygon's dimension
    return metric if is_area else shapely.buffer(metric, LINE_REACH_M)


def _segments(
    graph: RoadGraph, edges: Ints
) -> tuple[Ints, npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Return edge, first vertex and line in metres of every segment of some edges."""
    counts = graph.last[edges] - graph.first[edges]
    edge = np.repeat(edges, counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    vertex = graph.first[edge] + offset
    ends = np.stack((graph.vertices_metric[vertex], graph.vertices_metric[vertex + 1]), axis=1)
    return edge.astype(np.int32), vertex, np.asarray(shapely.linestrings(ends), dtype=object)


def _shares(
    segments: npt.NDArray[np.object_], rows: npt.NDArray[np.int64], shape: BaseGeometry
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Return row and first and last share, 0..1, of every part of a segment inside a shape."""
    parts, of = shapely.get_parts(shapely.intersection(segments[rows], shape), return_index=True)
    corners, part = shapely.get_coordinates(parts, return_index=True)
    row = rows[of]
    ends = shapely.get_coordinates(segments[row]).reshape(-1, 2, 2)
    steps = ends[:, 1] - ends[:, 0]
    share = ((corners - ends[part, 0]) * steps[part]).sum(axis=1) / (steps[part] ** 2).sum(axis=1)
    low, high = np.ones(len(parts)), np.zeros(len(parts))
    np.minimum.at(low, part, share.clip(0, 1))
    np.maximum.at(high, part, share.clip(0, 1))
    return row, low, high


def _merged(stretches: _Stretches) -> _Stretches:
    """Return stretches in order, those of an edge that touch made one."""
    edge, from_m, to_m = stretches
    order = np.lexsort((to_m, from_m, edge))
    edge, from_m, to_m = edge[order], from_m[order], to_m[order].copy()
    starts: Flags = _starts(edge, from_m, to_m)
    kept = np.flatnonzero(starts)
    return edge[kept], from_m[kept], np.maximum.reduceat(to_m, kept) if len(kept) else to_m


@njit(cache=True, nogil=True)
def _starts(edge: Ints, from_m: Floats, to_m: Floats) -> Flags:
    starts = np.ones(len(edge), dtype=np.bool_)
    reach = -1.0
    for row in range(len(edge)):
        if row and edge[row] == edge[row - 1] and from_m[row] <= reach + _TOUCH_M:
            starts[row] = False
            reach = max(reach, to_m[row])
        else:
            reach = to_m[row]
    return starts
