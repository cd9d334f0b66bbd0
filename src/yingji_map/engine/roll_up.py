"""A risk surface seen from farther away: parent cells that never hide their most dangerous child."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface

_RESOLUTION_BIT = 52
_FINEST = 15
_BITS_PER_STEP = 3


def parents_of(cells: npt.NDArray[np.uint64], resolution: int) -> npt.NDArray[np.uint64]:
    """Return the ancestor of each cell `(n_cells,)` at a coarser or equal `resolution`.

    References
    ----------
    H3 documentation, "H3Index bit layout": resolution in bits 52 to 55, three bits a step,
    unused steps all ones.
    """
    unused = np.uint64((1 << (_BITS_PER_STEP * (_FINEST - resolution))) - 1)
    bare = cells & ~np.uint64(0xF << _RESOLUTION_BIT)
    return bare | np.uint64(resolution << _RESOLUTION_BIT) | unused


def roll_up(surface: RiskSurface, resolution: int) -> RiskSurface:
    """Return the surface on parent cells; itself when it is not finer than `resolution`.

    A parent is SCORED when any child is, else NO_DATA when any child is, else NOT_APPLICABLE. It
    takes the highest level and the highest score of its children: a coarse map must not look safer
    than the fine one. Its confidence is the highest among the children of its state and level, that
    is, how sure we are that such a child is there.

    Parameters
    ----------
    resolution
        H3 resolution wanted, 0..15.
    """
    if resolution >= surface.resolution or len(surface) == 0:
        return surface
    child_parent = parents_of(surface.cells, resolution)
    parents, owner = np.unique(child_parent, return_inverse=True)
    # SCORED is 0, NO_DATA 1, NOT_APPLICABLE 2: the least is what the parent is.
    state = np.full(len(parents), CellState.NOT_APPLICABLE, dtype=np.uint8)
    np.minimum.at(state, owner, surface.state)
    level = np.full(len(parents), RiskLevel.NONE, dtype=np.uint8)
    np.maximum.at(level, owner, surface.level)
    score = np.full(len(parents), np.nan)
    np.fmax.at(score, owner, surface.score_ratio)
    speaks = (surface.state == state[owner]) & (surface.level == level[owner])
    confidence = np.zeros(len(parents))
    np.maximum.at(confidence, owner[speaks], surface.confidence_ratio[speaks])
    return RiskSurface(
        run_id=surface.run_id,
        hazard=surface.hazard,
        resolution=resolution,
        cells=parents,
        score_ratio=score,
        level=level,
        state=state,
        confidence_ratio=confidence,
    )


def deciding_cell(surface: RiskSurface, cell: int) -> int | None:
    """Return the cell of `surface` that gives `cell` its colour, the cell itself when it is there.

    That is, of the cells under it, the one with the least empty state, then the highest level, the
    highest score and the smallest index. None when the surface holds nothing there.
    """
    resolution = (cell >> _RESOLUTION_BIT) & 0xF
    if resolution > surface.resolution:
        return None
    under = np.flatnonzero(parents_of(surface.cells, resolution) == np.uint64(cell))
    if len(under) == 0:
        return None
    score = np.nan_to_num(surface.score_ratio[under], nan=-1.0)
    order = np.lexsort(
        (surface.cells[under], -score, -surface.level[under].astype(np.int16), surface.state[under])
    )
    return int(surface.cells[under[order[0]]])
