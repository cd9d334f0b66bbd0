"""What changed between two runs: cells, ground and people from one colour to another, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from yingji_map.domain.division import KINDS
from yingji_map.domain.layer import Title
from yingji_map.domain.run import RunRecord

# What a cell can be in either run; a cell of one run only is absent from the other.
SIDES = (*KINDS, "absent")
Matrix = tuple[tuple[int, ...], ...]


class Change(IntEnum):
    """What became of a cell, the most urgent last."""

    SAME = 0
    BECAME_NOT_APPLICABLE = 1
    BECAME_NO_DATA = 2
    GONE = 3
    NEW = 4
    DOWN = 5
    BECAME_SCORED = 6
    UP = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceDiff:
    """Two surfaces of one hazard on the cells of both.

    Attributes
    ----------
    cells
        `(n_cells,)` uint64, ascending.
    side_from, side_to
        `(n_cells,)` uint8, positions in SIDES.
    score_from, score_to
        `(n_cells,)` float64, NaN without a score.
    change
        `(n_cells,)` uint8 of Change.
    """

    cells: npt.NDArray[np.uint64]
    side_from: npt.NDArray[np.uint8]
    side_to: npt.NDArray[np.uint8]
    score_from: npt.NDArray[np.float64]
    score_to: npt.NDArray[np.float64]
    change: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """From each of SIDES (row) to each of SIDES (column): cells, whole square metres, persons."""

    cells: Matrix
    area_m2: Matrix
    population_persons: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionChange:
    """One division: `up` and `down` count cells, `persons_*` the people on them."""

    code: str
    name: str
    up: int
    down: int
    persons_up: int
    persons_down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What one factor did to the scores of all changed cells.

    Attributes
    ----------
    gain, loss
        Sum of what it added to scores, and of what it took from them (≤ 0), cell by cell.
    leads_cells
        Cells whose colour changed and on which no other cause weighs more.
    """

    id: str
    title: Title
    gain: float
    loss: float
    leads_cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDiff:
    """The difference of two runs for one hazard.

    `causes` add up to `score_change`, the sum of score differences over `attributed_cells` (a cell
    without a score counts as 0); None when the inputs of a run cannot be read any more.
    """

    origin: RunRecord
    target: RunRecord
    hazard: str
    changes: Mapping[Change, int]
    transitions: Transitions
    divisions: tuple[DivisionChange, ...]
    causes: tuple[Cause, ...] | None
    score_change: float
    attributed_cells: int
