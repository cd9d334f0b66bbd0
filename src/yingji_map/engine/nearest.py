"""The nearest of many places by travel time, with the way there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import Direction, Trip, off_path_ds
from yingji_map.engine.graph import Flags, Ints
from yingji_map.engine.profile_network import ProfileNetwork, Ways
from yingji_map.engine.routes import Passage, RoadPath, straight_trip, trip_along
from yingji_map.engine.shortest_paths import (
    NOTHING_CLOSED,
    Arrivals,
    Departures,
    Outcome,
    Task,
    Workspace,
    path_to,
    search,
)
from yingji_map.engine.snapping import Snaps

_AT_NODE_M = 0.01  # the same centimetre that makes two vertices one node


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """Places that can be found, prepared for one profile and direction.

    Attributes
    ----------
    snaps
        Where they are on the network; rows are the target numbers.
    walk_ds
        `(n,)` deciseconds on foot between place and road.
    arrivals
        How they are reached from the nodes of the network.
    arrival_to_head
        `(n_arrivals,)` True when the last edge is travelled towards its head, as searched.
    """

    direction: Direction
    snaps: Snaps
    walk_ds: Ints
    arrivals: Arrivals
    arrival_to_head: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One target that was reached: its number, its cost, and the way from the place or to it."""

    target: int
    cost_ds: int
    trip: Trip


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestTargets:
    """The nearest targets in the order of travel time, and the numbers of those out of reach."""

    found: tuple[Found, ...]
    unreachable: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exits:
    """Where a place on an edge gets to: node, cost along the edge, towards the head or the tail."""

    place: npt.NDArray[np.int64]
    node: Ints
    cost_ds: Ints
    to_head: Flags


def prepare_targets(network: ProfileNetwork, direction: Direction, snaps: Snaps) -> TargetSet:
    """Attach snapped places to the network, so that searches in `direction` can find them."""
    ways = network.ways[direction]
    # A target is entered where a place there could be left on the opposite way round.
    exits = _exits(network, ways._replace(to_head=ways.to_tail, to_tail=ways.to_head), snaps)
    walk_ds = off_path_ds(snaps.distance_m)
    at_node = np.full(network.graph.node_count, -1, dtype=np.int32)
    following = np.full(len(exits.node), -1, dtype=np.int32)
    for number in range(len(exits.node) - 1, -1, -1):
        following[number] = at_node[exits.node[number]]
        at_node[exits.node[number]] = number
    arrivals = Arrivals(
        at_node=at_node,
        following=following,
        node=exits.node,
        target=exits.place.astype(np.int32),
        cost=exits.cost_ds + walk_ds[exits.place],
    )
    return TargetSet(
        direction=direction,
        snaps=snaps,
        walk_ds=walk_ds,
        arrivals=arrivals,
        arrival_to_head=~exits.to_head,
    )


def find_nearest(
    network: ProfileNetwork,
    origin: Snaps,
    targets: TargetSet,
    k: int,
    closed: npt.NDArray[np.uint8] = NOTHING_CLOSED,
) -> NearestTargets:
    """Return the `k` targets with the shortest travel time, ties in the order of their numbers.

    Parameters
    ----------
    origin
        One place on the network.
    targets
        Prepared for the same network; their direction says which way the trips go.
    closed
        `(n_edges,)` non-zero where an edge may not be used; empty for none.
    """
    ways = network.ways[targets.direction]
    exits = _exits(network, ways, origin)
    departures = _departures(network, origin, targets, exits)
    candidates, is_certain = _reachable(network, exits, departures, targets)
    count = len(targets.snaps)
    # Only when every candidate is certain to be reached may the search end early: otherwise
    # those out of reach could not be told from those farther away.
    certain = is_certain and len(closed) == 0
    most = min(k, len(candidates)) if certain else count
    task = Task(ways.arcs._replace(closed=closed), departures, targets.arrivals)
    workspace = network.workspaces.take()
    try:
        outcome = search(task, count, most, workspace)
        found = tuple(
            _found(network, origin, targets, (int(target), outcome), (exits, workspace))
            for target in outcome.order[:k]
        )
    finally:
        network.workspaces.give_back(workspace)
    reached = candidates if certain else outcome.order
    unreachable = np.setdiff1d(np.arange(count), reached)
    return NearestTargets(found=found, unreachable=unreachable)


