"""Files out: what is handed out comes back in as nothing new; private fields stay."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text
from tests.support.builders import a_definition

from yingji_map.domain.errors import (
    FeatureNotFound,
    ImportRefused,
    InvalidParameter,
    LayerNotFound,
    NotReady,
)
from yingji_map.domain.features import FeatureTable
from yingji_map.ingest.source import objects
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


@pytest.mark.parametrize("name", ["zone.geojson", "zone.gpkg"])
def test_what_is_exported_comes_back_unchanged(
    exporter: ExportLayer, store: Store, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name

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

    exporter.run(ExportRequest(layer_id="zone", path=then, at=before))
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
