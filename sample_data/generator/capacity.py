"""Shelters, rescue teams and supply depots, in the published numbers."""

import numpy as np

from .features import Feature, Places
from .grid import random_stream
from .names import anonymous, dead_phone
from .settlements import TOWN_COMMUNITIES

# Published figures of the county (blueprint §5).
SHELTERS, STANDARDISED = 155, 74
TEAMS, TEAM_PERSONS = 49, 1_603
DEPOT_TIERS = {"县级": 1, "片区": 8, "乡镇": 15}
_AREA_CENTRES = ("嘉川镇", "木门镇", "白水镇", "普济镇", "三江镇", "双汇镇", "国华镇", "英萃镇")
# Kind, name, where (seat or None for the county town), relative size, equipment.
_SPECIAL: tuple[tuple[str, str, str | None, float, str], ...] = (
    ("国家综合性消防", "县消防救援大队", None, 62, "水罐消防车、抢险救援车、云梯车"),
    ("国家综合性消防", "嘉川消防救援站", "嘉川镇", 34, "水罐消防车、抢险救援车"),
    ("专业森林消防", "县专业森林消防大队", None, 60, "风力灭火机、高压水泵、运兵车"),
    ("专业森林消防", "米仓山专业扑火中队", "米仓山镇", 36, "风力灭火机、油锯"),
    ("矿山危化", "县矿山救护队", "嘉川镇", 48, "正压呼吸器、生命探测仪、矿用钻机"),
    ("矿山危化", "普济矿山救护中队", "普济镇", 30, "正压呼吸器、排水泵"),
    ("矿山危化", "白水危化处置队", "白水镇", 24, "防化服、堵漏器材、洗消车"),
    ("矿山危化", "东河工业园应急队", None, 26, "泡沫消防车、气体检测仪"),
    ("防汛抗旱", "县防汛抗旱服务队", None, 45, "冲锋舟、移动泵站、发电机"),
    ("防汛抗旱", "东河防汛机动队", None, 40, "冲锋舟、救生衣、编织袋"),
    ("防汛抗旱", "三江防汛分队", "三江镇", 25, "橡皮艇、排水泵"),
    ("防汛抗旱", "木门防汛分队", "木门镇", 25, "橡皮艇、排水泵"),
    ("地质灾害", "县地质灾害应急技术队", None, 28, "无人机、裂缝计、三维激光扫描仪"),
    ("地质灾害", "国华地灾抢险队", "国华镇", 26, "挖掘机、装载机"),
    ("地质灾害", "英萃地灾抢险队", "英萃镇", 26, "挖掘机、装载机"),
    ("医疗", "县人民医院急救队", None, 38, "救护车、除颤仪"),
    ("医疗", "县中医医院急救队", None, 28, "救护车、除颤仪"),
    ("医疗", "嘉川中心卫生院急救队", "嘉川镇", 16, "救护车"),
    ("医疗", "普济中心卫生院急救队", "普济镇", 14, "救护车"),
    ("医疗", "双汇中心卫生院急救队", "双汇镇", 12, "救护车"),
    ("社会力量", "米仓山山地救援队", None, 36, "绳索装备、无人机"),
    ("社会力量", "东河水上救援队", None, 30, "冲锋舟、潜水装备"),
    ("社会力量", "蓝马甲志愿救援队", None, 42, "对讲机、应急灯"),
    ("社会力量", "嘉川民兵应急分队", "嘉川镇", 40, "挖掘机、铁锹、对讲机"),
    ("社会力量", "木门民兵应急分队", "木门镇", 32, "铁锹、对讲机"),
    ("社会力量", "广旺铁路抢险队", "白水镇", 45, "轨道车、起重机"),
)


