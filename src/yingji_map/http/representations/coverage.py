"""Bodies of `/v1/reach/coverage` and `/v1/reach/isolated`."""

from pydantic import BaseModel, Field

from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.engine.coverage import Split
from yingji_map.http.representations.reach import RoadAssumptions, road_assumptions
from yingji_map.http.representations.trips import AppliedClosure, closures_of
from yingji_map.services.find_isolated import IsolatedAnswer
from yingji_map.services.measure_coverage import CoverageAnswer, Covered, NotCovered
from yingji_map.services.reach_settlements import LONGEST_HOURS, Lack


class Parts(BaseModel):
    """A sum in two parts that make the whole."""

    covered: float
    not_covered: float
    total: float


class CoverageSums(BaseModel):
    """Settlements, the people in them, and H3 cells of resolution 9 by their centres."""

    settlements: Parts
    people: Parts
    cells: Parts


class TownshipSums(CoverageSums):
    """The same of one township; townships add up to the whole."""

    code: str
    name: str


class UncoveredSettlement(BaseModel):
    """A settlement not reached in time, why, and the nearest base with its travel time."""

    id: str
    name: str
    lon: float
    lat: float
    township: str
    population_persons: int
    reason: Lack
    travel_time_s: float | None = Field(description="null：24 小时内到不了")
    nearest_id: str | None
    nearest_name: str | None


class Coverage(CoverageSums):
    """What the places of a layer cover in time, and what they do not."""

    layer: str
    minutes: int
    profile: ProfileId
    direction: Direction
    mode: TravelMode
    places: int
    road_km: Parts
    townships: list[TownshipSums]
    not_covered: list[UncoveredSettlement]
    closures: list[AppliedClosure]
    assumptions: RoadAssumptions


class LackingSettlement(BaseModel):
    """A settlement and what it has no way to or from, each with the reason."""

    id: str
    name: str
    lon: float
    lat: float
    population_persons: int
    lacks: dict[str, Lack]
    is_isolated: bool
    is_cut_off: bool = Field(description="True: closures made it lack something")


class Isolated(BaseModel):
    """Settlements that lack a way to or from something asked for; isolated ones lack everything."""

    wanted: list[str]
    profile: ProfileId
    within_hours: int = LONGEST_HOURS
    total_settlements: int
    isolated_settlements: int
    isolated_persons: int
    cut_off_settlements: int
    cut_off_persons: int
    settlements: list[LackingSettlement]
    closures: list[AppliedClosure]
    assumptions: RoadAssumptions


def coverage(answer: CoverageAnswer) -> Coverage:
    """Represent coverage."""
    query, gathered = answer.query, answer.gathered
    total_km, covered_km = answer.road_m / 1000, answer.road_covered_m / 1000
    return Coverage(
        **_sums(answer.whole),
        layer=query.layer_id,
        minutes=query.minutes,
        profile=query.profile,
        direction=answer.direction,
        mode=query.mode,
        places=len(gathered.bases),
        road_km=Parts(
            covered=round(covered_km, 2),
            not_covered=round(total_km - covered_km, 2),
            total=round(total_km, 2),
        ),
        townships=[
            TownshipSums(code=one.code, name=one.name, **_sums(one.covered))
            for one in answer.townships
        ],
        not_covered=[_uncovered(one) for one in answer.not_covered],
        closures=closures_of(gathered.applied, ()).applied,
        assumptions=road_assumptions(gathered.kept.version, is_current=gathered.is_network_current),
    )


def isolated(answer: IsolatedAnswer) -> Isolated:
    """Represent settlements out of reach."""
    return Isolated(
        wanted=list(answer.wanted),
        profile=answer.query.profile,
        total_settlements=answer.settlement_count,
        isolated_settlements=sum(one.is_isolated for one in answer.settlements),
        isolated_persons=answer.isolated_persons,
        cut_off_settlements=sum(one.is_cut_off for one in answer.settlements),
        cut_off_persons=answer.cut_off_persons,
        settlements=[
            LackingSettlement(
                id=one.key,
                name=one.name,
                lon=one.lon,
                lat=one.lat,
                population_persons=one.population_persons,
                lacks=dict(one.lacks),
                is_isolated=one.is_isolated,
                is_cut_off=one.is_cut_off,
            )
            for one in answer.settlements
        ],
        closures=closures_of(answer.gathered.applied, ()).applied,
        assumptions=road_assumptions(
            answer.gathered.kept.version, is_current=answer.gathered.is_network_current
        ),
    )


def _sums(covered: Covered) -> dict[str, Parts]:
    return {
        "settlements": _parts(covered.settlements),
        "people": _parts(covered.people),
        "cells": _parts(covered.cells),
    }


def _parts(split: Split) -> Parts:
    return Parts(covered=split.covered, not_covered=split.not_covered, total=split.total)


def _uncovered(one: NotCovered) -> UncoveredSettlement:
    return UncoveredSettlement(
        id=one.key,
        name=one.name,
        lon=one.lon,
        lat=one.lat,
        township=one.township,
        population_persons=one.population_persons,
        reason=one.reason,
        travel_time_s=one.travel_time_s,
        nearest_id=one.nearest.key if one.nearest else None,
        nearest_name=one.nearest.name if one.nearest else None,
    )
