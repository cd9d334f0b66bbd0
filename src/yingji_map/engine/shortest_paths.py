"""Dijkstra's search on a compressed graph with integer costs, compiled; stops at the k-th target."""

from dataclasses import dataclass
from queue import LifoQueue
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
At = tuple[np.int32, np.int32, np.int32]  # node, cost, number of the search

UNREACHED = np.int32(2**31 - 1)
NOTHING_CLOSED = np.zeros(0, dtype=np.uint8)
_STRAIGHT_AWAY = -1
_MOST_RUNS = 2**31 - 2
_MOST_SEARCHES = 8  # at once on one profile; more would only queue for the processor


class Arcs(NamedTuple):
    """A compressed graph: arcs of node v are rows `start[v]` to `start[v + 1]`.

    `ends` is `(n_arcs, 2)` int32 of target node and cost, side by side so that one cache line
    serves an arc; `edge` and `source` are `(n_arcs,)`. `closed` is `(n_edges,)`, non-zero where an
    edge may not be used, or empty when all may.
    """

    start: Ints
    ends: Ints
    edge: Ints
    source: Ints
    closed: npt.NDArray[np.uint8] = NOTHING_CLOSED


class Arrivals(NamedTuple):
    """How targets are reached: from `node`, `target` is `cost` deciseconds away.

    `at_node` is `(n_nodes,)` the first arrival at a node or -1, `following` the next at the same.
    """

    at_node: Ints
    following: Ints
    node: Ints
    target: Ints
    cost: Ints


class Departures(NamedTuple):
    """How a search starts: at `node` after `cost` deciseconds, or at `target` straight away."""

    node: Ints
    cost: Ints
    target: Ints
    target_cost: Ints


class Task(NamedTuple):
    """What to search: a graph, how to get onto it, how to get off it."""

    arcs: Arcs
    departures: Departures
    arrivals: Arrivals


class Labels(NamedTuple):
    """What a search writes on nodes; a label counts only where `stamp` is the search's number."""

    cost: Ints
    stamp: Ints
    arc: Ints
    heap: Longs


class Outcome(NamedTuple):
    """What a search writes on targets: cost, arrival used (-1: straight away), order of arrival."""

    cost: Ints
    arrival: Ints
    order: Ints


@dataclass(slots=True)
class Workspace:
    """Memory of one search at a time, reused so that a small search costs what it touches."""

    labels: Labels
    run: int = 0

    def next_run(self) -> int:
        """Return a number that no label carries."""
        if self.run >= _MOST_RUNS:
            self.labels.stamp.fill(0)
            self.run = 0
        self.run += 1
        return self.run


class WorkspacePool:
    """Lends each search a workspace of its own; makes one when all are out, up to a limit."""

    def __init__(self, node_count: int, arc_count: int) -> None:
        self._sizes = (node_count, arc_count)
        self._free: LifoQueue[Workspace | None] = LifoQueue()
        for _ in range(_MOST_SEARCHES):
            self._free.put(None)

    def take(self) -> Workspace:
        """Return a workspace, waiting when too many searches run; give it back afterwards."""
        return self._free.get() or self._made()

    def give_back(self, workspace: Workspace) -> None:
        """Take a workspace back."""
        self._free.put(workspace)

    def _made(self) -> Workspace:
        nodes, arcs = self._sizes
        return Workspace(
            Labels(
                cost=np.empty(nodes, dtype=np.int32),
                stamp=np.zeros(nodes, dtype=np.int32),
                arc=np.empty(nodes, dtype=np.int32),
                heap=np.empty(arcs + 64, dtype=np.int64),
            )
        )


def search(task: Task, target_count: int, most: int, workspace: Workspace) -> Outcome:
    """Reach targets in the order of their cost; equal costs in the order of their numbers.

    Parameters
    ----------
    task
        The graph (or its reverse, to search against the traffic) with ways onto it and off it.
    target_count
        Targets are numbered below this.
    most
        The search ends when so many targets are reached.
    workspace
        Lent by a pool; its labels lead the way back until it is given back.

    Returns
    -------
    Outcome
        `order` holds the targets reached; others may have a cost that is not final.
    """
    _make_room(workspace, task)
    outcome = Outcome(
        cost=np.full(target_count, UNREACHED, dtype=np.int32),
        arrival=np.full(target_count, _STRAIGHT_AWAY, dtype=np.int32),
        order=np.empty(target_count, dtype=np.int32),
    )
    if most <= 0:
        return outcome._replace(order=outcome.order[:0])
    run = np.int32(workspace.next_run())
    count = _search(task, workspace.labels, outcome, run, most)
    return outcome._replace(order=outcome.order[:count])


