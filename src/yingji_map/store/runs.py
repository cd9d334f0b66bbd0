"""Risk runs: written once as column chunks per parent cell, read by cell, surface or list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    and_,
    case,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from yingji_map.domain.errors import HazardNotFound, NotReady, RunNotFound
from yingji_map.domain.risk import RiskSurface
from yingji_map.domain.run import RunKind, RunRecord, SurfaceDetail
from yingji_map.store.run_columns import Columns, decode_columns, encode_columns
from yingji_map.store.run_documents import inputs_document, read_record, summary_document
from yingji_map.store.tables import risk_chunks, risk_runs

CHANNEL = "yingji_run_saved"
# Cells of one chunk share the parent three or four steps up: at most 2401 of them.
_STEPS_UP = 4
_ORDER = (RunKind.DYNAMIC, RunKind.STATIC, RunKind.SCENARIO)
_CODES = {
    "cells": np.uint64,
    "score_ratio": np.float64,
    "level": np.uint8,
    "state": np.uint8,
    "confidence_ratio": np.float64,
}


def save_run(
    tx: Connection, record: RunRecord, surfaces: Sequence[tuple[RiskSurface, SurfaceDetail]]
) -> bool:
    """Write a run with all its cells; listeners hear of it at commit.

    Returns
    -------
    bool
        False when the run was there already: equal inputs, nothing to write.
    """
    values = {
        "run_id": record.run_id,
        "kind": record.kind.value,
        "valid_at": record.valid_at,
        "computed_at": record.computed_at,
        "confirmed_at": record.computed_at,
        "resolution": record.resolution,
        "cell_count": record.cell_count,
        "hazards": [summary_document(summary) for summary in record.hazards],
        "inputs": inputs_document(record.inputs),
    }
    statement = insert(risk_runs).values(**values).on_conflict_do_nothing()
    if tx.scalar(statement.returning(risk_runs.c.run_id)) is None:
        return False
    rows = [row for surface, detail in surfaces for row in _chunk_rows(surface, detail)]
    if rows:
        tx.execute(insert(risk_chunks), rows)
    tx.execute(select(func.pg_notify(CHANNEL, record.run_id)))
    return True


def find_run(tx: Connection, run_id: str | None = None) -> RunRecord:
    """Return one run; None means the latest: dynamic before static, then the newest.

    Raises
    ------
    RunNotFound
        There is no such run.
    NotReady
        The latest was asked for and there is none yet.
    """
    statement = _newest_first((RunKind.STATIC, RunKind.DYNAMIC))
    if run_id is not None and "\x00" in run_id:  # PostgreSQL text holds no NUL, so no id does
        raise RunNotFound(run=run_id)
    if run_id is not None:
        statement = select(_RUNS).where(_RUNS.c.run_id == run_id)
    row = tx.execute(statement.limit(1)).mappings().one_or_none()
    if row is None and run_id is None:
        raise NotReady(what_zh="风险运行结果", what_en="risk run", fix="yingji risk run")
    if row is None:
        raise RunNotFound(run=run_id)
    return read_record(row)


def find_runs(
    tx: Connection,
    limit: int,
    *,
    kinds: Sequence[RunKind] = tuple(RunKind),
    is_superseded: bool | None = None,
) -> list[RunRecord]:
    """Return runs, the latest first (the order of `find_run`), scenarios last.

    Parameters
    ----------
    is_superseded
        Only runs that a newer one has replaced, or only the others; None means both.
    """
    statement = _newest_first(kinds)
    if is_superseded is not None:
        statement = statement.where(_RUNS.c.is_superseded == is_superseded)
    return [read_record(row) for row in tx.execute(statement.limit(limit)).mappings()]


def confirm_run(tx: Connection, run_id: str, at: datetime) -> None:
    """Note that the inputs of now are again those of an older run, which is current again."""
    statement = update(risk_runs).where(risk_runs.c.run_id == run_id)
    tx.execute(statement.values(confirmed_at=func.greatest(risk_runs.c.confirmed_at, at)))
    tx.execute(select(func.pg_notify(CHANNEL, run_id)))


def load_surface(tx: Connection, run_id: str, hazard: str) -> RiskSurface:
    """Return one hazard of a run on all its cells.

    Raises
    ------
    RunNotFound, HazardNotFound
        The run is not there, or does not hold this hazard.
    """
    columns = _read_columns(tx, find_run(tx, run_id), hazard, parent_cell=None)
    return _surface(run_id, hazard, columns)


def load_detail(
    tx: Connection, run_id: str, hazard: str, parent_cell: int | None = None
) -> tuple[RiskSurface, SurfaceDetail]:
    """Return a surface with its block scores and top contributions.

    Parameters
    ----------
    parent_cell
        Only the chunk of this parent (see `chunk_parents`); None means all cells.
    """
    columns = _read_columns(tx, find_run(tx, run_id), hazard, parent_cell)
    detail = SurfaceDetail(
        block_ratio=np.asarray(columns.get("block_ratio", np.zeros((0, 4))), dtype=np.float64),
        top_factor=np.asarray(columns.get("top_factor", np.zeros((0, 3))), dtype=np.uint8),
        top_ratio=np.asarray(columns.get("top_ratio", np.zeros((0, 3))), dtype=np.float64),
    )
    return _surface(run_id, hazard, columns), detail


def chunk_parents(cells: npt.NDArray[np.uint64], resolution: int) -> npt.NDArray[np.uint64]:
    """Return the parent cell under which each cell is stored.

    The index is bit arithmetic on the H3 layout (resolution in bits 52–55, one digit of three
    bits a step, unused digits all ones), so that storage needs no H3 library.
    """
    parent_resolution = max(resolution - _STEPS_UP, 0)
    unused = np.uint64((1 << (3 * (15 - parent_resolution))) - 1)
    cleared = cells & ~np.uint64(0xF << 52)
    return cleared | np.uint64(parent_resolution << 52) | unused


def _with_currency() -> Subquery:
    """Return the runs, each with whether a newer one of the same product and instant exists.

    A static run has no instant of its own: it says how things stand until the next one.
    """
    instant = case((risk_runs.c.kind == RunKind.DYNAMIC.value, risk_runs.c.valid_at))
    newest_first = (risk_runs.c.confirmed_at.desc(), risk_runs.c.computed_at.desc())
    place = func.row_number().over(
        partition_by=(risk_runs.c.kind, instant), order_by=(*newest_first, risk_runs.c.run_id)
    )
    is_superseded = and_(risk_runs.c.kind != RunKind.SCENARIO.value, place > 1)
    return select(risk_runs, is_superseded.label("is_superseded")).subquery()


_RUNS = _with_currency()


def _newest_first(kinds: Sequence[RunKind]) -> Select[tuple[Any, ...]]:
    instant = case((_RUNS.c.kind == RunKind.DYNAMIC.value, _RUNS.c.valid_at))
    return (
        select(_RUNS)
        .where(_RUNS.c.kind.in_([kind.value for kind in kinds]))
        .order_by(
            case({kind.value: number for number, kind in enumerate(_ORDER)}, value=_RUNS.c.kind),
            instant.desc(),
            _RUNS.c.confirmed_at.desc(),
            _RUNS.c.computed_at.desc(),
            _RUNS.c.run_id,
        )
    )


def _chunk_rows(surface: RiskSurface, detail: SurfaceDetail) -> list[dict[str, object]]:
    parents = chunk_parents(surface.cells, surface.resolution)
    starts = np.flatnonzero(np.r_[True, parents[1:] != parents[:-1]][: len(parents)])
    rows: list[dict[str, object]] = []
    for start, end in zip(starts, [*starts[1:], len(parents)], strict=True):
        part = slice(start, end)
        columns: dict[str, npt.NDArray[np.generic]] = {
            name: getattr(surface, name)[part].astype(dtype) for name, dtype in _CODES.items()
        }
        columns["block_ratio"] = detail.block_ratio[part]
        columns["top_factor"] = detail.top_factor[part]
        columns["top_ratio"] = detail.top_ratio[part]
        rows.append(
            {
                "run_id": surface.run_id,
                "hazard": surface.hazard,
                "parent_cell": int(parents[start]),
                "cell_count": int(end - start),
                "columns": encode_columns(columns),
            }
        )
    return rows


def _read_columns(
    tx: Connection, record: RunRecord, hazard: str, parent_cell: int | None
) -> Columns:
    if hazard not in {summary.hazard for summary in record.hazards}:
        raise HazardNotFound(hazard=hazard, run=record.run_id)
    statement = (
        select(risk_chunks.c.columns)
        .where(risk_chunks.c.run_id == record.run_id, risk_chunks.c.hazard == hazard)
        .order_by(risk_chunks.c.parent_cell)
    )
    if parent_cell is not None:
        statement = statement.where(risk_chunks.c.parent_cell == parent_cell)
    chunks = [decode_columns(block) for block in tx.scalars(statement)]
    if not chunks:
        return {}
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _surface(run_id: str, hazard: str, columns: Columns) -> RiskSurface:
    cells = np.asarray(columns.get("cells", np.zeros(0)), dtype=np.uint64)
    resolution = int(cells[0] >> np.uint64(52)) & 0xF if len(cells) else 0
    arrays = {
        name: np.asarray(columns.get(name, np.zeros(0)), dtype=dtype)
        for name, dtype in _CODES.items()
    }
    return RiskSurface(run_id=run_id, hazard=hazard, resolution=resolution, **arrays)
