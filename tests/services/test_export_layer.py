"""Files out: what is handed out comes back in as nothing new; private fields stay."""

import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from sqlalchemy import text
from tests.support.builders import a_definition

from yingji_map.domain.download import FileForm, FileFormat, TextEncoding
from yingji_map.domain.errors import (
    DownloadAbandoned,
    DownloadTooLarge,
    FeatureNotFound,
    ImportRefused,
    InvalidParameter,
    LayerNotFound,
    NotReady,
)
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.query import FeatureQuery, ValidTime
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.normalise import normalise
from yingji_map.ingest.source import ReadOptions, objects
from yingji_map.services.export_layer import ExportLayer, ExportRequest
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.services.read_history import ReadHistory
from yingji_map.store.database import Store
from yingji_map.store.features import write_features
from yingji_map.store.layers import apply_layer, statement_time

pytestmark = pytest.mark.db
ZONE = a_definition(
    id="zone",
    geometry="polygon",
    fields=[
        {"name": name, "type": kind, "title": {"zh": name, "en": name}, "private": name == "phone"}
        for name, kind in {
            "code": "text",
            "name": "text",
            "people": "integer",
            "depth_m": "number",
            "is_open": "boolean",
            "since_on": "date",
            "seen_at": "timestamp",
            "phone": "text",
        }.items()
    ],
)
CATALOGUE = {"zone": ZONE}
_COLUMNS: dict[str, list[Any]] = {
    "code": ["a", "b"],
    "name": ["甲区", None],
    "people": [2**40, None],
    "depth_m": [0.1 + 0.2, None],
    "is_open": [False, None],
    "since_on": [date(2026, 7, 1), None],
    "seen_at": [datetime(2026, 7, 1, 8, 0, 0, 250_000, tzinfo=UTC), None],
    "phone": ["139", None],
}


def _table(**changes: list[Any]) -> FeatureTable:
    columns = {name: objects(values) for name, values in {**_COLUMNS, **changes}.items()}
    squares = [
        shapely.MultiPolygon([shapely.box(106 + 1 / 3, 32, 106.5, 32.5 + n)]) for n in (0, 1)
    ]
    return FeatureTable(
        layer_id="zone",
        keys=tuple(columns["code"]),
        row_ids=np.zeros(2, dtype=np.int64),
        geometry=objects(list(shapely.orient_polygons(np.array(squares, dtype=object)))),
        columns=columns,
    )


@pytest.fixture
def exporter(store: Store) -> ExportLayer:
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE IF EXISTS layer.zone"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))
        apply_layer(tx, ZONE)
        write_features(tx, ZONE, _table())
    return ExportLayer(store=store, catalogue=CATALOGUE)


@pytest.mark.parametrize("form", list(FileFormat))
def test_what_is_exported_comes_back_unchanged(
    exporter: ExportLayer, store: Store, tmp_path: Path, form: FileFormat
) -> None:
    # DBF keeps fifteen decimals, a sheet fifteen digits; both keep what instruments measure.
    is_short = form in {FileFormat.SHP, FileFormat.XLSX}
    with store.transaction() as tx:
        write_features(tx, ZONE, _table(depth_m=[0.25 if is_short else 0.1 + 0.2, None]))
    path = tmp_path / f"zone{form.suffix}"

    count = exporter.run(ExportRequest(layer_id="zone", path=path, with_private=True))
    report = ImportLayer(store=store, catalogue=CATALOGUE).run(
        ImportRequest(path=path, layer_id="zone")
    )

    assert count == 2
    assert (report.written, report.unchanged) == (0, 2)
    assert list(tmp_path.iterdir()) == [path]


def test_digits_that_a_file_format_lost_are_refused_not_guessed(
    exporter: ExportLayer, store: Store, tmp_path: Path
) -> None:
    # GDAL hands integers with gaps over as floats: 2^60 + 1 would come back as 2^60.
    with store.transaction() as tx:
        write_features(tx, ZONE, _table(people=[2**60 + 1, None]))
    path = tmp_path / "zone.gpkg"
    exporter.run(ExportRequest(layer_id="zone", path=path))

    with pytest.raises(ImportRefused, match="whole number"):
        ImportLayer(store=store, catalogue=CATALOGUE).run(ImportRequest(path=path, layer_id="zone"))


def test_private_fields_stay_unless_asked_for(exporter: ExportLayer, tmp_path: Path) -> None:
    path = tmp_path / "zone.gpkg"

    exporter.run(ExportRequest(layer_id="zone", path=path))

    assert "phone" not in pyogrio.read_info(path)["fields"]


def test_the_past_can_be_exported(exporter: ExportLayer, store: Store, tmp_path: Path) -> None:
    with store.transaction() as tx:
        before = statement_time(tx)
        write_features(tx, ZONE, _table(name=["新名", None]))
    then, now = tmp_path / "then.geojson", tmp_path / "now.geojson"

    exporter.run(
        ExportRequest(
            layer_id="zone",
            path=then,
            query=FeatureQuery(valid=ValidTime(start=before, end=before)),
        )
    )
    exporter.run(ExportRequest(layer_id="zone", path=now))

    assert "甲区" in then.read_text(encoding="utf-8")
    assert "新名" in now.read_text(encoding="utf-8")


