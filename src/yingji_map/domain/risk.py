"""What a risk run says about a cell: levels, the three kinds of empty, and the surface of one hazard."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class RiskLevel(IntEnum):
    """Four colours of danger, ordered; NONE is a cell without colour."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4


class CellState(IntEnum):
    """Why a cell has a score or has none; the three kinds of empty are never mixed."""

    SCORED = 0
    NO_DATA = 1
    NOT_APPLICABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSurface:
    """One hazard of one run on its cells.

    Attributes
    ----------
    run_id, hazard
        Run and hazard (`landslide`, `flood`, `composite`, …).
    resolution
        H3 resolution of `cells`.
    cells
        `(n_cells,)` uint64 H3 indexes, ascending, unique.
    score_ratio
        `(n_cells,)` float64, 0..1; NaN unless the state is SCORED.
    level
        `(n_cells,)` uint8 of RiskLevel; NONE unless the state is SCORED.
    state
        `(n_cells,)` uint8 of CellState.
    confidence_ratio
        `(n_cells,)` float64, share of the factor weights that had data, 0..1.
    """

    run_id: str
    hazard: str
    resolution: int
    cells: npt.NDArray[np.uint64]
    score_ratio: npt.NDArray[np.float64]
    level: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    confidence_ratio: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.cells)
