"""Scores → levels."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import RiskLevel
from yingji_map.domain.risk_model import Thresholds

_DECIMALS = 12  # scores that differ by rounding only must not fall on two sides of a threshold


def classify(score: npt.NDArray[np.float64], thresholds: Thresholds) -> npt.NDArray[np.uint8]:
    """Return the level of each score `(n,)`; lower bounds are inclusive, NaN has level NONE."""
    bounds = np.array([thresholds.yellow, thresholds.orange, thresholds.red])
    steps = np.searchsorted(bounds, np.round(score, _DECIMALS), side="right")
    level = (steps + RiskLevel.BLUE).astype(np.uint8)
    level[np.isnan(score)] = RiskLevel.NONE
    return level
