"""Bitemporal rows: nothing lost, nothing silently changed."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from tests.support.builders import a_definition, a_well_table

from yingji_map.domain.errors import DestructiveChange
from yingji_map.store.database import Store
from yingji_map.store.features import WriteOptions, read_features, write_features
from yingji_map.store.layers import apply_layer, find_layer_states, statement_time

pytestmark = pytest.mark.db
WELL = a_definition()


def _depths(
    tx: Connection, at: datetime | None = None, known_at: datetime | None = None
) -> dict[str, float | None]:
    table = read_features(tx, WELL, at=at, known_at=known_at)
    return dict(zip(table.keys, table.columns["depth_m"], strict=True))


def test_the_same_content_twice_changes_nothing(tx: Connection) -> None:
    apply_layer(tx, WELL)
    first = write_features(tx, WELL, a_well_table({"a": 1, "b": None}))

    second = write_features(tx, WELL, a_well_table({"a": 1, "b": None}))

    assert (first.written, second.written, second.unchanged) == (2, 0, 2)
    assert first.version == second.version


def test_a_change_keeps_what_was_and_what_was_known(tx: Connection) -> None:
    apply_layer(tx, WELL)
    write_features(tx, WELL, a_well_table({"a": 1}))
    before = statement_time(tx)
    write_features(tx, WELL, a_well_table({"a": 2}))
    after = statement_time(tx)

    assert _depths(tx) == {"a": 2}
    assert _depths(tx, at=before) == {"a": 1}
    assert _depths(tx, at=after, known_at=before) == {"a": 1}


def test_the_four_quadrants_of_valid_and_known_time(tx: Connection) -> None:
    apply_layer(tx, WELL)
    start = statement_time(tx)
    first, changed = start - timedelta(days=9), start - timedelta(days=3)
    write_features(tx, WELL, a_well_table({"a": 1}), WriteOptions(valid_from=first))
    known_before = statement_time(tx)
    write_features(tx, WELL, a_well_table({"a": 2}), WriteOptions(valid_from=changed))
    known_after = statement_time(tx)
    then, later = start - timedelta(days=4), start - timedelta(days=2)

    answers = {
        (at, known_at): _depths(tx, at=at, known_at=known_at)["a"]
        for at in (then, later)
        for known_at in (known_before, known_after)
    }

    assert answers == {
        (then, known_before): 1,
        (then, known_after): 1,
        (later, known_before): 1,
        (later, known_after): 2,
    }
    assert _depths(tx, at=first - timedelta(days=1)) == {}


def test_a_replacing_write_ends_what_is_missing(tx: Connection) -> None:
    apply_layer(tx, WELL)
    write_features(tx, WELL, a_well_table({"a": 1, "b": 2}))
    before = statement_time(tx)

    write_features(tx, WELL, a_well_table({"a": 1}), WriteOptions(is_replacing=True))

    assert _depths(tx) == {"a": 1}
    assert _depths(tx, at=before) == {"a": 1, "b": 2}


def test_foreign_sql_cannot_make_two_rows_of_one_key(tx: Connection) -> None:
    apply_layer(tx, WELL)
    write_features(tx, WELL, a_well_table({"a": 1}))
    copy = text(
        "INSERT INTO layer.well (code, geom, valid_during, known_during, content_hash) "
        "SELECT code, geom, valid_during, known_during, content_hash FROM layer.well"
    )

    with pytest.raises(IntegrityError, match="one_row_at_a_time"), tx.begin_nested():
        tx.execute(copy)


def test_an_added_field_is_a_new_column(tx: Connection) -> None:
    apply_layer(tx, WELL)
    owner = {"name": "owner", "type": "text", "title": {"zh": "业主", "en": "Owner"}}
    wider = a_definition(fields=[*(f.model_dump() for f in WELL.fields), owner])

    done = apply_layer(tx, wider)

    assert done == ("+owner", "redefined")


@pytest.mark.parametrize("change", ["drop", "retype"])
def test_a_definition_that_would_lose_data_is_refused(tx: Connection, change: str) -> None:
    apply_layer(tx, WELL)
    fields = [f.model_dump() for f in WELL.fields]
    changed = fields[:-1] if change == "drop" else [*fields[:-1], {**fields[-1], "type": "date"}]

    with pytest.raises(DestructiveChange) as caught:
        apply_layer(tx, a_definition(fields=changed))

    assert "depth_m" in caught.value.text("zh")


def test_an_interrupted_write_leaves_nothing_behind(store: Store) -> None:
    spring = a_definition(id="spring")
    with store.transaction() as tx:
        apply_layer(tx, spring)
        write_features(tx, spring, a_well_table({"a": 1}))

    def interrupted() -> None:
        with store.transaction() as tx:
            write_features(tx, spring, a_well_table({"a": 2, "b": 3}))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    with store.read() as tx:
        assert list(read_features(tx, spring).columns["depth_m"]) == [1]
        assert find_layer_states(tx)["spring"].version == 1


_STEPS = st.lists(
    st.tuples(
        st.integers(min_value=-5, max_value=5),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), min_size=1),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=_STEPS)
def test_every_past_question_gets_the_answer_of_a_plain_ledger(
    tx: Connection, steps: list[tuple[int, dict[str, int], bool]]
) -> None:
    with tx.begin_nested() as point:
        apply_layer(tx, WELL)
        origin = statement_time(tx)
        ledger: list[dict[int, dict[str, int]]] = []  # after each step: day -> depths
        known: list[datetime] = []
        state: dict[int, dict[str, int]] = {day: {} for day in range(-6, 7)}

        for since, depths, is_replacing in steps:
            valid_from = origin + timedelta(days=since)
            options = WriteOptions(valid_from=valid_from, is_replacing=is_replacing)
            write_features(tx, WELL, a_well_table(depths), options)
            state = {
                day: row if day < since else ({} if is_replacing else row) | depths
                for day, row in state.items()
            }
            ledger.append(state)
            known.append(statement_time(tx))

        for expected, known_at in zip(ledger, known, strict=True):
            for day, depths in expected.items():
                moment = origin + timedelta(days=day, hours=1)
                assert _depths(tx, at=moment, known_at=known_at) == depths, (day, known_at)
        point.rollback()
