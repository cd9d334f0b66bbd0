"""Normalised factors → block scores, risk, and the contributions that add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockScore:
    """A block on cells.

    Attributes
    ----------
    score
        `(n_cells,)` weighted mean over the factors that have a value; NaN when none has.
    present
        `(n_cells,)` share of the weights that had a value, 0..1.
    shares
        `(n_factors, n_cells)` part of the score that each factor makes; 0 for a missing factor,
        the column sums to `score`.
    """

    score: FloatArray
    present: FloatArray
    shares: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Parameters of `R = H^a · E^b · V^c / (1 + slope · C)` with a + b + c = 1."""

    exponents: tuple[float, float, float]
    slope: float


def score_block(normalised: FloatArray, weights: Sequence[float]) -> BlockScore:
    """Weigh factors; the missing ones are left out and the others weighted up.

    Parameters
    ----------
    normalised
        `(n_factors, n_cells)` scores 0..1, NaN where a factor has no data.
    weights
        `(n_factors,)`, sum 1.
    """
    score, present, shares = _score_block(
        np.ascontiguousarray(normalised), np.array(weights, dtype=np.float64)
    )
    return BlockScore(score=score, present=present, shares=shares)


def combine(blocks: FloatArray, combination: Combination) -> FloatArray:
    """Return the risk of cells.

    Parameters
    ----------
    blocks
        `(4, n_cells)` hazard, exposure, vulnerability, capacity, each 0..1. A NaN capacity divides
        by 1. A NaN elsewhere makes the risk NaN, unless hazard or exposure is 0: then it is 0.
    """
    a, b, c = combination.exponents
    return _combine(np.ascontiguousarray(blocks), a, b, c, combination.slope)


def contributions(
    risk: FloatArray,
    blocks: Sequence[BlockScore],
    totals: FloatArray,
    combination: Combination,
) -> list[FloatArray]:
    """Split a risk among the factors of hazard, exposure and vulnerability.

    Every block takes its exponent's share of the risk, every factor of a block its share of the
    block's score: `R · a · wᵢnᵢ/H`. As the exponents sum to 1, R is homogeneous of degree 1 in
    (H, E, V) and this is Euler's decomposition `R = Σ nᵢ · ∂R/∂nᵢ`; capacity scales all parts alike.

    Parameters
    ----------
    risk
        `(n_cells,)`; NaN gives zeros.
    blocks
        The three blocks.
    totals
        `(3, n_cells)` block scores that entered the risk; where one differs from the block's own
        score (known points, trigger), the shares still follow the block's factors.

    Returns
    -------
    list of (n_factors, n_cells)
        One array per block; all of them sum to the risk.
    """
    parts: list[FloatArray] = []
    for block, total, exponent in zip(blocks, totals, combination.exponents, strict=True):
        parts.append(_split(np.nan_to_num(risk) * exponent, block.shares, block.score, total))
    return parts


@numba.njit(cache=True)
def _score_block(
    normalised: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    n_factors, n_cells = normalised.shape
    score = np.empty(n_cells)
    present = np.empty(n_cells)
    shares = np.zeros((n_factors, n_cells))
    whole = weights.sum()
    for cell in range(n_cells):
        total = 0.0
        for factor in range(n_factors):
            if not np.isnan(normalised[factor, cell]):
                total += weights[factor]
        present[cell] = total / whole
        if total == 0.0:
            score[cell] = np.nan
            continue
        value = 0.0
        for factor in range(n_factors):
            if not np.isnan(normalised[factor, cell]):
                part = normalised[factor, cell] * (weights[factor] / total)
                shares[factor, cell] = part
                value += part
        # Weights that sum to 1 only up to rounding must not lift a score above 1.
        score[cell] = min(value, 1.0)
    return score, present, shares


@numba.njit(cache=True)
def _combine(blocks: FloatArray, a: float, b: float, c: float, slope: float) -> FloatArray:
    risk = np.empty(blocks.shape[1])
    for cell in range(blocks.shape[1]):
        hazard, exposure = blocks[0, cell], blocks[1, cell]
        vulnerability, capacity = blocks[2, cell], blocks[3, cell]
        if hazard == 0.0 or exposure == 0.0:
            risk[cell] = 0.0
        else:
            divisor = 1.0 if np.isnan(capacity) else 1.0 + slope * capacity
            risk[cell] = hazard**a * exposure**b * vulnerability**c / divisor
    return risk


@numba.njit(cache=True)
def _split(
    amount: FloatArray, shares: FloatArray, score: FloatArray, total: FloatArray
) -> FloatArray:
    parts = np.zeros(shares.shape)
    for cell in range(len(amount)):
        if amount[cell] > 0.0 and score[cell] > 0.0 and total[cell] > 0.0:
            for factor in range(len(shares)):
                parts[factor, cell] = amount[cell] * (shares[factor, cell] / score[cell])
    return parts
