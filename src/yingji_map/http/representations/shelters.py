"""Body of `/v1/shelters/evaluation`."""

from pydantic import BaseModel

from yingji_map.domain.declared import Title
from yingji_map.domain.evacuation import ShelterState, Unplaced
from yingji_map.domain.network import ProfileId
from yingji_map.domain.shelter_evaluation import Dimension, Finding, Verdict
from yingji_map.http.representations.trips import AppliedClosure, closures_of
from yingji_map.services.evaluate_shelters import EvaluatedShelter, Evaluation


class FindingBody(BaseModel):
    """One thing that was looked at; `unknown` where a fact or the standard's number is missing."""

    id: str
    title: Title
    verdict: Verdict
    found: float | None
    wanted: float | None
    source: str | None
    is_verified: bool | None


class DimensionBody(BaseModel):
    """One of the five dimensions: one finding that is not met decides, then one unknown."""

    verdict: Verdict
    findings: list[FindingBody]


class ShelterBody(BaseModel):
    """One shelter; the people and settlements for whom it is the nearest usable one."""

    id: str
    name: str
    lon: float
    lat: float
    state: ShelterState
    shelter_class: str | None
    capacity_persons: int | None
    served_persons: int
    served_settlements: int
    farthest_m: float | None
    dimensions: dict[Dimension, DimensionBody]


class WithoutPlaceBody(BaseModel):
    """People of a settlement for whom there is no place within the time."""

    id: str
    name: str
    lon: float
    lat: float
    people_persons: int
    unplaced_persons: int
    reason: Unplaced


class PeopleBody(BaseModel):
    """Everybody assigned at best; `is_proven` tells that no assignment places more."""

    people_persons: int
    placed_persons: int
    unplaced_persons: int
    is_proven: bool


class EvaluationBody(BaseModel):
    """All shelters in five dimensions, and the people without a place."""

    profile: ProfileId
    minutes: int
    total: int
    standardised: int
    standardised_ratio: float
    counts: dict[Dimension, dict[Verdict, int]]
    people: PeopleBody
    shelters: list[ShelterBody]
    without_place: list[WithoutPlaceBody]
    closures: list[AppliedClosure]
    layer_versions: dict[str, int]
    run: str | None


def evaluation(found: Evaluation) -> EvaluationBody:
    """Represent the evaluation."""
    unplaced = sum(one.unplaced_persons for one in found.without_place)
    total = len(found.shelters)
    return EvaluationBody(
        profile=found.query.profile,
        minutes=found.query.minutes,
        total=total,
        standardised=found.standardised,
        standardised_ratio=round(found.standardised / total, 4) if total else 0.0,
        counts={
            dimension: {verdict: found.counts(dimension)[verdict] for verdict in Verdict}
            for dimension in Dimension
        },
        people=PeopleBody(
            people_persons=found.people_persons,
            placed_persons=found.people_persons - unplaced,
            unplaced_persons=unplaced,
            is_proven=found.is_proven,
        ),
        shelters=[_shelter(one) for one in found.shelters],
        without_place=[
            WithoutPlaceBody(
                id=one.key,
                name=one.name,
                lon=one.lon,
                lat=one.lat,
                people_persons=one.people_persons,
                unplaced_persons=one.unplaced_persons,
                reason=one.reason,
            )
            for one in found.without_place
        ],
        closures=closures_of(found.situation.applied, ()).applied,
        layer_versions=dict(found.situation.versions),
        run=found.situation.run_id,
    )


def _shelter(one: EvaluatedShelter) -> ShelterBody:
    facts, verdicts = one.facts, one.verdicts
    shelter_class, capacity = (
        facts.values.get(name) for name in ("shelter_class", "capacity_persons")
    )
    return ShelterBody(
        id=one.key,
        name=one.name,
        lon=one.lon,
        lat=one.lat,
        state=facts.state,
        shelter_class=None if shelter_class is None else str(shelter_class),
        capacity_persons=capacity if isinstance(capacity, int) else None,
        served_persons=facts.served_persons,
        served_settlements=facts.served_settlements,
        farthest_m=None if facts.farthest_m is None else round(facts.farthest_m, 1),
        dimensions={
            dimension: DimensionBody(
                verdict=verdicts[dimension],
                findings=[_finding(each) for each in one.findings if each.dimension is dimension],
            )
            for dimension in Dimension
        },
    )


def _finding(one: Finding) -> FindingBody:
    return FindingBody(
        id=one.id,
        title=Title(zh=one.zh, en=one.en),
        verdict=one.verdict,
        found=one.found,
        wanted=one.wanted,
        source=one.source,
        is_verified=one.is_verified,
    )
