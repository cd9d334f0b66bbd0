"""Assessments → surfaces of a run, each with what is kept beside it."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import RiskSurface
from yingji_map.domain.risk_model import CompositeModel
from yingji_map.domain.run import NO_FACTOR, TOP_COUNT, SurfaceDetail
from yingji_map.engine.assess import Assessment
from yingji_map.engine.composite import CompositeResult, MemberResults, compose
from yingji_map.engine.grid import CellGrid

FloatArray = npt.NDArray[np.float64]


def hazard_surface(
    run_id: str, grid: CellGrid, assessment: Assessment
) -> tuple[RiskSurface, SurfaceDetail]:
    """Return one hazard on the grid's cells."""
    result = assessment.result
    surface = RiskSurface(
        run_id=run_id,
        hazard=assessment.model.id,
        resolution=grid.resolution,
        cells=grid.cells,
        score_ratio=result.score,
        level=result.level,
        state=result.state,
        confidence_ratio=result.confidence,
    )
    factor, ratio = top_contributions(result.contributions)
    return surface, SurfaceDetail(
        block_ratio=np.ascontiguousarray(result.block_ratio.T), top_factor=factor, top_ratio=ratio
    )


def member_results(model: CompositeModel, surfaces: Mapping[str, RiskSurface]) -> MemberResults:
    """Return the members' surfaces, which lie on the same cells, one below the other."""
    members: Sequence[RiskSurface] = [surfaces[name] for name in model.members]
    return MemberResults(
        score=np.stack([m.score_ratio for m in members]),
        level=np.stack([m.level for m in members]),
        state=np.stack([m.state for m in members]),
        confidence=np.stack([m.confidence_ratio for m in members]),
    )


def compose_surfaces(model: CompositeModel, surfaces: Mapping[str, RiskSurface]) -> CompositeResult:
    """Return the composite of the members' surfaces."""
    return compose(model, member_results(model, surfaces))


def composite_surface(
    run_id: str, grid: CellGrid, result: CompositeResult
) -> tuple[RiskSurface, SurfaceDetail]:
    """Return the composite on the grid's cells; it has members instead of blocks."""
    surface = RiskSurface(
        run_id=run_id,
        hazard="composite",
        resolution=grid.resolution,
        cells=grid.cells,
        score_ratio=result.score,
        level=result.level,
        state=result.state,
        confidence_ratio=result.confidence,
    )
    factor, ratio = top_contributions(result.contributions)
    no_blocks = np.full((len(grid), 4), np.nan)
    return surface, SurfaceDetail(block_ratio=no_blocks, top_factor=factor, top_ratio=ratio)


def top_contributions(contributions: FloatArray) -> tuple[npt.NDArray[np.uint8], FloatArray]:
    """Return the largest contributions of each cell and whose they are.

    Parameters
    ----------
    contributions
        `(n_contributors, n_cells)`.

    Returns
    -------
    tuple
        `(n_cells, TOP_COUNT)` contributor numbers (NO_FACTOR where the rest is 0) and amounts; of
        equal amounts the first contributor comes first.
    """
    n_cells = contributions.shape[1]
    factor = np.full((n_cells, TOP_COUNT), NO_FACTOR, dtype=np.uint8)
    ratio = np.zeros((n_cells, TOP_COUNT))
    order = np.argsort(-contributions, axis=0, kind="stable")[:TOP_COUNT]
    for place, contributor in enumerate(order):
        amount = contributions[contributor, np.arange(n_cells)]
        some = amount > 0
        factor[some, place] = contributor[some]
        ratio[some, place] = amount[some]
    return factor, ratio
