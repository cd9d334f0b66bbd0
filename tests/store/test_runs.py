"""Risk runs: bit for bit, once, and announced."""

from datetime import timedelta

import h3.api.numpy_int as h3
import numpy as np
import psycopg
import pytest
from sqlalchemy import Connection, func, select
from tests.support.risk_runs import COMPUTED_AT, a_run, a_surface

from yingji_map.domain.errors import HazardNotFound, NotReady, RunNotFound
from yingji_map.domain.risk import CellState
from yingji_map.domain.run import RunKind
from yingji_map.store.database import Store
from yingji_map.store.run_columns import decode_columns, encode_columns
from yingji_map.store.runs import (
    CHANNEL,
    chunk_parents,
    find_run,
    find_runs,
    load_detail,
    load_surface,
    save_run,
)
from yingji_map.store.tables import risk_chunks

pytestmark = pytest.mark.db


def test_a_surface_comes_back_bit_for_bit(tx: Connection) -> None:
    record, surfaces = a_run([a_surface("flood"), a_surface("landslide", seed=5)])

    save_run(tx, record, surfaces)

    for surface, detail in surfaces:
        loaded = load_surface(tx, record.run_id, surface.hazard)
        for name in ("cells", "score_ratio", "level", "state", "confidence_ratio"):
            assert getattr(loaded, name).tobytes() == getattr(surface, name).tobytes(), name
        stored = load_detail(tx, record.run_id, surface.hazard)[1]
        assert stored.top_ratio.tobytes() == detail.top_ratio.tobytes()
        assert stored.block_ratio.tobytes() == detail.block_ratio.tobytes()
    assert find_run(tx, record.run_id) == record


def test_one_chunk_holds_the_cells_of_one_parent(tx: Connection) -> None:
    record, surfaces = a_run([a_surface()])
    save_run(tx, record, surfaces)
    cells = surfaces[0][0].cells
    parent = int(h3.cell_to_parent(cells[0], 5))

    part, _ = load_detail(tx, record.run_id, "flood", parent_cell=parent)

    expected = [c for c in cells if h3.cell_to_parent(c, 5) == parent]
    assert part.cells.tolist() == [int(c) for c in expected]
    assert tx.scalar(select(func.count()).select_from(risk_chunks)) == len(
        {int(h3.cell_to_parent(c, 5)) for c in cells}
    )


@pytest.mark.parametrize("resolution", [2, 6, 9, 12])
def test_parents_agree_with_the_h3_library(resolution: int) -> None:
    centre = h3.latlng_to_cell(32.23, 106.29, resolution)
    cells = np.asarray(h3.grid_disk(centre, 4), dtype=np.uint64)

    parents = chunk_parents(cells, resolution)

    up = max(resolution - 4, 0)
    assert parents.tolist() == [int(h3.cell_to_parent(c, up)) for c in cells]


def test_saving_the_same_run_again_writes_nothing(tx: Connection) -> None:
    record, surfaces = a_run([a_surface()])

    first = save_run(tx, record, surfaces)
    again = save_run(tx, record, surfaces)

    assert (first, again) == (True, False)
    assert len(find_runs(tx, limit=10)) == 1


def test_the_latest_run_is_dynamic_before_static_then_newest(tx: Connection) -> None:
    old = a_run([a_surface()], kind=RunKind.DYNAMIC, valid_at=COMPUTED_AT - timedelta(hours=9))
    new = a_run([a_surface()], kind=RunKind.DYNAMIC, valid_at=COMPUTED_AT - timedelta(hours=3))
    static = a_run([a_surface()], valid_at=COMPUTED_AT)
    for record, surfaces in (old, new, static):
        save_run(tx, record, surfaces)

    assert find_run(tx).run_id == new[0].run_id
    listed = [record.run_id for record in find_runs(tx, limit=3)]
    assert listed == [new[0].run_id, old[0].run_id, static[0].run_id]


def test_what_is_not_there_is_named(tx: Connection) -> None:
    with pytest.raises(NotReady, match="yingji risk run"):
        find_run(tx)
    record, surfaces = a_run([a_surface()])
    save_run(tx, record, surfaces)

    with pytest.raises(RunNotFound):
        find_run(tx, "nothing")
    with pytest.raises(HazardNotFound, match="tsunami"):
        load_surface(tx, record.run_id, "tsunami")


def test_listeners_hear_of_a_run_when_it_is_committed(store: Store, database_url: str) -> None:
    record, surfaces = a_run([a_surface(rings=2)], text="id: heard")
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with store.transaction() as writing:
            save_run(writing, record, surfaces)

        heard = list(listener.notifies(timeout=5, stop_after=1))

    assert [note.payload for note in heard] == [record.run_id]
    with store.transaction() as cleaning:
        cleaning.exec_driver_sql("DELETE FROM core.risk_runs")


def test_counts_say_each_kind_of_empty() -> None:
    surface = a_surface()
    record, _ = a_run([surface])

    counts = record.hazards[0].counts

    assert sum(counts.values()) == len(surface)
    assert counts["no_data"] == np.count_nonzero(surface.state == CellState.NO_DATA)
    assert counts["red"] == np.count_nonzero(surface.score_ratio >= 0.6)


def test_columns_of_every_type_survive_compression() -> None:
    columns = {
        "a": np.array([1.5, np.nan, -0.0]),
        "b": np.array([[1, 2], [3, 4], [5, 6]], dtype=np.uint8),
        "c": np.array([2**63 + 1, 0, 7], dtype=np.uint64),
    }

    decoded = decode_columns(encode_columns(columns))

    assert {k: (v.dtype, v.shape, v.tobytes()) for k, v in decoded.items()} == {
        k: (v.dtype, v.shape, v.tobytes()) for k, v in columns.items()
    }
