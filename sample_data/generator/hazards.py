"""Geohazard points, reservoirs and tailings ponds, where terrain and people make them likely."""

import numpy as np
import shapely

from .county import burn
from .features import Feature, Places
from .geology import Geology
from .grid import Grid, block_mean, random_stream, slope_degrees
from .names import anonymous, unused_names
from .rivers import Rivers
from .road_network import Segment
from .settlements import Settlements
from .terrain import Terrain

GEOHAZARDS, RESERVOIRS, TAILINGS = 228, 26, 6
_SCALES = ("小型", "中型", "大型", "特大型")
_KINDS = ("滑坡", "崩塌", "泥石流", "地面塌陷", "地裂缝")


def geohazard_points(
    terrain: Terrain, geology: Geology, segments: list[Segment], places: Places, seed: int
) -> list[Feature]:
    """Draw points by slope, rock, nearness of faults, rivers and roads, and people below."""
    rng = random_stream(seed, "geohazards")
    grid = terrain.grid.coarser(2)
    weight, slope = _likelihood(terrain, geology, segments, places, grid)
    cells = spread(grid, weight, 380, GEOHAZARDS, rng)
    lon, lat = places.jitter(grid, cells, rng)
    township = places.townships.of(lon, lat)
    near, distance = places.nearest_settlement(lon, lat)
    features: list[Feature] = []
    used: dict[str, int] = {}
    for i, (row, column) in enumerate(cells):
        kind = _kind(slope[row, column], terrain.area_km2[2 * row, 2 * column], rng)
        scale = _SCALES[int(np.searchsorted((0.70, 0.93, 0.985), rng.random()))]
        village = places.settlements.name[near[i]]
        base = f"{places.townships.name[township[i]]}{village[:-1] if village.endswith('社区') else village}"
        used[base] = used.get(base, 0) + 1
        features.append(
            Feature(
                (lon[i], lat[i]),
                {
                    "code": f"510821{10001 + i:06d}",
                    "name": f"{base}{used[base]}组{kind}",
                    "hazard_type": kind,
                    "scale": scale,
                    "measure": str(rng.choice(["避让", "搬迁", "治理"], p=[0.58, 0.14, 0.28])),
                    **_threatened(places.settlements, near[i], distance[i], scale, rng),
                    "township_code": places.townships.code[township[i]],
                    "responsible_person": anonymous("责任人", i + 1),
                },
            )
        )
    return features


def _likelihood(
    terrain: Terrain, geology: Geology, segments: list[Segment], places: Places, grid: Grid
) -> tuple[np.ndarray, np.ndarray]:
    slope = slope_degrees(grid, block_mean(terrain.height.astype(float), 2))
    likely = np.interp(slope, (8, 15, 25, 35, 42, 50), (0, 0.35, 1, 0.8, 0.4, 0.1))
    road = grid.distance_m(burn_lines(grid, [s.line for s in segments]))
    river = grid.distance_m(terrain.area_km2[::2, ::2] > 4)
    fault = grid.distance_m(burn_lines(grid, [line for *_, line in geology.fault]))
    soft = block_mean(geology.susceptibility, 2)
    likely *= (0.15 + np.exp(-road / 300)) * (0.4 + np.exp(-river / 700))
    likely *= (0.5 + np.exp(-fault / 1_800)) * (0.15 + soft**1.3)
    rows, columns = np.indices(grid.shape)
    _, away = places.nearest_settlement(grid.lon(columns.ravel()), grid.lat(rows.ravel()))
    likely *= 0.12 + np.exp(-away.reshape(grid.shape) / 600)
    return np.where(places.inside, likely, 0), slope


def burn_lines(grid: Grid, lines: list) -> np.ndarray:
    """Return which cells a line passes through."""
    return burn(
        grid,
        shapely.buffer(
            shapely.MultiLineString([p for line in lines for p in shapely.get_parts(line)]),
            grid.step * 0.5,
        ),
    )


