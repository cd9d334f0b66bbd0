"""Every format gives the same rows; archives and sheets are not trusted."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from tests.support.builders import a_definition
from tests.support.files import (
    write_csv,
    write_geojson,
    write_geoparquet,
    write_vector,
    write_workbook,
    write_zip,
)

from yingji_map.domain.errors import InvalidParameter, UnknownCrs, UnreadableFile
from yingji_map.domain.quality import QualityReport
from yingji_map.ingest import archive
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.normalise import Candidates, normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.source import ReadOptions

WELL = a_definition()
ROWS = [
    {
        "code": f"0{n}号",
        "name": f"村{n}",
        "depth_m": 10.5 * n,
        "geom": shapely.Point(106.1 + n / 100, 32.25),
    }
    for n in (1, 2, 3)
]
AREA = a_definition(geometry="polygon")
BOX = [{"code": "A", "name": "甲", "depth_m": 1.0, "geom": shapely.box(106, 32, 106.5, 32.5)}]


def _taken(path: Path, definition: Any = WELL, **options: str) -> tuple[Candidates, QualityReport]:
    candidates = normalise(read_source(path, ReadOptions(**options)), definition)
    return candidates, judge(candidates, definition, {})


def _lines(folder: Path) -> Path:
    document = write_geojson(folder / "plain.geojson", ROWS).read_text(encoding="utf-8")
    inner = document[document.index("[") + 1 : -2]
    path = folder / "w.geojsonl"
    path.write_text(inner.replace('}, {"type": "Feature"', '}\n{"type": "Feature"'), "utf-8")
    return path


def _tsv(folder: Path) -> Path:
    text = write_csv(folder / "w.csv", ROWS).read_text(encoding="utf-8").replace(",", "\t")
    path = folder / "w.tsv"
    path.write_text(text, encoding="gb18030")
    return path


def _wkt(folder: Path) -> Path:
    lines = [f'{r["code"]},{r["name"]},{r["depth_m"]},"{r["geom"].wkt}"' for r in ROWS]
    path = folder / "w.csv"
    path.write_text("\n".join(["code,name,depth_m,WKT", *lines]), encoding="utf-8")
    return path


def _kmz(folder: Path) -> Path:
    kml = write_vector(folder / "doc.kml", ROWS, crs="EPSG:4326")
    return write_zip(folder / "w.kmz", {"doc.kml": kml.read_bytes()})


def _zipped_shapefile(folder: Path) -> Path:
    write_vector(folder / "水井.shp", ROWS, encoding="GBK")
    parts = {f"数据/{p.name}": p.read_bytes() for p in sorted(folder.glob("水井.*"))}
    return write_zip(folder / "w.zip", parts, as_windows=True)


def _zipped_geodatabase(folder: Path) -> Path:
    base = write_vector(folder / "w.gdb", ROWS, layer="wells")
    parts = {f"w.gdb/{p.name}": p.read_bytes() for p in sorted(base.iterdir())}
    return write_zip(folder / "w.gdb.zip", parts)


FORMATS: dict[str, Callable[[Path], Path]] = {
    "geojson": lambda folder: write_geojson(folder / "w.geojson", ROWS),
    "geojson lines": _lines,
    "gpkg": lambda folder: write_vector(folder / "w.gpkg", ROWS),
    "fgb": lambda folder: write_vector(folder / "w.fgb", ROWS),
    "gdb": lambda folder: write_vector(folder / "w.gdb", ROWS, layer="wells"),
    "zipped gdb": _zipped_geodatabase,
    "shp in GBK": lambda folder: write_vector(folder / "w.shp", ROWS, encoding="GBK"),
    "zipped shp": _zipped_shapefile,
    "kml": lambda folder: write_vector(folder / "w.kml", ROWS, crs="EPSG:4326"),
    "kmz": _kmz,
    "parquet": lambda folder: write_geoparquet(folder / "w.parquet", ROWS),
    "csv": lambda folder: write_csv(folder / "w.csv", ROWS),
    "csv with WKT": _wkt,
    "tsv": _tsv,
    "xlsx": lambda folder: write_workbook(folder / "w.xlsx", ROWS),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    candidates, report = _taken(FORMATS[name](tmp_path))

    assert report.is_clean, report.findings
    order = np.argsort([str(code) for code in candidates.columns["code"]])  # GDAL packs FlatGeobuf
    for field in ("code", "name", "depth_m"):
        assert [candidates.columns[field][at] for at in order] == [row[field] for row in ROWS]
    places = shapely.get_coordinates(candidates.geometry[order])
    assert places == pytest.approx(np.array([row["geom"].coords[0] for row in ROWS]), abs=1e-8)


def test_polygons_come_in_tables_as_wkt(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    wkt = BOX[0]["geom"].wkt
    path.write_text(f'code,geom\nA,"{wkt}"\nB,"POLYGON((0 0"\n', encoding="utf-8")

    candidates, report = _taken(path, AREA)

    assert shapely.equals(candidates.geometry[0], BOX[0]["geom"])
    assert [(f.row, f.rule) for f in report.refusals] == [(2, "geometry")]


def test_geodatabases_differ_when_their_content_does(tmp_path: Path) -> None:
    first = write_vector(tmp_path / "a.gdb", ROWS, layer="w")
    before = sha256_of(first)
    victim = next(p for p in sorted(first.iterdir()) if p.suffix == ".gdbtable")
    victim.write_bytes(victim.read_bytes() + b"\x00")

    assert sha256_of(first) != before


def test_a_zip_of_two_data_sets_asks_which(tmp_path: Path) -> None:
    wells = write_geojson(tmp_path / "水井.geojson", ROWS).read_bytes()
    few = write_geojson(tmp_path / "新井.geojson", ROWS[:1]).read_bytes()
    path = write_zip(tmp_path / "w.zip", {"水井.geojson": wells, "新井.geojson": few})

    with pytest.raises(InvalidParameter, match=r"新井\.geojson、水井\.geojson"):
        _taken(path)

    assert len(_taken(path, source_layer="新井")[0].rows) == 1


def test_a_layer_of_a_zipped_file_is_named_by_itself(tmp_path: Path) -> None:
    inner = write_vector(tmp_path / "all.gpkg", ROWS, layer="wells")
    write_vector(inner, ROWS[:2], layer="old", append=False)
    path = write_zip(tmp_path / "w.zip", {"all.gpkg": inner.read_bytes()})

    assert len(_taken(path, source_layer="old")[0].rows) == 2
    assert len(_taken(path, source_layer="all/wells")[0].rows) == 3


@pytest.mark.parametrize(
    "name", ["../w.geojson", "/etc/w.geojson", "a/../../w.geojson", "C:\\w.csv"]
)
def test_names_that_lead_out_of_a_zip_are_refused(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "w.zip", {name: b"{}"})

    with pytest.raises(UnreadableFile, match="not safe"):
        _taken(path)
    assert [p.name for p in tmp_path.iterdir()] == ["w.zip"]


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.zip"
    link = zipfile.ZipInfo("w.geojson")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(link, "/etc/passwd")

    with pytest.raises(UnreadableFile, match="not safe"):
        _taken(path)


def test_zip_bombs_are_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1_000_000)
    path = write_zip(tmp_path / "w.zip", {"w.csv": b" " * 1_000_001})

    with pytest.raises(UnreadableFile, match="unpacks to"):
        _taken(path)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        _taken(path.rename(tmp_path / "w.xlsx"))


@pytest.mark.parametrize("suffix", [".zip", ".kmz", ".xlsx", ".parquet", ".fgb", ".kml", ".gpkg"])
def test_what_is_not_the_format_it_claims_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(b"PK\x03\x04 this is nothing at all")

    with pytest.raises(UnreadableFile):
        _taken(path)


def test_a_kml_that_would_open_other_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.kml"
    source = "<SrcDataSource>/etc/passwd</SrcDataSource>"
    path.write_text(f"<OGRVRTDataSource><!-- <kml -->{source}</OGRVRTDataSource>")

    with pytest.raises(UnreadableFile, match="not KML"):
        _taken(path)


def test_folders_name_what_could_be_imported(tmp_path: Path) -> None:
    write_geojson(tmp_path / "w.geojson", ROWS)

    with pytest.raises(UnreadableFile, match=r"import one of its files: w\.geojson"):
        _taken(tmp_path)


def test_parquet_of_unknown_system_asks(tmp_path: Path) -> None:
    with pytest.raises(UnknownCrs):
        _taken(write_geoparquet(tmp_path / "w.parquet", ROWS, crs=None))


def test_a_title_above_the_heading_is_passed_over_and_said(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "w.xlsx", ROWS, title="旺苍县水井一览表")

    candidates, report = _taken(path)

    assert len(candidates.rows) == 3
    assert any("表头取自第 2 行" in note.zh for note in report.notes)


def _sheet(folder: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in ([["code", "name", "depth_m", "lon", "lat"]], rows):
        for cells in row:
            book.active.append(cells)
    path = folder / "w.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([510821199001011234, "甲", 1, 106, 32], "超过 15 位"),
        (["A", "#REF!", 1, 106, 32], "公式出错"),
        (["A", "甲", "=1+1", 106, 32], "公式没有结果"),
    ],
)
def test_cells_that_excel_itself_lost_are_refused(
    tmp_path: Path, cells: list[Any], reason: str
) -> None:
    _, report = _taken(_sheet(tmp_path, ["B", "乙", 2, 106, 32], cells))

    assert {f.row for f in report.refusals} == {2}
    assert [f for f in report.refusals if f.rule == "cell" and reason in f.reason_zh]


def test_dates_of_excel_stay_dates(tmp_path: Path) -> None:
    on = {"name": "on", "type": "date", "title": {"zh": "日期", "en": "On"}}
    code = {"name": "code", "type": "text", "title": {"zh": "编号", "en": "Code"}}
    dated = a_definition(fields=[code, on])
    book = openpyxl.Workbook()
    book.active.append(["code", "on", "lon", "lat"])
    book.active.append(["A", date(2026, 7, 1), 106, 32])
    book.save(tmp_path / "w.xlsx")

    candidates, report = _taken(tmp_path / "w.xlsx", dated)

    assert report.is_clean, report.findings
    assert candidates.columns["on"][0] == date(2026, 7, 1)


def test_of_several_sheets_the_operator_chooses(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "w.xlsx", ROWS)
    book = openpyxl.load_workbook(path)
    book.create_sheet("新井").append(["说明"])
    book.save(path)

    with pytest.raises(InvalidParameter, match="Sheet、新井"):
        _taken(path)

    assert len(_taken(path, source_layer="Sheet")[0].rows) == 3
