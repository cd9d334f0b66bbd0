"""One assessed cell → the explanation of its factors, blocks and trigger."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.explanation import (
    BlockExplanation,
    ConditionExplanation,
    Contribution,
    FactorExplanation,
    SourceRow,
    SourceUse,
    TriggerExplanation,
)
from yingji_map.domain.risk_factor import Factor, PointKernel, Source
from yingji_map.domain.risk_model import Block, RiskModel, Trigger
from yingji_map.domain.risk_numbers import Cited
from yingji_map.domain.run import RunInputs
from yingji_map.engine.assess import Assessment
from yingji_map.engine.measure import Gap, Measured
from yingji_map.engine.world import DEM, RIVER

_MAX_ROWS = 20
_OPTIONS = ("elsewhere", "recent", "site", "lapse", "attenuation")
_JUDGED = ("weight", "curve", "classes", "shares", "radius_m", "scale", "measure", *_OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeCell:
    """Describe cell 0 of an assessment.

    Attributes
    ----------
    labels
        Field that names the features, by layer.
    """

    assessment: Assessment
    inputs: RunInputs
    labels: dict[str, str]

    def blocks(self) -> tuple[BlockExplanation, ...]:
        """Return the four blocks with their factors."""
        model, result = self.assessment.model, self.assessment.result
        found = []
        for number, (name, block) in enumerate(model.named_blocks.items()):
            ratio = number_or_none(result.block_ratio[number, 0])
            slope = block.divisor_slope
            found.append(
                BlockExplanation(
                    block=name,
                    score=ratio,
                    exponent=block.exponent.value if block.exponent else None,
                    divisor=1 + slope.value * (ratio or 0.0) if slope else None,
                    present=float(result.blocks[number].present[0]),
                    factors=self._factors(block),
                )
            )
        return tuple(found)

    def contributions(self) -> tuple[Contribution, ...]:
        """Return the parts of the score in the model's order."""
        titles = {factor.id: factor.title for factor in self.assessment.model.all_factors}
        points = self.assessment.model.blocks.hazard.known_points
        if points is not None:
            titles[points.id] = points.title
        parts = self._parts()
        return tuple(Contribution(id=n, title=titles[n], value=v) for n, v in parts.items())

    def conditions(self) -> tuple[ConditionExplanation, ...]:
        """Return the bounds of where the model applies."""
        declared = self.assessment.model.applicable.conditions
        found = []
        for condition, measured in zip(declared, self.assessment.conditions, strict=True):
            raw = first_value(measured.raw)
            above = None if raw is None else raw >= condition.value
            below = None if raw is None else raw <= condition.value
            found.append(
                ConditionExplanation(
                    source=condition.source.name,
                    statistic=condition.statistic,
                    operator=condition.operator,
                    bound=condition.value,
                    raw=raw,
                    holds=above if condition.operator == ">=" else below,
                )
            )
        return tuple(found)

    def trigger(self) -> TriggerExplanation | None:
        """Return the rain that made today's hazard; None in a static run."""
        values, declared = self.assessment.trigger, self.assessment.model.trigger
        if values is None or declared is None:
            return None
        rain = self.assessment.model.rain
        return TriggerExplanation(
            layer=declared.raster if isinstance(declared, Trigger) else declared.layer,
            support=rain.support if rain else "cell",
            rain_mm=first_value(values.rain_mm),
            effective_mm=first_value(values.effective_mm),
            missing_days=values.missing_days,
            trigger=first_value(values.trigger),
            multiplier=first_value(self.assessment.result.multiplier),
        )

    def _parts(self) -> dict[str, float]:
        names = self.assessment.model.factor_ids
        values = self.assessment.result.contributions[:, 0]
        return {name: float(value) for name, value in zip(names, values, strict=True)}

    def _factors(self, block: Block) -> tuple[FactorExplanation, ...]:
        parts = self._parts()
        found = []
        weighted = list(zip(block.factors, block.weights, strict=True))
        if block.modifier is not None:
            weighted += zip(block.modifier.factors, block.modifier.weights, strict=True)
        for factor, weight in weighted:
            measured = self.assessment.measured[factor.id]
            normalised = self.assessment.result.normalised[factor.id]
            found.append(
                self._factor(factor, measured, (first_value(normalised), weight, parts[factor.id]))
            )
        points, known = block.known_points, self.assessment.known_points
        if points is not None and known is not None:
            strength = first_value(known.raw)
            found.append(self._factor(points, known, (strength, 1.0, parts[points.id])))
        return tuple(found)

    def _factor(
        self,
        declared: Factor | PointKernel,
        measured: Measured,
        numbers: tuple[float | None, float, float],
    ) -> FactorExplanation:
        normalised, weight, contribution = numbers
        origins = [c for name in _JUDGED if isinstance(c := getattr(declared, name, None), Cited)]
        return FactorExplanation(
            id=declared.id,
            title=declared.title,
            layer=declared.source.name,
            unit=declared.unit if isinstance(declared, Factor) else "",
            raw=first_value(measured.raw),
            normalised=normalised,
            weight=weight,
            contribution=contribution,
            state=_state(measured),
            source=self._sources(declared.source, measured),
            citation="；".join(dict.fromkeys(origin.citation for origin in origins)),
            verified=all(origin.verified for origin in origins),
        )

    def _sources(self, source: Source, measured: Measured) -> tuple[SourceUse, ...]:
        if measured.raw is None:
            return ()
        if source.layer is not None:
            return tuple(
                SourceUse(
                    layer=layer.layer_id,
                    version=layer.version,
                    row_count=len(rows := self._rows(part)),
                    rows=rows[:_MAX_ROWS],
                )
                for part in (measured, *measured.also)
                for layer in self.inputs.layers
                if part.table is not None and layer.layer_id == part.table.layer_id
            )
        needed = (source.raster,) if source.raster else (DEM,)
        used = [
            SourceUse(layer=raster.layer_id, sha256=raster.sha256)
            for raster in self.inputs.rasters
            if raster.layer_id in needed
        ]
        if source.terrain == "hand":
            used += [
                SourceUse(layer=layer.layer_id, version=layer.version)
                for layer in self.inputs.layers
                if layer.layer_id == RIVER
            ]
        return tuple(used)

    def _rows(self, measured: Measured) -> tuple[SourceRow, ...]:
        table, touched = measured.table, measured.touched
        if table is None or touched is None:
            return ()
        mine = touched.cell == 0
        features, place = np.unique(touched.feature[mine], return_inverse=True)
        amounts = np.bincount(place, weights=touched.amount[mine], minlength=len(features))
        names = table.columns.get(self.labels.get(table.layer_id, ""))
        order = np.argsort(-amounts, kind="stable")
        return tuple(
            SourceRow(
                key=table.keys[features[row]],
                row_id=int(table.row_ids[features[row]]),
                name=None if names is None else names[features[row]],
                amount=float(amounts[row]),
            )
            for row in order
        )


