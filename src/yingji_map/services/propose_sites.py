"""Where the next team, depot or shelter would serve the most people who are not served in time."""

from dataclasses import dataclass

import numpy as np
import shapely

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.isochrone import area_km2
from yingji_map.engine.matrix import travel_times_ds
from yingji_map.engine.places_served import serve
from yingji_map.engine.siting import Siting, choose_sites
from yingji_map.engine.snapping import Snaps
from yingji_map.services.find_isochrone import MAX_MINUTES
from yingji_map.services.gather_bases import GatherBases, Gathered
from yingji_map.services.keep_lattice import KeepLattice
from yingji_map.services.keep_places import KeptPlaces
from yingji_map.services.reach_settlements import (
    SETTLEMENT_LAYER,
    population,
    settlement_times,
)

MAX_SITES = 20
_RESOLUTION = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteQuery:
    """How many more places of a layer, each to serve within so many minutes."""

    layer_id: str
    minutes: int
    count: int = 1
    profile: ProfileId = ProfileId.CAR
    closures: ClosureChoice = THOSE_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedSite:
    """A settlement to put the next one into, and what it adds to those before it."""

    rank: int
    key: str
    name: str
    lon: float
    lat: float
    gain_persons: int
    gain_km2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProposal:
    """Sites in the order of their gain; `siting` holds the bound."""

    query: SiteQuery
    gathered: Gathered
    sites: tuple[ProposedSite, ...]
    siting: Siting
    people_persons: int
    covered_before_persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeSites:
    """Choose among all settlements."""

    gather: GatherBases
    lattice: KeepLattice

    def run(self, query: SiteQuery) -> SiteProposal:
        """Return the best sites.

        Raises
        ------
        InvalidParameter
            A number or the layer makes no sense.
        LayerNotFound, ClosureNotFound, NotReady
            What is asked about does not exist.
        """
        _check(query)
        gathered = self.gather.run(None, query.layer_id, (query.profile, query.closures))
        settlements = self.gather.layer(SETTLEMENT_LAYER)
        limit_ds = query.minutes * 600
        people = population(settlements)
        before = settlement_times(gathered, settlements, gathered.outward).found.cost_ds
        points = shapely.get_coordinates(settlements.table.geometry)
        network, closed = gathered.network, gathered.applied.closed
        snaps = network.snapper.snap(points, closed=closed)
        times = travel_times_ds(network, snaps, snaps, closed)
        covers = (times if gathered.outward is Direction.FROM else times.T) <= limit_ds
        lacking = np.where(before <= limit_ds, 0, people).astype(np.int64)
        siting = choose_sites(covers, lacking, query.count)
        return SiteProposal(
            query=query,
            gathered=gathered,
            sites=self._described(gathered, settlements, snaps, siting, limit_ds),
            siting=siting,
            people_persons=int(people.sum()),
            covered_before_persons=int(people.sum() - lacking.sum()),
        )

    def _described(
        self,
        gathered: Gathered,
        settlements: KeptPlaces,
        snaps: Snaps,
        siting: Siting,
        limit_ds: int,
    ) -> tuple[ProposedSite, ...]:
        network, direction = gathered.network, gathered.outward
        lattice, access = self.lattice.access(gathered, _RESOLUTION, direction)
        reached = serve(network, gathered.snaps, access, limit_ds)[1].base >= 0
        sites = []
        for rank, row in enumerate(siting.sites, start=1):
            here = serve(network, snaps.take(slice(row, row + 1)), access, limit_ds)[1].base >= 0
            new = lattice.cells[here & ~reached]
            reached = reached | here
            point = settlements.table.geometry[row]
            sites.append(
                ProposedSite(
                    rank=rank,
                    key=settlements.table.keys[row],
                    name=settlements.name(row),
                    lon=point.x,
                    lat=point.y,
                    gain_persons=siting.gains[rank - 1],
                    gain_km2=area_km2(new),
                )
            )
        return tuple(sites)


def _check(query: SiteQuery) -> None:
    limits = (("minutes", query.minutes, MAX_MINUTES), ("count", query.count, MAX_SITES))
    for parameter, value, most in limits:
        if not 1 <= value <= most:
            raise InvalidParameter(
                parameter=parameter,
                value=value,
                reason_zh=f"应在 1 到 {most} 之间",
                reason_en=f"must be 1 to {most}",
            )
