"""Travel times between bases and many places: exactly those of the route between them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import Direction, off_path_ds
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import Floats, Ints
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.spreading import Spread, improve_places, places_reached, spread
from yingji_map.engine.targets import exits_of, from_tail_ds

Rows = npt.NDArray[np.int64]
_M_PER_DEGREE = 110_500.0  # of latitude, the least on the ellipsoid


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Places prepared to be reached in one direction, under the same closures.

    Attributes
    ----------
    node, place, cost_ds
        `(n_entries,)` ways from nodes to places, walks included.
    walk_ds, from_tail
        `(n,)` walk to the road, and deciseconds from the edge's tail.
    by_edge, edges
        Places in the order of their edges, and these edges.
    by_lat, lats
        Places in the order of latitude, and these latitudes.
    """

    snaps: Snaps
    direction: Direction
    closed: ClosedRoads
    node: Ints
    place: Rows
    cost_ds: Ints
    walk_ds: Ints
    from_tail: Ints
    by_edge: Rows
    edges: Ints
    by_lat: Rows
    lats: Floats

    def __len__(self) -> int:
        return len(self.snaps)


def prepare_access(
    network: ProfileNetwork,
    direction: Direction,
    snaps: Snaps,
    closed: ClosedRoads = ALL_OPEN,
    walk_ds: Ints | None = None,
) -> Access:
    """Prepare places for trips that come `FROM` bases, or go `TO` them.

    `walk_ds` is the walk between road and place, `(n,)`; straight and on the flat by default.
    """
    ways = network.ways[direction]
    opposite = ways._replace(to_head=ways.to_tail, to_tail=ways.to_head)
    exits = exits_of(network, opposite, snaps, closed)
    walk_ds = off_path_ds(snaps.distance_m) if walk_ds is None else walk_ds
    by_edge = np.argsort(snaps.edge, kind="stable")
    by_lat = np.argsort(snaps.places[:, 1], kind="stable")
    return Access(
        snaps=snaps,
        direction=direction,
        closed=closed,
        node=exits.node,
        place=exits.place,
        cost_ds=exits.cost_ds + walk_ds[exits.place],
        walk_ds=walk_ds,
        from_tail=from_tail_ds(network, snaps),
        by_edge=by_edge,
        edges=snaps.edge[by_edge],
        by_lat=by_lat,
        lats=snaps.places[by_lat, 1],
    )


def serve(
    network: ProfileNetwork,
    bases: Snaps,
    places: Access,
    limit_ds: int,
    *,
    is_straight_allowed: bool = True,
) -> tuple[Spread, Spread]:
    """Return what the bases reach within a limit: nodes of the network, and places.

    A place's time is that of the quickest trip between a base and it, to the decisecond; between
    equally quick bases the lower number serves.
    """
    reached = spread(network, places.direction, bases, limit_ds, places.closed)
    found = places_reached(reached, (places.node, places.place, places.cost_ds), len(places))
    base_walk, base_from_tail = off_path_ds(bases.distance_m), from_tail_ds(network, bases)
    for base in np.flatnonzero(bases.edge >= 0).tolist():
        along = _along(network, bases, base, places)
        gap = np.abs(places.from_tail[along] - base_from_tail[base])
        cost = (gap + places.walk_ds[along] + base_walk[base]).astype(np.int32)
        improve_places(found, along, cost, base)
        if is_straight_allowed:
            near, straight_ds = _straight(bases, base, places)
            improve_places(found, near, straight_ds, base)
    late = found.cost_ds > limit_ds
    found.cost_ds[late], found.base[late] = UNREACHED, -1
    return reached, found


def _along(network: ProfileNetwork, bases: Snaps, base: int, places: Access) -> Rows:
    """Return the places on the base's edge that lie on an allowed side of it."""
    edge, here_m = int(bases.edge[base]), float(bases.along_m[base])
    rows = places.by_edge[slice(*np.searchsorted(places.edges, [edge, edge + 1]))]
    ways = network.ways[places.direction]
    there_m = places.snaps.along_m[rows]
    ahead, behind = there_m >= here_m, there_m <= here_m
    rows = rows[(ahead & ways.to_head[edge]) | (behind & ways.to_tail[edge])]
    on = np.full(len(rows), edge, dtype=np.int32)
    there_m = places.snaps.along_m[rows]
    is_blocked = places.closed.blocks(on, np.full(len(rows), here_m), there_m)
    return np.asarray(rows[~is_blocked], dtype=np.int64)


def _straight(bases: Snaps, base: int, places: Access) -> tuple[Rows, Ints]:
    """Return the places that are no farther than the two walks to the road, and the walk there."""
    lon, lat = bases.places[base]
    walk_m = float(bases.distance_m[base])
    on = places.snaps.edge >= 0
    reach_deg = (walk_m + float(places.snaps.distance_m[on].max(initial=0.0))) / _M_PER_DEGREE
    rows = places.by_lat[slice(*np.searchsorted(places.lats, [lat - reach_deg, lat + reach_deg]))]
    widest = reach_deg / max(np.cos(np.radians(min(abs(lat) + reach_deg, 89.0))), 0.01)
    rows = rows[(np.abs(places.snaps.places[rows, 0] - lon) <= widest) & on[rows]]
    there = places.snaps.places[rows]
    here = np.repeat(bases.places[base : base + 1], len(rows), axis=0)
    _, _, distance_m = GEOD.inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    distance_m = np.asarray(distance_m, dtype=np.float64)
    near = distance_m <= walk_m + places.snaps.distance_m[rows]
    return rows[near], off_path_ds(distance_m[near])
