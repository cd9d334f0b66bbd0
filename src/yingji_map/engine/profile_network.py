"""The road graph as one profile travels it: integer costs, allowed directions, arcs both ways."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from yingji_map.domain.network import DS_PER_M_AT_1_KM_H, PROFILES, Direction, Profile, ProfileId
from yingji_map.engine.graph import Flags, Ints, RoadGraph
from yingji_map.engine.shortest_paths import Arcs, WorkspacePool
from yingji_map.engine.snapping import Snapper


class Ways(NamedTuple):
    """One direction of search: its arcs, and at which end an edge may be left.

    `to_head[e]` tells that the search may move along edge `e` towards its head, `to_tail[e]`
    towards its tail.
    """

    arcs: Arcs
    to_head: Flags
    to_tail: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileNetwork:
    """A road graph with the costs and rules of one profile.

    Attributes
    ----------
    cost_ds
        `(n_edges,)` travel time in whole deciseconds, at least 1; 0 where the edge is not usable.
    ways
        Arcs by direction: `FROM` searches outwards from a place, `TO` follows traffic backwards.
    strong_part
        `(n_nodes,)` number of the part of the network in which every node reaches every other.
    """

    profile: Profile
    graph: RoadGraph
    cost_ds: Ints
    ways: dict[Direction, Ways]
    strong_part: Ints
    snapper: Snapper
    workspaces: WorkspacePool

    @property
    def has_roads(self) -> bool:
        """True when the profile may use any road at all."""
        return bool((self.cost_ds > 0).any())


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork:
    """The road graph and what each profile makes of it."""

    graph: RoadGraph
    by_profile: dict[ProfileId, ProfileNetwork]

    @property
    def every_road(self) -> Snapper:
        """Return the snapper of all roads that anyone may use; a car may use each of them."""
        return self.by_profile[ProfileId.CAR].snapper


def build_network(graph: RoadGraph) -> RoadNetwork:
    """Prepare a graph for every profile; those that may use the same roads share one snapper."""
    snappers: dict[bytes, Snapper] = {}
    by_profile = {}
    for profile in PROFILES.values():
        usable = _usable(graph, profile)
        mark = usable.tobytes()
        if mark not in snappers:
            snappers[mark] = Snapper(graph, usable)
        by_profile[profile.id] = _profile_network(graph, profile, usable, snappers[mark])
    return RoadNetwork(graph=graph, by_profile=by_profile)


def _usable(graph: RoadGraph, profile: Profile) -> Flags:
    speeds = profile.speeds_km_h(graph.speed_km_h)
    return np.asarray(profile.fits(graph.width_m) & (speeds > 0), dtype=bool)


def _profile_network(
    graph: RoadGraph, profile: Profile, usable: Flags, snapper: Snapper
) -> ProfileNetwork:
    cost = _costs_ds(graph, profile, usable)
    backwards = usable & ~(graph.is_oneway & profile.obeys_oneway)
    outward = _arcs(graph, cost, to_head=usable, to_tail=backwards)
    inward = _arcs(graph, cost, to_head=backwards, to_tail=usable)
    matrix = csr_array(
        (np.ones(len(outward.edge), np.int8), outward.ends[:, 0], outward.start),
        shape=(graph.node_count, graph.node_count),
    )
    return ProfileNetwork(
        profile=profile,
        graph=graph,
        cost_ds=cost,
        ways={
            Direction.FROM: Ways(arcs=outward, to_head=usable, to_tail=backwards),
            Direction.TO: Ways(arcs=inward, to_head=backwards, to_tail=usable),
        },
        strong_part=connected_components(matrix, directed=True, connection="strong")[1],
        snapper=snapper,
        workspaces=WorkspacePool(graph.node_count, len(outward.edge)),
    )


def _costs_ds(graph: RoadGraph, profile: Profile, usable: Flags) -> Ints:
    speeds = np.where(usable, profile.speeds_km_h(graph.speed_km_h), 1.0)
    # Whole deciseconds make sums independent of their order: equal trips compare equal.
    exact = graph.length_m * DS_PER_M_AT_1_KM_H / speeds
    return np.where(usable, np.maximum(np.rint(exact), 1), 0).astype(np.int32)


def _arcs(graph: RoadGraph, cost: Ints, *, to_head: Flags, to_tail: Flags) -> Arcs:
    ahead, back = np.flatnonzero(to_head), np.flatnonzero(to_tail)
    source = np.concatenate((graph.tail[ahead], graph.head[back]))
    target = np.concatenate((graph.head[ahead], graph.tail[back]))
    edge = np.concatenate((ahead, back)).astype(np.int32)
    order = np.lexsort((edge, target, source))
    start = np.zeros(graph.node_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(source, minlength=graph.node_count), out=start[1:])
    ends: npt.NDArray[np.int32] = np.column_stack((target, cost[edge]))[order].astype(np.int32)
    return Arcs(start=start, ends=ends, edge=edge[order], source=source[order].astype(np.int32))
