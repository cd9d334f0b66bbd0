"""Travel times between many places, each exact."""

import numpy as np

from yingji_map.domain.network import Direction
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.departures import departures_of
from yingji_map.engine.graph import Ints
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import UNREACHED, Task, search
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import exits_of, prepare_targets


def travel_times_ds(
    network: ProfileNetwork, origins: Snaps, destinations: Snaps, closed: ClosedRoads = ALL_OPEN
) -> Ints:
    """Return deciseconds from every origin to every destination, `(n, m)`.

    Places must be snapped with the same closures. `UNREACHED` where there is no way, and for
    places off the network.
    """
    targets = prepare_targets(network, Direction.FROM, destinations, closed)
    ways = network.ways[Direction.FROM]
    count = len(destinations)
    times = np.full((len(origins), count), UNREACHED, dtype=np.int32)
    workspace = network.workspaces.take()
    try:
        for row in np.flatnonzero(origins.edge >= 0):
            origin = origins.take(slice(row, row + 1))
            exits = exits_of(network, ways, origin, closed)
            departures = departures_of(network, origin, targets, exits)
            task = Task(ways.arcs._replace(closed=closed.mask), departures, targets.arrivals)
            outcome = search(task, count, count, workspace)
            times[row, outcome.order] = outcome.cost[outcome.order]
    finally:
        network.workspaces.give_back(workspace)
    return times
