"""Places onto the road network: the nearest usable edge, where along it, how far away."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.crs import GEOD, STORAGE_SRID, transformer
from yingji_map.domain.network import SNAP_LIMIT_M
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import Flags, Floats, Ints, RoadGraph

_FARTHEST_DEG = 5.0  # from the network's box; farther places are not projected at all
_ASIDE_M = 0.001  # a closed stretch is left by so much: its end belongs to it
_SEARCH_SLACK = 1.01  # the plane may show a distance longer than it is, by far less than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Snaps:
    """Places on the network, one row each.

    Attributes
    ----------
    edge
        `(n,)` nearest usable edge; -1 when it is farther than the limit.
    along_m
        `(n,)` distance from the edge's tail to the place on the road.
    distance_m
        `(n,)` geodesic distance from the place to the road; a lower bound where `edge` is -1.
    places, on_road
        `(n, 2)` longitude, latitude of the place and of its point on the road.
    is_moved
        `(n,)` True when the nearest road is closed there, so that the next open one was taken.
    """

    edge: Ints
    along_m: Floats
    distance_m: Floats
    places: Floats
    on_road: Floats
    is_moved: Flags

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: npt.NDArray[np.intp] | slice) -> "Snaps":
        """Return some of the places only."""
        return Snaps(
            edge=self.edge[rows],
            along_m=self.along_m[rows],
            distance_m=self.distance_m[rows],
            places=self.places[rows],
            on_road=self.on_road[rows],
            is_moved=self.is_moved[rows],
        )


class _Lines(NamedTuple):
    """What compiled code needs of the graph, in metres."""

    vertices: Floats
    along_m: Floats
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]


class _Stretches(NamedTuple):
    """Closed stretches as compiled code takes them; see `ClosedRoads`."""

    edge: Ints
    from_m: Floats
    to_m: Floats


class Snapper:
    """Finds the nearest of the usable edges; safe to share between threads."""

    def __init__(self, graph: RoadGraph, usable: Flags) -> None:
        self._graph = graph
        self._lines = _Lines(graph.vertices_metric, graph.along_m, graph.first, graph.last)
        self._edges = np.flatnonzero(usable).astype(np.int32)
        self._tree = shapely.STRtree(graph.metric_lines()[self._edges])
        self._low, self._high = graph.vertices.min(axis=0), graph.vertices.max(axis=0)
        # GEOS builds the tree on the first question; asked here, before threads share it.
        self._tree.query(shapely.Point(0, 0))

    def snap(
        self, places: Floats, limit_m: float = SNAP_LIMIT_M, closed: ClosedRoads = ALL_OPEN
    ) -> Snaps:
        """Put places on the network.

        Parameters
        ----------
        places
            `(n, 2)` longitude, latitude in EPSG:4490.
        limit_m
            Places farther from every usable road stay off the network.
        closed
            A place whose nearest road is closed there is put on the nearest open stretch instead.
        """
        count = len(places)
        edge = np.full(count, -1, dtype=np.int32)
        along_m, on_road = np.zeros(count), places.astype(np.float64)
        gaps_deg = np.maximum(self._low - places, places - self._high)
        near = np.flatnonzero((gaps_deg < _FARTHEST_DEG).all(axis=1))
        is_moved = np.zeros(count, dtype=bool)
        if len(self._edges) and len(near):
            metric = self._metric(places[near])
            edge[near], vertex, share = self._nearest(metric)
            along_m[near], on_road[near] = self._points(edge[near], vertex, share)
            inside = np.flatnonzero(closed.blocks(edge[near], along_m[near], along_m[near]))
            for row in inside:
                edge[near[row]], vertex[row], share[row] = self._nearest_open(
                    metric[row], limit_m, closed
                )
            moved = near[inside]
            is_moved[moved] = True
            along_m[moved], on_road[moved] = self._points(
                edge[moved], vertex[inside], share[inside]
            )
        return self._measured(
            Snaps(
                edge=edge,
                along_m=along_m,
                distance_m=np.zeros(count),
                places=places,
                on_road=on_road,
                is_moved=is_moved,
            ),
            limit_m,
        )

    @property
    def corners(self) -> tuple[Floats, Floats]:
        """Return the south-west and the north-east corner of the network, longitude first."""
        return self._low, self._high

    def moved(self, snaps: Snaps, closed: ClosedRoads) -> Snaps:
        """Return places that were snapped without closures as `closed` would have them."""
        inside = np.flatnonzero(closed.blocks(snaps.edge, snaps.along_m, snaps.along_m))
        if len(inside) == 0:
            return snaps
        again = self.snap(snaps.places[inside], closed=closed)
        copies = snaps.take(np.arange(len(snaps)))
        copies.edge[inside] = again.edge
        copies.along_m[inside] = again.along_m
        copies.distance_m[inside] = again.distance_m
        copies.on_road[inside] = again.on_road
        copies.is_moved[inside] = again.is_moved
        return copies

    def edges_meeting(self, shape: BaseGeometry) -> Ints:
        """Return the usable edges that meet a shape in metres, ascending."""
        return self._edges[np.sort(self._tree.query(shape, predicate="intersects"))]

    def _measured(self, snaps: Snaps, limit_m: float) -> Snaps:
        places, on_road, edge = snaps.places, snaps.on_road, snaps.edge
        far = edge < 0
        snaps.along_m[far] = 0.0
        on_road[far] = np.clip(places[far], self._low, self._high)
        _, _, distance_m = GEOD.inv(places[:, 0], places[:, 1], on_road[:, 0], on_road[:, 1])
        snaps.distance_m[:] = distance_m
        # Round a place among closed roads no open one is within the limit: that is the bound.
        snaps.distance_m[far & snaps.is_moved] = limit_m
        edge[snaps.distance_m > limit_m] = -1
        return snaps

    def _metric(self, places: Floats) -> Floats:
        to_metric = transformer(STORAGE_SRID, self._graph.srid)
        return np.column_stack(to_metric.transform(places[:, 0], places[:, 1]))

    def _nearest(self, metric: Floats) -> tuple[Ints, npt.NDArray[np.int64], Floats]:
        asked, found = self._tree.query_nearest(shapely.points(metric), all_matches=True)
        # Several edges are equally near at a junction; the lowest number makes it repeatable.
        order = np.lexsort((found, asked))
        _, at = np.unique(asked[order], return_index=True)
        edge = self._edges[found[order][at]]
        vertex, share = np.zeros(len(metric), dtype=np.int64), np.zeros(len(metric))
        _locate(self._lines, metric, edge, (vertex, share))
        return edge, vertex, share

    def _nearest_open(
        self, place: Floats, limit_m: float, closed: ClosedRoads
    ) -> tuple[int, int, float]:
        """Return edge, vertex and share of the nearest open point; edge -1 when none is near."""
        reach = limit_m * _SEARCH_SLACK
        near = self._tree.query(shapely.Point(place), predicate="dwithin", distance=reach)
        stretches = _Stretches(closed.edge, closed.from_m, closed.to_m)
        edge, vertex, share = _locate_open(
            self._lines, place, self._edges[np.sort(near)], stretches
        )
        return int(edge), int(vertex), float(share)

    def _points(
        self, edge: Ints, vertex: npt.NDArray[np.int64], share: Floats
    ) -> tuple[Floats, Floats]:
        """Return metres from the tail, and the place, of points given by segment and share."""
        graph = self._graph
        start = graph.along_m[vertex] - graph.along_m[graph.first[edge]]
        along_m = start + share * (graph.along_m[vertex + 1] - graph.along_m[vertex])
        steps = graph.vertices[vertex + 1] - graph.vertices[vertex]
        return along_m, graph.vertices[vertex] + share[:, None] * steps


@njit(cache=True, nogil=True, inline="always")
def _share(lines: _Lines, place: Floats, vertex: int) -> tuple[float, float]:
    """Return the share of a segment nearest to a place, and the square of the distance to it."""
    vertices = lines.vertices
    step_x = vertices[vertex + 1, 0] - vertices[vertex, 0]
    step_y = vertices[vertex + 1, 1] - vertices[vertex, 1]
    gap_x, gap_y = place[0] - vertices[vertex, 0], place[1] - vertices[vertex, 1]
    share = (gap_x * step_x + gap_y * step_y) / (step_x * step_x + step_y * step_y)
    share = min(max(share, 0.0), 1.0)
    return share, (step_x * share - gap_x) ** 2 + (step_y * share - gap_y) ** 2


@njit(cache=True, nogil=True)
def _locate(
    lines: _Lines, places: Floats, edge: Ints, found: tuple[npt.NDArray[np.int64], Floats]
) -> None:
    """Write first vertex and share of each edge's segment point nearest to the place."""
    for row in range(len(edge)):
        least = np.inf
        for vertex in range(lines.first[edge[row]], lines.last[edge[row]]):
            share, gap = _share(lines, places[row], vertex)
            if gap < least:
                least = gap
                found[0][row], found[1][row] = vertex, share


