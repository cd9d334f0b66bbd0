"""The sample county: published figures, exact tiling, one road network, water that runs downhill."""

import hashlib
import json
import math
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from tests.support.sample import make_sample
from tests.support.sample_rows import CATALOGUE, ROOT, Rows, faults_of, rows_of, values_of

VECTOR_LAYERS = tuple(layer for layer, d in CATALOGUE.items() if not d.is_raster)
POINT_LAYERS = tuple(
    layer
    for layer in VECTOR_LAYERS
    if CATALOGUE[layer].geometry == "point" and CATALOGUE[layer].field("township_code")
)


def test_the_manifest_lists_every_file_with_its_hash_and_the_county_first(sample_dir: Path) -> None:
    files = json.loads((sample_dir / "manifest.json").read_text(encoding="utf-8"))["files"]

    assert [f["layer"] for f in files[:2]] == ["county", "township"]
    derived = {layer for layer, d in CATALOGUE.items() if d.raster and d.raster.derived}
    assert {f["layer"] for f in files} == set(CATALOGUE) - derived
    assert {f["path"] for f in files} == {p.name for p in sample_dir.iterdir()} - {"manifest.json"}
    for entry in files:
        content = (sample_dir / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["path"]


@pytest.mark.parametrize("layer", VECTOR_LAYERS)
def test_every_row_passes_its_layer(sample_dir: Path, layer: str) -> None:
    rows = rows_of(sample_dir, layer)

    assert faults_of(CATALOGUE[layer], rows) == []
    assert all(shape.is_valid and not shape.is_empty for shape, _ in rows)


def test_the_published_figures_are_kept(sample_dir: Path) -> None:
    tiers = Counter(values_of(sample_dir, "supply_depot", "tier"))
    strength = values_of(sample_dir, "rescue_team", "strength_persons")
    standardised = values_of(sample_dir, "shelter", "is_standardised")

    assert len(rows_of(sample_dir, "township")) == 23
    assert (len(strength), sum(strength)) == (49, 1_603)
    assert (len(standardised), sum(standardised)) == (155, 74)
    assert tiers == {"县级": 1, "片区": 8, "乡镇": 15}


def test_the_other_layers_are_as_full_as_a_real_county(sample_dir: Path) -> None:
    counts = {layer: len(rows_of(sample_dir, layer)) for layer in VECTOR_LAYERS}

    assert 350 <= counts["settlement"] <= 450
    assert 180 <= counts["geohazard_point"] <= 260
    assert 20 <= counts["reservoir"] <= 30
    assert 4 <= counts["tailings_pond"] <= 8
    assert 1_500 <= counts["road"] <= 4_500
    assert counts["lithology"] > 10


def test_townships_tile_the_county_without_gap_or_overlap(sample_dir: Path) -> None:
    areas = [shape for shape, _ in rows_of(sample_dir, "township")]
    county = rows_of(sample_dir, "county")[0][0]

    gap = shapely.coverage_union_all(areas).symmetric_difference(county).area

    assert gap <= 1e-12
    assert shapely.coverage_is_valid(areas)
    assert sum(area.area for area in areas) == pytest.approx(county.area, abs=1e-12)


def test_rock_groups_tile_the_county_too(sample_dir: Path) -> None:
    areas = [shape for shape, _ in rows_of(sample_dir, "lithology")]
    county = rows_of(sample_dir, "county")[0][0]

    assert shapely.coverage_is_valid(areas)
    assert shapely.coverage_union_all(areas).symmetric_difference(county).area < 1e-7


def test_the_county_keeps_its_real_outline(sample_dir: Path) -> None:
    path = ROOT / "sample_data/county_outline.geojson"
    outline = json.loads(path.read_text(encoding="utf-8"))["features"][0]["geometry"]

    county, properties = rows_of(sample_dir, "county")[0]

    assert shapely.hausdorff_distance(county, shapely.geometry.shape(outline)) < 2e-7
    assert properties["area_km2"] == pytest.approx(2_987, rel=0.005)


def test_people_of_villages_townships_and_county_add_up(sample_dir: Path) -> None:
    by_township: Counter[str] = Counter()
    for _, village in rows_of(sample_dir, "settlement"):
        by_township[village["township_code"]] += village["population_persons"]

    stated = {p["code"]: p["population_persons"] for _, p in rows_of(sample_dir, "township")}

    assert dict(by_township) == stated
    assert values_of(sample_dir, "county", "population_persons") == [sum(stated.values())]
    assert sum(stated.values()) == pytest.approx(330_000, rel=0.02)


def test_shares_of_house_types_add_up_to_one(sample_dir: Path) -> None:
    kinds = ("reinforced_concrete", "brick_concrete", "brick_wood", "earth_wood", "timber_frame")

    totals = [
        math.fsum(village[f"{kind}_ratio"] for kind in kinds)
        for _, village in rows_of(sample_dir, "settlement")
    ]

    assert totals == pytest.approx([1.0] * len(totals), abs=1e-9)


@pytest.mark.parametrize("layer", POINT_LAYERS)
def test_points_lie_in_the_township_they_name(sample_dir: Path, layer: str) -> None:
    townships = {p["code"]: shape for shape, p in rows_of(sample_dir, "township")}

    astray = [
        properties["code"]
        for point, properties in rows_of(sample_dir, layer)
        if not townships[properties["township_code"]].covers(point)
    ]

    assert astray == []


def _road_ends(rows: Rows) -> tuple[np.ndarray, int]:
    nodes: dict[tuple[float, float], int] = {}
    ends = [[nodes.setdefault(line.coords[at], len(nodes)) for at in (0, -1)] for line, _ in rows]
    return np.array(ends), len(nodes)


def test_roads_are_one_network_that_one_way_streets_do_not_break(sample_dir: Path) -> None:
    rows = rows_of(sample_dir, "road")
    ends, count = _road_ends(rows)
    both = ends[[not properties["is_oneway"] for _, properties in rows]]
    start = np.concatenate([ends[:, 0], both[:, 1]])
    end = np.concatenate([ends[:, 1], both[:, 0]])

    graph = coo_array((np.ones(len(start)), (start, end)), shape=(count, count))
    parts, _ = connected_components(graph, directed=True, connection="strong")

    assert parts == 1
    assert len(both) < len(ends), "no one-way street to test with"


def test_roads_meet_only_at_their_ends(sample_dir: Path) -> None:
    """A vertex shared by two segments is an end of both: no junction is hidden inside a line."""
    inner: Counter[tuple[float, float]] = Counter()
    ends: set[tuple[float, float]] = set()
    for line, _ in rows_of(sample_dir, "road"):
        inner.update(line.coords[1:-1])
        ends |= {line.coords[0], line.coords[-1]}

    assert [vertex for vertex, count in inner.items() if count > 1 or vertex in ends] == []


def test_every_township_has_its_seat(sample_dir: Path) -> None:
    seats = {
        values["township_code"]
        for _, values in rows_of(sample_dir, "settlement")
        if values["name"].endswith("社区")
    }

    assert seats == set(values_of(sample_dir, "township", "code"))


def test_every_seat_lies_on_a_road_better_than_a_village_road(sample_dir: Path) -> None:
    better = shapely.union_all(
        [line for line, p in rows_of(sample_dir, "road") if p["road_class"] != "村道"]
    )
    seats = [p for p, v in rows_of(sample_dir, "settlement") if v["name"].endswith("社区")]

    far = [seat for seat in seats if shapely.distance(better, seat) * 111_000 > 200]

    assert far == []


def test_every_kind_of_road_and_structure_is_there(sample_dir: Path) -> None:
    definition = CATALOGUE["road"]

    for name in ("road_class", "structure"):
        field = definition.field(name)
        assert field is not None
        assert set(field.enum or ()) == set(values_of(sample_dir, "road", name))


def test_large_rivers_are_crossed_on_bridges_only(sample_dir: Path) -> None:
    large = shapely.union_all(
        [line for line, p in rows_of(sample_dir, "river") if p["catchment_km2"] > 100]
    )
    roads = rows_of(sample_dir, "road")

    wading = [p["code"] for line, p in roads if p["structure"] != "桥梁" and line.crosses(large)]

    assert wading == []


def test_rivers_run_downhill_on_the_elevation_model(sample_dir: Path) -> None:
    rising = []
    with rasterio.open(sample_dir / "dem.tif") as dem:
        height = dem.read(1)
        for line, properties in rows_of(sample_dir, "river"):
            lon, lat = shapely.get_coordinates(line).T
            row, column = rasterio.transform.rowcol(dem.transform, lon, lat)
            if np.diff(height[row, column]).max(initial=0) > 0.05:
                rising.append(properties["code"])

    assert rising == []


def test_rivers_join_and_grow_downstream(sample_dir: Path) -> None:
    rows = rows_of(sample_dir, "river")
    below = {line.coords[0]: p for line, p in rows}

    shrinking = [
        p["code"]
        for line, p in rows
        if (next_reach := below.get(line.coords[-1]))
        and (
            next_reach["stream_order"] < p["stream_order"]
            or next_reach["catchment_km2"] < p["catchment_km2"]
        )
    ]

    assert shrinking == []
    assert {"东河", "宽滩河"} <= {p["name"] for _, p in rows}


def test_the_terrain_is_a_mountain_county(sample_dir: Path) -> None:
    county = rows_of(sample_dir, "county")[0][0]
    with rasterio.open(sample_dir / "dem.tif") as dem:
        height = dem.read(1)
        inside = rasterio.features.geometry_mask([county], height.shape, dem.transform, invert=True)
        assert dem.nodata == -9999

    assert not (height == -9999).any()
    assert 400 < height[inside].min() < 500
    assert 2_000 < height[inside].max() < 2_300


def test_the_storm_grows_through_one_july_night(sample_dir: Path) -> None:
    files = json.loads((sample_dir / "manifest.json").read_text(encoding="utf-8"))["files"]
    grids = [f for f in files if f["layer"] == "rainfall_24h"]
    times = [datetime.fromisoformat(f["valid_at"]) for f in grids]
    peaks = []
    for entry in grids:
        with rasterio.open(sample_dir / entry["path"]) as source:
            peaks.append(float(source.read(1).max()))

    assert times[0].isoformat() == "2026-07-13T15:00:00+08:00"
    assert [b - a for a, b in pairwise(times)] == [timedelta(hours=3)] * 5
    assert peaks == sorted(peaks)
    assert 200 < peaks[-1] < 260


def test_private_values_belong_to_nobody(sample_dir: Path) -> None:
    phones = values_of(sample_dir, "shelter", "contact_phone")
    people = values_of(sample_dir, "geohazard_point", "responsible_person")

    assert all(phone.startswith("000-0000-") for phone in phones)
    assert all(person.startswith("责任人") and person[3:].isdigit() for person in people)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(sample_dir: Path, tmp_path: Path) -> None:
    make_sample(tmp_path / "again")

    again = (tmp_path / "again/manifest.json").read_bytes()

    assert again == (sample_dir / "manifest.json").read_bytes()
