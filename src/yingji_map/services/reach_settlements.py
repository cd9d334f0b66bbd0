"""How long bases and settlements are apart, with the closures and without them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.network import Direction
from yingji_map.engine.places_served import prepare_access, serve
from yingji_map.engine.spreading import Spread
from yingji_map.services.gather_bases import Gathered
from yingji_map.services.keep_places import KeptPlaces

SETTLEMENT_LAYER = "settlement"
LONGEST_HOURS = 24  # a trip that takes longer helps nobody and counts as none


class Lack(StrEnum):
    """Why a settlement is not served."""

    TOO_FAR = "too_far"
    CUT_OFF = "cut_off"
    NO_ROUTE = "no_route"
    OFF_NETWORK = "off_network"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTimes:
    """Times of every settlement, in the order of its table.

    Attributes
    ----------
    reached, found
        Nodes and settlements reached under the closures, within 24 hours.
    lack
        `(n,)` why a settlement has no time under the closures; empty text where it has one.
    """

    reached: Spread
    found: Spread
    lack: npt.NDArray[np.str_]


def population(settlements: KeptPlaces) -> npt.NDArray[np.int64]:
    """Return the people of each settlement; unknown counts as none."""
    return np.nan_to_num(settlements.table.numbers("population_persons")).astype(np.int64)


def settlement_times(
    gathered: Gathered, settlements: KeptPlaces, direction: Direction
) -> SettlementTimes:
    """Return times between the nearest of the bases and every settlement."""
    network, closed = gathered.network, gathered.applied.closed
    limit_ds = LONGEST_HOURS * 36_000
    points = shapely.get_coordinates(settlements.table.geometry)
    open_snaps = network.snapper.snap(points)
    snaps = network.snapper.moved(open_snaps, closed)
    access = prepare_access(network, direction, snaps, closed)
    reached, found = serve(network, gathered.snaps, access, limit_ds)
    lack = np.where(found.base >= 0, "", Lack.NO_ROUTE.value).astype("U11")
    lack[open_snaps.edge < 0] = Lack.OFF_NETWORK.value
    if not closed.is_empty:
        bases = network.snapper.snap(gathered.snaps.places)
        open_access = prepare_access(network, direction, open_snaps)
        _, before = serve(network, bases, open_access, limit_ds)
        lack[(before.base >= 0) & (found.base < 0)] = Lack.CUT_OFF.value
    return SettlementTimes(reached=reached, found=found, lack=lack)
