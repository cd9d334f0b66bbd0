"""The census layers of the sample: sums that agree, areas that tile, figures that follow from figures."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from tests.support.sample_rows import CATALOGUE, rows_of, values_of

from yingji_map.domain.layer_rule import GradeRule, ProductRule


def _following_rules() -> list[tuple[str, GradeRule | ProductRule]]:
    return [
        (layer, row_check.check)
        for layer, definition in CATALOGUE.items()
        for row_check in definition.rules
        if isinstance(row_check.check, GradeRule | ProductRule)
    ]


@pytest.mark.parametrize(
    ("layer", "rule"), [pytest.param(*c, id=f"{c[0]}-{c[1].field}") for c in _following_rules()]
)
def test_grades_and_products_follow_their_rule(
    sample_dir: Path, layer: str, rule: GradeRule | ProductRule
) -> None:
    rows = [properties for _, properties in rows_of(sample_dir, layer)]

    astray = [
        p["code"] for p in rows if not rule.agrees(p[rule.field], [p[n] for n in rule.inputs])
    ]

    assert rows
    assert astray == []


@pytest.mark.parametrize("layer", ["catchment", "forest_fuel", "seismic_zone"])
def test_zones_tile_the_county(sample_dir: Path, layer: str) -> None:
    areas = [shape for shape, _ in rows_of(sample_dir, layer)]
    county = rows_of(sample_dir, "county")[0][0]

    assert shapely.coverage_is_valid(areas)
    assert shapely.coverage_union_all(areas).symmetric_difference(county).area < 1e-7


def test_people_of_the_grid_are_the_people_of_the_county(sample_dir: Path) -> None:
    with rasterio.open(sample_dir / "population.tif") as source:
        persons = source.read(1, masked=True)

    assert persons.sum() == values_of(sample_dir, "county", "population_persons")[0]
    assert np.array_equal(persons, np.round(persons))


def test_houses_keep_the_mix_of_structures_of_their_village(sample_dir: Path) -> None:
    kinds = {"钢混": "reinforced_concrete", "砖混": "brick_concrete", "砖木": "brick_wood"}
    kinds |= {"土木": "earth_wood", "穿斗木": "timber_frame"}
    blocks: dict[str, Counter[str]] = {}
    for _, block in rows_of(sample_dir, "building_block"):
        blocks.setdefault(block["settlement_code"], Counter())[block["structure"]] += 1

    for _, village in rows_of(sample_dir, "settlement"):
        found = blocks[village["code"]]
        for structure, field in kinds.items():
            exact = village[f"{field}_ratio"] * found.total()
            assert abs(found[structure] - exact) < 1, village["code"]


def test_a_rarer_flood_covers_more(sample_dir: Path) -> None:
    zones: dict[str, dict[int, shapely.Geometry]] = {}
    for shape, values in rows_of(sample_dir, "flood_zone"):
        river = values["name"].split(str(values["return_period_a"]))[0]
        zones.setdefault(river, {})[values["return_period_a"]] = shape

    assert len(zones) >= 5
    for by_period in zones.values():
        areas = [by_period[period].area for period in sorted(by_period)]
        assert len(areas) == 4
        assert areas == sorted(areas)


def test_catchments_drain_into_one_that_exists(sample_dir: Path) -> None:
    rows = [values for _, values in rows_of(sample_dir, "catchment")]
    codes = {values["code"] for values in rows}
    downstream = {values["downstream_code"] for values in rows} - {None}

    assert 300 < len(rows) < 700
    assert downstream <= codes
    assert all(values["downstream_code"] != values["code"] for values in rows)


def test_every_kind_of_event_happened_between_2005_and_2025(sample_dir: Path) -> None:
    events = [values for _, values in rows_of(sample_dir, "historical_event")]
    field = CATALOGUE["historical_event"].field("event_type")
    years = {int(values["occurred_on"][:4]) for values in events}

    assert field is not None
    assert {values["event_type"] for values in events} == set(field.enum or ())
    assert years <= set(range(2005, 2026))
    assert all(
        (values["magnitude"] is not None) == (values["event_type"] == "地震") for values in events
    )


def test_burnt_land_is_as_large_as_the_fire_says(sample_dir: Path) -> None:
    fires = {values["code"]: values for _, values in rows_of(sample_dir, "historical_event")}

    rows = [values for _, values in rows_of(sample_dir, "burnt_area")]

    assert len(rows) > 10
    for values in rows:
        fire = fires[values["event_code"]]
        assert fire["event_type"] == "森林火灾"
        assert values["burnt_on"] == fire["occurred_on"]
        assert values["area_ha"] == pytest.approx(fire["burnt_ha"], rel=0.05)


def test_pieces_of_a_pipeline_meet(sample_dir: Path) -> None:
    by_name: dict[str, list[shapely.Geometry]] = {}
    for line, values in rows_of(sample_dir, "pipeline"):
        by_name.setdefault(values["name"], []).append(line)

    assert len(by_name) == 4
    for lines in by_name.values():
        assert shapely.line_merge(shapely.MultiLineString(lines)).geom_type == "LineString"


def test_land_cover_holds_only_declared_classes(sample_dir: Path) -> None:
    raster = CATALOGUE["landcover"].raster

    with rasterio.open(sample_dir / "landcover.tif") as source:
        classes = set(np.unique(source.read(1)).astype(int).tolist())

    assert raster is not None
    assert classes <= set(raster.classes)
    assert {1, 2, 5, 8} <= classes


@pytest.mark.parametrize(
    "layer", [i for i, d in CATALOGUE.items() if d.raster and not d.raster.derived]
)
def test_rasters_stay_in_their_range(sample_dir: Path, layer: str) -> None:
    raster = CATALOGUE[layer].raster
    assert raster is not None

    for path in sorted(sample_dir.glob(f"{layer}*.tif")):
        with rasterio.open(path) as source:
            values = source.read(1, masked=True)
        assert raster.valid_range[0] <= values.min() <= values.max() <= raster.valid_range[1], (
            path.name
        )


def test_telephones_of_every_layer_ring_nowhere(sample_dir: Path) -> None:
    fields = [
        (layer, field.name)
        for layer, definition in CATALOGUE.items()
        for field in definition.fields
        if field.name.endswith("phone")
    ]

    assert len(fields) >= 10
    for layer, name in fields:
        phones = values_of(sample_dir, layer, name)
        assert all(phone.startswith("000-0000-") for phone in phones), layer
