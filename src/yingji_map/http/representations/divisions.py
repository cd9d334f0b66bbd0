"""Body of `/v1/risk/divisions`."""

from typing import Literal

from pydantic import BaseModel

from yingji_map.domain.division import KINDS, CountyTally, Tally
from yingji_map.domain.risk import RiskLevel

_SQUARE_METRES = 1_000_000
_SCORE_DIGITS = 4
LevelName = Literal["red", "orange", "yellow", "blue"]
_LEVEL_NAMES: dict[RiskLevel, LevelName] = {
    RiskLevel.RED: "red",
    RiskLevel.ORANGE: "orange",
    RiskLevel.YELLOW: "yellow",
    RiskLevel.BLUE: "blue",
}


class Counts(BaseModel):
    """Cells by colour and by kind of empty."""

    red: int
    orange: int
    yellow: int
    blue: int
    no_data: int
    not_applicable: int


class Areas(BaseModel):
    """Square kilometres inside the county, by colour and by kind of empty."""

    red: float
    orange: float
    yellow: float
    blue: float
    no_data: float
    not_applicable: float


class DivisionSums(BaseModel):
    """Sums over the cells of one division, or of the county.

    `score_mean` is weighted by people, null where nobody lives on a scored cell. `worst_share_ratio`
    is the share of the division's area that has the worst level.
    """

    code: str | None
    name: str | None
    cells: Counts
    area_km2: Areas
    population_persons: Counts
    score_mean: float | None
    worst_level: LevelName | None
    worst_share_ratio: float | None


class DivisionList(BaseModel):
    """One hazard of a run by township; the townships add up to the county exactly."""

    run: str
    hazard: str
    divisions: list[DivisionSums]
    county: DivisionSums


def division_list(found: CountyTally) -> DivisionList:
    """Represent the tally of a county."""
    return DivisionList(
        run=found.run.run_id,
        hazard=found.hazard,
        divisions=[_sums(each.code, each.name, each.tally) for each in found.divisions],
        county=_sums(None, None, found.county),
    )


def _sums(code: str | None, name: str | None, tally: Tally) -> DivisionSums:
    score, share = tally.score_mean_ratio, tally.worst_share_ratio
    return DivisionSums(
        code=code,
        name=name,
        cells=Counts(**dict(zip(KINDS, tally.cells, strict=True))),
        area_km2=Areas(
            **{kind: m2 / _SQUARE_METRES for kind, m2 in zip(KINDS, tally.area_m2, strict=True)}
        ),
        population_persons=Counts(**dict(zip(KINDS, tally.population_persons, strict=True))),
        score_mean=None if score is None else round(score, _SCORE_DIGITS),
        worst_level=None if tally.worst_level is None else _LEVEL_NAMES[tally.worst_level],
        worst_share_ratio=None if share is None else round(share, _SCORE_DIGITS),
    )
