"""The nearest of many places by travel time, with the way there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.network import Direction, Trip, off_path_ds
from yingji_map.engine.departures import departures_of, straight_walks
from yingji_map.engine.graph import Ints
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.routes import Passage, RoadPath, straight_trip, trip_along
from yingji_map.engine.shortest_paths import (
    Departures,
    Outcome,
    Task,
    Workspace,
    path_to,
    search,
)
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import Exits, TargetSet, exits_of

_MOST_PARTS = 10_000  # sets of strong parts remembered; more are possible only on broken data


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One target that was reached: its number, its cost, and the way from the place or to it.

    `passages` are the roads used, as searched; none on a straight walk.
    """

    target: int
    cost_ds: int
    trip: Trip
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestTargets:
    """The nearest targets in the order of travel time, and the numbers of those out of reach."""

    found: tuple[Found, ...]
    unreachable: npt.NDArray[np.int64]


def find_nearest(
    network: ProfileNetwork,
    origin: Snaps,
    targets: TargetSet,
    k: int,
) -> NearestTargets:
    """Return the `k` targets with the shortest travel time, ties in the order of their numbers.

    Parameters
    ----------
    origin
        One place; off the network nothing is reachable from it.
    targets
        Prepared for the same network; their direction says which way the trips go, their closures
        which roads the trips may not use.
    """
    ways = network.ways[targets.direction]
    exits = exits_of(network, ways, origin, targets.closed)
    departures = departures_of(network, origin, targets, exits)
    count = len(targets.snaps)
    task = Task(ways.arcs._replace(closed=targets.closed.mask), departures, targets.arrivals)
    # Those within reach are known before the search, so that it may end at the k-th and still
    # tell who is out of reach; with closures only the whole search can tell.
    within = (
        None if not targets.closed.is_empty else _within_reach(network, targets, exits, departures)
    )
    most = count if within is None else min(k, len(within))
    workspace = network.workspaces.take()
    try:
        outcome = search(task, count, most, workspace)
        found = tuple(
            _found(network, origin, targets, (int(target), outcome), (exits, workspace))
            for target in outcome.order[:k]
        )
    finally:
        network.workspaces.give_back(workspace)
    reached = outcome.order if within is None else within
    unreachable = np.setdiff1d(np.arange(count), reached)
    return NearestTargets(found=found, unreachable=unreachable)


def _within_reach(
    network: ProfileNetwork, targets: TargetSet, exits: Exits, departures: Departures
) -> Ints:
    """Return the targets that can be reached at all.

    It depends on the strong parts that the search starts in, and most searches start in the same
    one, so a full search is made once for each.
    """
    parts = frozenset(network.strong_part[exits.node].tolist())
    known = targets.within_reach.get(parts)
    if known is None:
        start = departures._replace(
            target=departures.target[:0], target_cost=departures.target_cost[:0]
        )
        task = Task(network.ways[targets.direction].arcs, start, targets.arrivals)
        count = len(targets.snaps)
        workspace = network.workspaces.take()
        try:
            known = search(task, count, count, workspace).order
        finally:
            network.workspaces.give_back(workspace)
        if len(targets.within_reach) < _MOST_PARTS:
            targets.within_reach[parts] = known
    return np.union1d(known, departures.target).astype(np.int32)


def _found(
    network: ProfileNetwork,
    origin: Snaps,
    targets: TargetSet,
    reached: tuple[int, Outcome],
    traces: tuple[Exits, Workspace],
) -> Found:
    """Read the way to a reached target from what the search left behind."""
    target, outcome = reached
    cost_ds, arrival = int(outcome.cost[target]), int(outcome.arrival[target])
    is_reversed = targets.direction is Direction.TO
    if arrival < 0 and target in straight_walks(origin, targets)[0]:
        passages: list[Passage] = []
        trip = straight_trip(origin.places[0], targets.snaps.places[target], cost_ds)
    else:
        passages = (
            _passages(network, origin, targets, arrival, traces)
            if arrival >= 0
            else [_along(origin, targets, target)]
        )
        path = RoadPath(
            passages=passages,
            cost_ds=cost_ds,
            walks_ds=(int(off_path_ds(origin.distance_m)[0]), int(targets.walk_ds[target])),
            origin=(origin, 0),
            target=(targets.snaps, target),
        )
        trip = trip_along(network.graph, path)
    return Found(
        target=target,
        cost_ds=cost_ds,
        trip=trip.reversed() if is_reversed else trip,
        passages=tuple(passages),
    )


def _along(origin: Snaps, targets: TargetSet, target: int) -> Passage:
    snaps = targets.snaps
    return Passage(int(origin.edge[0]), float(origin.along_m[0]), float(snaps.along_m[target]))


def _passages(
    network: ProfileNetwork,
    origin: Snaps,
    targets: TargetSet,
    arrival: int,
    traces: tuple[Exits, Workspace],
) -> list[Passage]:
    exits, workspace = traces
    graph, arcs = network.graph, network.ways[targets.direction].arcs
    node = int(targets.arrivals.node[arrival])
    departure, path = path_to(arcs, workspace.labels, node)
    first = int(origin.edge[0])
    end_m = float(graph.length_m[first]) if exits.to_head[departure] else 0.0
    passages = [Passage(first, float(origin.along_m[0]), end_m)]
    for arc in path:
        edge = int(arcs.edge[arc])
        is_ahead = graph.tail[edge] == arcs.source[arc]
        length_m = float(graph.length_m[edge])
        passages.append(Passage(edge, 0.0, length_m) if is_ahead else Passage(edge, length_m, 0.0))
    target = int(targets.arrivals.target[arrival])
    last = int(targets.snaps.edge[target])
    start_m = 0.0 if targets.arrival_to_head[arrival] else float(graph.length_m[last])
    passages.append(Passage(last, start_m, float(targets.snaps.along_m[target])))
    return passages
