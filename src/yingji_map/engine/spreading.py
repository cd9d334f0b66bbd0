"""How far many bases reach: the least cost of every node up to a limit, and who serves it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from yingji_map.domain.network import Direction, off_path_ds
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import Ints
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import UNREACHED, Arcs
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import exits_of


class Spread(NamedTuple):
    """What is reached: `(n_nodes,)` deciseconds, `UNREACHED` beyond the limit; base, -1 for none.

    Between bases that are equally quick the lower number serves.
    """

    cost_ds: Ints
    base: Ints


class _Starts(NamedTuple):
    node: Ints
    cost: Ints
    base: Ints


class _Queue(NamedTuple):
    """First entry of each bucket, and node and next entry of each entry; -1 ends a bucket."""

    bucket: Ints
    node: Ints
    following: Ints


def spread(
    network: ProfileNetwork,
    direction: Direction,
    bases: Snaps,
    limit_ds: int,
    closed: ClosedRoads = ALL_OPEN,
) -> Spread:
    """Return what all bases together reach within a limit.

    Parameters
    ----------
    direction
        `FROM`: trips that start at the bases; `TO`: trips that end there.
    bases
        Snapped with the same closures; those off the network reach nothing by road.
    limit_ds
        Whole deciseconds, walks to the road included.
    """
    ways = network.ways[direction]
    exits = exits_of(network, ways, bases, closed)
    walk_ds = off_path_ds(bases.distance_m)
    starts = _Starts(exits.node, exits.cost_ds + walk_ds[exits.place], exits.place.astype(np.int32))
    nodes = network.graph.node_count
    reached = Spread(
        cost_ds=np.full(nodes, UNREACHED, dtype=np.int32), base=np.full(nodes, -1, dtype=np.int32)
    )
    _spread(ways.arcs._replace(closed=closed.mask), starts, limit_ds, reached)
    return reached


@njit(cache=True, nogil=True)
def _spread(arcs: Arcs, starts: _Starts, limit: int, reached: Spread) -> None:
    """Write costs and bases; a queue of one bucket for each decisecond.

    Edges cost at least 1, so that a label is final when its bucket's turn comes, the base of
    equal costs too: the result does not depend on the order inside a bucket.
    """
    most = len(arcs.edge) + len(starts.node)
    queue = _Queue(
        np.full(limit + 1, -1, dtype=np.int32),
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.int32),
    )
    is_settled = np.zeros(len(reached.cost_ds), dtype=np.uint8)
    size = 0
    for number in range(len(starts.node)):
        at = (starts.node[number], starts.cost[number], starts.base[number])
        size = _offer(queue, reached, at, size)
    for cost in range(limit + 1):
        entry = queue.bucket[cost]
        while entry >= 0:
            node, entry = queue.node[entry], queue.following[entry]
            if not is_settled[node] and reached.cost_ds[node] == cost:
                is_settled[node] = 1
                size = _leave(arcs, queue, reached, node, size)


@njit(cache=True, nogil=True)
def _leave(arcs: Arcs, queue: _Queue, reached: Spread, node: np.int32, size: int) -> int:
    for arc in range(arcs.start[node], arcs.start[node + 1]):
        if len(arcs.closed) and arcs.closed[arcs.edge[arc]]:
            continue
        cost = reached.cost_ds[node] + arcs.ends[arc, 1]
        size = _offer(queue, reached, (arcs.ends[arc, 0], cost, reached.base[node]), size)
    return size


@njit(cache=True, nogil=True, inline="always")
def _offer(
    queue: _Queue, reached: Spread, at: tuple[np.int32, np.int32, np.int32], size: int
) -> int:
    """Queue a node when this is a better way to it; each arc does so once at most."""
    node, cost, _ = at
    if cost < len(queue.bucket) and _improve(reached, at):
        queue.node[size] = node
        queue.following[size] = queue.bucket[cost]
        queue.bucket[cost] = size
        size += 1
    return size


@njit(cache=True, nogil=True, inline="always")
def _improve(reached: Spread, at: tuple[np.int32, np.int32, np.int32]) -> bool:
    """Write a label when it is better than what is there, and tell whether it was."""
    node, cost, base = at
    known = reached.cost_ds[node]
    if cost < known or (cost == known and base < reached.base[node]):
        reached.cost_ds[node] = cost
        reached.base[node] = base
        return True
    return False


def places_reached(
    reached: Spread, entries: tuple[Ints, npt.NDArray[np.int64], Ints], count: int
) -> Spread:
    """Return the least cost of places that are entered from nodes, and whose base it is.

    Parameters
    ----------
    entries
        Node, place and cost from the node to the place, `(n,)` each.
    count
        Places are numbered below this.
    """
    found = Spread(
        cost_ds=np.full(count, UNREACHED, dtype=np.int32), base=np.full(count, -1, dtype=np.int32)
    )
    _enter(reached, *entries, found)
    return found


@njit(cache=True, nogil=True)
def _enter(
    reached: Spread, node: Ints, place: npt.NDArray[np.int64], cost: Ints, found: Spread
) -> None:
    for number in range(len(node)):
        before = reached.cost_ds[node[number]]
        if before != UNREACHED:
            at = (place[number], before + cost[number], reached.base[node[number]])
            _improve(found, at)


@njit(cache=True, nogil=True)
def improve_places(found: Spread, place: npt.NDArray[np.int64], cost: Ints, base: int) -> None:
    """Take over costs of one base for some places where they are better."""
    for number in range(len(place)):
        _improve(found, (place[number], cost[number], np.int32(base)))
