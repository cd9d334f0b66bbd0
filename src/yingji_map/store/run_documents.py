"""Runs ↔ the JSON documents of their rows."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from yingji_map.domain.assumption import Assumption, AssumptionKind
from yingji_map.domain.run import (
    HazardSummary,
    LayerInput,
    ModelInput,
    RasterInput,
    RunInputs,
    RunKind,
    RunRecord,
)


def summary_document(summary: HazardSummary) -> dict[str, object]:
    """Return a hazard's summary as it is stored."""
    return {
        "hazard": summary.hazard,
        "title": {"zh": summary.title_zh, "en": summary.title_en},
        "counts": dict(summary.counts),
        "factors": list(summary.factor_ids),
    }


def inputs_document(inputs: RunInputs) -> dict[str, object]:
    """Return what a run depends on as it is stored."""
    document = asdict(inputs)
    document["layers_at"] = inputs.layers_at.isoformat()
    for layer in document["layers"]:
        layer["known_at"] = layer["known_at"].isoformat()
    for raster in document["rasters"]:
        raster["valid_at"] = raster["valid_at"].isoformat() if raster["valid_at"] else None
    return document


def read_record(row: RowMapping) -> RunRecord:
    """Return the run of a row of `risk_runs` with its currency."""
    return RunRecord(
        run_id=row["run_id"],
        kind=RunKind(row["kind"]),
        valid_at=row["valid_at"],
        computed_at=row["computed_at"],
        resolution=row["resolution"],
        cell_count=row["cell_count"],
        hazards=tuple(
            HazardSummary(
                hazard=summary["hazard"],
                title_zh=summary["title"]["zh"],
                title_en=summary["title"]["en"],
                counts=summary["counts"],
                factor_ids=tuple(summary["factors"]),
            )
            for summary in row["hazards"]
        ),
        inputs=_inputs(row["inputs"]),
        is_superseded=row["is_superseded"],
    )


def _inputs(document: dict[str, Any]) -> RunInputs:
    def moment(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text)

    return RunInputs(
        method_version=document["method_version"],
        layers_at=datetime.fromisoformat(document["layers_at"]),
        models=tuple(ModelInput(**model) for model in document["models"]),
        layers=tuple(
            LayerInput(**{**layer, "known_at": datetime.fromisoformat(layer["known_at"])})
            for layer in document["layers"]
        ),
        rasters=tuple(
            RasterInput(**{**raster, "valid_at": moment(raster["valid_at"])})
            for raster in document["rasters"]
        ),
        assumptions=tuple(
            Assumption(**{**assumed, "kind": AssumptionKind(assumed["kind"])})
            for assumed in document.get("assumptions", ())
        ),
        base_run_id=document.get("base_run_id"),
    )
