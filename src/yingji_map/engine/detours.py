"""What closures do to trips: which of them lie on the ways that would be taken without them."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from yingji_map.engine.closures import ClosedRoads
from yingji_map.engine.nearest import Found, find_nearest
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import TargetSet, prepare_targets


def closures_met(trips: Iterable[Found], closed: ClosedRoads) -> set[int]:
    """Return the closures that lie on trips searched without them.

    When none does, the trips are the same with the closures: closing never shortens, so what was
    quickest still is.
    """
    met: set[int] = set()
    if closed.is_empty:
        return met
    for trip in trips:
        for passage in trip.passages:
            if closed.mask[passage.edge]:
                met |= closed.owners_between(*passage)
    return met


def open_trips(
    network: ProfileNetwork, origin: Snaps, targets: TargetSet, rows: npt.NDArray[np.int64]
) -> dict[int, Found]:
    """Return the trips to some of the targets by target number, where there are any.

    Parameters
    ----------
    origin, targets
        Snapped and prepared without closures.
    rows
        Target numbers.
    """
    if len(rows) == 0:
        return {}
    chosen = prepare_targets(network, targets.direction, targets.snaps.take(rows))
    found = find_nearest(network, origin, chosen, k=len(rows)).found
    return {int(rows[one.target]): one for one in found}
