"""Files as they come from Chinese desktops, with every defect they can have.

The files are not part of the repository: `YINGJI_SHARED_DATA`, or a folder `shared/data` beside
the repository, has them.
"""

import json
import math
import os
import re
import xml.etree.ElementTree as ET
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
from yingji_map.ingest.repairs import repaired
from yingji_map.ingest.source import ReadOptions

pytestmark = pytest.mark.optional
DATA = Path(
    os.environ.get("YINGJI_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
)
FOLDER = DATA / "torture" / "derived_cn"
GOLDEN = Path(__file__).parents[1] / "golden" / "torture"
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


def test_heights_of_points_are_left_out_and_that_is_said() -> None:
    candidates, report = _taken("shp_pointz/测点.shp", SEAT)

    assert report.is_clean
    assert len(candidates.rows) == 2
    assert not shapely.has_z(candidates.geometry).any()
    assert any("2 行带高程" in note.zh for note in report.notes)


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
    assert np.abs(away).max() * 3600 < 0.02  # one of them reads 60.0″, which is a minute


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


def test_repairs_keep_the_area_that_the_rings_enclose() -> None:
    source = read_source(FOLDER / "invalid_polygons.geojson", ReadOptions(is_repairing=True))
    candidates = repaired(normalise(source, AREA), AREA)

    areas = dict(
        zip(candidates.columns["name"], shapely.area(candidates.geometry).tolist(), strict=True)
    )

    bow_tie = next(area for case, area in areas.items() if case.startswith("bowtie"))
    union = next(area for case, area in areas.items() if "overlap" in case)
    assert (bow_tie, union) == (pytest.approx(0.005), pytest.approx(0.015))


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


_WILD = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


def test_the_table_names_every_file_of_the_wild() -> None:
    torture = FOLDER.parent

    found = {str(p.relative_to(torture)) for p in torture.rglob("*") if p.is_file()}

    assert found == set(_WILD)


@pytest.mark.parametrize("name", _WILD)
def test_every_file_of_the_wild_ends_as_the_table_says(name: str) -> None:
    assert _end(FOLDER.parent / name) == _WILD[name]


def _end(path: Path) -> str:
    """Return the rows read and taken, or the code of the refusal; a traceback fails the test."""
    try:
        candidates = normalise(read_source(path, ReadOptions()), SPOT)
        report = judge(candidates, SPOT, {})
    except YingjiError as refusal:
        is_told = "…" not in refusal.text("zh") + refusal.text("en")
        return refusal.code if is_told else "a sentence without its facts"
    assert report.rows_read == len(candidates.rows)
    assert all(finding.text("zh") for finding in report.findings)
    return f"{report.rows_read - report.rows_faulty} of {report.rows_read} rows"


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


_COVERED = {
    "shp_gbk_no_cpg/广元市县界.shp": "without_garble",
    "shp_gbk_wrong_cpg_utf8/guangyuan.shp": "a_false_cpg",
    "shp_utf8_cpg/guangyuan.shp": "without_garble",
    "shp_utf8_cpg_ok/guangyuan.shp": "without_garble",
    "shp_gk3_zone35_epsg4523 / zone36_epsg4524": "both_zones",
    "shp_gk3_cm105_no_prj": "never_guessed",
    "shp_lonlat_no_prj": "never_guessed",
    "shp_no_shx": "without_shx",
    "shp_pointz/测点.shp": "heights_of_points",
    "广元市县界_gbk_member_names.zip": "names_in_gbk",
    "多图层_混合坐标系.gpkg": "many_layers",
    "四川县级驻地_gb18030.csv": "rare_characters",
    "四川县级驻地_utf8bom.csv": "rare_characters",
    "四川县级驻地_dms_gb18030.csv": "minutes_and_seconds",
    "四川县级驻地_经纬度列名写反.csv": "swapped_headings",
    "四川县级驻地_脏坐标.csv": "dirty_coordinates",
    "invalid_polygons.geojson": "repairs_keep_the_area",
    "utf8_bom.geojson / gbk_bytes.geojson": "old_programs",
    "legacy_crs_member_epsg4490.geojson": "old_programs",
    "projected_coords_crs_epsg4523.geojson": "old_programs",
    "projected_coords_no_crs.geojson": "judged_row_by_row",
    "empty_collection / mixed_geometry_nested_props / nan_coordinates / truncated .geojson": (
        "what_geojson_allows"
    ),
    "旺苍.kml / 旺苍.kmz / 旺苍_gbk_declared.kml": "kml_of_any_encoding",
}


def test_every_row_of_the_expectations_has_its_test() -> None:
    page = (FOLDER / "EXPECTED.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]

    tests = [name for name in globals() if name.startswith("test_")]

    assert rows[1:] == list(_COVERED)
    assert [word for word in _COVERED.values() if not any(word in name for name in tests)] == []


_NUMBER = r"-?\d+\.?\d*(?:[eE][-+]?\d+)?"


def _jts_cases() -> list[Any]:
    cases = []
    for path in sorted((FOLDER.parent / "jts").glob("*Valid*.xml")):
        for number, case in enumerate(ET.parse(path).getroot().iter("case")):  # noqa: S314 - known files
            told = [op.text for op in case.iter("op") if op.get("name") == "isValid"]
            shape = " ".join((case.findtext("a") or "").split())
            if told and re.match("(MULTI)?POLYGON", shape) and "EMPTY" not in shape:
                is_valid = (told[0] or "").strip() == "true"
                cases.append(pytest.param(shape, is_valid, id=f"{path.stem}-{number}"))
    return cases


def _within_degrees(shape: str) -> str:
    """Return a WKT made smaller by a power of two, which changes no digit but the exponent."""
    numbers = [abs(float(text)) for text in re.findall(_NUMBER, shape)]
    scale = 2.0 ** -math.ceil(math.log2(max(*numbers, 80) / 80))
    return re.sub(_NUMBER, lambda match: repr(float(match[0]) * scale), shape)


def test_jts_and_this_program_agree_on_every_polygon(tmp_path: Path) -> None:
    cases = _jts_cases()
    table = tmp_path / "jts.csv"
    lines = [
        f'{row},"{_within_degrees(shape)}"'
        for row, (shape, _) in enumerate((c.values for c in cases), 1)
    ]
    table.write_text("\n".join(["name,wkt", *lines]), encoding="utf-8")

    candidates = normalise(read_source(table, ReadOptions(crs="EPSG:4490")), AREA)
    report = judge(candidates, AREA, {})

    refused = {f.row for f in report.refusals if f.rule in {"geometry", "coordinates"}}
    assert len(cases) > 100
    assert refused == {row for row, case in enumerate(cases, 1) if not case.values[1]}