@njit(cache=True, nogil=True)
def _aside(closed: _Stretches, edge: int, along: float, step: float) -> float:
    """Return the first open point at or beyond `along`, going by the sign of `step`."""
    row = np.searchsorted(closed.edge, edge)
    last = np.searchsorted(closed.edge, edge + 1)
    is_free = False
    while not is_free:
        is_free = True
        for at in range(row, last):
            if closed.from_m[at] <= along <= closed.to_m[at]:
                along = (closed.to_m[at] if step > 0 else closed.from_m[at]) + step
                is_free = False
    return along


@njit(cache=True, nogil=True)
def _locate_open(
    lines: _Lines, place: Floats, edges: Ints, closed: _Stretches
) -> tuple[int, int, float]:
    """Return edge, first vertex and share of the open point nearest to a place."""
    least, best, best_vertex, best_share = np.inf, -1, 0, 0.0
    for edge in edges:
        first = lines.first[edge]
        for vertex in range(first, lines.last[edge]):
            start = lines.along_m[vertex] - lines.along_m[first]
            step = lines.along_m[vertex + 1] - lines.along_m[vertex]
            nearest, _ = _share(lines, place, vertex)
            for side in (-_ASIDE_M, _ASIDE_M):
                along = _aside(closed, edge, start + nearest * step, side)
                if along < start or along > start + step:
                    continue
                share = (along - start) / step
                x, y = lines.vertices[vertex, 0], lines.vertices[vertex, 1]
                x += share * (lines.vertices[vertex + 1, 0] - x)
                y += share * (lines.vertices[vertex + 1, 1] - y)
                gap = (x - place[0]) ** 2 + (y - place[1]) ** 2
                if gap < least:
                    least, best, best_vertex, best_share = gap, edge, vertex, share
    return best, best_vertex, best_share