def spread(
    grid: Grid, weight: np.ndarray, spacing_m: float, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw cells without replacement by weight, keeping a distance between them."""
    flat = weight.ravel()
    keys = -np.log(rng.random(flat.size)) / np.maximum(flat, 1e-12)
    chosen: list[tuple[int, int]] = []
    metres = np.empty((0, 2))
    for index in np.argsort(keys, kind="stable")[: 40 * count]:
        row, column = divmod(int(index), weight.shape[1])
        here = np.array([row * grid.dy_m, column * grid.dx_m])
        if not len(metres) or np.hypot(*(metres - here).T).min() > spacing_m:
            chosen.append((row, column))
            metres = np.vstack([metres, here])
            if len(chosen) == count:
                break
    return np.array(chosen)


def _kind(slope: float, catchment_km2: float, rng: np.random.Generator) -> str:
    if catchment_km2 > 0.15 and rng.random() < 0.75:
        return "泥石流"
    if slope > 31 and rng.random() < 0.55:
        return "崩塌"
    return str(rng.choice(_KINDS, p=[0.78, 0.10, 0.06, 0.04, 0.02]))


def _threatened(
    settlements: Settlements, near: int, distance_m: float, scale: str, rng: np.random.Generator
) -> dict:
    """Households, people and property in reach: more of a near village, more of a large slide."""
    reach = {"小型": 0.05, "中型": 0.11, "大型": 0.22, "特大型": 0.4}[scale]
    share = reach * np.exp(-distance_m / 900) * rng.uniform(0.4, 1.6)
    households = int(np.clip(settlements.households[near] * share, 1, 260))
    persons = int(households * rng.uniform(2.6, 3.9)) + 1
    property_yuan = round(float(households * rng.uniform(12, 32)), 1)
    return {
        "threatened_households": households,
        "threatened_persons": persons,
        "threatened_property_10k_yuan": property_yuan,
    }


def reservoirs(terrain: Terrain, rivers: Rivers, places: Places, seed: int) -> list[Feature]:
    """Dam brooks and rivers; the class follows the capacity (GB 50201-2014, table 11.2.1)."""
    rng = random_stream(seed, "reservoirs")
    grid = terrain.grid
    inside = np.kron(places.inside, np.ones((2, 2), bool))
    wanted = (rivers.channel_order > 0) & (terrain.area_km2 < 90) & (terrain.height < 1100) & inside
    rows, columns = np.nonzero(wanted)
    _, away = places.nearest_settlement(grid.lon(columns), grid.lat(rows))
    weight = np.zeros(grid.shape)
    weight[rows, columns] = np.where(
        away > 450, 1 / np.sqrt(np.maximum(terrain.area_km2[rows, columns], 1)), 0
    )
    cells = spread(grid, weight, 2_600, RESERVOIRS, rng)
    area = terrain.area_km2[cells[:, 0], cells[:, 1]]
    cells = cells[np.argsort(-area, kind="stable")]
    lon, lat = places.jitter(grid, cells, rng)
    township = places.townships.of(lon, lat)
    fresh = unused_names(rng)
    features = []
    for i in range(len(cells)):
        low, high = (1_100, 2_600) if i < 1 else (110, 720) if i < 7 else (10.5, 92)
        capacity = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))), 1)
        features.append(
            Feature(
                (lon[i], lat[i]),
                {
                    "code": f"510821SK{i + 1:04d}",
                    "name": f"{next(fresh)}水库",
                    "scale": reservoir_scale(capacity),
                    "capacity_10k_m3": capacity,
                    "dam_height_m": round(float(7.5 * capacity**0.25 * rng.uniform(0.8, 1.35)), 1),
                    "township_code": places.townships.code[township[i]],
                    "responsible_person": anonymous("防汛责任人", i + 1),
                },
            )
        )
    return features


def reservoir_scale(capacity_10k_m3: float) -> str:
    """Class by total capacity, lower bound inclusive (GB 50201-2014, table 11.2.1)."""
    bounds = ((100_000, "大(1)型"), (10_000, "大(2)型"), (1_000, "中型"), (100, "小(1)型"))
    return next((name for lower, name in bounds if capacity_10k_m3 >= lower), "小(2)型")


def tailings_ponds(terrain: Terrain, places: Places, seed: int) -> list[Feature]:
    """Close small side valleys; the grade follows volume and height (GB 50863-2013, table 3.3.1)."""
    rng = random_stream(seed, "tailings")
    grid = terrain.grid
    inside = np.kron(places.inside, np.ones((2, 2), bool))
    valley = (terrain.area_km2 > 0.25) & (terrain.area_km2 < 1.6) & (terrain.height < 1300)
    rows, columns = np.nonzero(valley & inside)
    _, away = places.nearest_settlement(grid.lon(columns), grid.lat(rows))
    weight = np.zeros(grid.shape)
    weight[rows, columns] = np.where(
        (away > 250) & (grid.lat(rows) > 32.24), np.exp(-away / 330), 0
    )
    cells = spread(grid, weight, 4_000, TAILINGS, rng)
    lon, lat = places.jitter(grid, cells, rng)
    township = places.townships.of(lon, lat)
    sizes = ((310.0, 52.0), (128.0, 44.0), (84.0, 36.0), (46.0, 27.5), (22.0, 21.0), (12.5, 16.0))
    fresh = unused_names(rng)
    return [
        Feature(
            (lon[i], lat[i]),
            {
                "code": f"510821WK{i + 1:03d}",
                "name": f"{next(fresh)}尾矿库",
                "grade": tailings_grade(*sizes[i]),
                "volume_10k_m3": sizes[i][0],
                "dam_height_m": sizes[i][1],
                "is_overhead": _people_below(
                    terrain, places, int(cells[i][0] * grid.shape[1] + cells[i][1])
                ),
                "township_code": places.townships.code[township[i]],
            },
        )
        for i in range(len(cells))
    ]


def tailings_grade(volume_10k_m3: float, height_m: float) -> str:
    """Grade by volume and by height; the higher, or one below it if they are two or more apart."""
    grades = ("一等", "二等", "三等", "四等", "五等")
    by_volume = 5 - sum(volume_10k_m3 >= v for v in (100, 1_000, 10_000, 50_000))
    by_height = 5 - sum(height_m >= h for h in (30, 60, 100, 200))
    higher = min(by_volume, by_height)
    if abs(by_volume - by_height) > 1:
        higher += 1
    return grades[higher - 1]


def _people_below(terrain: Terrain, places: Places, index: int) -> bool:
    """Tell whether anybody lives within 300 m of the first kilometre downstream."""
    grid, gone = terrain.grid, 0.0
    while gone < 1_000 and terrain.receiver[index] != index:
        row, column = divmod(index, grid.shape[1])
        _, away = places.nearest_settlement(grid.lon(np.array([column])), grid.lat(np.array([row])))
        if away[0] < 300:
            return True
        index = int(terrain.receiver[index])
        gone += float(
            np.hypot(
                grid.dx_m * (index % grid.shape[1] - column),
                grid.dy_m * (index // grid.shape[1] - row),
            )
        )
    return False
