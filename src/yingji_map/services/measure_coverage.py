"""Who is served in so many minutes and who is not: people, townships, road, cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.engine.country import drive_walk
from yingji_map.engine.coverage import (
    Counts,
    DivisionCells,
    Split,
    among,
    cells_of_divisions,
    split,
    split_by,
)
from yingji_map.engine.divisions import division_of
from yingji_map.engine.isochrone import Cells
from yingji_map.engine.places_served import serve
from yingji_map.engine.reached_roads import reached_length_m, usable_length_m
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.services.find_isochrone import MAX_MINUTES
from yingji_map.services.gather_bases import Base, GatherBases, Gathered
from yingji_map.services.keep_country import KeepCountry
from yingji_map.services.keep_lattice import KeepLattice
from yingji_map.services.keep_places import KeptPlaces
from yingji_map.services.reach_settlements import (
    SETTLEMENT_LAYER,
    Lack,
    SettlementTimes,
    population,
    settlement_times,
    walked_times,
)
from yingji_map.services.single_flight import SingleFlightCache

TOWNSHIP_LAYER = "township"
_RESOLUTION = 9
_DIVISIONS_KEPT = 2  # the townships of now, and of just before


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageQuery:
    """The question; `direction` as seen from the places of the layer, None for the usual one."""

    layer_id: str
    minutes: int
    profile: ProfileId = ProfileId.CAR
    direction: Direction | None = None
    closures: ClosureChoice = THOSE_IN_FORCE
    mode: TravelMode = TravelMode.ROAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Settlements, people in them, and cells."""

    settlements: Split
    people: Split
    cells: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipCoverage:
    """The same of one township."""

    code: str
    name: str
    covered: Covered


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered:
    """A settlement that is not served in time; `travel_time_s` None beyond 24 hours or never."""

    key: str
    name: str
    lon: float
    lat: float
    township: str
    population_persons: int
    reason: Lack
    travel_time_s: float | None
    nearest: Base | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageAnswer:
    """Covered and not covered; townships add up to the whole."""

    query: CoverageQuery
    direction: Direction
    gathered: Gathered
    whole: Covered
    townships: tuple[TownshipCoverage, ...]
    road_m: float
    road_covered_m: float
    not_covered: Sequence[NotCovered]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCoverage:
    """Add up who is served in time."""

    gather: GatherBases
    lattice: KeepLattice
    country: KeepCountry
    cells: SingleFlightCache[int, DivisionCells] = field(
        default_factory=lambda: SingleFlightCache(_DIVISIONS_KEPT)
    )

    def run(self, query: CoverageQuery) -> CoverageAnswer:
        """Return what the places of a layer cover together.

        Raises
        ------
        InvalidParameter
            The minutes or the layer make no sense.
        LayerNotFound, ClosureNotFound, NotReady
            What is asked about does not exist, or there are no settlements or townships.
        """
        if not 1 <= query.minutes <= MAX_MINUTES:
            raise InvalidParameter(
                parameter="minutes",
                value=query.minutes,
                reason_zh=f"应在 1 到 {MAX_MINUTES} 之间",
                reason_en=f"must be between 1 and {MAX_MINUTES}",
            )
        gathered = self.gather.run(None, query.layer_id, (query.profile, query.closures))
        direction = query.direction or gathered.outward
        settlements = self.gather.layer(SETTLEMENT_LAYER)
        townships = self.gather.layer(TOWNSHIP_LAYER)
        limit_ds = query.minutes * 600
        if query.mode is TravelMode.ROAD:
            times = settlement_times(gathered, settlements, direction)
        else:
            country = self.country.current(gathered, _RESOLUTION, direction)
            times = walked_times(gathered, settlements, direction, country)
        reached = self._cells_reached(gathered, query.mode, direction, limit_ds)
        whole, parts = self._count((settlements, townships), times, reached, limit_ds)
        return CoverageAnswer(
            query=query,
            direction=direction,
            gathered=gathered,
            whole=whole,
            townships=parts,
            road_m=usable_length_m(gathered.network),
            road_covered_m=reached_length_m(
                gathered.network,
                direction,
                gathered.snaps,
                times.reached,
                (limit_ds, gathered.applied.closed),
            ),
            not_covered=_not_covered(gathered, (settlements, townships), times, limit_ds),
        )

    def _cells_reached(
        self, gathered: Gathered, mode: TravelMode, direction: Direction, limit_ds: int
    ) -> Cells:
        network, bases = gathered.network, gathered.snaps
        if mode is TravelMode.ROAD:
            lattice, access = self.lattice.access(gathered, _RESOLUTION, direction)
            _, found = serve(network, bases, access, limit_ds)
            return lattice.cells[found.base >= 0]
        country, links = self.country.current(gathered, _RESOLUTION, direction)
        _, found = drive_walk(network, country, links, bases, limit_ds)
        return country.cells[found.base >= 0]

    def _count(
        self,
        layers: tuple[KeptPlaces, KeptPlaces],
        times: SettlementTimes,
        reached: Cells,
        limit_ds: int,
    ) -> tuple[Covered, tuple[TownshipCoverage, ...]]:
        settlements, townships = layers
        outlines, count = townships.table.geometry, len(townships.table)
        county = self.cells.get(
            townships.version, lambda: cells_of_divisions(outlines, _RESOLUTION)
        )
        has_cell = among(county.cells, reached)
        has_village = times.found.cost_ds <= limit_ds
        people, one = population(settlements), np.ones(len(has_village), dtype=np.int64)
        home, each = _homes(settlements, townships), np.ones(len(has_cell), dtype=np.int64)
        columns = zip(
            split_by(home, count, has_village, one),
            split_by(home, count, has_village, people),
            split_by(county.division, count, has_cell, each),
            strict=True,
        )
        parts = tuple(
            TownshipCoverage(
                code=townships.table.keys[row],
                name=townships.name(row),
                covered=Covered(settlements=villages, people=persons, cells=cells),
            )
            for row, (villages, persons, cells) in enumerate(columns)
        )
        whole = Covered(
            settlements=split(has_village, one),
            people=split(has_village, people),
            cells=split(has_cell, each),
        )
        return whole, parts


def _homes(settlements: KeptPlaces, townships: KeptPlaces) -> Counts:
    points = np.array([(point.x, point.y) for point in settlements.table.geometry])
    return division_of(points.reshape(-1, 2), townships.table.geometry)


def _not_covered(
    gathered: Gathered,
    layers: tuple[KeptPlaces, KeptPlaces],
    times: SettlementTimes,
    limit_ds: int,
) -> list[NotCovered]:
    settlements, townships = layers
    home, people = _homes(settlements, townships), population(settlements)
    listed = []
    for row in np.flatnonzero(times.found.cost_ds > limit_ds).tolist():
        cost_ds, base = int(times.found.cost_ds[row]), int(times.found.base[row])
        point = settlements.table.geometry[row]
        listed.append(
            NotCovered(
                key=settlements.table.keys[row],
                name=settlements.name(row),
                lon=point.x,
                lat=point.y,
                township=townships.name(int(home[row])),
                population_persons=int(people[row]),
                reason=Lack(str(times.lack[row]) or Lack.TOO_FAR),
                travel_time_s=None if cost_ds == UNREACHED else cost_ds / 10,
                nearest=gathered.bases[base] if base >= 0 else None,
            )
        )
    return listed
