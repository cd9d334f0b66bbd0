"""The sample county: published figures, exact tiling, one road network, water that runs downhill."""

import csv
import hashlib
import json
import math
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from tests.support.sample import make_sample

from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition
from yingji_map.ingest.definitions import read_catalogue

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue(ROOT / "layers")
POINT_LAYERS = (
    *("geohazard_point", "reservoir", "tailings_pond", "settlement"),
    *("shelter", "rescue_team", "supply_depot"),
)
VECTOR_LAYERS = (*POINT_LAYERS, "county", "township", "road", "river", "fault_line", "lithology")
Rows = list[tuple[shapely.Geometry, dict[str, Any]]]


def _rows(folder: Path, layer: str) -> Rows:
    if layer == "settlement":
        return _settlements(folder)
    document = json.loads((folder / f"{layer}.geojson").read_text(encoding="utf-8"))
    return [(shapely.geometry.shape(f["geometry"]), f["properties"]) for f in document["features"]]


def _settlements(folder: Path) -> Rows:
    """Read the CSV by the aliases of the layer, as the import does."""
    named = {a: field for field in CATALOGUE["settlement"].fields for a in field.aliases}
    kinds = {FieldType.INTEGER: int, FieldType.NUMBER: float}
    rows: Rows = []
    with (folder / "settlement.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            point = shapely.Point(float(row.pop("lon")), float(row.pop("lat")))
            values = {named[k].name: kinds.get(named[k].type, str)(v) for k, v in row.items()}
            rows.append((point, values))
    return rows


def _values(folder: Path, layer: str, field: str) -> list[Any]:
    return [properties[field] for _, properties in _rows(folder, layer)]


def _fault(field: FieldDefinition, value: Any) -> str | None:
    if value is None:
        return "missing" if field.required else None
    kinds = {"text": str, "integer": int, "number": (int, float), "boolean": bool}
    if not isinstance(value, kinds[field.type]) or (
        isinstance(value, bool) and field.type != FieldType.BOOLEAN
    ):
        return f"{value!r} is no {field.type}"
    if field.enum and value not in field.enum:
        return f"{value} is not in the list"
    low, high = field.range or (None, None)
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{value} is out of range"
    return None


def _faults(definition: LayerDefinition, rows: Rows) -> list[str]:
    names = {field.name for field in definition.fields}
    found = [f"unknown field {k}" for _, p in rows for k in p.keys() - names]
    found += [
        f"{field.name}: {fault}"
        for _, properties in rows
        for field in definition.fields
        if (fault := _fault(field, properties.get(field.name)))
    ]
    keys = Counter(properties[str(definition.key)] for _, properties in rows)
    return found + [f"key {key} twice" for key, count in keys.items() if count > 1]


def test_the_manifest_lists_every_file_with_its_hash_and_the_county_first(sample_dir: Path) -> None:
    files = json.loads((sample_dir / "manifest.json").read_text(encoding="utf-8"))["files"]

    assert [f["layer"] for f in files[:2]] == ["county", "township"]
    assert {f["layer"] for f in files} == set(CATALOGUE)
    assert {f["path"] for f in files} == {p.name for p in sample_dir.iterdir()} - {"manifest.json"}
    for entry in files:
        content = (sample_dir / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["path"]


@pytest.mark.parametrize("layer", VECTOR_LAYERS)
def test_every_row_passes_its_layer(sample_dir: Path, layer: str) -> None:
    rows = _rows(sample_dir, layer)

    assert _faults(CATALOGUE[layer], rows) == []
    assert all(shape.is_valid and not shape.is_empty for shape, _ in rows)


def test_the_published_figures_are_kept(sample_dir: Path) -> None:
    tiers = Counter(_values(sample_dir, "supply_depot", "tier"))
    strength = _values(sample_dir, "rescue_team", "strength_persons")
    standardised = _values(sample_dir, "shelter", "is_standardised")

    assert len(_rows(sample_dir, "township")) == 23
    assert (len(strength), sum(strength)) == (49, 1_603)
    assert (len(standardised), sum(standardised)) == (155, 74)
    assert tiers == {"县级": 1, "片区": 8, "乡镇": 15}


def test_the_other_layers_are_as_full_as_a_real_county(sample_dir: Path) -> None:
    counts = {layer: len(_rows(sample_dir, layer)) for layer in VECTOR_LAYERS}

    assert 350 <= counts["settlement"] <= 450
    assert 180 <= counts["geohazard_point"] <= 260
    assert 20 <= counts["reservoir"] <= 30
    assert 4 <= counts["tailings_pond"] <= 8
    assert 1_500 <= counts["road"] <= 4_500
    assert counts["lithology"] > 10


def test_townships_tile_the_county_without_gap_or_overlap(sample_dir: Path) -> None:
    areas = [shape for shape, _ in _rows(sample_dir, "township")]
    county = _rows(sample_dir, "county")[0][0]

    gap = shapely.coverage_union_all(areas).symmetric_difference(county).area

    assert gap <= 1e-12
    assert shapely.coverage_is_valid(areas)
    assert sum(area.area for area in areas) == pytest.approx(county.area, abs=1e-12)


def test_rock_groups_tile_the_county_too(sample_dir: Path) -> None:
    areas = [shape for shape, _ in _rows(sample_dir, "lithology")]
    county = _rows(sample_dir, "county")[0][0]

    assert shapely.coverage_is_valid(areas)
    assert shapely.coverage_union_all(areas).symmetric_difference(county).area < 1e-7


def test_the_county_keeps_its_real_outline(sample_dir: Path) -> None:
    path = ROOT / "sample_data/county_outline.geojson"
    outline = json.loads(path.read_text(encoding="utf-8"))["features"][0]["geometry"]

    county, properties = _rows(sample_dir, "county")[0]

    assert shapely.hausdorff_distance(county, shapely.geometry.shape(outline)) < 2e-7
    assert properties["area_km2"] == pytest.approx(2_987, rel=0.005)


def test_people_of_villages_townships_and_county_add_up(sample_dir: Path) -> None:
    by_township: Counter[str] = Counter()
    for _, village in _rows(sample_dir, "settlement"):
        by_township[village["township_code"]] += village["population_persons"]

    stated = {p["code"]: p["population_persons"] for _, p in _rows(sample_dir, "township")}

    assert dict(by_township) == stated
    assert _values(sample_dir, "county", "population_persons") == [sum(stated.values())]
    assert sum(stated.values()) == pytest.approx(330_000, rel=0.02)


def test_shares_of_house_types_add_up_to_one(sample_dir: Path) -> None:
    kinds = ("reinforced_concrete", "brick_concrete", "brick_wood", "earth_wood", "timber_frame")

    totals = [
        math.fsum(village[f"{kind}_ratio"] for kind in kinds)
        for _, village in _rows(sample_dir, "settlement")
    ]

    assert totals == pytest.approx([1.0] * len(totals), abs=1e-9)


@pytest.mark.parametrize("layer", POINT_LAYERS)
def test_points_lie_in_the_township_they_name(sample_dir: Path, layer: str) -> None:
    townships = {p["code"]: shape for shape, p in _rows(sample_dir, "township")}

    astray = [
        properties["code"]
        for point, properties in _rows(sample_dir, layer)
        if not townships[properties["township_code"]].covers(point)
    ]

    assert astray == []


def _road_ends(rows: Rows) -> tuple[np.ndarray, int]:
    nodes: dict[tuple[float, float], int] = {}
    ends = [[nodes.setdefault(line.coords[at], len(nodes)) for at in (0, -1)] for line, _ in rows]
    return np.array(ends), len(nodes)


def test_roads_are_one_network_that_one_way_streets_do_not_break(sample_dir: Path) -> None:
    rows = _rows(sample_dir, "road")
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
    for line, _ in _rows(sample_dir, "road"):
        inner.update(line.coords[1:-1])
        ends |= {line.coords[0], line.coords[-1]}

    assert [vertex for vertex, count in inner.items() if count > 1 or vertex in ends] == []


def test_every_township_has_its_seat(sample_dir: Path) -> None:
    seats = {
        values["township_code"]
        for _, values in _rows(sample_dir, "settlement")
        if values["name"].endswith("社区")
    }

    assert seats == set(_values(sample_dir, "township", "code"))


def test_every_seat_lies_on_a_road_better_than_a_village_road(sample_dir: Path) -> None:
    better = shapely.union_all(
        [line for line, p in _rows(sample_dir, "road") if p["road_class"] != "村道"]
    )
    seats = [p for p, v in _rows(sample_dir, "settlement") if v["name"].endswith("社区")]

    far = [seat for seat in seats if shapely.distance(better, seat) * 111_000 > 200]

    assert far == []


def test_every_kind_of_road_and_structure_is_there(sample_dir: Path) -> None:
    definition = CATALOGUE["road"]

    for name in ("road_class", "structure"):
        field = definition.field(name)
        assert field is not None
        assert set(field.enum or ()) == set(_values(sample_dir, "road", name))


def test_large_rivers_are_crossed_on_bridges_only(sample_dir: Path) -> None:
    large = shapely.union_all(
        [line for line, p in _rows(sample_dir, "river") if p["catchment_km2"] > 100]
    )
    roads = _rows(sample_dir, "road")

    wading = [p["code"] for line, p in roads if p["structure"] != "桥梁" and line.crosses(large)]

    assert wading == []


def test_rivers_run_downhill_on_the_elevation_model(sample_dir: Path) -> None:
    rising = []
    with rasterio.open(sample_dir / "dem.tif") as dem:
        height = dem.read(1)
        for line, properties in _rows(sample_dir, "river"):
            lon, lat = shapely.get_coordinates(line).T
            row, column = rasterio.transform.rowcol(dem.transform, lon, lat)
            if np.diff(height[row, column]).max(initial=0) > 0.05:
                rising.append(properties["code"])

    assert rising == []


def test_rivers_join_and_grow_downstream(sample_dir: Path) -> None:
    rows = _rows(sample_dir, "river")
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
    county = _rows(sample_dir, "county")[0][0]
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
    phones = _values(sample_dir, "shelter", "contact_phone")
    people = _values(sample_dir, "geohazard_point", "responsible_person")

    assert all(phone.startswith("000-0000-") for phone in phones)
    assert all(person.startswith("责任人") and person[3:].isdigit() for person in people)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(sample_dir: Path, tmp_path: Path) -> None:
    make_sample(tmp_path / "again")

    again = (tmp_path / "again/manifest.json").read_bytes()

    assert again == (sample_dir / "manifest.json").read_bytes()
