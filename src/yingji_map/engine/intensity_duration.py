"""Debris-flow rain between two intensity–duration laws."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk_numbers import DurationLaw, DurationLaws

FloatArray = npt.NDArray[np.float64]


def law_mm_h(law: DurationLaw, hours: float) -> float:
    """Return the intensity `factor · D^power` of a law."""
    return float(law.factor * hours**law.power)


def between_laws(laws: DurationLaws, depth_mm: FloatArray) -> FloatArray:
    """Return where rain of the laws' duration lies between them, on a logarithmic scale.

    Parameters
    ----------
    depth_mm
        `(n,)`; NaN stays NaN.

    Returns
    -------
    FloatArray
        `(n,)` 0 at the lowest law and below, 1 at the highest and above.
    """
    lowest, highest = (np.log(law_mm_h(law, laws.hours)) for law in (laws.lowest, laws.highest))
    with np.errstate(divide="ignore"):
        intensity = np.log(np.maximum(depth_mm, 0.0) / laws.hours)
    return np.asarray(np.clip((intensity - lowest) / (highest - lowest), 0.0, 1.0))