def shelters(places: Places, seed: int) -> list[Feature]:
    """Give the town many, every seat two, the most populous villages one each."""
    rng = random_stream(seed, "shelters")
    home = places.settlements
    seats = np.flatnonzero(home.is_community)
    villages = np.flatnonzero(~home.is_community)
    villages = villages[np.argsort(-home.persons[villages], kind="stable")]
    twice = np.concatenate([seats, seats])
    numbers = np.concatenate([twice, villages])[:SHELTERS]
    lon, lat, township = places.beside(numbers, 220, rng)
    rank = np.argsort(-home.persons[numbers] + rng.normal(0, 250, SHELTERS), kind="stable")
    is_standardised = np.zeros(SHELTERS, bool)
    is_standardised[rank[:STANDARDISED]] = True
    features = []
    used: set[str] = set()
    for i, number in enumerate(numbers):
        name = _shelter_name(home.name[number], bool(home.is_community[number]), used)
        kind = str(
            rng.choice(
                ["紧急", "短期", "长期"],
                p=[0.55, 0.37, 0.08] if is_standardised[i] else [0.86, 0.14, 0],
            )
        )
        area = round(
            float(np.exp(rng.normal(7.1, 0.5)) * (2.2 if home.is_community[number] else 1)), 0
        )
        each = {"紧急": 1.5, "短期": 2.5, "长期": 4.5}[kind]
        features.append(
            Feature(
                (lon[i], lat[i]),
                {
                    "code": f"510821BN{i + 1:04d}",
                    "name": name,
                    "shelter_class": kind,
                    "area_m2": area,
                    "capacity_persons": int(area / each),
                    "is_standardised": bool(is_standardised[i]),
                    "is_open": bool(rng.random() > 0.03),
                    "facilities": "供水、供电、厕所、标识、医疗点、物资间"
                    if is_standardised[i]
                    else "标识、厕所",
                    "township_code": places.townships.code[township[i]],
                    "contact_phone": dead_phone(i + 1),
                },
            )
        )
    return features


def _shelter_name(home: str, is_community: bool, used: set[str]) -> str:  # noqa: FBT001 - a fact of the place
    kinds = ("小学操场", "文化广场", "体育场") if is_community else ("村委会广场", "村小操场")
    stem = home[:-2] if is_community else home
    name = next(stem + kind for kind in kinds if stem + kind not in used)
    used.add(name)
    return name


def rescue_teams(places: Places, seed: int) -> list[Feature]:
    """Put special teams where their work is, one general team in each township."""
    rng = random_stream(seed, "teams")
    rows = list(_SPECIAL)
    rows += [
        (
            "乡镇综合",
            f"{name}综合应急救援队",
            name,
            float(rng.uniform(20, 42)),
            "风力灭火机、救生衣、油锯、应急灯",
        )
        for name in places.townships.name
    ]
    wanted = np.array([size for *_, size, _ in rows])
    strength = np.floor(wanted / wanted.sum() * TEAM_PERSONS).astype(int)
    strength[: TEAM_PERSONS - strength.sum()] += 1
    numbers = np.array([_seat_number(places, where) for _, _, where, *_ in rows])
    town = np.flatnonzero([where is None for _, _, where, *_ in rows])
    numbers[town] = np.arange(len(town)) % TOWN_COMMUNITIES
    lon, lat, township = places.beside(numbers, 260, rng)
    return [
        Feature(
            (lon[i], lat[i]),
            {
                "code": f"510821DW{i + 1:03d}",
                "name": name,
                "team_kind": kind,
                "strength_persons": int(strength[i]),
                "equipment": equipment,
                "township_code": places.townships.code[township[i]],
                "leader": anonymous("负责人", i + 1),
            },
        )
        for i, (kind, name, _, _, equipment) in enumerate(rows)
    ]


def _seat_number(places: Places, name: str | None) -> int:
    """Return the number of the settlement at a township's seat."""
    return (
        0
        if name in {None, "东河镇"}
        else TOWN_COMMUNITIES - 1 + places.townships.name.index(str(name))
    )


def supply_depots(places: Places, seed: int) -> list[Feature]:
    """Place one county depot, eight for areas, the rest in the other townships."""
    rng = random_stream(seed, "depots")
    others = [name for name in places.townships.name if name not in _AREA_CENTRES]
    rows = [("县级", "旺苍县应急物资储备库", "东河镇", 1.0)]
    rows += [("片区", f"{name[:-1]}片区应急物资库", name, 0.3) for name in _AREA_CENTRES]
    rows += [("乡镇", f"{name}应急物资库", name, 0.08) for name in others]
    numbers = np.array([_seat_number(places, name) for _, _, name, _ in rows])
    lon, lat, township = places.beside(numbers, 300, rng)
    amount = np.array([size for *_, size in rows]) * rng.uniform(0.75, 1.25, len(rows))
    return [
        Feature(
            (lon[i], lat[i]),
            {
                "code": f"510821WZ{i + 1:03d}",
                "name": name,
                "tier": tier,
                "tents": int(900 * amount[i]),
                "quilts": int(6_000 * amount[i]),
                "food_person_days": int(24_000 * amount[i]),
                "township_code": places.townships.code[township[i]],
            },
        )
        for i, (tier, name, _, _) in enumerate(rows)
    ]
