"""What else helps: experts, places to land, water for fire crews, loudspeakers."""

import numpy as np
import shapely

from .features import Feature
from .grid import METRES_PER_DEGREE, random_stream
from .hazards import spread
from .names import anonymous, dead_phone
from .settlements import TOWN_COMMUNITIES
from .sites import seat_of
from .world import World, clean

EXPERTS, HELIPADS, WATER_POINTS = 62, 21, 132
_WORKPLACES = {
    "地质灾害": "县自然资源局",
    "防汛抗旱": "县水利局",
    "地震": "县应急管理局",
    "森林防火": "县林业局",
    "矿山安全": "县矿山救护队",
    "危险化学品": "县应急管理局",
    "建筑结构": "县住房城乡建设局",
    "气象": "县气象局",
    "医疗卫生": "县人民医院",
    "电力通信": "县供电公司",
}


def experts(world: World) -> list[Feature]:
    """Most work in the county town; nobody of them exists."""
    rng = random_stream(world.seed, "experts")
    numbers = rng.integers(0, TOWN_COMMUNITIES, EXPERTS)
    lon, lat, township = world.places.beside(numbers, 250, rng)
    kinds = list(_WORKPLACES)
    return [
        Feature(
            (float(lon[i]), float(lat[i])),
            {
                "code": f"510821ZJ{i + 1:03d}",
                "name": anonymous("专家", i + 1),
                "specialty": kinds[i % len(kinds)],
                "rank": str(rng.choice(["正高级", "副高级", "中级"], p=[0.25, 0.5, 0.25])),
                "workplace": _WORKPLACES[kinds[i % len(kinds)]],
                "is_available": bool(rng.random() > 0.06),
                "township_code": world.places.townships.code[township[i]],
                "contact_phone": dead_phone(7_001 + i),
            },
        )
        for i in range(EXPERTS)
    ]


def helipads(world: World) -> list[Feature]:
    """Take the flattest ground near the seats."""
    rng = random_stream(world.seed, "helipads")
    names = world.places.townships.name[:HELIPADS]
    grid = world.terrain.grid.coarser(2)
    features = []
    for i, name in enumerate(names):
        lon, lat, township = world.places.beside(np.full(12, seat_of(world, name)), 900, rng)
        best = int(np.argmin(world.slope[grid.locate(lon, lat)]))
        surface = str(rng.choice(["硬化", "操场", "草地"], p=[0.35, 0.4, 0.25]))
        width = int(rng.integers(25, 55))
        features.append(
            Feature(
                (float(lon[best]), float(lat[best])),
                {
                    "code": f"510821ZS{i + 1:03d}",
                    "name": f"{name}直升机起降点",
                    "surface": surface,
                    "length_m": width + int(rng.integers(0, 50)),
                    "width_m": width,
                    "elevation_m": round(float(world.height[grid.locate(lon[best], lat[best])]), 0),
                    "max_weight_t": 13 if surface == "硬化" else 7,
                    "is_night_capable": surface == "硬化" and bool(rng.random() < 0.4),
                    "township_code": world.places.townships.code[township[best]],
                    "contact_phone": dead_phone(7_101 + i),
                },
            )
        )
    return features


def water_points(world: World) -> list[Feature]:
    """Along brooks and rivers, at reservoirs, tanks in the woods, hydrants in the town."""
    rng = random_stream(world.seed, "water points")
    grid = world.terrain.grid.coarser(2)
    size = world.terrain.area_km2[::2, ::2]
    wet = np.where(world.places.inside & (size > 5), size**-0.3, 0)
    stream = spread(grid, wet, 1_800, 72, rng)
    lon, lat = world.places.jitter(grid, stream, rng)
    found = [("河溪", (float(x), float(y))) for x, y in zip(lon, lat, strict=True)]
    found += [("水库堰塘", f.point) for f in world.reservoirs]
    woods = np.where(world.places.inside & (world.slope > 10) & (world.slope < 28), 1.0, 0)
    lon, lat = world.places.jitter(grid, spread(grid, woods, 4_000, 22, rng), rng)
    found += [("消防水池", (float(x), float(y))) for x, y in zip(lon, lat, strict=True)]
    numbers = np.arange(WATER_POINTS - len(found)) % TOWN_COMMUNITIES
    lon, lat, _ = world.places.beside(numbers, 200, rng)
    found += [("消火栓", (float(x), float(y))) for x, y in zip(lon, lat, strict=True)]
    return [_water_point(world, i, kind, point, rng) for i, (kind, point) in enumerate(found)]


def _water_point(
    world: World, i: int, kind: str, point: tuple[float, float], rng: np.random.Generator
) -> Feature:
    near, away = world.places.nearest_settlement(np.array([point[0]]), np.array([point[1]]))
    is_store = kind in {"水库堰塘", "消防水池"}
    volume = {"水库堰塘": rng.uniform(1e4, 4e5), "消防水池": rng.uniform(50, 300)}.get(kind, 0)
    return Feature(
        point,
        {
            "code": f"510821QS{i + 1:03d}",
            "name": f"{world.places.settlements.name[int(near[0])]}{kind}{i + 1}",
            "water_kind": kind,
            "volume_m3": round(float(volume), 0) if is_store else None,
            "flow_l_s": None if is_store else round(float(rng.uniform(10, 40)), 1),
            "is_all_year": kind != "河溪" or bool(rng.random() < 0.8),
            "is_truck_accessible": bool(away[0] < 700),
            "is_helicopter_usable": kind == "水库堰塘",
            "township_code": world.township_code(*point),
        },
    )


def loudspeakers(world: World) -> list[tuple[shapely.Geometry, dict]]:
    """One circle round each village that has one; one in nine has none."""
    rng = random_stream(world.seed, "loudspeakers")
    home = world.places.settlements
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    rows = []
    for number in range(len(home.code)):
        radius = int(rng.choice([500, 700, 900], p=[0.5, 0.35, 0.15]))
        if rng.random() < 1 / 9:
            continue
        ring = circle * radius / (world.lon_scale, METRES_PER_DEGREE)
        ring += (home.lon[number], home.lat[number])
        rows.append(
            (
                clean(shapely.intersection(shapely.Polygon(ring), world.outline)),
                {
                    "code": f"510821LB{number + 1:03d}",
                    "name": f"{home.name[number]}大喇叭",
                    "radius_m": radius,
                    "is_online": bool(rng.random() > 0.04),
                    "settlement_code": home.code[number],
                    "township_code": world.places.townships.code[home.township[number]],
                    "keeper_phone": dead_phone(8_001 + number),
                },
            )
        )
    return rows
