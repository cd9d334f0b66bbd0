"""The weather index of forest fires (LY/T 1172-95) from station readings."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk_factor import Measure, Source, Statistic
from yingji_map.domain.risk_model import FireWeather, ScaledField, SteppedField
from yingji_map.domain.risk_numbers import CitedNumber
from yingji_map.engine.curves import piecewise
from yingji_map.engine.measure import measure
from yingji_map.engine.world import View, World

FloatArray = npt.NDArray[np.float64]
READINGS = ("temperature", "humidity", "dry_days", "wind_force")


def fire_weather_trigger(trigger: FireWeather, world: World, view: View) -> FloatArray:
    """Return the trigger 0..1 of cells `(n_cells,)`; NaN where a reading is missing."""
    readings = {}
    for name in READINGS:
        field = getattr(trigger, name).field
        found = measure(_reading(trigger.layer, field, trigger.radius_m), world, view).raw
        readings[name] = np.full(len(view.grid), np.nan) if found is None else found
    return piecewise(fire_weather_index(trigger, readings), trigger.curve.points)


def fire_weather_index(trigger: FireWeather, readings: dict[str, FloatArray]) -> FloatArray:
    """Return HTZ = A + B + C + D.

    The subtrahend E of the standard (green-up, 0 to 20) is left out: the index errs high.

    Parameters
    ----------
    readings
        `(n,)` by READINGS: highest temperature °C, humidity %, days without rain, Beaufort force.
    """
    return (
        _stepped(trigger.temperature, readings["temperature"])
        + _stepped(trigger.humidity, readings["humidity"])
        + _scaled(trigger.dry_days, readings["dry_days"])
        + _scaled(trigger.wind_force, readings["wind_force"])
    )


def _reading(layer: str, field: str, radius_m: CitedNumber) -> Measure:
    return Measure(
        source=Source(layer=layer),
        statistic=Statistic.NEAREST_VALUE,
        field=field,
        radius_m=radius_m,
    )


def _stepped(declared: SteppedField, values: FloatArray) -> FloatArray:
    bounds = np.array([bound for bound, _ in declared.steps])
    points = np.array([points for _, points in declared.steps] + [declared.beyond])
    found = points[np.searchsorted(bounds, values, side="left")]
    return np.where(np.isnan(values), np.nan, found)


def _scaled(declared: ScaledField, values: FloatArray) -> FloatArray:
    return np.minimum(declared.each * values, declared.most)
