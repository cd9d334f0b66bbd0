"""Laws of the bitemporal store: no gaps made, no overlaps, history only grows."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from tests.support.builders import a_definition, a_well_table

from yingji_map.store.endings import end_feature
from yingji_map.store.features import WriteOptions, read_features, write_features
from yingji_map.store.layers import apply_layer, find_layer_states, statement_time
from yingji_map.store.ledger import sum_up
from yingji_map.store.restoration import restore_layer
from yingji_map.store.versions import find_versions

pytestmark = pytest.mark.db
WELL = a_definition()
DAY = timedelta(days=1)
_OVERLAPS = text(
    "SELECT count(*) FROM layer.well a JOIN layer.well b ON a.code = b.code "
    "AND a.row_id < b.row_id AND a.known_during && b.known_during "
    "AND a.valid_during && b.valid_during"
)
_EVERY_ROW = text(
    "SELECT row_id, code, content_hash, lower(valid_during), upper(valid_during), "
    "lower(known_during), upper(known_during), import_id FROM layer.well"
)
_KNOWN_RANGES = text(
    "SELECT code, range_agg(valid_during)::text, range_agg(valid_during) = "
    "tstzmultirange(tstzrange(min(lower(valid_during)), NULL)) "
    "FROM layer.well WHERE upper_inf(known_during) GROUP BY code"
)

Depths = dict[str, float | None]
_KEYS = st.sampled_from("abc")
_SINCE = st.none() | st.integers(-5, 5)
_WRITE = st.tuples(
    st.just("write"), _SINCE, st.dictionaries(_KEYS, st.integers(0, 3), min_size=1), st.booleans()
)
_END = st.tuples(st.just("end"), _SINCE, _KEYS)
_RESTORE = st.tuples(st.just("restore"), st.integers(0, 8))
_ACTS = st.lists(st.one_of(_WRITE, _END, _RESTORE), min_size=1, max_size=7)


def _depths(tx: Connection, at: datetime | None = None, known_at: datetime | None = None) -> Depths:
    table = read_features(tx, WELL, at=at, known_at=known_at)
    return dict(zip(table.keys, table.columns["depth_m"], strict=True))


class _Diary:
    """Acts on the layer and remembers every answer it ever gave."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        apply_layer(tx, WELL)
        self.origin = statement_time(tx)
        self.asked: dict[tuple[datetime, datetime], Depths] = {}

    def act(self, act: tuple[object, ...]) -> None:
        doing: dict[str, Callable[..., None]] = {
            "write": self._write,
            "end": self._end,
            "restore": self._restore,
        }
        doing[str(act[0])](*act[1:])
        self._ask()

    def _since(self, day: int | None) -> datetime | None:
        return None if day is None else self.origin + day * DAY

    def _write(self, day: int | None, depths: Depths, is_replacing: bool) -> None:  # noqa: FBT001
        options = WriteOptions(valid_from=self._since(day), is_replacing=is_replacing)
        write_features(self.tx, WELL, a_well_table(depths), options)

    def _end(self, day: int | None, key: str) -> None:
        end_feature(self.tx, WELL, key, self._since(day))

    def _restore(self, choice: int) -> None:
        versions = find_versions(self.tx, "well", limit=100)
        if versions:
            restore_layer(self.tx, WELL, versions[choice % len(versions)].known_at)

    def _ask(self) -> None:
        known_at = statement_time(self.tx)
        for day in range(-6, 7, 2):
            at = self.origin + day * DAY + timedelta(hours=1)
            self.asked[at, known_at] = _depths(self.tx, at, known_at)


def _rows(tx: Connection) -> dict[int, tuple[object, ...]]:
    return {row[0]: tuple(row) for row in tx.execute(_EVERY_ROW)}


@settings(max_examples=25)
@given(acts=_ACTS)
def test_history_only_grows_and_every_answer_stays_what_it_was(
    tx: Connection, acts: list[tuple[object, ...]]
) -> None:
    with tx.begin_nested() as point:
        diary = _Diary(tx)
        before: dict[int, tuple[object, ...]] = {}
        for act in acts:
            diary.act(act)
            after = _rows(tx)
            for row_id, row in before.items():
                assert after[row_id][:6] == row[:6], (
                    "a row changed in more than its end of knowledge"
                )
                assert row[6] is None or after[row_id][6] == row[6], "the end of knowledge moved"
                assert after[row_id][7] == row[7]
            assert tx.scalar(_OVERLAPS) == 0
            before = after

        for (at, known_at), answer in diary.asked.items():
            assert _depths(tx, at, known_at) == answer, (at, known_at)
        point.rollback()


@settings(max_examples=20)
@given(acts=_ACTS)
def test_any_version_restored_has_its_own_hash_and_its_own_past(
    tx: Connection, acts: list[tuple[object, ...]]
) -> None:
    with tx.begin_nested() as point:
        diary = _Diary(tx)
        for act in acts:
            diary.act(act)
        versions = find_versions(tx, "well", limit=100)
        moments = [diary.origin + day * DAY + timedelta(hours=1) for day in range(-6, 7, 3)]

        for version in versions:
            restore_layer(tx, WELL, version.known_at)
            state = find_layer_states(tx)["well"]
            assert (state.content_hash, state.row_count) == (
                version.content_hash,
                version.row_count,
            )
            assert sum_up(tx, WELL, version.known_at)[0] == version.content_hash
            for at in moments:
                assert _depths(tx, at) == _depths(tx, at, version.known_at)
        point.rollback()


@settings(max_examples=20)
@given(
    writes=st.lists(
        st.tuples(st.integers(-5, 5), st.dictionaries(_KEYS, st.integers(0, 3), min_size=1)),
        min_size=1,
        max_size=6,
    )
)
def test_writing_leaves_no_gap_between_the_first_fact_and_now(
    tx: Connection, writes: list[tuple[int, dict[str, float | None]]]
) -> None:
    with tx.begin_nested() as point:
        apply_layer(tx, WELL)
        origin = statement_time(tx)

        for day, depths in writes:
            write_features(
                tx, WELL, a_well_table(depths), WriteOptions(valid_from=origin + day * DAY)
            )

        assert [row for row in tx.execute(_KNOWN_RANGES) if not row[2]] == []
        point.rollback()


@settings(max_examples=15)
@given(acts=_ACTS, depths=st.dictionaries(_KEYS, st.integers(0, 3), min_size=1))
def test_the_same_content_twice_changes_nothing_whatever_came_before(
    tx: Connection, acts: list[tuple[object, ...]], depths: Depths
) -> None:
    with tx.begin_nested() as point:
        diary = _Diary(tx)
        for act in acts:
            diary.act(act)
        write_features(tx, WELL, a_well_table(depths))
        before = (
            _rows(tx),
            find_layer_states(tx)["well"],
            len(find_versions(tx, "well", limit=99)),
        )

        again = write_features(tx, WELL, a_well_table(depths))

        assert (again.written, again.closed, again.unchanged) == (0, 0, len(depths))
        after = (_rows(tx), find_layer_states(tx)["well"], len(find_versions(tx, "well", limit=99)))
        assert after == before
        point.rollback()
