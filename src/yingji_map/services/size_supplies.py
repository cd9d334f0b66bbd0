"""What so many people need for so many days, and which depots it comes from, tier by tier."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import ProfileId
from yingji_map.domain.standard import SupplyItem, SupplyStandard
from yingji_map.engine.graph import Ints
from yingji_map.engine.matrix import travel_times_ds
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.services.gather_bases import GatherBases, Gathered
from yingji_map.services.keep_places import KeptPlaces

DEPOT_LAYER = "supply_depot"
MAX_PEOPLE, MAX_DAYS = 1_000_000, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyQuery:
    """How many people, for how long, and where."""

    people: int
    days: int
    place: tuple[float, float]
    profile: ProfileId = ProfileId.CAR
    closures: ClosureChoice = THOSE_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What one depot gives; `travel_time_s` to the place."""

    depot_key: str
    depot_name: str
    tier: str
    quantity: int
    travel_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyLine:
    """One item: `needed` and `missing` are None where the standard has no number."""

    item: SupplyItem
    needed: int | None
    reachable_stock: int
    draws: tuple[Draw, ...]
    missing: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplySizing:
    """All items; depots out of reach are named, their stock counts for nothing."""

    query: SupplyQuery
    standard: SupplyStandard
    gathered: Gathered
    lines: tuple[SupplyLine, ...]
    out_of_reach: tuple[str, ...]

    @property
    def last_arrival_s(self) -> float | None:
        """Return when the last of the draws is there; None without any."""
        times = [draw.travel_time_s for line in self.lines for draw in line.draws]
        return max(times, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeSupplies:
    """Work out needs by the standard's norms and draw on stocks."""

    gather: GatherBases
    standard: SupplyStandard

    def run(self, query: SupplyQuery) -> SupplySizing:
        """Return needs, draws and what is missing.

        Raises
        ------
        InvalidParameter
            A number or the place makes no sense.
        PlaceOutOfReach, PlaceCutOff
            The place is too far from any road, or all near are closed.
        ClosureNotFound, NotReady
            What is asked about does not exist.
        """
        _check(query)
        travel = (query.profile, query.closures)
        gathered = self.gather.run(query.place, None, travel)
        depots = self.gather.layer(DEPOT_LAYER)
        points = shapely.get_coordinates(depots.table.geometry)
        closed = gathered.applied.closed
        snaps = gathered.network.snapper.snap(points, closed=closed)
        times = travel_times_ds(gathered.network, snaps, gathered.snaps, closed)[:, 0]
        order = self._order(depots, times)
        return SupplySizing(
            query=query,
            standard=self.standard,
            gathered=gathered,
            lines=tuple(_line(item, query, depots, (order, times)) for item in self.standard.items),
            out_of_reach=tuple(depots.name(int(row)) for row in np.flatnonzero(times == UNREACHED)),
        )

    def _order(self, depots: KeptPlaces, times: Ints) -> list[int]:
        """Return the depots within reach: the lowest tier first, in it the nearest, then by key."""
        tiers: Mapping[object, int] = {tier: rank for rank, tier in enumerate(self.standard.tiers)}
        column = depots.table.columns["tier"]
        rows = np.flatnonzero(times < UNREACHED).tolist()
        return sorted(
            rows,
            key=lambda row: (
                tiers.get(column[row], len(tiers)),
                int(times[row]),
                depots.table.keys[row],
            ),
        )


def _line(
    item: SupplyItem, query: SupplyQuery, depots: KeptPlaces, ways: tuple[list[int], Ints]
) -> SupplyLine:
    order, times = ways
    stock = np.nan_to_num(depots.table.numbers(item.field)).astype(np.int64)
    reachable = int(stock[order].sum())
    if item.per_person.value is None:
        return SupplyLine(item=item, needed=None, reachable_stock=reachable, draws=(), missing=None)
    needed = int(
        np.ceil(query.people * item.per_person.value * (query.days if item.per_day else 1))
    )
    left, draws = needed, []
    for row in order:
        taken = min(left, int(stock[row]))
        if taken > 0:
            left -= taken
            draws.append(
                Draw(
                    depot_key=depots.table.keys[row],
                    depot_name=depots.name(row),
                    tier=str(depots.table.columns["tier"][row]),
                    quantity=taken,
                    travel_time_s=int(times[row]) / 10,
                )
            )
    return SupplyLine(
        item=item, needed=needed, reachable_stock=reachable, draws=tuple(draws), missing=left
    )


def _check(query: SupplyQuery) -> None:
    limits = (("people", query.people, MAX_PEOPLE), ("days", query.days, MAX_DAYS))
    for parameter, value, most in limits:
        if not 1 <= value <= most:
            raise InvalidParameter(
                parameter=parameter,
                value=value,
                reason_zh=f"应在 1 到 {most} 之间",
                reason_en=f"must be 1 to {most}",
            )
