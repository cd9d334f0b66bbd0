"""Places onto the road network: the nearest usable edge, where along it, how far away."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import GEOD, STORAGE_SRID, transformer
from yingji_map.domain.network import SNAP_LIMIT_M
from yingji_map.engine.graph import Flags, Floats, Ints, RoadGraph

_FARTHEST_DEG = 5.0  # from the network's box; farther places are not projected at all


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
    """

    edge: Ints
    along_m: Floats
    distance_m: Floats
    places: Floats
    on_road: Floats

    def __len__(self) -> int:
        return len(self.edge)


class Snapper:
    """Finds the nearest of the usable edges; safe to share between threads."""

    def __init__(self, graph: RoadGraph, usable: Flags) -> None:
        self._graph = graph
        self._edges = np.flatnonzero(usable)
        self._tree = shapely.STRtree(graph.metric_lines()[self._edges])
        self._low, self._high = graph.vertices.min(axis=0), graph.vertices.max(axis=0)
        # GEOS builds the tree on the first question; asked here, before threads share it.
        self._tree.query(shapely.Point(0, 0))

    def snap(self, places: Floats, limit_m: float = SNAP_LIMIT_M) -> Snaps:
        """Put places on the network.

        Parameters
        ----------
        places
            `(n, 2)` longitude, latitude in EPSG:4490.
        limit_m
            Places farther from every usable road stay off the network.
        """
        count = len(places)
        edge = np.full(count, -1, dtype=np.int32)
        along_m, on_road = np.zeros(count), places.astype(np.float64)
        gaps_deg = np.maximum(self._low - places, places - self._high)
        near = np.flatnonzero((gaps_deg < _FARTHEST_DEG).all(axis=1))
        if len(self._edges) and len(near):
            self._locate(places, near, (edge, along_m, on_road))
        far = edge < 0
        on_road[far] = np.clip(places[far], self._low, self._high)
        _, _, distance_m = GEOD.inv(places[:, 0], places[:, 1], on_road[:, 0], on_road[:, 1])
        distance_m = np.asarray(distance_m, dtype=np.float64)
        edge[distance_m > limit_m] = -1
        return Snaps(
            edge=edge, along_m=along_m, distance_m=distance_m, places=places, on_road=on_road
        )

    def _locate(
        self,
        places: Floats,
        rows: npt.NDArray[np.int64],
        out: tuple[Ints, Floats, Floats],
    ) -> None:
        edge, along_m, on_road = out
        to_metric = transformer(STORAGE_SRID, self._graph.srid)
        metric = np.column_stack(to_metric.transform(places[rows, 0], places[rows, 1]))
        asked, found = self._tree.query_nearest(shapely.points(metric), all_matches=True)
        # Several edges are equally near at a junction; the lowest number makes it repeatable.
        order = np.lexsort((found, asked))
        _, at = np.unique(asked[order], return_index=True)
        for number, chosen in zip(asked[order][at], found[order][at], strict=True):
            row = rows[number]
            edge[row] = self._edges[chosen]
            along_m[row], on_road[row] = self._along(int(edge[row]), metric[number])

    def _along(self, edge: int, place: Floats) -> tuple[float, Floats]:
        """Return metres from the edge's tail and the point on the edge nearest to `place`."""
        graph = self._graph
        span = slice(graph.first[edge], graph.last[edge] + 1)
        line = graph.vertices_metric[span]
        steps = line[1:] - line[:-1]
        share = ((place - line[:-1]) * steps).sum(axis=1) / (steps**2).sum(axis=1)
        share = np.clip(share, 0.0, 1.0)
        gaps = ((line[:-1] + steps * share[:, None] - place) ** 2).sum(axis=1)
        best = int(np.argmin(gaps))
        along, vertices = graph.along_m[span] - graph.along_m[span.start], graph.vertices[span]
        metres = along[best] + share[best] * (along[best + 1] - along[best])
        return float(metres), vertices[best] + share[best] * (vertices[best + 1] - vertices[best])