def path_to(arcs: Arcs, labels: Labels, node: int) -> tuple[int, list[int]]:
    """Return the departure that the last search reached `node` from, and the arcs in between."""
    path: list[int] = []
    while (arc := int(labels.arc[node])) >= 0:
        path.append(arc)
        node = int(arcs.source[arc])
    path.reverse()
    return -1 - arc, path


def _make_room(workspace: Workspace, task: Task) -> None:
    # Every arc, arrival and departure puts at most one entry on the heap.
    departures = task.departures
    most = len(task.arcs.edge) + len(task.arrivals.target)
    most += len(departures.node) + len(departures.target)
    if len(workspace.labels.heap) < most:
        workspace.labels = workspace.labels._replace(heap=np.empty(most, dtype=np.int64))


@njit(cache=True, nogil=True, inline="always")
def _push(heap: Longs, size: int, key: np.int64) -> int:
    place = size
    while place > 0:
        above = (place - 1) >> 2
        if heap[above] <= key:
            break
        heap[place] = heap[above]
        place = above
    heap[place] = key
    return size + 1


@njit(cache=True, nogil=True)
def _sift_down(heap: Longs, size: int) -> None:
    """Close the gap at the top of a 4-ary heap of `size` entries with its last entry."""
    key = heap[size]
    place = 0
    while True:
        child = (place << 2) + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if heap[other] < heap[least]:
                least = other
        if heap[least] >= key:
            break
        heap[place] = heap[least]
        place = least
    heap[place] = key


@njit(cache=True, nogil=True)
def _reach_nodes(arcs: Arcs, labels: Labels, at: At, size: int) -> int:
    node, cost, run = at
    for arc in range(arcs.start[node], arcs.start[node + 1]):
        if len(arcs.closed) and arcs.closed[arcs.edge[arc]]:
            continue
        other = arcs.ends[arc, 0]
        total = cost + arcs.ends[arc, 1]
        if labels.stamp[other] != run or total < labels.cost[other]:
            labels.stamp[other] = run
            labels.cost[other] = total
            labels.arc[other] = arc
            size = _push(labels.heap, size, (np.int64(total) << 32) | other)
    return size


@njit(cache=True, nogil=True)
def _reach_targets(arrivals: Arrivals, outcome: Outcome, labels: Labels, at: At, size: int) -> int:
    node, cost, _ = at
    arrival = arrivals.at_node[node]
    while arrival >= 0:
        target = arrivals.target[arrival]
        total = cost + arrivals.cost[arrival]
        if total < outcome.cost[target]:
            outcome.cost[target] = total
            outcome.arrival[target] = arrival
            key = (np.int64(total) << 32) | (len(arrivals.at_node) + target)
            size = _push(labels.heap, size, key)
        arrival = arrivals.following[arrival]
    return size


@njit(cache=True, nogil=True)
def _depart(departures: Departures, labels: Labels, outcome: Outcome, run: np.int32) -> int:
    size = 0
    for number in range(len(departures.node)):
        node, cost = departures.node[number], departures.cost[number]
        if labels.stamp[node] != run or cost < labels.cost[node]:
            labels.stamp[node] = run
            labels.cost[node] = cost
            labels.arc[node] = -1 - number
            size = _push(labels.heap, size, (np.int64(cost) << 32) | node)
    for number in range(len(departures.target)):
        target, cost = departures.target[number], departures.target_cost[number]
        if cost < outcome.cost[target]:
            outcome.cost[target] = cost
            key = (np.int64(cost) << 32) | (len(labels.cost) + target)
            size = _push(labels.heap, size, key)
    return size


@njit(cache=True, nogil=True)
def _search(task: Task, labels: Labels, outcome: Outcome, run: np.int32, most: int) -> int:
    """Return how many targets were reached; heap keys are cost << 32 | node, targets after nodes.

    All nodes of a cost come off the heap before the targets of that cost, because edges cost at
    least 1: so targets of equal cost are reached in the order of their numbers.
    """
    nodes = len(task.arcs.start) - 1
    size = _depart(task.departures, labels, outcome, run)
    reached = 0
    while size > 0:
        top = labels.heap[0]
        size -= 1
        _sift_down(labels.heap, size)
        cost, item = np.int32(top >> 32), np.int32(top & 0xFFFFFFFF)
        if item >= nodes:
            if cost == outcome.cost[item - nodes]:
                outcome.order[reached] = item - nodes
                reached += 1
                if reached == most:
                    break
        elif cost == labels.cost[item]:
            at = (item, cost, run)
            size = _reach_targets(task.arrivals, outcome, labels, at, size)
            size = _reach_nodes(task.arcs, labels, at, size)
    return reached
