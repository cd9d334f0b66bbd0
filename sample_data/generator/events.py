"""What happened since 2005, at the places where it is likely, and the land that fires burnt."""

from datetime import date, timedelta

import numpy as np
import shapely

from .grid import METRES_PER_DEGREE, random_stream
from .land import FOREST
from .world import World, area_km2, clean

Row = tuple[shapely.Geometry, dict]
Place = tuple[float, float]
_FLOODS, _SLIDES, _QUAKES, _FIRES, _ICE, _ACCIDENTS = 46, 78, 16, 26, 8, 9
_MINING = ("嘉川镇", "白水镇", "普济镇")
_CAUSES = ("祭祀用火", "农事用火", "雷击", "输电线路", "其他")


def historical_events(world: World, cover: np.ndarray) -> list[Row]:
    """All events by date; the number in the code follows the date."""
    rng = random_stream(world.seed, "events")
    rows = [
        *_floods(world, rng),
        *_slides(world, rng),
        *_quakes(world, rng),
        *_fires(world, cover, rng),
        *_at_seats(world, rng),
    ]
    rows.sort(key=lambda row: (row[1]["occurred_on"], row[1]["event_type"], row[0].x))
    for i, (_, values) in enumerate(rows):
        values["code"] = f"510821SJ{i + 1:04d}"
    return [(point, {"code": values.pop("code"), **values}) for point, values in rows]


def _event(
    world: World, place: Place, kind: str, day: date, rng: np.random.Generator, **values: object
) -> Row:
    """One event with losses that fit a county's chronicle: mostly small, seldom large."""
    near, away = world.places.nearest_settlement(np.array([place[0]]), np.array([place[1]]))
    village = world.places.settlements.name[int(near[0])]
    affected = int(
        world.places.settlements.persons[int(near[0])] * rng.beta(0.8, 9) / (1 + away[0] / 1500)
    )
    return (
        shapely.Point(place),
        {
            "name": f"{day.year}年{village}{kind}",
            "event_type": kind,
            "occurred_on": day.isoformat(),
            "magnitude": None,
            "intensity": None,
            "burnt_ha": None,
            "affected_persons": affected,
            "deaths_persons": int(rng.poisson(0.05)),
            "direct_loss_10k_yuan": round(float(np.exp(rng.normal(3.6, 1.2))), 1),
            "township_code": world.township_code(*place),
            **values,
        },
    )


def _day(rng: np.random.Generator, first_month: int, days: int) -> date:
    """Return a day in the season that begins in a month and lasts some days."""
    return date(int(rng.integers(2005, 2026)), first_month, 1) + timedelta(int(rng.integers(days)))


def _floods(world: World, rng: np.random.Generator) -> list[Row]:
    """Where a village lies low beside a river; the same places again and again."""
    home, terrain = world.places.settlements, world.terrain
    row, column = terrain.grid.locate(home.lon, home.lat)
    low = np.exp(-terrain.hand[row, column] / 12) * np.sqrt(home.persons)
    chosen = rng.choice(len(low), _FLOODS, p=low / low.sum())
    lon, lat, _ = world.places.beside(chosen, 250, rng)
    return [
        _event(world, place, "洪涝", _day(rng, 6, 110), rng) for place in zip(lon, lat, strict=True)
    ]


def _slides(world: World, rng: np.random.Generator) -> list[Row]:
    """Most at points that are known today."""
    kinds = {"滑坡", "崩塌", "泥石流"}
    known = [f for f in world.geohazards if f.properties["hazard_type"] in kinds]
    chosen = rng.choice(len(known), _SLIDES, replace=False)
    return [
        _event(world, known[i].point, known[i].properties["hazard_type"], _day(rng, 6, 120), rng)
        for i in chosen
    ]


