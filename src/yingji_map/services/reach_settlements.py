"""How long bases and settlements are apart, with the closures and without them."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.network import Direction
from yingji_map.engine.closures import ALL_OPEN
from yingji_map.engine.country import (
    Country,
    Links,
    drive_walk,
    places_walked_to,
    prepare_links,
)
from yingji_map.engine.places_served import Access, prepare_access, serve
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.spreading import Spread
from yingji_map.engine.walking import walks_between
from yingji_map.services.gather_bases import Gathered
from yingji_map.services.keep_closures import NO_CLOSURES
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


def walked_times(
    gathered: Gathered,
    settlements: KeptPlaces,
    direction: Direction,
    country: tuple[Country, tuple[Links, Access]],
) -> SettlementTimes:
    """Return times between the nearest base and every settlement: on the road, then on foot.

    A settlement beside a road is walked to straight from it, others from the cells about them.
    """
    land, (links, access) = country
    network, closed = gathered.network, gathered.applied.closed
    reached, found = _walked(gathered, settlements, land, (links, access))
    lack = np.where(found.base >= 0, "", Lack.NO_ROUTE.value).astype("U11")
    if not closed.is_empty:
        open_bases = replace(
            gathered,
            snaps=network.snapper.snap(gathered.snaps.places),
            applied=NO_CLOSURES,
        )
        open_links = (links, prepare_links(network, links, direction, ALL_OPEN))
        _, before = _walked(open_bases, settlements, land, open_links)
        lack[(before.base >= 0) & (found.base < 0)] = Lack.CUT_OFF.value
    return SettlementTimes(reached=reached, found=found, lack=lack)


def _walked(
    gathered: Gathered,
    settlements: KeptPlaces,
    country: Country,
    links: tuple[Links, Access],
) -> tuple[Spread, Spread]:
    network, closed, direction = gathered.network, gathered.applied.closed, links[1].direction
    limit_ds = LONGEST_HOURS * 36_000
    reached, cells = drive_walk(network, country, links, gathered.snaps, limit_ds)
    points = shapely.get_coordinates(settlements.table.geometry)
    snaps = network.snapper.snap(points, closed=closed)
    walks = walks_between(country.ground, snaps.on_road, points)
    beside = (snaps.edge >= 0) & (snaps.distance_m <= country.spacing_m) & walks.is_open
    snaps.edge[~beside] = -1
    straight = prepare_access(network, direction, snaps, closed, walks.in_direction(direction))
    _, by_road = serve(network, gathered.snaps, straight, limit_ds, is_straight_allowed=False)
    on_foot = places_walked_to(country, direction, cells, points)
    is_later = on_foot.cost_ds < by_road.cost_ds
    cost = np.where(is_later, on_foot.cost_ds, by_road.cost_ds)
    base = np.where(is_later, on_foot.base, by_road.base)
    late = cost > limit_ds
    cost[late], base[late] = UNREACHED, -1
    return reached, Spread(cost_ds=cost, base=base)
