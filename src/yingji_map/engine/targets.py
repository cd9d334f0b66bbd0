"""How places get onto the network and off it: the ends of the edges they lie on."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from yingji_map.domain.network import Direction, off_path_ds
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.graph import Flags, Ints
from yingji_map.engine.profile_network import ProfileNetwork, Ways
from yingji_map.engine.shortest_paths import Arrivals
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
    closed
        The stretches of road that no trip to them may use.
    within_reach
        Target numbers that can be reached from a set of strong parts, as searches find them out.
    """

    direction: Direction
    snaps: Snaps
    walk_ds: Ints
    arrivals: Arrivals
    arrival_to_head: Flags
    closed: ClosedRoads = ALL_OPEN
    within_reach: dict[frozenset[int], Ints] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits:
    """Where a place on an edge gets to: node, cost along the edge, towards the head or the tail."""

    place: npt.NDArray[np.int64]
    node: Ints
    cost_ds: Ints
    to_head: Flags


def prepare_targets(
    network: ProfileNetwork,
    direction: Direction,
    snaps: Snaps,
    closed: ClosedRoads = ALL_OPEN,
) -> TargetSet:
    """Attach snapped places to the network, so that searches in `direction` can find them.

    With closures the places should have been snapped with the same ones: who stays on a closed
    stretch is out of reach.
    """
    ways = network.ways[direction]
    # A target is entered where a place there could be left on the opposite way round.
    opposite = ways._replace(to_head=ways.to_tail, to_tail=ways.to_head)
    exits = exits_of(network, opposite, snaps, closed)
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
        closed=closed,
    )


def exits_of(
    network: ProfileNetwork, ways: Ways, snaps: Snaps, closed: ClosedRoads = ALL_OPEN
) -> Exits:
    """Return the ends of the edges that places can get to, at most two each.

    A place at the very end of an edge is at the node, also when the edge is one-way: at a
    junction every road can be taken, not only the one it happened to be put on.
    """
    graph = network.graph
    on = np.flatnonzero(snaps.edge >= 0)
    edge, along_m = snaps.edge[on], snaps.along_m[on]
    from_tail = from_tail_ds(network, snaps)[on]
    to_tail = ways.to_tail[edge] | (along_m <= _AT_NODE_M)
    to_head = ways.to_head[edge] | (along_m >= graph.length_m[edge] - _AT_NODE_M)
    if not closed.is_empty:
        to_tail &= ~closed.blocks(edge, np.zeros(len(edge)), along_m)
        to_head &= ~closed.blocks(edge, along_m, graph.length_m[edge])
    place = np.concatenate((on[to_tail], on[to_head]))
    node = np.concatenate((graph.tail[edge[to_tail]], graph.head[edge[to_head]]))
    cost = np.concatenate((from_tail[to_tail], (network.cost_ds[edge] - from_tail)[to_head]))
    is_to_head = np.arange(len(place)) >= to_tail.sum()
    order = np.lexsort((is_to_head, place))
    return Exits(
        place=place[order], node=node[order], cost_ds=cost[order], to_head=is_to_head[order]
    )


def from_tail_ds(network: ProfileNetwork, snaps: Snaps) -> Ints:
    """Return deciseconds between the tails of the edges and the places on them, `(n,)`."""
    edge = np.maximum(snaps.edge, 0)
    length_m = network.graph.length_m[edge]
    share = np.clip(snaps.along_m / length_m, 0.0, 1.0)
    return np.rint(share * network.cost_ds[edge]).astype(np.int32)
