"""Pipelines along the valleys and power lines from seat to seat."""

from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from .grid import METRES_PER_DEGREE, random_stream
from .houses import Houses
from .names import dead_phone
from .sites import seat_of
from .world import World

Row = tuple[shapely.Geometry, dict]
_PIECE_M = 2_000.0
# Name, medium, MPa, mm, since, seats passed.
_PIPES: tuple[tuple[str, str, float, int, int, tuple[str, ...]], ...] = (
    (
        *("广旺输气干线", "天然气", 6.3, 508, 2011),
        ("白水镇", "嘉川镇", "东河镇", "黄洋镇", "普济镇", "三江镇", "水磨镇"),
    ),
    ("东河输气支线", "天然气", 2.5, 219, 2015, ("东河镇", "高阳镇", "双汇镇")),
    ("木门输气支线", "天然气", 2.5, 219, 2017, ("黄洋镇", "龙凤镇", "九龙镇", "木门镇")),
    (
        "广旺成品油管道",
        "成品油",
        8.0,
        323,
        2009,
        ("白水镇", "嘉川镇", "东河镇", "黄洋镇", "普济镇"),
    ),
)
_HUBS = {"东河镇": 220.0, "嘉川镇": 220.0, "普济镇": 110.0, "木门镇": 110.0, "双汇镇": 110.0}


def impact_radius_m(pressure_mpa: float, diameter_mm: float) -> float:
    """Potential impact radius of a gas pipe (ASME B31.8S: 0.69·√(p·d²), psi, inch, feet)."""
    psi, inch = pressure_mpa * 145.0377, diameter_mm / 25.4
    return float(0.69 * np.sqrt(psi * inch**2) * 0.3048)


def pipelines(world: World, houses: Houses) -> list[Row]:
    """Pieces of two kilometres; the class follows the households within reach (GB 32167-2015)."""
    rng = random_stream(world.seed, "pipelines")
    rows: list[Row] = []
    for name, medium, pressure, diameter, since, seats in _PIPES:
        line = _route(world, seats, rng)
        radius = impact_radius_m(pressure, diameter)
        for piece in _pieces(world, line):
            number = len(rows) + 1
            near = _households(world, houses, piece, 200.0 if medium == "成品油" else radius)
            rows.append(
                (
                    piece,
                    {
                        "code": f"510821GD{number:03d}",
                        "name": name,
                        "medium": medium,
                        "pressure_mpa": pressure,
                        "diameter_mm": diameter,
                        "hca_class": _hca(near),
                        "impact_radius_m": round(radius, 1) if medium == "天然气" else None,
                        "built_in": since,
                        "operator": f"{name}管理处",
                        "contact_phone": dead_phone(3_001 + number),
                    },
                )
            )
    return rows


def _hca(households: int) -> str:
    bounds = ((300, "Ⅲ级"), (100, "Ⅱ级"), (50, "Ⅰ级"))
    return next((name for least, name in bounds if households >= least), "无")


def _households(world: World, houses: Houses, line: shapely.LineString, reach_m: float) -> int:
    scale = np.array([world.lon_scale, METRES_PER_DEGREE])
    metric = shapely.transform(line, lambda xy: xy * scale)
    points = shapely.points(np.column_stack([houses.lon, houses.lat]) * scale)
    return int(houses.persons[shapely.distance(metric, points) <= reach_m].sum() / 3)


def _route(world: World, seats: tuple[str, ...], rng: np.random.Generator) -> shapely.LineString:
    """Pass each seat at a distance, bending on the way."""
    home = world.places.settlements
    numbers = [seat_of(world, name) for name in seats]
    ends = np.column_stack([home.lon[numbers], home.lat[numbers]])
    shift = rng.uniform(350, 900, (len(ends), 1)) * (-1) ** np.arange(len(ends))[:, None]
    ends = ends + shift / (world.lon_scale, METRES_PER_DEGREE)
    points = [ends[0]]
    for a, b in pairwise(ends):
        count = int(np.hypot(*((b - a) * (world.lon_scale, METRES_PER_DEGREE))) // 700) + 1
        share = np.linspace(0, 1, count + 1)[1:, None]
        wobble = np.cumsum(rng.normal(0, 0.0009, (count, 2)), axis=0)
        points.extend(a + share * (b - a) + wobble - share * wobble[-1])
    inside = shapely.intersection(shapely.LineString(np.round(points, 7)), world.outline)
    return max(shapely.get_parts(inside), key=lambda part: part.length)


def _pieces(world: World, line: shapely.LineString) -> list[shapely.LineString]:
    """Cut at vertices, each piece about two kilometres long."""
    points = shapely.get_coordinates(line)
    steps = np.diff(points, axis=0) * (world.lon_scale, METRES_PER_DEGREE)
    gone = np.concatenate([[0], np.cumsum(np.hypot(*steps.T))])
    cuts = np.unique(np.searchsorted(gone, np.arange(0, gone[-1], _PIECE_M)))
    cuts = [int(c) for c in cuts if c < len(points) - 1] + [len(points) - 1]
    return [shapely.LineString(points[a : b + 1]) for a, b in pairwise(cuts)]


def power_lines(world: World) -> list[Row]:
    """Lay the shortest net over the seats, and a second line between the large substations."""
    rng = random_stream(world.seed, "power lines")
    home, names = world.places.settlements, world.places.townships.name
    numbers = [seat_of(world, name) for name in names]
    points = np.column_stack([home.lon[numbers], home.lat[numbers]])
    metres = points * (world.lon_scale, METRES_PER_DEGREE)
    away = np.hypot(*(metres[:, None] - metres[None]).T).T
    tree = minimum_spanning_tree(csr_array(np.triu(away))).tocoo()
    pairs = sorted(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    hubs = [names.index(name) for name in _HUBS]
    pairs += [(min(hubs[0], other), max(hubs[0], other)) for other in hubs[1:]]
    rows: list[Row] = []
    for a, b in dict.fromkeys(pairs):
        voltage = min(_HUBS.get(names[a], 35.0), _HUBS.get(names[b], 35.0))
        middle = world.height[world.terrain.grid.coarser(2).locate(*points[[a, b]].mean(axis=0))]
        count = max(int(away[a, b] // 2_500), 1)
        share = np.linspace(0, 1, count + 1)[:, None]
        path = points[a] + share * (points[b] - points[a])
        path[1:-1] += rng.normal(0, 0.0025, (count - 1, 2))
        line = shapely.intersection(shapely.LineString(np.round(path, 6)), world.outline)
        rows.append(
            (
                max(shapely.get_parts(line), key=lambda part: part.length),
                {
                    "code": f"510821SD{len(rows) + 1:03d}",
                    "name": f"{names[a][:-1]}—{names[b][:-1]} {voltage:g} kV 线",
                    "voltage_kv": voltage,
                    "ice_design_mm": 20 if middle > 1_200 else 15 if middle > 800 else 10,
                    "operator": "县供电公司",
                },
            )
        )
    return rows