def _quakes(world: World, rng: np.random.Generator) -> list[Row]:
    """Small shocks near the faults; the felt intensity follows the magnitude."""
    lines = [line for _, _, line in world.geology.fault]
    weight = np.array([3.0 if active else 1.0 for _, active, _ in world.geology.fault])
    rows: list[Row] = []
    while len(rows) < _QUAKES:
        line = lines[int(rng.choice(len(lines), p=weight / weight.sum()))]
        spot = line.interpolate(rng.random(), normalized=True)
        place = tuple(np.round(np.array([spot.x, spot.y]) + rng.normal(0, 0.018, 2), 6))
        if not world.holds(*np.array(place)[:, None])[0]:
            continue
        magnitude = round(float(3.0 + rng.exponential(0.55)), 1)
        felt = {
            "magnitude": magnitude,
            "intensity": float(np.clip(round(1.5 * magnitude - 0.8), 3, 8)),
        }
        day = date(2005, 1, 1) + timedelta(int(rng.integers(7_600)))
        row = _event(world, place, "地震", day, rng, **felt)
        row[1]["name"] = f"{day.year}年{row[1]['name'][5:-2]}{magnitude}级地震"
        rows.append(row)
    return rows


def _fires(world: World, cover: np.ndarray, rng: np.random.Generator) -> list[Row]:
    """In the woods within reach of a village, from January to May."""
    grid = world.terrain.grid.coarser(2)
    rows, columns = np.nonzero((cover == FOREST) & world.places.inside & (world.slope > 8))
    _, away = world.places.nearest_settlement(grid.lon(columns), grid.lat(rows))
    weight = np.exp(-away / 1_200) * (away > 250)
    chosen = rng.choice(len(rows), _FIRES, replace=False, p=weight / weight.sum())
    found = []
    for place in zip(
        grid.lon(columns[chosen]).round(6), grid.lat(rows[chosen]).round(6), strict=True
    ):
        burnt = round(float(np.exp(rng.normal(1.6, 1.1))), 1)
        losses = {"burnt_ha": burnt, "affected_persons": 0, "deaths_persons": 0}
        found.append(_event(world, place, "森林火灾", _day(rng, 1, 140), rng, **losses))
    return found


def _at_seats(world: World, rng: np.random.Generator) -> list[Row]:
    """Ice on the high seats, accidents where the mines and works are."""
    townships = world.places.townships
    grid = world.terrain.grid.coarser(2)
    seat = {
        name: (grid.lon(c), grid.lat(r))
        for name, (r, c) in zip(townships.name, townships.seat, strict=True)
    }
    level = [world.height[r, c] for r, c in townships.seat]
    high = [townships.name[i] for i in np.argsort(level)[-6:]]
    wanted = [("雨雪冰冻", str(name)) for name in rng.choice(high, _ICE)]
    wanted += [("生产安全事故", str(name)) for name in rng.choice(_MINING, _ACCIDENTS)]
    rows = []
    for kind, name in wanted:
        place = tuple(np.round(np.array(seat[name]) + rng.normal(0, 0.004, 2), 6))
        day = _day(rng, 1, 45) if kind == "雨雪冰冻" else _day(rng, 1, 360)
        rows.append(_event(world, place, kind, day, rng))
    return rows


def burnt_areas(world: World, events: list[Row]) -> list[Row]:
    """Return the land of each fire of a hectare or more, ragged, of the area that the event states."""
    rng = random_stream(world.seed, "burnt areas")
    fires = [(p, v) for p, v in events if v["event_type"] == "森林火灾" and v["burnt_ha"] >= 1]
    rows = []
    for i, (point, values) in enumerate(fires):
        area = _ragged(world, point, values["burnt_ha"], rng)
        rows.append(
            (
                area,
                {
                    "code": f"510821HS{i + 1:03d}",
                    "name": values["name"] + "迹地",
                    "burnt_on": values["occurred_on"],
                    "area_ha": round(area_km2(area, world.lon_scale) * 100, 2),
                    "severity": str(rng.choice(["轻度", "中度", "重度"], p=[0.5, 0.35, 0.15])),
                    "cause": str(rng.choice(_CAUSES, p=[0.3, 0.3, 0.1, 0.1, 0.2])),
                    "event_code": values["code"],
                },
            )
        )
    return rows


def _ragged(
    world: World, point: shapely.Point, hectares: float, rng: np.random.Generator
) -> shapely.Geometry:
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    radius = np.ones(36)
    for wave in range(1, 7):
        radius += rng.normal(0, 0.22 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = np.maximum(radius, 0.25)
    radius *= np.sqrt(hectares * 1e4 / (np.pi * np.mean(radius**2)))
    ring = np.column_stack(
        [
            point.x + radius * np.cos(angle) / world.lon_scale,
            point.y + radius * np.sin(angle) / METRES_PER_DEGREE,
        ]
    )
    return clean(shapely.intersection(shapely.Polygon(ring), world.outline))
