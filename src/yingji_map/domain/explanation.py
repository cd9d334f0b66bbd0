"""Why a cell has its colour: factors, blocks and contributions down to the source rows."""

from dataclasses import dataclass

from yingji_map.domain.layer import Title
from yingji_map.domain.run import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One feature behind a value; `amount` in the unit of the statistic (m², m, persons, 1)."""

    key: str
    row_id: int
    name: str | None
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUse:
    """A layer version or a raster file that a value was taken from.

    `row_count` counts all features behind the value, `rows` names the largest of them.
    """

    layer: str
    version: int | None = None
    sha256: str | None = None
    valid_at: str | None = None
    row_count: int = 0
    rows: tuple[SourceRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorExplanation:
    """One factor in one cell.

    Attributes
    ----------
    state
        `ok`, `no_data` (the source is absent or has no value here), or `not_measured` (the
        statistic is declared but not computed by this version).
    raw, normalised
        Value in `unit`, score 0..1; None without data.
    weight
        Weight in the model, before missing factors are weighted away.
    contribution
        Part of the score.
    """

    id: str
    title: Title
    layer: str
    unit: str
    raw: float | None
    normalised: float | None
    weight: float
    contribution: float
    state: str
    source: tuple[SourceUse, ...]
    citation: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockExplanation:
    """One block: its score as it entered the risk, and the share of its weights that had data."""

    block: str
    score: float | None
    exponent: float | None
    divisor: float | None
    present: float
    factors: tuple[FactorExplanation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One part of the score; all parts sum to it."""

    id: str
    title: Title
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerExplanation:
    """The rain of a dynamic run in one cell."""

    layer: str
    support: str
    rain_mm: float | None
    effective_mm: float | None
    missing_days: int
    trigger: float | None
    multiplier: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExplanation:
    """One hazard of the composite in one cell."""

    hazard: str
    title: Title
    state: str
    level: str
    score: float | None
    confidence: float
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionExplanation:
    """One bound of where the model applies; `holds` None when it cannot be told."""

    source: str
    statistic: str
    operator: str
    bound: float
    raw: float | None
    holds: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnExplanation:
    """The smallest change of one input alone that gives the cell another level.

    `level` and `score` are those of the cell with `raw_to`, recomputed; the distance of the
    normalised values says how large the change is.
    """

    id: str
    title: Title
    unit: str
    level: str
    raw_from: float
    raw_to: float
    normalised_from: float
    normalised_to: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CellExplanation:
    """Everything about one cell and hazard of one run, recomputed and compared with what is stored."""

    cell: str
    hazard: str
    title: Title
    run: RunRecord
    state: str
    level: str
    score: float | None
    confidence: float
    center: tuple[float, float]
    township: tuple[str, str] | None
    blocks: tuple[BlockExplanation, ...]
    members: tuple[MemberExplanation, ...]
    conditions: tuple[ConditionExplanation, ...]
    trigger: TriggerExplanation | None
    contributions: tuple[Contribution, ...]
    turns: tuple[TurnExplanation, ...]
    recomputed_score: float | None
    recomputes_exactly: bool
    formula: str
