"""Where rows lie: systems that are missing, false, shifted or written the surveyors' way."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from tests.support.builders import a_definition
from tests.support.files import write_csv, write_vector

from yingji_map.domain.china_datum import Datum, bd09_from_wgs84, gcj02_from_wgs84
from yingji_map.domain.crs_candidates import find_candidates
from yingji_map.domain.errors import InvalidParameter, UnknownCrs
from yingji_map.domain.quality import QualityReport
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.normalise import Candidates, normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.source import ReadOptions

WELL = a_definition()
PLACES = [(106.29, 32.23), (106.31, 32.25)]
COUNTY = (105.97, 31.98, 106.78, 32.70)


def _taken(path: Path, **how: Any) -> tuple[Candidates, QualityReport]:
    meaning = {name: how.pop(name) for name in ("datum", "near") if name in how}
    candidates = normalise(read_source(path, ReadOptions(**how)), WELL, **meaning)
    return candidates, judge(candidates, WELL, {})


def _metres(srid: int) -> list[tuple[float, float]]:
    way = Transformer.from_crs(4490, srid, always_xy=True)
    return [way.transform(*place) for place in PLACES]


def _table(folder: Path, heading: str, pairs: list[tuple[float, float]]) -> Path:
    lines = [f"W{n},{a:.4f},{b:.4f}" for n, (a, b) in enumerate(pairs)]
    path = folder / "w.csv"
    path.write_text("\n".join([f"code,{heading}", *lines]), encoding="utf-8")
    return path


def _shapefile(folder: Path, pairs: list[tuple[float, float]], crs: str) -> Path:
    rows = [{"code": f"W{n}", "geom": shapely.Point(pair)} for n, pair in enumerate(pairs)]
    return write_vector(folder / "w.shp", rows, crs=crs)


def _are_home(candidates: Candidates) -> bool:
    found = shapely.get_coordinates(candidates.geometry)
    return bool(np.abs(found - np.array(PLACES)).max() < 1e-7)


@pytest.mark.parametrize(
    ("srid", "expected"),
    [(4523, "EPSG:4523"), (4524, "EPSG:4524"), (4544, "EPSG:4544"), (4507, "EPSG:4507")],
)
def test_metres_in_a_table_ask_and_name_the_system_they_fit(
    tmp_path: Path, srid: int, expected: str
) -> None:
    path = _table(tmp_path, "横坐标,纵坐标", _metres(srid))

    with pytest.raises(UnknownCrs) as caught:
        _taken(path, near=COUNTY)

    assert caught.value.fields["candidates"] == [
        "EPSG:4544" if srid == 4507 else expected  # a 6° zone without number is the 3° zone
    ]
    assert expected in caught.value.text("zh") or srid == 4507
    assert _are_home(_taken(path, crs=f"EPSG:{srid}")[0])


def test_metres_without_a_zone_number_could_be_anywhere() -> None:
    x, y = _metres(4544)[0]

    anywhere = {c.crs for c in find_candidates((x, y, x + 1, y + 1))}
    nearby = {c.crs for c in find_candidates((x, y, x + 1, y + 1), COUNTY)}

    assert len(anywhere) > 10
    assert nearby == {"EPSG:4544"}


@pytest.mark.parametrize(("zone", "srid"), [(18, 4496), (35, 4523)])
def test_zone_numbers_tell_six_degrees_from_three(zone: int, srid: int) -> None:
    east = zone * 1_000_000 + 592_000

    found = find_candidates((east, 3_560_000, east + 10_000, 3_570_000), COUNTY)

    assert [c.crs for c in found] == [f"EPSG:{srid}"]


@pytest.mark.parametrize("srid", [4544, 4523])
def test_surveyors_write_the_northing_as_x(tmp_path: Path, srid: int) -> None:
    turned = [(north, east) for east, north in _metres(srid)]

    candidates, report = _taken(_table(tmp_path, "X坐标,Y坐标", turned), crs=f"EPSG:{srid}")

    assert _are_home(candidates)
    assert any("X 向北" in note.zh for note in report.notes)


def test_swapped_headings_of_the_far_west_are_found(tmp_path: Path) -> None:
    path = _table(tmp_path, "lon,lat", [(43.8, 87.6), (43.9, 87.5)])  # 乌鲁木齐: no latitude > 90

    _, report = _taken(path)

    assert [(f.row, f.rule) for f in report.refusals] == [(1, "coordinates"), (2, "coordinates")]
    assert all("写反" in finding.reason_zh for finding in report.refusals)


@pytest.mark.parametrize(("claimed", "true"), [(4523, 4544), (4544, 4523), (4544, 4490)])
def test_a_prj_that_lies_about_the_zone_is_refused_whole(
    tmp_path: Path, claimed: int, true: int
) -> None:
    path = _shapefile(tmp_path, _metres(true), f"EPSG:{claimed}")

    _, report = _taken(path, near=COUNTY)

    assert [(f.row, f.rule) for f in report.refusals] == [(None, "coordinates")]
    assert f"EPSG:{true}" in report.refusals[0].reason_zh
    assert _are_home(_taken(path, crs=f"EPSG:{true}")[0])


def test_a_missing_prj_names_the_candidates(tmp_path: Path) -> None:
    path = _shapefile(tmp_path, _metres(4544), "EPSG:4544")
    path.with_suffix(".prj").unlink()

    with pytest.raises(UnknownCrs, match="EPSG:4544") as caught:
        _taken(path, near=COUNTY)

    assert "中央经线 105°" in caught.value.text("zh")


@pytest.mark.parametrize(
    ("datum", "shift"), [(Datum.GCJ02, gcj02_from_wgs84), (Datum.BD09, bd09_from_wgs84)]
)
def test_declared_shifts_are_undone_and_said(tmp_path: Path, datum: Datum, shift: Any) -> None:
    lon, lat = shift(*np.array(PLACES).T)
    rows = [
        {"code": f"W{n}", "geom": shapely.Point(p)}
        for n, p in enumerate(zip(lon, lat, strict=True))
    ]
    path = write_csv(tmp_path / "w.csv", rows)

    candidates, report = _taken(path, datum=datum)

    assert _are_home(candidates)
    assert any("还原" in note.zh for note in report.notes)
    assert not _are_home(_taken(path)[0])


def test_shifts_are_of_degrees_only(tmp_path: Path) -> None:
    path = _shapefile(tmp_path, _metres(4544), "EPSG:4544")

    with pytest.raises(InvalidParameter, match="datum"):
        _taken(path, datum=Datum.BD09)
