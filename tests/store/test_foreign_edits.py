"""Rows that other programs would change, delete or add: every layer table refuses them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from tests.support.builders import a_definition, a_well_table

from yingji_map.ingest.definitions import read_catalogue
from yingji_map.store.database import Store
from yingji_map.store.endings import end_feature
from yingji_map.store.features import WriteOptions, write_features
from yingji_map.store.layers import apply_layer, lock_layer
from yingji_map.store.schema import downgrade_schema, upgrade_schema

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
WELL = a_definition()
COPY_ROW = (
    "INSERT INTO layer.well (code, geom, valid_during, known_during, content_hash) "
    "SELECT 'stranger', geom, valid_during, known_during, content_hash FROM layer.well"
)
FOREIGN = {
    "change": "UPDATE layer.well SET depth_m = 99",
    "close": "UPDATE layer.well SET known_during = tstzrange(lower(known_during), now())",
    "delete": "DELETE FROM layer.well",
    "empty": "TRUNCATE layer.well",
    "add": COPY_ROW,
}
# What even this program may not do while it holds the layer.
NEVER = {
    "change content": "UPDATE layer.well SET depth_m = 99",
    "move the truth": "UPDATE layer.well SET valid_during = tstzrange(now(), NULL)",
    "know earlier": "UPDATE layer.well SET known_during = "
    "tstzrange(lower(known_during) - interval '1 day', now())",
    "know again": "UPDATE layer.well SET known_during = tstzrange(lower(known_during), NULL)",
    "delete": "DELETE FROM layer.well",
    "empty": "TRUNCATE layer.well",
}


@pytest.fixture
def wells(store: Store) -> Iterator[Store]:
    with store.transaction() as tx:
        apply_layer(tx, WELL)
        write_features(tx, WELL, a_well_table({"a": 1, "b": 2}))
        end_feature(tx, WELL, "b")
    yield store
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE IF EXISTS layer.well, layer.spring"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))


def _rows(store: Store) -> list[tuple[object, ...]]:
    with store.read() as tx:
        return [tuple(row) for row in tx.execute(text("SELECT * FROM layer.well ORDER BY row_id"))]


def _while_holding(layer_id: str, store: Store, statement: str) -> None:
    with store.transaction() as tx:
        lock_layer(tx, layer_id)
        tx.execute(text(statement))


@pytest.mark.parametrize("deed", FOREIGN)
def test_a_stranger_with_every_right_changes_nothing(
    wells: Store, database_url: str, deed: str
) -> None:
    before = _rows(wells)
    with wells.transaction() as tx:
        tx.execute(text("GRANT USAGE ON SCHEMA layer, core TO pg_monitor"))
        tx.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA layer TO pg_monitor"))

    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("SET ROLE pg_monitor")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation) as caught:
            connection.execute(FOREIGN[deed])

    assert "yingji layer import" in (caught.value.diag.message_hint or "")
    assert _rows(wells) == before


@pytest.mark.parametrize("deed", NEVER)
def test_history_cannot_be_rewritten_even_while_the_layer_is_held(wells: Store, deed: str) -> None:
    before = _rows(wells)

    with pytest.raises(IntegrityError):
        _while_holding("well", wells, NEVER[deed])

    assert _rows(wells) == before


def test_two_rows_of_one_key_at_one_time_are_refused(wells: Store) -> None:
    with pytest.raises(IntegrityError, match="one_row_at_a_time"):
        _while_holding("well", wells, COPY_ROW.replace("'stranger'", "code"))


def test_holding_one_layer_does_not_open_another(wells: Store) -> None:
    with wells.transaction() as tx:
        apply_layer(tx, a_definition(id="spring"))

    with pytest.raises(IntegrityError, match="refused"):
        _while_holding("spring", wells, COPY_ROW)


def test_an_added_field_is_guarded_too(wells: Store) -> None:
    owner = {"name": "owner", "type": "text", "title": {"zh": "业主", "en": "Owner"}}
    wider = a_definition(fields=[*(f.model_dump() for f in WELL.fields), owner])
    with wells.transaction() as tx:
        apply_layer(tx, wider)

    with pytest.raises(IntegrityError, match="refused"):
        _while_holding("well", wells, "UPDATE layer.well SET owner = '张三'")


def test_every_shipped_layer_has_its_guards(tx: Connection) -> None:
    layers = [d for d in read_catalogue(ROOT / "layers").values() if not d.is_raster]
    for definition in layers:
        apply_layer(tx, definition)
    guards = text(
        "SELECT c.relname, array_agg(DISTINCT t.tgname ORDER BY t.tgname) FROM pg_class c "
        "JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgenabled = 'O' "
        "WHERE c.relnamespace = 'layer'::regnamespace GROUP BY c.relname"
    )
    excluded = text(
        "SELECT conrelid::regclass::text, count(*) FROM pg_constraint WHERE contype = 'x' "
        "AND connamespace = 'layer'::regnamespace GROUP BY 1"
    )

    found = {row[0]: row[1] for row in tx.execute(guards)}
    constraints = {row[0]: row[1] for row in tx.execute(excluded)}

    names = ["refuse_foreign_edit", "refuse_foreign_edit_of_content", "refuse_rewritten_history"]
    assert found == {definition.id: names for definition in layers}
    assert constraints == {f"layer.{definition.id}": 1 for definition in layers}


def test_tables_made_before_the_guards_get_them(wells: Store) -> None:
    downgrade_schema(wells.engine, ROOT / "migrations", "0009-1")
    with wells.transaction() as tx:
        tx.execute(text(FOREIGN["change"]))

    upgrade_schema(wells.engine, ROOT / "migrations")

    with pytest.raises(IntegrityError), wells.transaction() as tx:
        tx.execute(text(FOREIGN["delete"]))
    with wells.transaction() as tx:
        summary = write_features(tx, WELL, a_well_table({"a": 5}), WriteOptions())
    assert summary.written == 1
    with pytest.raises(IntegrityError, match="one_row_at_a_time"):
        _while_holding("well", wells, COPY_ROW.replace("'stranger'", "code"))
