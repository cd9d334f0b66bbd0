"""Bodies of risk models and runs (`/v1/risk/models`, `/v1/risk/runs`)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from yingji_map.domain.layer import Title
from yingji_map.domain.risk_model import CompositeModel, RiskModel
from yingji_map.domain.run import RunKind, RunRecord
from yingji_map.ingest.models import ModelSet


class ModelFactor(BaseModel):
    """One factor of a model; `layer` is the layer, raster or derived grid it reads."""

    id: str
    title: Title
    layer: str
    statistic: str
    unit: str
    weight: float
    curve: list[tuple[float, float]]
    citation: str
    verified: bool


class ModelBlock(BaseModel):
    """One block of a model; capacity has a divisor instead of an exponent."""

    block: str
    exponent: float | None
    divisor_slope: float | None
    consistency_ratio: float | None
    factors: list[ModelFactor]


class ModelBody(BaseModel):
    """One hazard's model, or the composite with its members.

    `follows_weather` is false where nothing in the model changes with the hour: in a dynamic run
    such a hazard stands as in the static one.
    """

    hazard: str
    version: int
    follows_weather: bool
    title: Title
    description: Title
    thresholds: dict[str, float]
    min_confidence: float
    blocks: list[ModelBlock]
    members: dict[str, float]


class ModelList(BaseModel):
    """All models."""

    models: list[ModelBody]


class RunHazard(BaseModel):
    """One hazard of a run with its cells counted by colour and kind of empty."""

    hazard: str
    title: Title
    counts: dict[str, int]


class RunSummaryBody(BaseModel):
    """One run; `superseded` when a newer one says how things stand for the same kind and instant.

    `assumptions` and `base` (the run departed from) are a scenario's.
    """

    id: str
    kind: RunKind
    valid_at: datetime
    computed_at: datetime
    resolution: int
    cells: int
    superseded: bool
    assumptions: list[str]
    base: str | None
    hazards: list[RunHazard]


class RunInput(BaseModel):
    """One layer version or raster file that went into a run."""

    layer: str
    version: int | None = None
    rows: int | None = None
    sha256: str | None = None
    valid_at: datetime | None = None


class RunBody(RunSummaryBody):
    """One run with everything it was made of."""

    method_version: str
    layers_at: datetime
    inputs: list[RunInput]


class RunList(BaseModel):
    """Runs, the latest first."""

    runs: list[RunSummaryBody]


def model_list(models: ModelSet) -> ModelList:
    """Represent all models, the composite last."""
    bodies = [_hazard_model(model) for model in models.hazards]
    if models.composite is not None:
        bodies.append(_composite_model(models.composite))
    return ModelList(models=bodies)


def run_list(records: list[RunRecord]) -> RunList:
    """Represent runs."""
    return RunList(runs=[run_summary(record) for record in records])


def run_summary(record: RunRecord) -> RunSummaryBody:
    """Represent one run without its inputs."""
    return RunSummaryBody(**_run_fields(record))


def run_body(record: RunRecord) -> RunBody:
    """Represent one run with its inputs."""
    layers = [
        RunInput(layer=layer.layer_id, version=layer.version, rows=layer.row_count)
        for layer in record.inputs.layers
    ]
    rasters = [
        RunInput(layer=raster.layer_id, sha256=raster.sha256, valid_at=raster.valid_at)
        for raster in record.inputs.rasters
    ]
    return RunBody(
        **_run_fields(record),
        method_version=record.inputs.method_version,
        layers_at=record.inputs.layers_at,
        inputs=[*layers, *rasters],
    )


def _run_fields(record: RunRecord) -> dict[str, Any]:
    return {
        "id": record.run_id,
        "kind": record.kind,
        "valid_at": record.valid_at,
        "computed_at": record.computed_at,
        "resolution": record.resolution,
        "cells": record.cell_count,
        "superseded": record.is_superseded,
        "assumptions": [assumption.text for assumption in record.inputs.assumptions],
        "base": record.inputs.base_run_id,
        "hazards": [
            RunHazard(
                hazard=summary.hazard,
                title=Title(zh=summary.title_zh, en=summary.title_en),
                counts=dict(summary.counts),
            )
            for summary in record.hazards
        ],
    }


def _hazard_model(model: RiskModel) -> ModelBody:
    blocks = []
    for name, block in model.named_blocks.items():
        factors = [
            ModelFactor(
                id=factor.id,
                title=factor.title,
                layer=factor.source.name,
                statistic=factor.statistic,
                unit=factor.unit,
                weight=weight,
                curve=list(factor.curve.points),
                citation=factor.curve.citation,
                verified=factor.curve.verified,
            )
            for factor, weight in zip(block.factors, block.weights, strict=True)
        ]
        blocks.append(
            ModelBlock(
                block=name,
                exponent=block.exponent.value if block.exponent else None,
                divisor_slope=block.divisor_slope.value if block.divisor_slope else None,
                consistency_ratio=block.matrix.solved().consistency_ratio if block.matrix else None,
                factors=factors,
            )
        )
    return ModelBody(**_model_fields(model), blocks=blocks, members={})


def _composite_model(model: CompositeModel) -> ModelBody:
    members = dict(zip(model.members, model.weights, strict=True))
    return ModelBody(**_model_fields(model), blocks=[], members=members)


def _model_fields(model: RiskModel | CompositeModel) -> dict[str, Any]:
    bounds = model.classify
    return {
        "hazard": model.id,
        "version": model.version,
        "follows_weather": isinstance(model, CompositeModel) or model.trigger is not None,
        "title": model.title,
        "description": model.description,
        "thresholds": {"yellow": bounds.yellow, "orange": bounds.orange, "red": bounds.red},
        "min_confidence": model.min_confidence.value,
    }
