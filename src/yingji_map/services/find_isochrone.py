"""Where one can be in so many minutes: cells with their travel time, from one base or from many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.engine.country import drive_walk
from yingji_map.engine.isochrone import Cells, area_km2, outline
from yingji_map.engine.places_served import serve
from yingji_map.engine.reached_roads import reached_length_m
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.spreading import Spread
from yingji_map.services.gather_bases import Base, GatherBases, Gathered
from yingji_map.services.keep_closures import AppliedClosures
from yingji_map.services.keep_country import KeepCountry
from yingji_map.services.keep_lattice import KeepLattice
from yingji_map.services.network_access import Place

MAX_MINUTES, MAX_BANDS = 240, 6
RESOLUTIONS = (8, 9, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class IsochroneQuery:
    """The question: one place, or every usable place of a layer; `direction` as seen from there."""

    minutes: tuple[int, ...]
    place: Place | None = None
    layer_id: str | None = None
    profile: ProfileId = ProfileId.CAR
    direction: Direction | None = None
    closures: ClosureChoice = THOSE_IN_FORCE
    resolution: int = 9
    mode: TravelMode = TravelMode.ROAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What lies within so many minutes, those of smaller bands included."""

    minutes: int
    cell_count: int
    area_km2: float
    road_km: float
    outline: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class IsochroneAnswer:
    """The cells within the greatest band.

    Attributes
    ----------
    cells
        `(n,)` ascending.
    times_ds, base
        `(n,)` travel time to the cell's centre, and the row of `bases` that it is quickest for.
    snaps
        The bases on the network, rows as in `bases`.
    """

    query: IsochroneQuery
    direction: Direction
    bases: Sequence[Base]
    snaps: Snaps
    cells: npt.NDArray[np.uint64]
    times_ds: npt.NDArray[np.int32]
    base: npt.NDArray[np.int32]
    bands: tuple[Band, ...]
    applied: AppliedClosures
    road_version: int
    is_network_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindIsochrone:
    """Answer what can be reached in time."""

    gather: GatherBases
    lattice: KeepLattice
    country: KeepCountry

    def run(self, query: IsochroneQuery) -> IsochroneAnswer:
        """Return the cells whose centre a trip of at most the greatest of `minutes` gets to.

        Raises
        ------
        InvalidParameter
            The minutes, the resolution, the place or the layer make no sense.
        PlaceOutOfReach, PlaceCutOff
            The place is too far from any road that the profile may use, or all near are closed.
        LayerNotFound, ClosureNotFound, NotReady
            What is asked about does not exist.
        """
        minutes = _checked(query)
        gathered = self.gather.run(query.place, query.layer_id, (query.profile, query.closures))
        direction = query.direction or gathered.outward
        network, closed = gathered.network, gathered.applied.closed
        limit_ds = minutes[-1] * 600
        about, reached, found = self._search(gathered, query, direction, limit_ds)
        kept = np.flatnonzero(found.base >= 0)
        cells, times_ds = about[kept], found.cost_ds[kept]
        bands = []
        for each in minutes:
            inside = cells[times_ds <= each * 600]
            road_m = reached_length_m(
                network, direction, gathered.snaps, reached, (each * 600, closed)
            )
            bands.append(
                Band(
                    minutes=each,
                    cell_count=len(inside),
                    area_km2=area_km2(inside),
                    road_km=road_m / 1000,
                    outline=outline(inside),
                )
            )
        return IsochroneAnswer(
            query=query,
            direction=direction,
            bases=gathered.bases,
            snaps=gathered.snaps,
            cells=cells,
            times_ds=times_ds,
            base=found.base[kept],
            bands=tuple(bands),
            applied=gathered.applied,
            road_version=gathered.kept.version,
            is_network_current=gathered.is_network_current,
        )

    def _search(
        self, gathered: Gathered, query: IsochroneQuery, direction: Direction, limit_ds: int
    ) -> tuple[Cells, Spread, Spread]:
        """Return the cells looked at, and the nodes and cells reached."""
        network, bases = gathered.network, gathered.snaps
        if query.mode is TravelMode.ROAD:
            lattice, access = self.lattice.access(gathered, query.resolution, direction)
            return lattice.cells, *serve(network, bases, access, limit_ds)
        country, links = self.country.current(gathered, query.resolution, direction)
        return country.cells, *drive_walk(network, country, links, bases, limit_ds)


def _checked(query: IsochroneQuery) -> tuple[int, ...]:
    minutes = tuple(sorted(set(query.minutes)))
    if not 1 <= len(minutes) <= MAX_BANDS or minutes[0] < 1 or minutes[-1] > MAX_MINUTES:
        raise InvalidParameter(
            parameter="minutes",
            value=",".join(map(str, query.minutes[:20])),
            reason_zh=f"1 到 {MAX_BANDS} 个数，每个 1 到 {MAX_MINUTES}",
            reason_en=f"1 to {MAX_BANDS} numbers, each 1 to {MAX_MINUTES}",
        )
    if query.resolution not in RESOLUTIONS:
        raise InvalidParameter(
            parameter="resolution",
            value=query.resolution,
            reason_zh=f"应为 {RESOLUTIONS[0]} 到 {RESOLUTIONS[-1]}",
            reason_en=f"must be {RESOLUTIONS[0]} to {RESOLUTIONS[-1]}",
        )
    return minutes
