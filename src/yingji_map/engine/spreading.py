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

Longs = npt.NDArray[np.int64]
_NO_LABEL = np.int64(UNREACHED) << np.int64(32)


class Spread(NamedTuple):
    """What is reached: `(n_nodes,)` deciseconds, `UNREACHED` beyond the limit; base, -1 for none.

    Between bases that are equally quick the lower number serves.
    """

    cost_ds: Ints
    base: Ints


class Seeds(NamedTuple):
    """Where a search begins: nodes, what they cost already, and whose they are."""

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
    starts = Seeds(exits.node, exits.cost_ds + walk_ds[exits.place], exits.place.astype(np.int32))
    arcs = ways.arcs._replace(closed=closed.mask)
    return spread_from(arcs, starts, network.graph.node_count, limit_ds)


def spread_from(arcs: Arcs, seeds: Seeds, count: int, limit_ds: int) -> Spread:
    """Return what is reached from seeds on a graph of `count` nodes within a limit."""
    labels = np.full(count, _NO_LABEL, dtype=np.int64)
    _spread(arcs, seeds, limit_ds, labels)
    return Spread(
        cost_ds=(labels >> 32).astype(np.int32),
        base=np.where(labels == _NO_LABEL, -1, labels & 0xFFFFFFFF).astype(np.int32),
    )


@njit(cache=True, nogil=True)
def _spread(arcs: Arcs, starts: Seeds, limit: int, labels: Longs) -> None:
    """Write cost << 32 | base of every node; a queue of one bucket for each decisecond.

    Edges cost at least 1, so that a label is final when its bucket's turn comes, the base of
    equal costs too: the result does not depend on the order inside a bucket.
    """
    most = len(arcs.edge) + len(starts.node)
    queue = _Queue(
        np.full(limit + 1, -1, dtype=np.int32),
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.int32),
    )
    size = 0
    for number in range(len(starts.node)):
        at = (np.int64(starts.cost[number]), np.int64(starts.base[number]))
        size = _offer(queue, labels, starts.node[number], at, size)
    for cost in range(limit + 1):
        entry = queue.bucket[cost]
        while entry >= 0:
            node, entry = queue.node[entry], queue.following[entry]
            if labels[node] >> 32 == cost:
                size = _leave(arcs, queue, labels, node, size)


@njit(cache=True, nogil=True)
def _leave(arcs: Arcs, queue: _Queue, labels: Longs, node: np.int32, size: int) -> int:
    cost, base = labels[node] >> 32, labels[node] & 0xFFFFFFFF
    for arc in range(arcs.start[node], arcs.start[node + 1]):
        if len(arcs.closed) and arcs.closed[arcs.edge[arc]]:
            continue
        at = (cost + arcs.ends[arc, 1], base)
        size = _offer(queue, labels, arcs.ends[arc, 0], at, size)
    return size


@njit(cache=True, nogil=True, inline="always")
def _offer(
    queue: _Queue, labels: Longs, node: np.int32, at: tuple[np.int64, np.int64], size: int
) -> int:
    """Queue a node when this is a quicker way to it; each arc does so once at most.

    When only the base is better, the node is in its bucket already and not yet left.
    """
    cost, base = at
    known, label = labels[node], (cost << 32) | base
    if cost < len(queue.bucket) and label < known:
        labels[node] = label
        if cost < known >> 32:
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
