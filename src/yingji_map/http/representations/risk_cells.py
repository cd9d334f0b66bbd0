"""Bodies of explained cells (`/v1/risk/cells`)."""

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from yingji_map.domain.explanation import CellExplanation
from yingji_map.domain.layer import Title
from yingji_map.domain.run import RunKind


class RunReference(BaseModel):
    """The run that an explanation belongs to."""

    id: str
    kind: RunKind
    valid_at: datetime
    computed_at: datetime


class Division(BaseModel):
    """The township that holds a cell."""

    code: str
    name: str


class SourceRowBody(BaseModel):
    """One feature behind a value."""

    key: str
    row_id: int
    name: str | None
    amount: float


class SourceBody(BaseModel):
    """Where a value was taken from."""

    layer: str
    version: int | None
    sha256: str | None
    valid_at: datetime | None
    row_count: int
    rows: list[SourceRowBody]


class FactorBody(BaseModel):
    """One factor in a cell."""

    id: str
    title: Title
    layer: str
    raw: float | None
    unit: str
    normalised: float | None
    weight: float
    contribution: float
    state: str
    source: list[SourceBody]
    citation: str
    verified: bool


class BlockBody(BaseModel):
    """One block in a cell; `present` is the share of its weights that had data."""

    block: str
    score: float | None
    exponent: float | None
    divisor: float | None
    present: float
    factors: list[FactorBody]


class ContributionBody(BaseModel):
    """One part of the score."""

    id: str
    title: Title
    value: float


class MemberBody(BaseModel):
    """One hazard of the composite."""

    hazard: str
    title: Title
    state: str
    level: str
    score: float | None
    confidence: float
    weight: float
    contribution: float


class ConditionBody(BaseModel):
    """One bound of where the model applies."""

    source: str
    statistic: str
    operator: str
    bound: float
    raw: float | None
    holds: bool | None


class TriggerBody(BaseModel):
    """The rain that made today's hazard."""

    layer: str
    support: str
    rain_mm: float | None
    effective_mm: float | None
    missing_days: int
    trigger: float | None
    multiplier: float | None


class TurnBody(BaseModel):
    """The smallest change of one input alone that gives the cell another level."""

    id: str
    title: Title
    unit: str
    level: str
    raw_from: float
    raw_to: float
    normalised_from: float
    normalised_to: float
    score: float


class CellBody(BaseModel):
    """Why a cell has its colour."""

    cell: str
    hazard: str
    title: Title
    run: RunReference
    state: str
    level: str
    score: float | None
    confidence: float
    center: tuple[float, float]
    township: Division | None
    blocks: list[BlockBody]
    members: list[MemberBody]
    conditions: list[ConditionBody]
    trigger: TriggerBody | None
    contributions: list[ContributionBody]
    turns: list[TurnBody]
    recomputed_score: float | None
    recomputes_exactly: bool
    formula: str


def cell_body(found: CellExplanation) -> CellBody:
    """Represent an explanation."""
    run, place = found.run, found.township
    fields = asdict(found) | {
        "run": RunReference(
            id=run.run_id, kind=run.kind, valid_at=run.valid_at, computed_at=run.computed_at
        ),
        "township": Division(code=place[0], name=place[1]) if place else None,
    }
    return CellBody.model_validate(fields)
