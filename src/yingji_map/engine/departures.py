"""How a search starts from a place: onto the road both ways, along it, or straight to a target."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import off_path_ds
from yingji_map.engine.graph import Ints
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import Departures
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import Exits, TargetSet, from_tail_ds


def departures_of(
    network: ProfileNetwork, origin: Snaps, targets: TargetSet, exits: Exits
) -> Departures:
    """Return the nodes and targets that one place leads to, with their costs."""
    walk_ds = off_path_ds(origin.distance_m)[0]
    along = _along_same_edge(network, origin, targets)
    straight, straight_ds = straight_walks(origin, targets)
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
    along = np.flatnonzero((edge >= 0) & (targets.snaps.edge == edge) & is_allowed)
    there_m = targets.snaps.along_m[along]
    here_m = np.full(len(along), origin.along_m[0])
    on = np.full(len(along), edge, dtype=np.int32)
    return along[~targets.closed.blocks(on, here_m, there_m)]


def _along_cost_ds(
    network: ProfileNetwork, origin: Snaps, targets: TargetSet, along: npt.NDArray[np.int64]
) -> Ints:
    gaps = np.abs(from_tail_ds(network, targets.snaps)[along] - from_tail_ds(network, origin)[0])
    return np.asarray(gaps + targets.walk_ds[along], dtype=np.int32)


def straight_walks(origin: Snaps, targets: TargetSet) -> tuple[npt.NDArray[np.int64], Ints]:
    """Return the targets no farther than the two walks to and from the road, and the straight cost.

    Who would walk that far to the road and back walks directly instead; it never takes longer.
    """
    count = len(targets.snaps)
    here = np.repeat(origin.places, count, axis=0)
    there = targets.snaps.places
    _, _, distance_m = GEOD.inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    distance_m = np.asarray(distance_m, dtype=np.float64)
    walks_m = origin.distance_m[0] + targets.snaps.distance_m
    is_on = (origin.edge[0] >= 0) & (targets.snaps.edge >= 0)
    near = np.flatnonzero(is_on & (distance_m <= walks_m))
    return near, off_path_ds(distance_m[near])