def formula_of(model: RiskModel) -> str:
    """Return the model's formula with its numbers."""
    powers = {"hazard": "H", "exposure": "E", "vulnerability": "V"}
    terms = [
        f"{letter}^{block.exponent.value:g}"
        for name, letter in powers.items()
        if (block := model.named_blocks[name]).exponent is not None
    ]
    slope = model.blocks.capacity.divisor_slope
    risk = f"R = {' · '.join(terms)} / (1 + {slope.value if slope else 0:g}·C)"
    modifier = model.blocks.hazard.modifier
    if modifier is None:
        return risk
    base = modifier.base.value
    scale = f"{base:g} + {1 - base:g}·L" if base else "L"
    return f"{risk}; H = S·({scale})" if base else f"{risk}; H = S·{scale}"


def first_value(values: npt.NDArray[np.float64] | Sequence[float] | None) -> float | None:
    """Return the value of cell 0, None where there is none."""
    return None if values is None else number_or_none(float(values[0]))


def number_or_none(value: float) -> float | None:
    """Return a number, None where there is none or no end to it."""
    return float(value) if math.isfinite(value) else None


def _state(measured: Measured) -> str:
    if measured.gap is Gap.NOT_MEASURED:
        return "not_measured"
    return "no_data" if first_value(measured.raw) is None else "ok"
