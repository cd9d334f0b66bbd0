"""Files as they come from Chinese desktops, with every defect they can have.

The files are not part of the repository: `YINGJI_SHARED_DATA`, or a folder `shared/data` beside
the repository, has them.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from tests.support.builders import a_definition

from yingji_map.domain.errors import (
    InvalidParameter,
    UnknownCrs,
    UnreadableFile,
    YingjiError,
)
from yingji_map.domain.quality import QualityReport
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.normalise import Candidates, normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.source import ReadOptions

pytestmark = pytest.mark.optional
DATA = Path(
    os.environ.get("YINGJI_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
)
FOLDER = DATA / "torture" / "derived_cn"
if not FOLDER.is_dir():
    pytest.skip("no shared data (set YINGJI_SHARED_DATA)", allow_module_level=True)

_NAME = {
    "name": "name",
    "type": "text",
    "title": {"zh": "县区名称", "en": "Name"},
    "aliases": ["名称", "case"],
}
_CODE = {
    "name": "code",
    "type": "text",
    "title": {"zh": "行政区代码", "en": "Code"},
    "aliases": ["代码", "编号"],
}
AREA = a_definition(id="area", geometry="polygon", key="name", fields=[_NAME, _CODE])
NOTE = {"name": "note", "type": "text", "title": {"zh": "备注", "en": "Note"}}
SEAT = a_definition(id="seat", geometry="point", key="code", fields=[_NAME, _CODE, NOTE])
SPOT = a_definition(id="spot", geometry="point", key="name", fields=[_NAME])
# 旺苍县 after EXPECTED.md, rounded there to four digits.
WANGCANG = (105.9770, 31.9806, 106.7720, 32.6901)


def _taken(name: str, definition: Any = AREA, **options: str) -> tuple[Candidates, QualityReport]:
    source = read_source(FOLDER / name, ReadOptions(**options))
    candidates = normalise(source, definition)
    return candidates, judge(candidates, definition, {})


def _bounds(name: str, **options: str) -> tuple[float, ...]:
    candidates, report = _taken(name, **options)
    names = list(candidates.columns["name"])
    at = names.index("旺苍县")
    assert not [f for f in report.findings if f.rule in {"geometry", "coordinates"}]
    return tuple(shapely.bounds(candidates.geometry[at]).tolist())


@pytest.mark.parametrize(
    "name",
    [
        "shp_gbk_no_cpg/广元市县界.shp",
        "shp_gbk_wrong_cpg_utf8/guangyuan.shp",
        "shp_utf8_cpg/guangyuan.shp",
        "shp_utf8_cpg_ok/guangyuan.shp",
    ],
)
def test_shapefiles_of_any_encoding_are_read_without_garble(name: str) -> None:
    candidates, report = _taken(name)

    assert len(candidates.rows) == 7
    assert report.is_clean, report.findings
    assert {"旺苍县", "利州区"} <= set(candidates.columns["name"])
    assert set(candidates.columns["code"]) >= {"510821", "510802"}


def test_a_false_cpg_is_reported() -> None:
    _, report = _taken("shp_gbk_wrong_cpg_utf8/guangyuan.shp")

    assert any("自称 UTF-8" in note.zh for note in report.notes)


def test_both_zones_of_a_county_on_their_border_give_the_same_place() -> None:
    west = _bounds("shp_gk3_zone35_epsg4523/wangcang.shp")
    east = _bounds("shp_gk3_zone36_epsg4524/wangcang.shp")
    told = _bounds("shp_gk3_cm105_no_prj/wangcang.shp", crs="EPSG:4544")

    assert west == pytest.approx(east, abs=1e-6)
    assert west == pytest.approx(told, abs=1e-6)
    assert west == pytest.approx(WANGCANG, abs=1e-4)


@pytest.mark.parametrize(
    "name", ["shp_gk3_cm105_no_prj/wangcang.shp", "shp_lonlat_no_prj/wangcang.shp"]
)
def test_a_shapefile_without_prj_is_never_guessed(name: str) -> None:
    with pytest.raises(UnknownCrs):
        _taken(name)


def test_metres_called_degrees_are_refused() -> None:
    _, report = _taken("shp_gk3_cm105_no_prj/wangcang.shp", crs="EPSG:4490")

    assert [finding.rule for finding in report.refusals] == ["coordinates"]


def test_a_shapefile_without_shx_says_what_is_missing() -> None:
    with pytest.raises(UnreadableFile, match=r"\.shx"):
        _taken("shp_no_shx/wangcang.shp")


def test_heights_of_points_are_left_out() -> None:
    candidates, report = _taken("shp_pointz/测点.shp", SEAT)

    assert report.is_clean
    assert len(candidates.rows) == 2
    assert not shapely.has_z(candidates.geometry).any()


def test_a_geopackage_of_many_layers_asks_which_and_both_coincide() -> None:
    with pytest.raises(InvalidParameter, match="县界_4523"):
        _taken("多图层_混合坐标系.gpkg")

    degrees = _bounds("多图层_混合坐标系.gpkg", source_layer="县界_4490")
    metres = _bounds("多图层_混合坐标系.gpkg", source_layer="县界_4523")

    assert metres == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize("name", ["四川县级驻地_gb18030.csv", "四川县级驻地_utf8bom.csv"])
def test_rare_characters_of_tables_survive(name: str) -> None:
    candidates, report = _taken(name, SEAT)

    assert len(candidates.rows) == 183
    assert report.is_clean, report.findings[:3]
    assert set("㙍䶮𠮷𣲗") <= set(candidates.columns["note"][0])
    assert candidates.columns["name"][0] == "锦江区"


def test_minutes_and_seconds_are_the_same_points() -> None:
    decimal, _ = _taken("四川县级驻地_gb18030.csv", SEAT)
    angles, report = _taken("四川县级驻地_dms_gb18030.csv", SEAT)

    assert report.is_clean
    away = shapely.get_coordinates(decimal.geometry) - shapely.get_coordinates(angles.geometry)
    assert np.abs(away).max() * 3600 < 0.1  # the table has tenths of a second


def test_swapped_headings_are_called_swapped() -> None:
    _, report = _taken("四川县级驻地_经纬度列名写反.csv", SEAT)

    assert report.rows_faulty == 183
    assert all("写反" in finding.reason_zh for finding in report.refusals)


def test_dirty_coordinates_are_refused_by_row() -> None:
    candidates, report = _taken("四川县级驻地_脏坐标.csv", SEAT)

    assert {finding.row for finding in report.refusals} == {1, 2, 3, 4, 6}
    assert len(candidates.rows) == 183


def test_only_the_sound_one_of_ten_polygons_is_taken() -> None:
    _, report = _taken("invalid_polygons.geojson")

    refused = {f.row: f.rule for f in report.refusals if f.field is None}
    assert refused == {**dict.fromkeys((1, 2, 3, 4, 5, 6, 8, 9), "geometry"), 10: "coordinates"}


@pytest.mark.parametrize(
    "name",
    [
        "utf8_bom.geojson",
        "gbk_bytes.geojson",
        "legacy_crs_member_epsg4490.geojson",
        "projected_coords_crs_epsg4523.geojson",
    ],
)
def test_geojson_of_old_programs_lands_where_it_lies(name: str) -> None:
    assert _bounds(name) == pytest.approx(WANGCANG, abs=1e-2)


@pytest.mark.parametrize("name", ["nan_coordinates.geojson", "truncated.geojson"])
def test_broken_geojson_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFile):
        _taken(name)


def test_what_geojson_allows_is_judged_row_by_row() -> None:
    assert len(_taken("empty_collection.geojson")[0].rows) == 0
    assert _taken("projected_coords_no_crs.geojson")[1].refusals[0].rule == "coordinates"
    mixed = _taken("mixed_geometry_nested_props.geojson", SPOT)[1]
    assert [(f.row, f.rule) for f in mixed.findings] == [(2, "geometry")]


_PARTS = {".md", ".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".cst"}
_ALL = sorted(p for p in FOLDER.parent.rglob("*") if p.is_file() and p.suffix.lower() not in _PARTS)


@pytest.mark.parametrize("path", _ALL, ids=lambda path: str(path.relative_to(FOLDER.parent)))
def test_every_file_of_the_wild_is_read_or_refused_with_a_reason(path: Path) -> None:
    assert _end(path)


def _end(path: Path) -> str:
    """Return what came of a file; anything raised but a refusal fails the test."""
    try:
        candidates = normalise(read_source(path, ReadOptions()), SPOT)
        report = judge(candidates, SPOT, {})
    except YingjiError as refusal:
        return refusal.text("zh")
    assert report.rows_read == len(candidates.rows)
    assert all(finding.text("zh") for finding in report.findings)
    return "rows"


def test_names_in_gbk_within_a_zip_are_read() -> None:
    candidates, report = _taken("广元市县界_gbk_member_names.zip")

    assert report.is_clean, report.findings
    assert {"旺苍县", "利州区"} <= set(candidates.columns["name"])


@pytest.mark.parametrize("name", ["旺苍.kml", "旺苍.kmz", "旺苍_gbk_declared.kml"])
def test_kml_of_any_encoding_gives_a_point_and_a_polygon(name: str) -> None:
    candidates, report = _taken(name)

    kinds = [shape.geom_type for shape in candidates.geometry]
    assert sorted(kinds) == ["MultiPolygon", "Point"]
    assert [(f.row, f.rule) for f in report.refusals] == [(kinds.index("Point") + 1, "geometry")]
    assert list(candidates.columns["name"]) == ["示例点", "县界"]
