"""Works with dangers of their own: chemical sites and coal mines."""

import numpy as np

from .features import Feature
from .grid import METRES_PER_DEGREE, random_stream
from .houses import Houses
from .names import anonymous, dead_phone, unused_names
from .settlements import TOWN_COMMUNITIES
from .world import World

# Substance, class, critical quantity in tonnes (GB 18218-2018, table 1), beta.
_SUBSTANCES: dict[str, tuple[str, float, float]] = {
    "液氯": ("有毒气体", 5, 4),
    "液氨": ("有毒气体", 10, 2),
    "液化石油气": ("易燃气体", 50, 1.5),
    "液化天然气": ("易燃气体", 50, 1.5),
    "汽油": ("易燃液体", 200, 1),
    "甲醇": ("易燃液体", 500, 1),
}
# Seat, trade, unit, substance, times the critical quantity, share that other substances add.
_SITES: tuple[tuple[str | None, str, str, str, float, float], ...] = (
    (None, "水务", "水厂氯库", "液氯", 1.2, 0),
    (None, "食品", "冷库氨罐区", "液氨", 1.6, 0),
    (None, "燃气", "液化气储配站", "液化石油气", 3.0, 0),
    ("嘉川镇", "焦化", "甲醇罐区", "甲醇", 4.0, 9.0),
    ("嘉川镇", "化工", "液氯罐区", "液氯", 14.0, 1.5),
    ("白水镇", "化工", "合成氨罐区", "液氨", 28.0, 2.0),
    ("普济镇", "石化", "成品油库", "汽油", 12.0, 0),
    ("木门镇", "燃气", "液化天然气站", "液化天然气", 2.2, 0),
    ("三江镇", "燃气", "液化气储配站", "液化石油气", 1.3, 0),
    ("黄洋镇", "石化", "成品油库", "汽油", 5.0, 0),
)
_ALPHA = ((100, 2.0), (50, 1.5), (30, 1.2), (1, 1.0), (0, 0.5))
_LEVELS = ((100, "一级"), (50, "二级"), (10, "三级"), (0, "四级"))
_BOUNDARY_M = 80.0
# Seat, gas level, water type, state, capacity, depth, surveyed.
_MINES: tuple[tuple[str, str, str, str, float, float, bool], ...] = (
    ("嘉川镇", "高瓦斯", "复杂", "生产", 45, 420, True),
    ("嘉川镇", "低瓦斯", "中等", "生产", 21, 260, True),
    ("嘉川镇", "低瓦斯", "中等", "关闭", 9, 180, False),
    ("白水镇", "煤与瓦斯突出", "中等", "生产", 60, 560, True),
    ("白水镇", "高瓦斯", "中等", "停产", 30, 380, True),
    ("白水镇", "低瓦斯", "简单", "关闭", 6, 150, False),
    ("普济镇", "高瓦斯", "复杂", "生产", 30, 350, True),
    ("普济镇", "低瓦斯", "中等", "建设", 30, 300, True),
    ("三江镇", "低瓦斯", "中等", "停产", 15, 210, True),
    ("三江镇", "低瓦斯", "简单", "关闭", 9, 160, True),
    ("大两镇", "低瓦斯", "复杂", "关闭", 9, 190, False),
    ("水磨镇", "低瓦斯", "简单", "关闭", 6, 120, True),
)


def seat_of(world: World, name: str | None) -> int:
    """Return the number of the settlement at a township's seat."""
    names = world.places.townships.name
    return 0 if name in {None, "东河镇"} else TOWN_COMMUNITIES - 1 + names.index(str(name))


def people_near(world: World, houses: Houses, point: tuple[float, float], reach_m: float) -> int:
    """Count the people whose houses stand within reach."""
    away = np.hypot(
        (houses.lon - point[0]) * world.lon_scale, (houses.lat - point[1]) * METRES_PER_DEGREE
    )
    return int(houses.persons[away <= reach_m].sum())


def chemical_sites(world: World, houses: Houses) -> list[Feature]:
    """Units whose R and level follow from their quantities and neighbours (GB 18218-2018)."""
    rng = random_stream(world.seed, "chemical sites")
    fresh = unused_names(rng)
    numbers = np.array([seat_of(world, where) for where, *_ in _SITES])
    lon, lat, township = world.places.beside(numbers, 1_400, rng)
    features = []
    for i, (_, trade, unit, substance, times, others) in enumerate(_SITES):
        kind, critical, beta = _SUBSTANCES[substance]
        point = (float(lon[i]), float(lat[i]))
        near = people_near(world, houses, point, 500 + _BOUNDARY_M)
        alpha = next(value for least, value in _ALPHA if near >= least)
        ratio = round(beta * times + others, 2)
        company = f"{next(fresh)}{trade}有限公司"
        features.append(
            Feature(
                point,
                {
                    "code": f"510821WX{i + 1:03d}",
                    "name": unit,
                    "company": company,
                    "hazard_class": kind,
                    "main_substance": substance,
                    "quantity_t": round(critical * times, 1),
                    "critical_quantity_t": critical,
                    "beta_ratio": beta,
                    "quantity_ratio": ratio,
                    "population_500m_persons": near,
                    "alpha_ratio": alpha,
                    "r_value": round(alpha * ratio, 2),
                    "level": next(name for least, name in _LEVELS if alpha * ratio >= least),
                    "township_code": world.places.townships.code[township[i]],
                    "responsible_person": anonymous("负责人", 2_001 + i),
                    "contact_phone": dead_phone(2_001 + i),
                },
            )
        )
    return features


def coal_mines(world: World) -> list[Feature]:
    """Pits along the coal belt, most of the small ones closed."""
    rng = random_stream(world.seed, "coal mines")
    fresh = unused_names(rng)
    numbers = np.array([seat_of(world, where) for where, *_ in _MINES])
    lon, lat, township = world.places.beside(numbers, 3_200, rng)
    return [
        Feature(
            (float(lon[i]), float(lat[i])),
            {
                "code": f"510821MK{i + 1:03d}",
                "name": f"{next(fresh)}煤矿",
                "gas_level": gas,
                "water_type": water,
                "state": state,
                "capacity_10k_t_a": capacity,
                "depth_m": depth,
                "underground_persons": int(capacity * 1.6) if state == "生产" else 0,
                "is_water_surveyed": is_surveyed,
                "township_code": world.places.townships.code[township[i]],
                "responsible_person": anonymous("矿长", i + 1),
                "contact_phone": dead_phone(2_101 + i),
            },
        )
        for i, (_, gas, water, state, capacity, depth, is_surveyed) in enumerate(_MINES)
    ]
