"""Stations that measure rain, rivers and tailings ponds, with the thresholds of the four colours."""

import numpy as np

from .features import Feature
from .grid import random_stream
from .hazards import spread
from .names import dead_phone
from .sites import seat_of
from .world import World

RAIN, WATER = 58, 24
_LARGE_KM2 = 60.0
# One hour of rain, blue to red (risk-models: county plan of 江华).
_RAIN_MM = (35.0, 45.0, 60.0, 80.0)
# Over the low water level of a river, metres.
_RISE_M = (2.0, 2.8, 3.6, 4.4)
_POND: dict[str, tuple[str, str, tuple[float, ...]]] = {
    "坝体位移": ("mm", "高于", (20.0, 30.0, 40.0, 50.0)),
    "干滩长度": ("m", "低于", (100.0, 85.0, 70.0, 60.0)),
}
_Row = tuple[tuple[float, float], str, str, str, str, str, tuple[float, ...], str | None]


def stations(world: World) -> list[Feature]:
    """Rain at every seat and over the county, levels on the large rivers, two for each pond."""
    rng = random_stream(world.seed, "stations")
    rows = [*_rain(world, rng), *_levels(world, rng), *_ponds(world)]
    return [
        Feature(
            point,
            {
                "code": f"510821CZ{i + 1:04d}",
                "name": name,
                "station_type": kind,
                "element": element,
                "unit": unit,
                "alarm_when": direction,
                **dict(
                    zip(
                        ("blue_threshold", "yellow_threshold", "orange_threshold", "red_threshold"),
                        limits,
                        strict=True,
                    )
                ),
                "watched_code": watched,
                "is_online": bool(rng.random() > 0.05),
                "township_code": world.township_code(*point),
                "keeper_phone": dead_phone(9_001 + i),
            },
        )
        for i, (point, name, kind, element, unit, direction, limits, watched) in enumerate(rows)
    ]


def _rain(world: World, rng: np.random.Generator) -> list[_Row]:
    numbers = np.array([seat_of(world, name) for name in world.places.townships.name])
    lon, lat, _ = world.places.beside(numbers, 200, rng)
    points = list(zip(lon.tolist(), lat.tolist(), strict=True))
    grid = world.terrain.grid.coarser(2)
    even = np.where(world.places.inside, 1.0, 0)
    lon, lat = world.places.jitter(grid, spread(grid, even, 5_000, RAIN - len(points), rng), rng)
    points += list(zip(lon.tolist(), lat.tolist(), strict=True))
    near, _ = world.places.nearest_settlement(*np.array(points).T)
    names = [world.places.settlements.name[n] for n in near]
    return [
        (point, f"{name}雨量站", "雨量", "1小时雨量", "mm", "高于", _RAIN_MM, None)
        for point, name in zip(points, names, strict=True)
    ]


def _levels(world: World, rng: np.random.Generator) -> list[_Row]:
    grid = world.terrain.grid
    inside = np.kron(world.places.inside, np.ones((2, 2), bool))
    large = np.where(inside & (world.terrain.area_km2 > _LARGE_KM2), 1.0, 0)
    rows: list[_Row] = []
    for row, column in spread(grid, large, 4_500, WATER, rng):
        reach = int(world.rivers.reach_of_pixel[row * grid.shape[1] + column])
        point = (round(float(grid.lon(column)), 6), round(float(grid.lat(row)), 6))
        low = float(world.terrain.height[row, column])
        limits = tuple(round(low + rise, 2) for rise in _RISE_M)
        river = world.rivers.name[reach] if reach >= 0 else None
        near, _ = world.places.nearest_settlement(*np.array(point)[:, None])
        name = f"{river or ''}{world.places.settlements.name[int(near[0])]}水位站"
        code = f"510821HD{reach + 1:04d}" if reach >= 0 else None
        rows.append((point, name, "水位", "河道水位", "m", "高于", limits, code))
    return rows


def _ponds(world: World) -> list[_Row]:
    return [
        (
            *(
                pond.point,
                f"{pond.properties['name']}{element}",
                "尾矿库",
                element,
                *_POND[element],
            ),
            str(pond.properties["code"]),
        )
        for pond in world.tailings
        for element in _POND
    ]
