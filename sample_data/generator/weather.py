"""Weather stations: the readings of the storm's day, and the extremes of last winter's cold spell."""

import numpy as np

from .features import Feature
from .grid import random_stream
from .hazards import spread
from .sites import seat_of
from .world import World

_ON_HEIGHTS = 9
_HIGH_M = 1_000.0
_LAPSE_K_PER_M = 6.5e-3
_OBSERVED_ON, _COLD_SPELL_ON = "2026-07-14", "2026-01-18"


def weather_stations(world: World) -> list[Feature]:
    """One at every township's seat, some more on the heights where nobody lives."""
    rng = random_stream(world.seed, "weather stations")
    numbers = np.array([seat_of(world, name) for name in world.places.townships.name])
    lon, lat, _ = world.places.beside(numbers, 400, rng)
    names = [f"{name}气象站" for name in world.places.townships.name]
    grid = world.terrain.grid.coarser(2)
    height = world.terrain.height[world.terrain.grid.locate(*grid.mesh())]
    high = np.where(world.places.inside & (height > _HIGH_M), 1.0, 0)
    above = world.places.jitter(grid, spread(grid, high, 8_000, _ON_HEIGHTS, rng), rng)
    near, _ = world.places.nearest_settlement(*above)
    names += [f"{world.places.settlements.name[n]}高山站" for n in near]
    places = zip(np.append(lon, above[0]).tolist(), np.append(lat, above[1]).tolist(), strict=True)
    return [
        Feature(
            point, {"code": f"510821QX{i + 1:03d}", "name": name, **_readings(world, point, rng)}
        )
        for i, (point, name) in enumerate(zip(places, names, strict=True))
    ]


def _readings(world: World, point: tuple[float, float], rng: np.random.Generator) -> dict:
    height = float(world.terrain.height[world.terrain.grid.locate(*np.array(point)[:, None])][0])
    colder = _LAPSE_K_PER_M * (height - 450)
    mean = 0.6 - colder + rng.normal(0, 0.3)
    wet = float(np.clip(rng.normal(5, 1.2) + height / 500, 1, 14))
    return {
        "elevation_m": round(height, 1),
        "temperature_max_c": round(27.5 - colder + rng.normal(0, 0.5), 1),
        "humidity_min_percent": round(float(np.clip(58 + height / 90 + rng.normal(0, 4), 30, 98))),
        "wind_force": int(np.clip(round(3 + height / 700 + rng.normal(0, 0.6)), 1, 8)),
        "dry_days": int(rng.integers(0, 3)),
        "observed_on": _OBSERVED_ON,
        "snow_depth_cm": round(float(np.clip(-2.2 * mean + rng.normal(0, 0.8), 0, 45)), 1),
        "freezing_rain_12h_mm": round(wet if mean < 0.5 else wet / 3, 1),
        "cold_days": int(np.clip(round(3 + height / 400), 1, 12)),
        "temperature_min_c": round(mean - 4.2 - abs(rng.normal(0, 0.6)), 1),
        "temperature_mean_c": round(mean, 1),
        "cold_spell_on": _COLD_SPELL_ON,
        "township_code": world.township_code(*point),
    }
