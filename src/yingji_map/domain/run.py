"""A risk run: what went in, what came out, and the identity that follows from what went in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from yingji_map.domain.assumption import Assumption
from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface

BLOCKS = ("hazard", "exposure", "vulnerability", "capacity")
TOP_COUNT = 3
NO_FACTOR = 255


class RunKind(StrEnum):
    """Products that are never mixed: without the trigger, with it, and what if."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """A model as it was: its whole text, so that old runs can be explained after it has changed."""

    model_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInput:
    """A layer as it was read: `known_at` reads the very same rows again.

    `content_hash` covers the fields and geometries that the models use, not the whole layer.
    """

    layer_id: str
    version: int
    known_at: datetime
    content_hash: str
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterInput:
    """A raster file as it was read; `valid_at` only for time series."""

    layer_id: str
    sha256: str
    valid_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """Everything a run depends on.

    Attributes
    ----------
    method_version
        Version of the code that computes.
    layers_at
        Valid time at which the layers were read; not part of the identity, because equal content
        read at another time is the same run.
    assumptions
        What a scenario assumes instead of the rasters' values; empty in every other run.
    base_run_id
        The run that a scenario departs from; not part of the identity.
    """

    method_version: str
    layers_at: datetime
    models: tuple[ModelInput, ...]
    layers: tuple[LayerInput, ...]
    rasters: tuple[RasterInput, ...]
    assumptions: tuple[Assumption, ...] = ()
    base_run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardSummary:
    """One hazard of a run and how many cells have which colour or kind of empty.

    `factor_ids` are the names that `SurfaceDetail.top_factor` points to.
    """

    hazard: str
    title_zh: str
    title_en: str
    counts: Mapping[str, int]
    factor_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One immutable run; `valid_at` is the time of the rain (dynamic) or of the layers (static).

    `is_superseded` is not part of the run but of the day: a newer run says how things stand for the
    same product and instant.
    """

    run_id: str
    kind: RunKind
    valid_at: datetime
    computed_at: datetime
    resolution: int
    cell_count: int
    hazards: tuple[HazardSummary, ...]
    inputs: RunInputs
    is_superseded: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceDetail:
    """What is kept beside a surface, row by row of its cells.

    Attributes
    ----------
    block_ratio
        `(n_cells, 4)` float64, scores of BLOCKS; NaN where a block is unknown.
    top_factor
        `(n_cells, 3)` uint8, the largest contributions first, as positions in the hazard's
        `factor_ids`; NO_FACTOR where there are fewer.
    top_ratio
        `(n_cells, 3)` float64, these contributions in units of the score; 0 where there are fewer.
    """

    block_ratio: npt.NDArray[np.float64]
    top_factor: npt.NDArray[np.uint8]
    top_ratio: npt.NDArray[np.float64]


def identify_run(
    inputs: RunInputs, *, kind: RunKind, resolution: int, valid_at: datetime | None
) -> str:
    """Return the run's id: equal inputs, equal id.

    Parameters
    ----------
    valid_at
        Time of the trigger; None for a static run, whose content already says everything.
    """
    document = {
        "method": inputs.method_version,
        "kind": kind.value,
        "resolution": resolution,
        "valid_at": valid_at.astimezone(UTC).isoformat() if valid_at else None,
        "models": [asdict(model) for model in inputs.models],
        "layers": [[layer.layer_id, layer.content_hash] for layer in inputs.layers],
        "rasters": [
            [r.layer_id, r.sha256, r.valid_at.astimezone(UTC).isoformat() if r.valid_at else None]
            for r in inputs.rasters
        ],
    }
    if inputs.assumptions:  # runs without any keep the id they always had
        document["assumptions"] = [asdict(assumption) for assumption in inputs.assumptions]
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def count_cells(surface: RiskSurface) -> dict[str, int]:
    """Return how many cells have each colour and each kind of empty."""
    scored = surface.state == CellState.SCORED
    counts = {
        level.name.lower(): int(np.count_nonzero(scored & (surface.level == level)))
        for level in sorted(RiskLevel, reverse=True)
        if level is not RiskLevel.NONE
    }
    for state in (CellState.NO_DATA, CellState.NOT_APPLICABLE):
        counts[state.name.lower()] = int(np.count_nonzero(surface.state == state))
    return counts
