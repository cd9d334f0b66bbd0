"""Lenient imports, repairs, and what is kept of rows and files that were not taken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.support.builders import a_definition
from tests.support.files import write_geojson, write_vector

from yingji_map.domain.errors import (
    ImportNotFound,
    ImportRefused,
    InvalidParameter,
    UnknownCrs,
    UnreadableFile,
)
from yingji_map.domain.quality import ImportReport
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.services.list_imports import ListImports
from yingji_map.store.database import Store
from yingji_map.store.features import read_features

pytestmark = pytest.mark.db
_CODE = {"name": "code", "type": "text", "title": {"zh": "编号", "en": "Code"}}
_DEPTH = {
    "name": "depth_m",
    "type": "number",
    "title": {"zh": "井深", "en": "Depth"},
    "range": [0, 500],
}
WELL = a_definition(fields=[_CODE, _DEPTH])
AREA = a_definition(id="area", geometry="polygon", fields=[_CODE])
CATALOGUE = {layer.id: layer for layer in (WELL, AREA)}
BOW_TIE = shapely.Polygon([(106.3, 32.2), (106.4, 32.3), (106.4, 32.2), (106.3, 32.3)])
Take = Callable[..., ImportReport]


def _row(code: Any, depth_m: Any, lon: float = 106.1) -> dict[str, Any]:
    return {"code": code, "depth_m": depth_m, "geom": shapely.Point(lon, 32.25)}


GOOD, BAD = _row("good", 10.0), _row("bad", -5.0, 106.2)


@pytest.fixture
def take(store: Store) -> Take:
    importer = ImportLayer(store=store, catalogue=CATALOGUE)
    with store.transaction() as tx:
        for layer in CATALOGUE:
            tx.execute(text(f"DROP TABLE IF EXISTS layer.{layer}"))
        tx.execute(text("TRUNCATE core.imports, core.layer_versions, core.layers CASCADE"))

    def run(path: Path, layer: str = "well", **how: Any) -> ImportReport:
        return importer.run(ImportRequest(path=path, layer_id=layer, **how))

    return run


@pytest.fixture
def records(store: Store) -> ListImports:
    return ListImports(store=store)


def _keys(store: Store, layer: str = "well") -> tuple[str, ...]:
    with store.read() as tx:
        return read_features(tx, CATALOGUE[layer]).keys


def test_lenient_writes_the_good_rows_and_refuses_the_bad(
    take: Take, store: Store, records: ListImports, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "w.geojson", [GOOD, BAD])

    report = take(path, is_lenient=True)

    assert (report.written, report.refused, report.is_accepted) == (1, 1, True)
    assert _keys(store) == ("good",)
    kept = records.run()[0].report
    assert (kept["mode"], kept["rows_written"], kept["rows_refused"]) == ("lenient", 1, 1)


def test_a_lenient_import_twice_changes_nothing_the_second_time(take: Take, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "w.geojson", [GOOD, BAD])
    take(path, is_lenient=True)

    again = take(path, is_lenient=True)

    assert (again.written, again.unchanged, again.refused, again.version) == (0, 1, 1, 1)


def test_lenient_still_refuses_a_file_that_is_wrong_as_a_whole(take: Take, tmp_path: Path) -> None:
    metres = [_row("a", 1.0, 592_000), _row("b", 1.0, 593_000)]
    for row, northing in zip(metres, (3_560_000, 3_561_000), strict=True):
        row["geom"] = shapely.Point(row["geom"].x, northing)
    path = write_vector(tmp_path / "w.gpkg", metres, crs="EPSG:4523")

    with pytest.raises(ImportRefused):
        take(path, is_lenient=True)
    with pytest.raises(ImportRefused):
        take(write_geojson(tmp_path / "bad.geojson", [BAD]), is_lenient=True)


def test_lenient_does_not_replace(take: Take, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "w.geojson", [GOOD, BAD])

    with pytest.raises(InvalidParameter, match="cannot replace"):
        take(path, is_lenient=True, is_replacing=True)


_ROWS = st.lists(
    st.builds(
        _row,
        st.sampled_from(["a", "b", "c", "d", None]),
        st.sampled_from([1.0, 2.0, -1.0, "深", None]),
        st.sampled_from([106.1, 106.2, 592_000.0]),
    ),
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, is_lenient=st.booleans())
def test_every_row_read_is_accounted_for(
    take: Take, records: ListImports, tmp_path: Path, rows: list[Any], *, is_lenient: bool
) -> None:
    path = write_geojson(tmp_path / "w.geojson", rows)

    try:
        document: Any = take(path, is_lenient=is_lenient).document()
    except ImportRefused as refusal:
        document = refusal.fields["report"]

    parts = [document[f"rows_{name}"] for name in ("written", "unchanged", "refused")]
    assert document["rows_read"] == len(rows) == sum(parts)
    assert records.one(document["import_id"]).report["rows_read"] == len(rows)


def test_refused_rows_come_back_as_a_geopackage_with_reasons(
    take: Take, records: ListImports, tmp_path: Path
) -> None:
    placeless = {**_row("nowhere", 1.0), "geom": None}
    rows = [{**row, "FID": "7", "备注": "甲"} for row in (GOOD, BAD, placeless)]
    report = take(write_geojson(tmp_path / "w.geojson", rows), is_lenient=True)
    assert report.import_id is not None

    count = records.write_refused(report.import_id, tmp_path / "refused.gpkg", "zh")

    frame = pyogrio.read_dataframe(tmp_path / "refused.gpkg")
    assert count == len(frame) == 2
    assert list(frame["refused_row"]) == [2, 3]
    assert "不在 0 … 500 之内" in frame["refused_reason"][0]
    assert "没有图形" in frame["refused_reason"][1]
    assert list(frame["备注"]) == ["甲", "甲"]
    assert list(frame["FID_"]) == ["7", "7"]
    assert (frame.geometry[0].x, frame.geometry[1]) == (106.2, None)


def test_rows_of_a_refused_file_can_be_corrected_and_handed_in_again(
    take: Take, store: Store, records: ListImports, tmp_path: Path
) -> None:
    with pytest.raises(ImportRefused) as caught:
        take(write_geojson(tmp_path / "w.geojson", [GOOD, BAD]))
    number: Any = caught.value.fields["import_id"]

    assert records.write_refused(number, tmp_path / "r.gpkg", "en") == 1
    frame = pyogrio.read_dataframe(tmp_path / "r.gpkg")
    frame["depth_m"] = "5"
    pyogrio.write_dataframe(frame, tmp_path / "fixed.gpkg")

    assert take(tmp_path / "fixed.gpkg").written == 1
    assert _keys(store) == ("bad",)


def test_unreadable_files_are_on_record(take: Take, records: ListImports, tmp_path: Path) -> None:
    broken = tmp_path / "w.geojson"
    broken.write_text("{", encoding="utf-8")
    placeless = write_vector(tmp_path / "w.shp", [GOOD])
    placeless.with_suffix(".prj").unlink()

    with pytest.raises(UnreadableFile):
        take(broken)
    with pytest.raises(UnknownCrs):
        take(placeless)
    with pytest.raises(UnreadableFile):
        take(broken, is_dry_run=True)

    found = records.run()
    assert [r.report["code"] for r in found] == ["unknown-crs", "unreadable-file"]
    assert not any(r.is_accepted for r in found)


def test_records_are_paged_and_unknown_numbers_refused(
    take: Take, records: ListImports, tmp_path: Path
) -> None:
    numbers = [
        take(write_geojson(tmp_path / f"{n}.geojson", [_row(f"W{n}", 1.0)])).import_id
        for n in range(3)
    ]

    first = records.run(limit=2)
    rest = records.run(limit=2, before=first[-1].import_id)

    assert [r.import_id for r in (*first, *rest)] == numbers[::-1]
    assert records.run(layer_id="area") == []
    with pytest.raises(ImportNotFound):
        records.one(10**9)


def test_repairs_are_made_only_when_asked_and_told(
    take: Take, store: Store, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [{"code": "x", "geom": BOW_TIE}])
    with pytest.raises(ImportRefused):
        take(path, "area")

    report = take(path, "area", is_repairing=True)

    (repair,) = report.quality.repairs
    assert (repair.row, report.written) == (1, 1)
    assert "自相交" in repair.what_zh
    assert "1 → 2 个面" in repair.how_zh
    with store.read() as tx:
        stored = read_features(tx, AREA).geometry[0]
    assert shapely.area(stored) == pytest.approx(0.005)


def test_open_rings_are_closed_only_when_asked(take: Take, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [{"code": "x", "geom": shapely.box(1, 1, 2, 2)}])
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(", [2.0, 1.0]]]", "]]"), encoding="utf-8")
    table = tmp_path / "a.csv"
    table.write_text('code,wkt\nx,"POLYGON((1 1,1 2,2 2,2 1))"\n', encoding="utf-8")
    assert path.read_text(encoding="utf-8") != whole

    for file in (path, table):
        with pytest.raises(ImportRefused):
            take(file, "area")
        assert [r.how_zh for r in take(file, "area", is_repairing=True).quality.repairs] == [
            "用首点闭合"
        ]


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"])
def test_texts_that_no_database_keeps_are_refused_and_recorded(
    take: Take, records: ListImports, tmp_path: Path, escape: str
) -> None:
    path = write_geojson(tmp_path / "w.geojson", [_row("a☠b", 1.0), GOOD])
    path.write_text(path.read_text(encoding="utf-8").replace("☠", escape), encoding="utf-8")

    report = take(path, is_lenient=True)

    assert (report.written, report.refused) == (1, 1)
    assert report.import_id is not None
    assert records.write_refused(report.import_id, tmp_path / "r.gpkg", "zh") == 1