def test_what_cannot_be_exported_is_named(exporter: ExportLayer, tmp_path: Path) -> None:
    with pytest.raises(LayerNotFound):
        exporter.run(ExportRequest(layer_id="none", path=tmp_path / "x.gpkg"))
    with pytest.raises(InvalidParameter, match="files are written as"):
        exporter.run(ExportRequest(layer_id="zone", path=tmp_path / "x.docx"))
    bare = ExportLayer(store=exporter.store, catalogue={"well": a_definition()})
    with pytest.raises(NotReady):
        bare.run(ExportRequest(layer_id="well", path=tmp_path / "x.gpkg"))


def test_history_tells_what_was_and_what_was_known(exporter: ExportLayer) -> None:
    with exporter.store.transaction() as tx:
        write_features(tx, ZONE, _table(name=["新名", None]))

    history = ReadHistory(store=exporter.store, catalogue=CATALOGUE)
    versions = history.run("zone", "a")

    # Known first: 甲区 for ever. Known now: 甲区 until the change, 新名 since.
    assert [(v.values["name"], v.valid_to is None, v.known_to is None) for v in versions] == [
        ("甲区", True, False),
        ("甲区", False, True),
        ("新名", True, True),
    ]
    assert versions[1].valid_to == versions[2].valid_from == versions[0].known_to
    with pytest.raises(FeatureNotFound):
        history.run("zone", "z")


@pytest.mark.parametrize("srid", [4326, 4523, 4544, 3857])
@pytest.mark.parametrize(
    "form", [FileFormat.GPKG, FileFormat.SHP, FileFormat.PARQUET, FileFormat.CSV]
)
def test_other_coordinate_systems_bring_features_back_within_a_centimetre(
    exporter: ExportLayer, tmp_path: Path, form: FileFormat, srid: int
) -> None:
    path = tmp_path / f"zone{form.suffix}"

    exporter.run(ExportRequest(layer_id="zone", path=path, form=FileForm(format=form, srid=srid)))

    told = f"EPSG:{srid}" if form is FileFormat.CSV else None
    candidates = normalise(read_source(path, ReadOptions(crs=told)), ZONE)
    stored = _table().geometry
    assert shapely.hausdorff_distance(candidates.geometry, stored).max() < 1e-7


def test_gbk_is_written_where_old_programs_expect_it(exporter: ExportLayer, tmp_path: Path) -> None:
    forms = {
        "zone.zip": FileForm(format=FileFormat.SHP, encoding=TextEncoding.GBK),
        "zone.csv": FileForm(format=FileFormat.CSV, encoding=TextEncoding.GBK),
    }

    for name, form in forms.items():
        exporter.run(ExportRequest(layer_id="zone", path=tmp_path / name, form=form))

    with zipfile.ZipFile(tmp_path / "zone.zip") as archive:
        assert archive.read("zone.cpg") == b"GBK"
        assert "甲区".encode("gbk") in archive.read("zone.dbf")
        assert b"China_2000" in archive.read("zone.prj")
        assert "is_open\tis_open\tis_open" in archive.read("字段对照.txt").decode("utf-8-sig")
    assert "甲区".encode("gbk") in (tmp_path / "zone.csv").read_bytes()


def test_what_an_encoding_or_a_format_cannot_hold_is_refused_not_cut(
    exporter: ExportLayer, store: Store, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        write_features(tx, ZONE, _table(name=["𠮷" + "长" * 100, "\x0b"]))
    refused = {
        "a.zip": ("254", FileForm(format=FileFormat.SHP)),
        "b.csv": ("GBK cannot write", FileForm(format=FileFormat.CSV, encoding=TextEncoding.GBK)),
        "c.kml": ("control character", FileForm(format=FileFormat.KML)),
        "d.xlsx": ("control character", FileForm(format=FileFormat.XLSX)),
    }

    for name, (reason, form) in refused.items():
        with pytest.raises(InvalidParameter, match=reason):
            exporter.run(ExportRequest(layer_id="zone", path=tmp_path / name, form=form))

    assert list(tmp_path.iterdir()) == []


def test_a_form_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="degrees only"):
        FileForm(format=FileFormat.KML, srid=4523)
    with pytest.raises(InvalidParameter, match="GBK is for"):
        FileForm(format=FileFormat.GPKG, encoding=TextEncoding.GBK)


def test_too_many_features_are_refused_before_they_are_read(
    exporter: ExportLayer, tmp_path: Path
) -> None:
    small = replace(exporter, max_features=1)

    with pytest.raises(DownloadTooLarge):
        small.run(ExportRequest(layer_id="zone", path=tmp_path / "zone.gpkg"))

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_for_somebody_who_left(exporter: ExportLayer, tmp_path: Path) -> None:
    asked = iter([True, True, False])

    with pytest.raises(DownloadAbandoned):
        exporter.run(
            ExportRequest(
                layer_id="zone", path=tmp_path / "zone.gpkg", is_wanted=lambda: next(asked)
            )
        )

    assert list(tmp_path.iterdir()) == []


def test_a_text_that_looks_like_a_formula_stays_a_text(
    exporter: ExportLayer, store: Store, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        write_features(tx, ZONE, _table(name=["=1+1", None]))

    exporter.run(ExportRequest(layer_id="zone", path=tmp_path / "zone.xlsx"))

    sheet = load_workbook(tmp_path / "zone.xlsx").active
    assert sheet is not None
    assert [cell.data_type for cell in sheet[2]][:6] == ["s", "s", "n", "n", "b", "d"]
    assert sheet["B2"].value == "=1+1"
