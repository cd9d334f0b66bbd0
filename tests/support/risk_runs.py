"""Small risk runs for tests that need one in the store."""

from collections.abc import Sequence
from datetime import UTC, datetime

import h3.api.numpy_int as h3
import numpy as np

from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface
from yingji_map.domain.run import (
    HazardSummary,
    LayerInput,
    ModelInput,
    RunInputs,
    RunKind,
    RunRecord,
    SurfaceDetail,
    count_cells,
    identify_run,
)

COMPUTED_AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


def a_surface(hazard: str = "flood", *, rings: int = 30, seed: int = 0) -> RiskSurface:
    """Return a surface around 旺苍 with every level and every state on it."""
    centre = h3.latlng_to_cell(32.23, 106.29, 9)
    cells = np.sort(np.asarray(h3.grid_disk(centre, rings), dtype=np.uint64))
    rng = np.random.default_rng(seed)
    state = rng.integers(0, 3, len(cells)).astype(np.uint8)
    scored = state == CellState.SCORED
    score = np.where(scored, rng.random(len(cells)), np.nan)
    level = np.where(scored, np.digitize(score, [0.3, 0.45, 0.6]) + 1, RiskLevel.NONE)
    return RiskSurface(
        run_id="",
        hazard=hazard,
        resolution=9,
        cells=cells,
        score_ratio=score,
        level=level.astype(np.uint8),
        state=state,
        confidence_ratio=rng.random(len(cells)),
    )


def a_detail(surface: RiskSurface) -> SurfaceDetail:
    """Return block scores and top contributions that fit `surface`."""
    rng = np.random.default_rng(1)
    n_cells = len(surface)
    return SurfaceDetail(
        block_ratio=rng.random((n_cells, 4)),
        top_factor=rng.integers(0, 2, (n_cells, 3)).astype(np.uint8),
        top_ratio=rng.random((n_cells, 3)),
    )


def a_run(
    surfaces: Sequence[RiskSurface],
    *,
    kind: RunKind = RunKind.STATIC,
    valid_at: datetime = COMPUTED_AT,
    text: str = "id: flood",
) -> tuple[RunRecord, list[tuple[RiskSurface, SurfaceDetail]]]:
    """Return a run of the given surfaces, ready for `save_run`."""
    layer = LayerInput(
        layer_id="river", version=3, known_at=COMPUTED_AT, content_hash="ab", row_count=7
    )
    inputs = RunInputs(
        method_version="1",
        layers_at=COMPUTED_AT,
        models=(ModelInput(model_id="flood", text=text),),
        layers=(layer,),
        rasters=(),
    )
    run_id = identify_run(inputs, kind=kind, resolution=9, valid_at=valid_at)
    named = [
        RiskSurface(
            run_id=run_id,
            hazard=s.hazard,
            resolution=s.resolution,
            cells=s.cells,
            score_ratio=s.score_ratio,
            level=s.level,
            state=s.state,
            confidence_ratio=s.confidence_ratio,
        )
        for s in surfaces
    ]
    record = RunRecord(
        run_id=run_id,
        kind=kind,
        valid_at=valid_at,
        computed_at=COMPUTED_AT,
        resolution=9,
        cell_count=len(surfaces[0]),
        hazards=tuple(
            HazardSummary(
                hazard=s.hazard,
                title_zh="洪涝",
                title_en="Flood",
                counts=count_cells(s),
                factor_ids=("hand", "river"),
            )
            for s in named
        ),
        inputs=inputs,
    )
    return record, [(s, a_detail(s)) for s in named]
