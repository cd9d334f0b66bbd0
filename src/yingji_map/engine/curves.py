"""Piecewise-linear curves over arrays."""

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def piecewise(values: FloatArray, points: Sequence[tuple[float, float]]) -> FloatArray:
    """Return the score of each value on a curve, clamped at both ends.

    Parameters
    ----------
    values
        `(n,)`; NaN stays NaN.
    points
        `(value, score)` pairs with increasing values.
    """
    table = np.array(points, dtype=np.float64)
    return _piecewise(np.ascontiguousarray(values, dtype=np.float64), table[:, 0], table[:, 1])


@numba.njit(cache=True)
def _piecewise(values: FloatArray, knots: FloatArray, scores: FloatArray) -> FloatArray:
    out = np.empty(len(values))
    last = len(knots) - 1
    for row in range(len(values)):
        value = values[row]
        if np.isnan(value):
            out[row] = np.nan
        elif value <= knots[0]:
            out[row] = scores[0]
        elif value >= knots[last]:
            out[row] = scores[last]
        else:
            left = 0
            while value >= knots[left + 1]:
                left += 1
            share = (value - knots[left]) / (knots[left + 1] - knots[left])
            out[row] = scores[left] + (scores[left + 1] - scores[left]) * share
    return out
