"""A layer through time: versions listed, compared, restored; facts ended and corrected."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.support.builders import a_definition, a_raster_definition, a_well_table
from tests.support.files import write_geojson

from yingji_map.domain.errors import (
    FeatureNotFound,
    InvalidParameter,
    LayerNotFound,
    VersionNotFound,
)
from yingji_map.domain.layer_version import LayerAct
from yingji_map.services.diff_layer import DiffLayer
from yingji_map.services.end_feature import EndFeature
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.services.list_versions import ListVersions
from yingji_map.services.restore_layer import RestoreLayer
from yingji_map.store.database import Store
from yingji_map.store.features import WriteOptions, read_features, write_features
from yingji_map.store.layers import LayerState, apply_layer, find_layer_states, statement_time

pytestmark = pytest.mark.db
WELL = a_definition()
CATALOGUE = {"well": WELL, "height": a_raster_definition()}
FIRST = {"a": 1.0, "b": 2.0}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh(store: Store) -> None:
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE IF EXISTS layer.well"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))
        apply_layer(tx, WELL)


def _write(store: Store, depths: dict[str, float], **options: Any) -> datetime:
    """Write wells and return an instant after which they are known."""
    with store.transaction() as tx:
        write_features(tx, WELL, a_well_table(depths), WriteOptions(**options))
        return statement_time(tx)


def _depths(
    store: Store, at: datetime | None = None, known_at: datetime | None = None
) -> dict[str, object]:
    with store.read() as tx:
        table = read_features(tx, WELL, at=at, known_at=known_at)
    return dict(zip(table.keys, table.columns["depth_m"], strict=True))


def _state(store: Store) -> LayerState:
    with store.read() as tx:
        return find_layer_states(tx)["well"]


def test_a_correction_is_answered_in_all_four_quadrants(store: Store) -> None:
    dug_at = _write(store, {}) - 10 * DAY
    deepened_at = dug_at + 4 * DAY
    believed = _write(store, {"a": 10.0}, valid_from=dug_at)
    corrected = _write(store, {"a": 25.0}, valid_from=deepened_at)

    answers = {
        (when, known): _depths(store, at, known_at)["a"]
        for when, at in (("before", dug_at + DAY), ("after", deepened_at + DAY))
        for known, known_at in (("then", believed), ("now", corrected))
    }

    assert answers == {
        ("before", "then"): 10,
        ("before", "now"): 10,
        ("after", "then"): 10,
        ("after", "now"): 25,
    }


def test_every_version_is_listed_with_its_cause(store: Store, tmp_path: Path) -> None:
    importer = ImportLayer(store=store, catalogue=CATALOGUE)
    row = {"code": "a", "name": "井", "depth_m": 3, "geom": shapely.Point(106, 32)}
    path = write_geojson(tmp_path / "w.geojson", [row])
    report = importer.run(ImportRequest(path=path, layer_id="well"))
    importer.run(ImportRequest(path=path, layer_id="well"))
    EndFeature(store=store, catalogue=CATALOGUE).run("well", "a")
    restored = RestoreLayer(store=store, catalogue=CATALOGUE).run("well", 1)

    versions = ListVersions(store=store, catalogue=CATALOGUE).run("well", limit=10)

    assert [(v.version, v.cause.act, v.row_count) for v in versions] == [
        (3, LayerAct.RESTORE, 1),
        (2, LayerAct.END, 0),
        (1, LayerAct.IMPORT, 1),
    ]
    assert versions[-1].cause.import_id == report.import_id
    assert versions[0].cause.restored_known_at == versions[-1].known_at
    assert restored.content_hash == versions[-1].content_hash == _state(store).content_hash


def test_versions_are_paged_from_the_newest(store: Store) -> None:
    for depth in range(5):
        _write(store, {"a": float(depth)})
    listing = ListVersions(store=store, catalogue=CATALOGUE)

    pages = [listing.run("well", limit=2, before=before) for before in (None, 4, 2)]

    assert [[v.version for v in page] for page in pages] == [[5, 4], [3, 2], [1]]
    with pytest.raises(InvalidParameter):
        listing.run("well", limit=0)


def test_the_list_of_versions_cannot_be_rewritten(store: Store) -> None:
    _write(store, FIRST)

    with pytest.raises(DBAPIError, match="append-only"), store.transaction() as tx:
        tx.execute(text("UPDATE core.layer_versions SET content_hash = ''"))
    with pytest.raises(DBAPIError, match="append-only"), store.transaction() as tx:
        tx.execute(text("DELETE FROM core.layer_versions"))


def test_a_difference_names_every_field_old_and_new(store: Store) -> None:
    _write(store, {"a": 1.0, "b": 2.0, "c": 3.0})
    _write(store, {"a": 9.0, "c": 3.0, "d": 4.0}, is_replacing=True)

    found = DiffLayer(store=store, catalogue=CATALOGUE).run("well", 1, 2)

    assert found.counts == {"added": 1, "changed": 1, "redated": 0, "ended": 1}
    assert {c.key: (c.kind.value, c.fields) for c in found.changes} == {
        "a": ("changed", {"depth_m": (1, 9)}),
        "b": ("ended", {}),
        "d": ("added", {}),
    }


def test_a_moved_and_a_redated_feature_are_told_apart(store: Store) -> None:
    now = _write(store, FIRST)
    moved = a_well_table(FIRST)
    moved.geometry[0] = shapely.Point(106.5, 32.5)
    with store.transaction() as tx:
        write_features(tx, WELL, moved)
    _write(store, {"b": 2.0}, valid_from=now - DAY)

    found = DiffLayer(store=store, catalogue=CATALOGUE).run("well", 1)

    assert [(c.key, c.kind.value, c.is_moved) for c in found.changes] == [
        ("a", "changed", True),
        ("b", "redated", False),
    ]


def test_a_difference_taken_backwards_swaps_old_and_new(store: Store) -> None:
    first = _write(store, FIRST)
    _write(store, {"a": 5.0, "e": 1.0})
    service = DiffLayer(store=store, catalogue=CATALOGUE)

    forth, back = service.run("well", 1, 2), service.run("well", 2, first)

    assert forth.counts == {"added": 1, "changed": 1, "redated": 0, "ended": 0}
    assert back.counts == {"added": 0, "changed": 1, "redated": 0, "ended": 1}
    assert back.changes[0].fields == {"depth_m": (5, 1)}
    assert service.run("well", 2, 2).changes == []


def test_a_difference_is_written_as_geojson_without_private_fields(
    store: Store, tmp_path: Path
) -> None:
    fields = [field.model_dump() for field in WELL.fields]
    fields[1]["private"] = True
    guarded = {"well": a_definition(fields=fields)}
    _write(store, FIRST)
    _write(store, {"a": 5.0})
    service = DiffLayer(store=store, catalogue=guarded)

    service.write(service.run("well", 1), tmp_path / "d.geojson")

    document = json.loads((tmp_path / "d.geojson").read_text(encoding="utf-8"))
    (feature,) = document["features"]
    assert feature["properties"] == {
        "change": "changed",
        "changed_fields": "depth_m",
        "is_moved": False,
        "code": "a",
        "depth_m": 5,
        "old_depth_m": 1,
    }
    assert feature["geometry"]["type"] == "Point"
    assert [path.name for path in tmp_path.iterdir()] == ["d.geojson"]


def test_restoring_the_first_version_reproduces_its_checksum_and_deletes_nothing(
    store: Store,
) -> None:
    known = _write(store, FIRST)
    first = _state(store)
    _write(store, {"a": 7.0, "c": 8.0}, is_replacing=True)
    wrong = _depths(store)
    between = _write(store, {"c": 9.0})

    report = RestoreLayer(store=store, catalogue=CATALOGUE).run("well", 1)

    assert (report.version_before, report.version) == (3, 4)
    assert (_state(store).content_hash, _state(store).row_count) == (first.content_hash, 2)
    assert _depths(store) == _depths(store, known, known) == FIRST
    assert wrong == {"a": 7, "c": 8}
    assert _depths(store, between, between) == {"a": 7, "c": 9}


def test_a_layer_is_restored_as_it_was_known_at_an_instant(store: Store) -> None:
    known = _write(store, FIRST)
    _write(store, {"a": 7.0})

    RestoreLayer(store=store, catalogue=CATALOGUE).run("well", known)

    assert _depths(store) == FIRST


def test_a_dry_run_tells_and_writes_nothing(store: Store) -> None:
    _write(store, FIRST)
    _write(store, {"a": 7.0})
    before = _state(store)

    report = RestoreLayer(store=store, catalogue=CATALOGUE).run("well", 1, is_dry_run=True)

    assert (report.version, report.written, report.is_dry_run) == (3, 1, True)
    assert _state(store) == before


def test_restoring_what_the_layer_is_already_changes_nothing(store: Store) -> None:
    _write(store, FIRST)
    _write(store, {"a": 7.0})
    service = RestoreLayer(store=store, catalogue=CATALOGUE)
    service.run("well", 1)

    again = service.run("well", 1)

    assert (again.written, again.closed, again.version) == (0, 0, 3)


def test_a_version_that_never_was_is_named(store: Store) -> None:
    service = RestoreLayer(store=store, catalogue=CATALOGUE)
    with pytest.raises(VersionNotFound):
        service.run("well", 1)
    before = _write(store, FIRST) - DAY

    for moment in (0, 2, 10**30, before):
        with pytest.raises(VersionNotFound) as caught:
            service.run("well", moment)
        assert caught.value.fields["layer"] == "well"
    assert _state(store).version == 1


@pytest.mark.parametrize(("layer", "error"), [("height", VersionNotFound), ("none", LayerNotFound)])
def test_what_never_held_anything_does_not_go_back(
    store: Store, layer: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        RestoreLayer(store=store, catalogue=CATALOGUE).run(layer, 1)


@pytest.mark.parametrize(
    ("layer", "error"), [("height", InvalidParameter), ("none", LayerNotFound)]
)
def test_only_features_end(store: Store, layer: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        EndFeature(store=store, catalogue=CATALOGUE).run(layer, "a")


def test_an_ended_feature_is_gone_after_and_there_before(store: Store) -> None:
    start = _write(store, {}) - 9 * DAY
    known = _write(store, FIRST, valid_from=start)
    service = EndFeature(store=store, catalogue=CATALOGUE)

    done = service.run("well", "a", start + 3 * DAY)
    again = service.run("well", "a", start + 5 * DAY)

    assert (done.closed, done.version) == (1, 2)
    assert (again.closed, again.version) == (0, 2)
    assert _depths(store) == {"b": 2}
    assert _depths(store, start + 2 * DAY) == FIRST
    assert _depths(store, start + 4 * DAY) == {"b": 2}
    assert _depths(store, start + 4 * DAY, known) == FIRST


def test_ending_what_never_was_or_without_a_zone_is_refused(store: Store) -> None:
    _write(store, FIRST)
    service = EndFeature(store=store, catalogue=CATALOGUE)

    with pytest.raises(FeatureNotFound):
        service.run("well", "z")
    with pytest.raises(InvalidParameter):
        service.run("well", "a", datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    assert _state(store).version == 1
