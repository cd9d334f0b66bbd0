"""A model on a world: measure every factor, judge where the model applies, score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk_factor import Source, Statistic, Terrain
from yingji_map.domain.risk_model import Condition, RiskModel, Trigger
from yingji_map.domain.risk_numbers import DurationLaws
from yingji_map.engine.curves import piecewise
from yingji_map.engine.evaluate import (
    APPLIES,
    APPLIES_NOT,
    UNKNOWN,
    Evaluation,
    RawValues,
    evaluate,
)
from yingji_map.engine.fire_weather import fire_weather_trigger
from yingji_map.engine.gully_statistics import carry_gullies
from yingji_map.engine.intensity_duration import between_laws
from yingji_map.engine.measure import Measured, measure, measure_known_points
from yingji_map.engine.world import View, World
from yingji_map.engine.zonal import ARGMAX, MEAN, zonal

FloatArray = npt.NDArray[np.float64]
METHOD_VERSION = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerValues:
    """The trigger on cells.

    Attributes
    ----------
    rain_mm, effective_mm
        `(n_cells,)` 24-hour rain over the trigger's support, and with the days before.
    trigger
        `(n_cells,)` 0..1.
    missing_days
        Days before without rain data: they count as dry, so that the trigger is a lower bound.
    """

    rain_mm: FloatArray
    effective_mm: FloatArray
    trigger: FloatArray
    missing_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """What does not depend on the rain: factors by id, known points, bounds of applicability."""

    factors: Mapping[str, Measured]
    known_points: Measured | None
    conditions: tuple[Measured, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A model's answer on the cells of a view, with everything it was made of."""

    model: RiskModel
    measured: Mapping[str, Measured]
    known_points: Measured | None
    conditions: tuple[Measured, ...]
    trigger: TriggerValues | None
    raw: RawValues
    result: Evaluation


def model_sources(model: RiskModel) -> list[Source]:
    """Return every source that a model reads."""
    measures = (*model.all_factors, *model.applicable.conditions)
    sources = [source for measure_ in measures for source in measure_.sources]
    points = model.blocks.hazard.known_points
    return [*sources, points.source] if points else sources


def measure_model(model: RiskModel, world: World, view: View) -> Measurements:
    """Measure everything of a model that is the same with any rain."""
    hazard = model.blocks.hazard
    kernel, found = hazard.known_points, dict[str, Measured]()
    reach = Measured(raw=np.full(len(view.grid), np.inf))
    if hazard.gullies is not None and hazard.modifier is not None:
        carried = carry_gullies(hazard, hazard.modifier.factors[0], world, view)
        reach = Measured(raw=carried.reach_ratio)
        found |= carried.factors | {hazard.modifier.factors[0].id: reach}
    rest = [factor for factor in model.all_factors if factor.id not in found]
    return Measurements(
        factors=found | {factor.id: measure(factor, world, view) for factor in rest},
        known_points=measure_known_points(kernel, world, view) if kernel else None,
        conditions=tuple(
            reach if c.statistic is Statistic.GULLY_REACH else measure(c, world, view)
            for c in model.applicable.conditions
        ),
    )


def assess(
    model: RiskModel, world: World, view: View, measurements: Measurements | None = None
) -> Assessment:
    """Measure and score the cells of a view; `measurements` of the same view spare the measuring."""
    found = measurements or measure_model(model, world, view)
    trigger = _trigger(model, world, view)
    points = found.known_points.raw if found.known_points else None
    raw = RawValues(
        factors={name: m.raw for name, m in found.factors.items() if m.raw is not None},
        known_points=points,
        applicability=_applicability(model, found.conditions, points, len(view.grid)),
        trigger=trigger.trigger if trigger else None,
    )
    return Assessment(
        model=model,
        measured=found.factors,
        known_points=found.known_points,
        conditions=found.conditions,
        trigger=trigger,
        raw=raw,
        result=evaluate(model, raw),
    )


def _trigger(model: RiskModel, world: World, view: View) -> TriggerValues | None:
    if not world.rain or model.trigger is None:
        return None
    if isinstance(model.trigger, Trigger):
        return trigger_values(model.trigger, world, view)
    unknown = np.full(len(view.grid), np.nan)
    danger = fire_weather_trigger(model.trigger, world, view)
    return TriggerValues(rain_mm=unknown, effective_mm=unknown, trigger=danger, missing_days=0)


def trigger_values(trigger: Trigger, world: World, view: View) -> TriggerValues:
    """Return the trigger of cells in a dynamic run."""
    days = [_rain_mm(trigger, world, view, day) for day in range(len(world.rain))]
    rain = days[0] if days[0] is not None else np.full(len(view.grid), np.nan)
    effective, missing = rain, 0
    if trigger.antecedent is not None:
        for before in range(1, trigger.antecedent.days + 1):
            earlier = days[before] if before < len(days) else None
            if earlier is None:
                missing += 1
            else:
                effective = effective + trigger.antecedent.decay**before * np.nan_to_num(earlier)
    return TriggerValues(
        rain_mm=rain,
        effective_mm=effective,
        trigger=(
            between_laws(trigger.curve, effective)
            if isinstance(trigger.curve, DurationLaws)
            else piecewise(effective, trigger.curve.points)
        ),
        missing_days=missing,
    )


def _rain_mm(trigger: Trigger, world: World, view: View, day: int) -> FloatArray | None:
    raster = world.rain[day]
    if raster is None:
        return None
    if trigger.support == "cell":
        return zonal(raster, view.outlines, view.grid.anchor, MEAN)
    upstream = world.terrain.get(Terrain.UPSTREAM)
    catchment = world.catchment_rain[day] if world.catchment_rain else None
    if upstream is None or catchment is None:
        return np.full(len(view.grid), np.nan)
    pixel = zonal(upstream, view.outlines, view.grid.anchor, ARGMAX)
    known = ~np.isnan(pixel)
    out = np.full(len(pixel), np.nan)
    out[known] = catchment.values.reshape(-1)[pixel[known].astype(np.int64)]
    return out


def _applicability(
    model: RiskModel,
    measured: tuple[Measured, ...],
    known_points: FloatArray | None,
    n_cells: int,
) -> npt.NDArray[np.int8]:
    verdicts = np.empty((len(measured), n_cells), dtype=np.int8)
    for row, condition in enumerate(model.applicable.conditions):
        verdicts[row] = _verdict(condition, measured[row], n_cells)
    # Three-valued logic: UNKNOWN decides nothing unless the others leave it open.
    decisive = APPLIES if model.applicable.combine == "any" else APPLIES_NOT
    other = APPLIES_NOT if decisive == APPLIES else APPLIES
    verdict = np.full(n_cells, other, dtype=np.int8)
    verdict[(verdicts == UNKNOWN).any(axis=0)] = UNKNOWN
    verdict[(verdicts == decisive).any(axis=0)] = decisive
    if known_points is not None:
        verdict[known_points > 0] = APPLIES
    return verdict


def _verdict(condition: Condition, measured: Measured, n_cells: int) -> npt.NDArray[np.int8]:
    if measured.raw is None:
        return np.full(n_cells, UNKNOWN, dtype=np.int8)
    with np.errstate(invalid="ignore"):
        holds = (
            measured.raw <= condition.value
            if condition.operator == "<="
            else measured.raw >= condition.value
        )
    verdict = np.where(holds, APPLIES, APPLIES_NOT).astype(np.int8)
    verdict[np.isnan(measured.raw)] = UNKNOWN
    return verdict