def _exits(network: ProfileNetwork, ways: Ways, snaps: Snaps) -> _Exits:
    """Return the ends of the edges that places can get to, at most two each.

    A place at the very end of an edge is at the node, also when the edge is one-way: at a
    junction every road can be taken, not only the one it happened to be put on.
    """
    graph = network.graph
    on = np.flatnonzero(snaps.edge >= 0)
    edge, along_m = snaps.edge[on], snaps.along_m[on]
    from_tail = _from_tail_ds(network, snaps)[on]
    to_tail = ways.to_tail[edge] | (along_m <= _AT_NODE_M)
    to_head = ways.to_head[edge] | (along_m >= graph.length_m[edge] - _AT_NODE_M)
    place = np.concatenate((on[to_tail], on[to_head]))
    node = np.concatenate((graph.tail[edge[to_tail]], graph.head[edge[to_head]]))
    cost = np.concatenate((from_tail[to_tail], (network.cost_ds[edge] - from_tail)[to_head]))
    is_to_head = np.arange(len(place)) >= to_tail.sum()
    order = np.lexsort((is_to_head, place))
    return _Exits(
        place=place[order], node=node[order], cost_ds=cost[order], to_head=is_to_head[order]
    )


def _from_tail_ds(network: ProfileNetwork, snaps: Snaps) -> Ints:
    edge = np.maximum(snaps.edge, 0)
    length_m = network.graph.length_m[edge]
    share = np.clip(snaps.along_m / length_m, 0.0, 1.0)
    return np.rint(share * network.cost_ds[edge]).astype(np.int32)


def _departures(
    network: ProfileNetwork, origin: Snaps, targets: TargetSet, exits: _Exits
) -> Departures:
    walk_ds = off_path_ds(origin.distance_m)[0]
    along = _along_same_edge(network, origin, targets)
    straight, straight_ds = _straight(origin, targets)
    return Departures(
        node=exits.node,
        cost=exits.cost_ds + walk_ds,
        target=np.concatenate((along, straight)).astype(np.int32),
        target_cost=np.concatenate(
            (_along_cost_ds(network, origin, targets, along) + walk_ds, straight_ds)
        ).astype(np.int32),
    )


def _along_same_edge(
    network: ProfileNetwork, origin: Snaps, targets: TargetSet
) -> npt.NDArray[np.int64]:
    """Return the targets on the origin's edge that lie on an allowed side of it."""
    edge = int(origin.edge[0])
    ways = network.ways[targets.direction]
    ahead = targets.snaps.along_m >= origin.along_m[0]
    behind = targets.snaps.along_m <= origin.along_m[0]
    is_allowed = (ahead & ways.to_head[edge]) | (behind & ways.to_tail[edge])
    return np.flatnonzero((targets.snaps.edge == edge) & is_allowed)


def _along_cost_ds(
    network: ProfileNetwork, origin: Snaps, targets: TargetSet, along: npt.NDArray[np.int64]
) -> Ints:
    gaps = np.abs(_from_tail_ds(network, targets.snaps)[along] - _from_tail_ds(network, origin)[0])
    return np.asarray(gaps + targets.walk_ds[along], dtype=np.int32)


def _straight(origin: Snaps, targets: TargetSet) -> tuple[npt.NDArray[np.int64], Ints]:
    """Return the targets no farther than the two walks to and from the road, and the straight cost.

    Who would walk that far to the road and back walks directly instead; it never takes longer.
    """
    count = len(targets.snaps)
    here = np.repeat(origin.places, count, axis=0)
    there = targets.snaps.places
    _, _, distance_m = GEOD.inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    distance_m = np.asarray(distance_m, dtype=np.float64)
    walks_m = origin.distance_m[0] + targets.snaps.distance_m
    near = np.flatnonzero((targets.snaps.edge >= 0) & (distance_m <= walks_m))
    return near, off_path_ds(distance_m[near])


def _reachable(
    network: ProfileNetwork, exits: _Exits, departures: Departures, targets: TargetSet
) -> tuple[npt.NDArray[np.int64], bool]:
    """Return the targets in the origin's part of the network, and whether all can be reached."""
    arrivals = targets.arrivals
    nodes = arrivals.node
    weak = np.isin(network.weak_part[nodes], network.weak_part[exits.node])
    strong = np.isin(network.strong_part[nodes], network.strong_part[exits.node])
    possible = np.union1d(arrivals.target[weak], departures.target)
    certain = np.union1d(arrivals.target[strong], departures.target)
    return possible.astype(np.int64), len(possible) == len(certain)


def _found(
    network: ProfileNetwork,
    origin: Snaps,
    targets: TargetSet,
    reached: tuple[int, Outcome],
    traces: tuple[_Exits, Workspace],
) -> Found:
    """Read the way to a reached target from what the search left behind."""
    target, outcome = reached
    cost_ds, arrival = int(outcome.cost[target]), int(outcome.arrival[target])
    is_reversed = targets.direction is Direction.TO
    if arrival < 0 and target in _straight(origin, targets)[0]:
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
    return Found(target=target, cost_ds=cost_ds, trip=trip.reversed() if is_reversed else trip)


def _along(origin: Snaps, targets: TargetSet, target: int) -> Passage:
    snaps = targets.snaps
    return Passage(int(origin.edge[0]), float(origin.along_m[0]), float(snaps.along_m[target]))


def _passages(
    network: ProfileNetwork,
    origin: Snaps,
    targets: TargetSet,
    arrival: int,
    traces: tuple[_Exits, Workspace],
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
