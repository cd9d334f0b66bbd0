"""One risk model on cells, from raw factor values to score, level, confidence and contributions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_model import RiskModel
from yingji_map.engine.classify import classify
from yingji_map.engine.curves import piecewise
from yingji_map.engine.score import BlockScore, Combination, combine, contributions, score_block

FloatArray = npt.NDArray[np.float64]
APPLIES, APPLIES_NOT, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class RawValues:
    """What was measured on cells.

    Attributes
    ----------
    factors
        `(n_cells,)` raw value by factor id; NaN where there is none. A factor that is not listed
        has no data at all.
    known_points
        `(n_cells,)` kernel of known points 0..1; None when the model or the data has none.
    applicability
        `(n_cells,)` int8: APPLIES, APPLIES_NOT or UNKNOWN.
    trigger
        `(n_cells,)` trigger 0..1, NaN where unknown; None in a static run.
    """

    factors: Mapping[str, FloatArray]
    known_points: FloatArray | None
    applicability: npt.NDArray[np.int8]
    trigger: FloatArray | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A model's answer on cells.

    Attributes
    ----------
    normalised
        `(n_cells,)` score 0..1 by factor id, NaN without data.
    blocks
        The four blocks as their factors make them.
    block_ratio
        `(4, n_cells)` block scores as they enter the risk (with known points and trigger).
    multiplier
        `(n_cells,)` what the trigger multiplies the hazard with; None in a static run.
    score, level, state, confidence
        See RiskSurface.
    contributions
        `(n_contributors, n_cells)` in the order of `RiskModel.factor_ids`; the column sums to the
        score. Zeros without a score.
    """

    normalised: Mapping[str, FloatArray]
    blocks: tuple[BlockScore, BlockScore, BlockScore, BlockScore]
    block_ratio: FloatArray
    multiplier: FloatArray | None
    score: FloatArray
    level: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    confidence: FloatArray
    contributions: FloatArray


def evaluate(model: RiskModel, raw: RawValues) -> Evaluation:
    """Score cells with a model; every cell depends on its own values only."""
    n_cells = len(raw.applicability)
    normalised = {
        factor.id: piecewise(
            raw.factors.get(factor.id, np.full(n_cells, np.nan)), factor.curve.points
        )
        for factor in model.all_factors
    }
    hazard, exposure, vulnerability, capacity = (
        score_block(np.stack([normalised[f.id] for f in block.factors]), block.weights)
        for block in model.named_blocks.values()
    )
    known = raw.known_points
    weighted = hazard.score * _modification(model, normalised)
    background = weighted if known is None else np.fmax(weighted, known)
    multiplier = None
    total = background
    if raw.trigger is not None and model.trigger is not None:
        multiplier = piecewise(raw.trigger, model.trigger.multiplier.points)
        total = np.minimum(1.0, background * multiplier)
    # Help of which too little is known must not talk the risk down.
    is_known = capacity.present >= model.min_confidence.value
    helping = np.where(is_known, capacity.score, np.nan)
    ratios = np.stack([total, exposure.score, vulnerability.score, helping])
    combination = _combination(model)
    risk = combine(ratios, combination)
    blocks = (hazard, exposure, vulnerability, capacity)
    confidence = _confidence(model, blocks)
    state = _states(model, raw, risk, (confidence, hazard.present))
    score = np.where(state == CellState.SCORED, risk, np.nan)
    level = classify(score, model.classify)
    level[state != CellState.SCORED] = RiskLevel.NONE
    return Evaluation(
        normalised=normalised,
        blocks=blocks,
        block_ratio=ratios,
        multiplier=multiplier,
        score=score,
        level=level,
        state=state,
        confidence=confidence,
        contributions=_contributions(model, score, blocks, (ratios, weighted, known)),
    )


def _modification(model: RiskModel, normalised: Mapping[str, FloatArray]) -> FloatArray | float:
    """Return what the weighted hazard is multiplied with; NaN where nothing is known of it."""
    modifier = model.blocks.hazard.modifier
    if modifier is None:
        return 1.0
    scores = np.stack([normalised[factor.id] for factor in modifier.factors])
    base = modifier.base.value
    return base + (1 - base) * score_block(scores, modifier.weights).score


def _combination(model: RiskModel) -> Combination:
    blocks = model.blocks
    powers = [b.exponent for b in (blocks.hazard, blocks.exposure, blocks.vulnerability)]
    a, b, c = (power.value for power in powers if power is not None)
    slope = blocks.capacity.divisor_slope
    return Combination(exponents=(a, b, c), slope=slope.value if slope else 0.0)


def _confidence(model: RiskModel, blocks: tuple[BlockScore, ...]) -> FloatArray:
    weights = [block.confidence_weight.value for block in model.named_blocks.values()]
    total = np.zeros(len(blocks[0].present))
    for block, weight in zip(blocks, weights, strict=True):
        total = total + weight * block.present
    return total / sum(weights)


def _states(
    model: RiskModel,
    raw: RawValues,
    risk: FloatArray,
    confidences: tuple[FloatArray, FloatArray],
) -> npt.NDArray[np.uint8]:
    least = model.min_confidence.value
    is_known = ~np.isnan(risk) & (raw.applicability == APPLIES)
    for confidence in confidences:
        is_known &= confidence >= least
    if raw.trigger is not None:
        is_known &= ~np.isnan(raw.trigger)
    state = np.where(is_known, CellState.SCORED, CellState.NO_DATA)
    state[raw.applicability == APPLIES_NOT] = CellState.NOT_APPLICABLE
    return state.astype(np.uint8)


def _contributions(
    model: RiskModel,
    score: FloatArray,
    blocks: tuple[BlockScore, ...],
    hazards: tuple[FloatArray, FloatArray, FloatArray | None],
) -> FloatArray:
    ratios, weighted, known = hazards
    parts = contributions(score, blocks[:3], ratios[:3], _combination(model))
    parts.append(np.zeros(blocks[3].shares.shape))  # capacity scales the others, it adds nothing
    if model.blocks.hazard.known_points is not None:
        of_points = np.zeros((1, len(score)))
        if known is not None:
            # Where a known point is the larger, the whole hazard is its doing.
            leads = ~(known <= weighted)
            parts[0][:, leads] = 0.0
            share = np.nan_to_num(score) * _combination(model).exponents[0]
            of_points[0, leads] = share[leads]
        parts.append(of_points)
    # What scales the whole hazard scales every part alike, it adds nothing of its own.
    parts.append(np.zeros((len(model.modifying_factors), len(score))))
    return np.concatenate(parts)
