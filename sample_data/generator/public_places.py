"""Schools, hospitals and what else must not fail: sized by the people they serve."""

import numpy as np

from .features import Feature
from .grid import random_stream
from .names import dead_phone
from .settlements import TOWN_COMMUNITIES
from .sites import seat_of
from .world import World

_CENTRES = ("嘉川镇", "木门镇", "白水镇", "普济镇", "三江镇", "双汇镇", "国华镇", "英萃镇")
_VILLAGE_SCHOOLS = 24
_COUNTY_HOSPITALS: tuple[tuple[str, str, str, int], ...] = (
    ("县人民医院", "综合医院", "二级", 620),
    ("县中医医院", "中医医院", "二级", 380),
    ("县妇幼保健院", "妇幼保健院", "二级", 120),
    ("县疾病预防控制中心", "疾控中心", "未定级", 0),
    ("县第二人民医院", "综合医院", "二级", 260),
)
_AT_SEATS = (
    ("变电站", "变电站", "重要", 0),
    ("自来水厂", "供水厂", "重要", 0),
    ("敬老院", "敬老院", "重要", 90),
    ("人民政府", "党政机关", "一般", 120),
    ("加油站", "加油站", "一般", 0),
)
_IN_TOWN = (
    ("县应急指挥中心", "党政机关", "重要", 260),
    ("县通信枢纽楼", "通信枢纽", "重要", 60),
    ("县城第一水厂", "供水厂", "重要", 0),
    ("县城商业广场", "市场商场", "一般", 2_400),
    ("东河农贸市场", "市场商场", "一般", 1_300),
    ("红军城景区", "景区", "一般", 3_000),
    ("县社会福利院", "敬老院", "重要", 210),
)
_SIGHTS = (
    ("鼓城山景区", "檬子乡"),
    ("七里峡景区", "水磨镇"),
    ("米仓山大峡谷景区", "盐河镇"),
    ("木门会议会址", "木门镇"),
)


def schools(world: World) -> list[Feature]:
    """Kindergarten and school at each seat, more in the town, small ones in large villages."""
    rng = random_stream(world.seed, "schools")
    home = world.places.settlements
    seats = [seat_of(world, name) for name in world.places.townships.name]
    rows: list[tuple[int, str, str, float, float]] = []
    for number in range(TOWN_COMMUNITIES):
        rows += [(number, "幼儿园", "幼儿园", 0.030, 0), (number, "小学", "小学", 0.075, 0)]
    rows += [(n, "初级中学", "初中", 0.20, 0.35) for n in (1, 4, 7)]
    rows += [(2, "旺苍中学", "高中", 0.45, 0.7), (5, "东城中学", "高中", 0.38, 0.7)]
    rows += [(9, "职业中学", "中职", 0.34, 0.8)]
    for name, number in zip(world.places.townships.name, seats, strict=True):
        kind = (
            ("初级中学", "初中", 0.12) if name in _CENTRES else ("九年制学校", "九年一贯制", 0.16)
        )
        if number >= TOWN_COMMUNITIES:
            rows += [(number, "中心幼儿园", "幼儿园", 0.05, 0), (number, *kind, 0.5)]
        if name in _CENTRES:
            rows.append((number, "中心小学", "小学", 0.10, 0.2))
    villages = np.flatnonzero(~home.is_community)
    villages = villages[np.argsort(-home.persons[villages], kind="stable")][:_VILLAGE_SCHOOLS]
    rows += [(int(n), "村小学", "小学", 0.045, 0) for n in villages]
    lon, lat, township = world.places.beside(np.array([n for n, *_ in rows]), 320, rng)
    return [
        _school(world, i, row, (float(lon[i]), float(lat[i])), int(township[i]), rng)
        for i, row in enumerate(rows)
    ]


def _school(  # noqa: PLR0913, PLR0917 - one row of the layer
    world: World,
    i: int,
    row: tuple[int, str, str, float, float],
    point: tuple[float, float],
    township: int,
    rng: np.random.Generator,
) -> Feature:
    number, suffix, kind, share, boarding = row
    home = world.places.settlements
    name = home.name[number].removesuffix("社区").removesuffix("村")
    pupils = int(home.persons[number] * share * rng.uniform(0.8, 1.25)) + 12
    return Feature(
        point,
        {
            "code": f"510821XX{i + 1:04d}",
            "name": suffix if suffix in {"旺苍中学", "东城中学"} else name + suffix,
            "school_kind": kind,
            "students_persons": pupils,
            "boarders_persons": int(pupils * boarding * rng.uniform(0.8, 1.1)),
            "staff_persons": max(int(pupils / rng.uniform(11, 15)), 3),
            "township_code": world.places.townships.code[township],
            "contact_phone": dead_phone(4_001 + i),
        },
    )


def hospitals(world: World) -> list[Feature]:
    """Five in the town, a larger clinic in each area centre, a small one in each other seat."""
    rng = random_stream(world.seed, "hospitals")
    rows = [(n, *row) for n, row in zip((0, 3, 6, 8, 11), _COUNTY_HOSPITALS, strict=True)]
    for name in world.places.townships.name:
        is_centre = name in _CENTRES
        kind = "中心卫生院" if is_centre else "卫生院"
        beds = int(rng.integers(40, 90) if is_centre else rng.integers(8, 28))
        rows.append((seat_of(world, name), f"{name}{kind}", kind, "一级", beds))
    lon, lat, township = world.places.beside(np.array([n for n, *_ in rows]), 300, rng)
    return [
        Feature(
            (float(lon[i]), float(lat[i])),
            {
                "code": f"510821YY{i + 1:03d}",
                "name": name,
                "hospital_kind": kind,
                "grade": grade,
                "beds": beds,
                "icu_beds": int(beds * 0.04) if grade == "二级" else 0,
                "doctors_persons": max(int(beds * 0.35), 4),
                "ambulances": 6 if beds > 500 else 2 if beds > 35 else 1 if beds else 0,
                "has_emergency": kind not in {"疾控中心", "妇幼保健院"},
                "township_code": world.places.townships.code[township[i]],
                "contact_phone": dead_phone(5_001 + i),
            },
        )
        for i, (_, name, kind, grade, beds) in enumerate(rows)
    ]


def key_facilities(world: World) -> list[Feature]:
    """Five at each seat, seven in the town, the sights."""
    rng = random_stream(world.seed, "key facilities")
    rows: list[tuple[int, str, str, str, int]] = []
    for name in world.places.townships.name:
        number = seat_of(world, name)
        rows += [
            (number, f"{name}{what}", kind, rank, size) for what, kind, rank, size in _AT_SEATS
        ]
    rows += [(2 * i + 1, *row) for i, row in enumerate(_IN_TOWN)]
    rows += [(seat_of(world, where), name, "景区", "一般", 1_500) for name, where in _SIGHTS]
    lon, lat, township = world.places.beside(np.array([n for n, *_ in rows]), 420, rng)
    return [
        Feature(
            (float(lon[i]), float(lat[i])),
            {
                "code": f"510821SS{i + 1:03d}",
                "name": name,
                "facility_kind": kind,
                "importance": rank,
                "capacity_persons": int(size * rng.uniform(0.6, 1.3)),
                "township_code": world.places.townships.code[township[i]],
                "contact_phone": dead_phone(6_001 + i),
            },
        )
        for i, (_, name, kind, rank, size) in enumerate(rows)
    ]
