"""Weights from pairwise comparisons (analytic hierarchy process)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Source: Saaty 1980, random index for n = 1 … 9 (other printed tables differ in the second digit).
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45)
MAX_CONSISTENCY_RATIO = 0.10
_TOLERANCE = 1e-15
_MAX_STEPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AhpWeights:
    """Weights (sum 1) with the consistency of the judgements behind them."""

    weights: tuple[float, ...]
    eigenvalue: float
    consistency_index: float
    consistency_ratio: float


def principal_weights(
    matrix: Sequence[Sequence[float]], random_index: Sequence[float] = RANDOM_INDEX
) -> AhpWeights:
    """Return the principal eigenvector of a reciprocal matrix by power iteration.

    Parameters
    ----------
    matrix
        `(n, n)` judgements, `m[i][j]` = how much more i matters than j; 1 ≤ n ≤ 9.
    random_index
        Mean consistency index of random matrices for n = 1, 2, ….

    Raises
    ------
    ValueError
        Not square, not positive, not reciprocal, or too large for the table.

    References
    ----------
    Saaty, T. L. (1980), The Analytic Hierarchy Process; CI = (λ − n)/(n − 1), CR = CI/RI.
    """
    judgements = _checked(matrix, len(random_index))
    size = len(judgements)
    weights = np.full(size, 1.0 / size)
    for _ in range(_MAX_STEPS):
        product = judgements @ weights
        following = product / product.sum()
        step = float(np.abs(following - weights).max())
        weights = following
        if step < _TOLERANCE:
            break
    eigenvalue = float(np.mean(judgements @ weights / weights))
    index = (eigenvalue - size) / (size - 1) if size > 1 else 0.0
    expected = random_index[size - 1]
    return AhpWeights(
        weights=tuple(float(weight) for weight in weights),
        eigenvalue=eigenvalue,
        consistency_index=index,
        consistency_ratio=index / expected if expected else 0.0,
    )


def _checked(matrix: Sequence[Sequence[float]], limit: int) -> npt.NDArray[np.float64]:
    size = len(matrix)
    if any(len(row) != size for row in matrix):
        message = "the matrix is not square"
        raise ValueError(message)
    if not 1 <= size <= limit:
        message = f"the matrix must have 1 to {limit} rows"
        raise ValueError(message)
    judgements = np.array(matrix, dtype=np.float64)
    if not (judgements > 0).all():
        message = "judgements must be positive"
        raise ValueError(message)
    # Thirds are written as decimals in YAML, hence the tolerance.
    if np.abs(judgements * judgements.T - 1).max() > 1e-3:  # noqa: PLR2004 - see above
        message = "the matrix is not reciprocal: m[i][j] · m[j][i] must be 1"
        raise ValueError(message)
    return judgements
