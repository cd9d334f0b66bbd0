"""Two surfaces → what became of each cell, counted by colour, ground and people."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.division import KINDS
from yingji_map.domain.risk import RiskSurface
from yingji_map.domain.run_diff import SIDES, Change, Matrix, SurfaceDiff, Transitions
from yingji_map.engine.divisions import kinds_of

IntArray = npt.NDArray[np.int64]
_ABSENT = SIDES.index("absent")
_NO_DATA, _NOT_APPLICABLE = KINDS.index("no_data"), KINDS.index("not_applicable")


def compare_surfaces(origin: RiskSurface, target: RiskSurface) -> SurfaceDiff:
    """Return what became of every cell of either surface; both have one resolution."""
    cells = np.union1d(origin.cells, target.cells)
    side_from, score_from = _side(origin, cells)
    side_to, score_to = _side(target, cells)
    return SurfaceDiff(
        cells=cells,
        side_from=side_from,
        side_to=side_to,
        score_from=score_from,
        score_to=score_to,
        change=_changes(side_from, side_to),
    )


def transitions(diff: SurfaceDiff, area_m2: IntArray, persons: IntArray) -> Transitions:
    """Count a difference; `area_m2` and `persons` are `(n_cells,)`."""
    pair = diff.side_from.astype(np.int64) * len(SIDES) + diff.side_to
    return Transitions(
        cells=_matrix(pair, np.ones(len(diff), dtype=np.int64)),
        area_m2=_matrix(pair, area_m2),
        population_persons=_matrix(pair, persons),
    )


def _side(
    surface: RiskSurface, cells: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    row = np.searchsorted(cells, surface.cells)
    side = np.full(len(cells), _ABSENT, dtype=np.uint8)
    score = np.full(len(cells), np.nan)
    side[row] = kinds_of(surface)
    score[row] = surface.score_ratio
    return side, score


def _changes(
    side_from: npt.NDArray[np.uint8], side_to: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    change = np.full(len(side_from), Change.SAME, dtype=np.uint8)
    had, has = side_from < _NO_DATA, side_to < _NO_DATA
    # SIDES begin with the most dangerous colour.
    change[had & has & (side_to < side_from)] = Change.UP
    change[had & has & (side_to > side_from)] = Change.DOWN
    change[~had & has] = Change.BECAME_SCORED
    is_other = side_from != side_to
    change[is_other & (side_to == _NO_DATA)] = Change.BECAME_NO_DATA
    change[is_other & (side_to == _NOT_APPLICABLE)] = Change.BECAME_NOT_APPLICABLE
    change[is_other & (side_from == _ABSENT)] = Change.NEW
    change[is_other & (side_to == _ABSENT)] = Change.GONE
    return change


def _matrix(pair: IntArray, amount: IntArray) -> Matrix:
    total = np.zeros(len(SIDES) ** 2, dtype=np.int64)
    np.add.at(total, pair, amount)
    return tuple(tuple(int(value) for value in row) for row in total.reshape(-1, len(SIDES)))
