"""Settlements that no team gets to, or that get to no shelter, and what cut them off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import ProfileId
from yingji_map.services.gather_bases import GatherBases, Gathered
from yingji_map.services.network_access import Place
from yingji_map.services.reach_settlements import (
    SETTLEMENT_LAYER,
    Lack,
    population,
    settlement_times,
)

SEAT = "seat"
DEFAULT_LAYERS = ("rescue_team", "shelter")
_MAX_LAYERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolatedQuery:
    """Which layers must be within reach, in their usual direction, and the county seat if given."""

    layer_ids: tuple[str, ...] = DEFAULT_LAYERS
    seat: Place | None = None
    profile: ProfileId = ProfileId.CAR
    closures: ClosureChoice = THOSE_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolatedSettlement:
    """A settlement that lacks something; `lacks` says for each layer why."""

    key: str
    name: str
    lon: float
    lat: float
    population_persons: int
    lacks: Mapping[str, Lack]
    is_isolated: bool
    is_cut_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolatedAnswer:
    """Settlements that lack anything, isolated ones lack everything asked for.

    Attributes
    ----------
    isolated_persons, cut_off_persons
        People in isolated settlements, and in those that closures made lack something.
    """

    query: IsolatedQuery
    wanted: tuple[str, ...]
    gathered: Gathered
    settlement_count: int
    settlements: Sequence[IsolatedSettlement]
    isolated_persons: int
    cut_off_persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindIsolated:
    """Answer which settlements are out of reach, whatever the time (within 24 hours)."""

    gather: GatherBases

    def run(self, query: IsolatedQuery) -> IsolatedAnswer:
        """Return the settlements that lack a way to or from something asked for.

        Raises
        ------
        InvalidParameter
            There are no layers or too many, or they make no sense.
        PlaceOutOfReach, PlaceCutOff
            The seat is too far from any road, or all near it are closed.
        LayerNotFound, ClosureNotFound, NotReady
            What is asked about does not exist, or there are no settlements.
        """
        layer_ids = tuple(dict.fromkeys(query.layer_ids))
        if not 1 <= len(layer_ids) <= _MAX_LAYERS:
            raise InvalidParameter(
                parameter="layers",
                value=",".join(layer_ids),
                reason_zh=f"1 到 {_MAX_LAYERS} 个图层",
                reason_en=f"1 to {_MAX_LAYERS} layers",
            )
        travel = (query.profile, query.closures)
        sources = {layer_id: self.gather.run(None, layer_id, travel) for layer_id in layer_ids}
        if query.seat is not None:
            sources[SEAT] = self.gather.run(query.seat, None, travel)
        settlements = self.gather.layer(SETTLEMENT_LAYER)
        lacks = {
            name: settlement_times(gathered, settlements, gathered.outward).lack
            for name, gathered in sources.items()
        }
        people, listed = population(settlements), []
        for row in np.flatnonzero(np.array([lack != "" for lack in lacks.values()]).any(axis=0)):
            point = settlements.table.geometry[row]
            missing = {name: Lack(str(lack[row])) for name, lack in lacks.items() if lack[row]}
            listed.append(
                IsolatedSettlement(
                    key=settlements.table.keys[row],
                    name=settlements.name(int(row)),
                    lon=point.x,
                    lat=point.y,
                    population_persons=int(people[row]),
                    lacks=missing,
                    is_isolated=len(missing) == len(sources),
                    is_cut_off=Lack.CUT_OFF in missing.values(),
                )
            )
        return IsolatedAnswer(
            query=query,
            wanted=tuple(sources),
            gathered=next(iter(sources.values())),
            settlement_count=len(settlements.table),
            settlements=listed,
            isolated_persons=sum(one.population_persons for one in listed if one.is_isolated),
            cut_off_persons=sum(one.population_persons for one in listed if one.is_cut_off),
        )
