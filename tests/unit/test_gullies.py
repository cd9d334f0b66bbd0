"""Debris-flow gullies against walking every pixel down by hand."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from tests.unit.test_risk_statistics import GRID, a_raster, a_table

from yingji_map.domain.crs import GEOD
from yingji_map.domain.risk_factor import Factor
from yingji_map.domain.risk_model import Block
from yingji_map.domain.risk_numbers import GullyRules
from yingji_map.engine.drainage import drain, upstream_km2
from yingji_map.engine.gullies import Gullies, trace_gullies, travel_distance_m
from yingji_map.engine.gully_statistics import carry_gullies
from yingji_map.engine.world import World, WorldInputs, build_world, view_of
from yingji_map.engine.zonal import pixel_centres

RULES = GullyRules(
    min_km2=0.05,
    max_km2=1.0,
    volume_m3_per_km2=10_000,
    reach_ratio=2.63,
    citation="test",
    verified=False,
)
RNG = np.random.default_rng(2)
CITED = {"citation": "test", "verified": False}


def _mountain() -> npt.NDArray[np.float64]:
    """Return a ridge whose side valleys fall to the south."""
    row, column = np.mgrid[0:150, 0:160].astype(float)
    side = 25 * np.abs((column % 32) - 16)
    return 2000 - 8 * row + side + 0.4 * column + RNG.normal(0, 2, row.shape)


DEM = a_raster(_mountain())
DRAINAGE = drain(DEM)
FOUND: Gullies = trace_gullies(DEM, DRAINAGE, RULES)


def _way(pixel: int) -> list[int]:
    way = [pixel]
    while DRAINAGE.downstream[way[-1]] >= 0:
        way.append(int(DRAINAGE.downstream[way[-1]]))
    return way


def _metres(way: list[int]) -> float:
    points = pixel_centres(DEM, np.array(way))
    return sum(GEOD.inv(*a, *b)[2] for a, b in pairwise(points))


def test_how_far_flows_travel() -> None:
    found = travel_distance_m(np.array([20_000.0, 20_000.0]), np.array([450.0, 5_000.0]))

    assert found[0] == pytest.approx(1475.99, abs=0.005)
    assert found[0] * 5.0 / 1.9 == pytest.approx(3884.20, abs=0.005)
    assert found[1] == travel_distance_m(np.array([20_000.0]), np.array([1_820.0]))[0]


def test_every_pixel_belongs_to_the_gully_it_first_runs_through() -> None:
    area = upstream_km2(DRAINAGE, DEM.values.shape).reshape(-1)
    outlets = {int(pixel): gully for gully, pixel in enumerate(FOUND.outlet)}

    assert len(FOUND) > 3
    for pixel in range(0, DEM.values.size, 53):
        crossed = [outlets[p] for p in _way(pixel) if p in outlets]
        assert FOUND.label[pixel] == (crossed[0] if crossed else -1)
    for gully, outlet in enumerate(FOUND.outlet):
        assert RULES.min_km2 <= area[outlet] <= RULES.max_km2
        below = DRAINAGE.downstream[outlet]
        assert below < 0 or area[below] > RULES.max_km2
        assert FOUND.area_km2[gully] == area[outlet]


def test_a_gully_is_as_high_and_as_long_as_its_longest_way() -> None:
    heights = DEM.values.reshape(-1).astype(float)
    for gully in range(len(FOUND)):
        outlet = int(FOUND.outlet[gully])
        mine = np.flatnonzero(FOUND.label == gully)
        ways = {int(p): (way := _way(int(p)))[: way.index(outlet) + 1] for p in mine[::7]}
        head = max(ways, key=lambda p: len(ways[p]))
        ours = FOUND.path_m[(FOUND.path_gully == gully) & (FOUND.path_pixel == outlet)][0]
        assert FOUND.relief_m[gully] == heights[mine].max() - heights[outlet]
        assert ours >= _metres(ways[head]) * 0.999
        fall = FOUND.gradient_permille[gully] / 1000 * ours
        assert 110 <= fall <= FOUND.relief_m[gully] + 1e-9
        volume = np.array([FOUND.area_km2[gully] * RULES.volume_m3_per_km2])
        expected = travel_distance_m(volume, np.array([fall]))[0]
        assert FOUND.runout_m[gully] == pytest.approx(expected, rel=1e-12)


def test_below_the_outlet_the_way_follows_the_water_to_the_end_of_its_reach() -> None:
    for gully in range(len(FOUND)):
        below = (FOUND.path_gully == gully) & ~FOUND.in_channel
        way = _way(int(FOUND.outlet[gully]))
        pixels, metres = FOUND.path_pixel[below], FOUND.path_m[below]
        assert pixels.tolist() == way[1 : 1 + len(pixels)]
        assert np.all(metres <= RULES.reach_ratio * FOUND.runout_m[gully])
        if len(pixels) > 1:
            assert metres[-1] - metres[0] == pytest.approx(_metres(pixels.tolist()), rel=1e-3)


def _block() -> tuple[Block, Factor]:
    def factor(name: str, points: list[tuple[float, float]], **more: object) -> dict[str, object]:
        return {
            "id": name,
            "title": {"zh": name, "en": name},
            "curve": {"points": points, **CITED},
            **more,
        }

    gully = {"source": {"terrain": "gully"}}
    steep = {
        "source": {"terrain": "slope"},
        "statistic": "pixel_share",
        "between": (20, 91),
        "inside": {"layer": "lithology", "where": {"rock_class": ["软弱"]}},
    }
    reach = factor(
        "reach",
        [(0, 1), (0.5, 1), (1, 0.5), (2.63, 0)],
        statistic="gully_reach",
        weight={"value": 1, **CITED},
        **gully,
    )
    block = Block.model_validate(
        {
            "confidence_weight": {"value": 1, **CITED},
            "gullies": RULES,
            "modifier": {"base": {"value": 0, **CITED}, "factors": [reach]},
            "factors": [
                factor(
                    "relief",
                    [(100, 0), (1000, 1)],
                    statistic="gully_value",
                    field="relief_m",
                    weight={"value": 0.5, **CITED},
                    **gully,
                ),
                factor("source", [(0, 0), (1, 1)], weight={"value": 0.3, **CITED}, **steep),
                factor(
                    "fault",
                    [(0, 1), (3000, 0)],
                    statistic="min_distance",
                    source={"layer": "fault_line"},
                    weight={"value": 0.2, **CITED},
                ),
            ],
        }
    )
    return block, Factor.model_validate(reach)


def _world() -> World:
    block, _ = _block()
    soft = shapely.MultiPolygon([shapely.box(106.29, 32.0, 106.6, 32.4)])
    hard = shapely.MultiPolygon([shapely.box(106.0, 32.0, 106.29, 32.4)])
    tables = (
        a_table("lithology", [soft, hard], rock_class=["软弱", "坚硬"]),
        a_table("fault_line", [shapely.MultiLineString([[(106.27, 32.17), (106.34, 32.20)]])]),
    )
    inputs = WorldInputs(layers={table.layer_id: table for table in tables}, rasters={"dem": DEM})
    sources = [source for factor in block.factors for source in factor.sources]
    return build_world(GRID, inputs, sources, RULES)


def test_the_strongest_gully_in_reach_decides_a_cell() -> None:
    block, reach = _block()
    world = _world()
    view = view_of(world)
    found = carry_gullies(block, reach, world, view)
    assert world.gullies is not None
    gullies = world.gullies
    relief = np.interp(gullies.relief_m, [100, 1000], [0, 1])
    raw = {name: measured.raw for name, measured in found.factors.items()}
    assert all(values is not None for values in raw.values())
    points = shapely.points(pixel_centres(DEM, gullies.path_pixel))
    reached = 0
    for cell in range(len(GRID)):
        here = np.flatnonzero(shapely.intersects(view.grid.support[cell], points))
        if not len(here):
            assert np.isinf(found.reach_ratio[cell])
            assert np.isnan(raw["relief"][cell])  # type: ignore[index]  # checked above
            continue
        reached += 1
        ratios = gullies.path_m[here] / gullies.runout_m[gullies.path_gully[here]]
        assert np.isclose(ratios, found.reach_ratio[cell], rtol=1e-12).any()
        # With relief alone as the least possible score, no reachable gully may beat the chosen one.
        chosen = float(
            0.5 * np.interp(raw["relief"][cell], [100, 1000], [0, 1])  # type: ignore[index]
            + 0.3 * raw["source"][cell]  # type: ignore[index]
            + 0.2 * np.interp(raw["fault"][cell], [0, 3000], [1, 0])  # type: ignore[index]
        ) * np.interp(found.reach_ratio[cell], [0.5, 1, 2.63], [1, 0.5, 0])
        least = (
            0.5 * relief[gullies.path_gully[here]] * np.interp(ratios, [0.5, 1, 2.63], [1, 0.5, 0])
        )
        assert chosen >= least.max() - 1e-12
    assert reached > 20


def test_steep_soft_ground_is_counted_pixel_by_pixel() -> None:
    block, reach = _block()
    world = _world()
    found = carry_gullies(block, reach, world, view_of(world))
    slope = world.terrain["slope"].values.reshape(-1)  # type: ignore[index]
    assert world.gullies is not None
    shares = []
    for gully in range(len(world.gullies)):
        mine = np.flatnonzero((world.gullies.label == gully) & ~np.isnan(slope))
        lon = pixel_centres(DEM, mine)[:, 0]
        shares.append(((slope[mine] >= 20) & (lon > 106.29)).mean())

    values = found.factors["source"].raw
    assert values is not None
    known = values[~np.isnan(values)]
    assert 0 < known.max() <= 1
    for value in np.unique(known):
        assert np.isclose(shares, value, atol=2e-3).any()


def test_without_an_elevation_model_there_are_no_gullies() -> None:
    block, reach = _block()
    world = build_world(GRID, WorldInputs(layers={}, rasters={}), [], RULES)

    found = carry_gullies(block, reach, world, view_of(world))

    assert np.isnan(found.reach_ratio).all()
    assert all(measured.raw is None for measured in found.factors.values())
