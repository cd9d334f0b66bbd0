"""Several hazards on the same cells → one score and level."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_model import CompositeModel
from yingji_map.engine.classify import classify

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResults:
    """The members on the same cells, each `(n_members, n_cells)`; see RiskSurface for the values."""

    score: FloatArray
    level: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    confidence: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeResult:
    """The composite; `contributions` `(n_members, n_cells)` sum to the score."""

    score: FloatArray
    level: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    confidence: FloatArray
    contributions: FloatArray


def compose(model: CompositeModel, members: MemberResults) -> CompositeResult:
    """Return `share · max R + (1 − share) · Σ wR` with a floor on the level.

    A hazard that does not apply counts as 0 and keeps its weight; one without data is left out and
    the others are weighted up. There is a colour when the hazards that are known hold enough of the
    weight; how sure each of them is in itself goes into the confidence that is shown. The first
    member that attains the maximum carries the max part.
    """
    weights = np.array(model.weights)[:, None]
    known = members.state != CellState.NO_DATA
    scored = members.state == CellState.SCORED
    present = _sum_rows(np.where(known, weights, 0.0))
    score = np.where(scored, members.score, 0.0)
    share = model.max_share.value
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = (1 - share) * np.where(known, weights, 0.0) / present * score
    first = np.argmax(score, axis=0)
    columns = np.arange(score.shape[1])
    parts[first, columns] += share * score[first, columns]
    confidence = _sum_rows(weights * np.where(scored, members.confidence, known * 1.0))
    total = _sum_rows(parts)
    state = np.full(score.shape[1], CellState.NO_DATA, dtype=np.uint8)
    state[present >= model.min_confidence.value] = CellState.SCORED
    state[(members.state == CellState.NOT_APPLICABLE).all(axis=0)] = CellState.NOT_APPLICABLE
    is_scored = state == CellState.SCORED
    total = np.where(is_scored, total, np.nan)
    floor = members.level.max(axis=0).astype(np.int64) - int(model.level_steps_below.value)
    level = np.maximum(classify(total, model.classify), floor)
    return CompositeResult(
        score=total,
        level=np.where(is_scored, level, RiskLevel.NONE).astype(np.uint8),
        state=state,
        confidence=confidence,
        contributions=np.where(is_scored, parts, 0.0),
    )


def _sum_rows(values: FloatArray) -> FloatArray:
    # Added row by row: numpy's own sum may pair terms differently with the number of columns.
    total = np.zeros(values.shape[1])
    for row in values:
        total = total + row
    return total
