"""A whole county through the models, without a database: order, subsets and absent layers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.support.risk_county import NORTH, STEP, WEST, a_table, features, rasters

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.raster import Raster
from yingji_map.domain.risk import CellState
from yingji_map.engine.assess import Assessment, assess, model_sources
from yingji_map.engine.grid import CellGrid, build_grid
from yingji_map.engine.measure import Gap
from yingji_map.engine.world import World, WorldInputs, build_world, view_of
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.ingest.models import read_models

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue(ROOT / "layers")
MODEL_SET = read_models(ROOT / "layers", CATALOGUE)
MODELS = {model.id: model for model in MODEL_SET.hazards}
SOURCES = [source for model in MODELS.values() for source in model_sources(model)]
TABLES = {name: a_table(CATALOGUE[name], rows) for name, rows in features(1).items()}
GRID: CellGrid = build_grid(shapely.union_all(TABLES["county"].geometry), 9)


def a_raster(values: np.ndarray) -> Raster:
    return Raster(
        values=values.astype(np.float32),
        west=WEST - 0.02,
        north=NORTH + 0.02,
        step_lon=STEP,
        step_lat=STEP,
        sha256="test",
    )


RASTERS = {name: a_raster(values) for name, values in rasters(1).items()}
RASTERS["rain_normal_1h"] = a_raster(np.full(RASTERS["dem"].values.shape, 42.0))
RAIN = a_raster(
    np.linspace(20, 220, RASTERS["dem"].values.size).reshape(RASTERS["dem"].values.shape)
)


def a_world(
    *,
    tables: Mapping[str, FeatureTable] = TABLES,
    without: str = "",
    rain: tuple[Raster | None, ...] = (),
) -> World:
    inputs = WorldInputs(
        layers={name: table for name, table in tables.items() if name != without},
        rasters={name: raster for name, raster in RASTERS.items() if name != without},
        rain=rain,
    )
    return build_world(GRID, inputs, SOURCES, MODEL_SET.gully_rules)


def everything(assessment: Assessment) -> dict[str, np.ndarray]:
    result = assessment.result
    arrays = {f"raw {name}": m.raw for name, m in assessment.measured.items() if m.raw is not None}
    return {
        **arrays,
        "score": result.score,
        "level": result.level,
        "state": result.state,
        "confidence": result.confidence,
        **{f"part {i}": part for i, part in enumerate(result.contributions)},
    }


@pytest.fixture(scope="module")
def world() -> World:
    return a_world()


@pytest.fixture(scope="module")
def rainy() -> World:
    return a_world(rain=(RAIN, None, RAIN))


@pytest.mark.parametrize("hazard", MODELS)
@pytest.mark.parametrize("kind", ["world", "rainy"])
def test_any_subset_of_cells_gets_the_bits_of_the_whole(
    request: pytest.FixtureRequest, hazard: str, kind: str
) -> None:
    world: World = request.getfixturevalue(kind)
    whole = everything(assess(MODELS[hazard], world, view_of(world)))

    for rows in (np.array([17]), np.arange(3, len(GRID), 41)):
        some = everything(assess(MODELS[hazard], world, view_of(world, rows)))
        for name, values in whole.items():
            assert values[rows].tobytes() == some[name].tobytes(), name


def test_the_order_of_features_does_not_matter(world: World) -> None:
    rng = np.random.default_rng(5)
    shuffled = {}
    for name, table in TABLES.items():
        order = rng.permutation(len(table))
        shuffled[name] = replace(
            table,
            keys=tuple(table.keys[row] for row in order),
            row_ids=table.row_ids[order],
            geometry=table.geometry[order],
            columns={field: values[order] for field, values in table.columns.items()},
        )
    other = a_world(tables=shuffled)

    for model in MODELS.values():
        one = everything(assess(model, world, view_of(world)))
        two = everything(assess(model, other, view_of(other)))
        assert {n: v.tobytes() for n, v in one.items()} == {n: v.tobytes() for n, v in two.items()}


def test_an_absent_layer_lowers_confidence_and_is_named(world: World) -> None:
    poorer = a_world(without="fault_line")

    full = assess(MODELS["landslide"], world, view_of(world))
    less = assess(MODELS["landslide"], poorer, view_of(poorer))

    assert less.measured["fault"].gap is Gap.SOURCE_ABSENT
    assert less.measured["team"].gap is Gap.SOURCE_ABSENT
    assert np.all(less.result.confidence < full.result.confidence)


def test_a_declared_statistic_that_is_not_computed_says_so() -> None:
    teams = a_table(
        CATALOGUE["rescue_team"], {"T1": (shapely.Point(106.25, 32.2), {"name": "消防站"})}
    )
    world = a_world(tables={**TABLES, "rescue_team": teams})

    found = assess(MODELS["flood"], world, view_of(world))

    assert found.measured["team"].gap is Gap.NOT_MEASURED
    assert np.isnan(found.result.block_ratio[3]).all()


def test_without_terrain_nobody_can_tell_where_floods_apply() -> None:
    world = a_world(without="dem")

    found = assess(MODELS["flood"], world, view_of(world))

    assert set(found.result.state) == {CellState.NO_DATA}


def test_known_points_make_a_cell_applicable_and_lift_its_hazard(world: World) -> None:
    without = a_world(without="geohazard_point")

    known = assess(MODELS["landslide"], world, view_of(world))
    unknown = assess(MODELS["landslide"], without, view_of(without))

    assert known.known_points is not None
    assert known.known_points.raw is not None
    near = known.known_points.raw > 0
    assert near.any()
    assert np.all(known.result.state[near] != CellState.NOT_APPLICABLE)
    assert np.all(known.result.block_ratio[0] >= unknown.result.block_ratio[0])
    assert np.any(known.result.block_ratio[0] > unknown.result.block_ratio[0])


def test_rain_of_missing_days_is_told_and_only_what_is_there_counts(rainy: World) -> None:
    trigger = assess(MODELS["landslide"], rainy, view_of(rainy)).trigger

    assert trigger is not None
    assert trigger.missing_days == 9
    expected = trigger.rain_mm * (1 + 0.84**2)
    assert trigger.effective_mm == pytest.approx(expected, rel=1e-6)


def test_more_rain_never_lowers_a_dynamic_score() -> None:
    light = a_world(rain=(replace(RAIN, values=RAIN.values * np.float32(0.5)),))
    heavy = a_world(rain=(RAIN,))

    for model in MODELS.values():
        weak = assess(model, light, view_of(light)).result
        strong = assess(model, heavy, view_of(heavy)).result
        scored = weak.state == CellState.SCORED
        assert scored.any() or model.rain is None
        assert np.all(strong.score[scored] >= weak.score[scored])
