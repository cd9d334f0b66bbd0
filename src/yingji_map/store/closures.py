"""Closures of roads, append-only: lifting one adds a row, nothing is overwritten."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection, RowMapping, Select, func, insert, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert

from yingji_map.domain.closure import ClosedPlace, Closure, ClosureRequest
from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.errors import ClosureNotFound
from yingji_map.store.tables import closure_liftings, closures


def save_closure(tx: Connection, request: ClosureRequest, at: datetime, via: str) -> int:
    """Append a closure and return its id; without a beginning it begins at `at`."""
    shape = request.place.shape
    geometry = None if shape is None else func.ST_GeomFromWKB(shapely.to_wkb(shape), STORAGE_SRID)
    statement = insert(closures).values(
        geom=geometry,
        road_codes=list(request.place.road_codes),
        reason=request.reason,
        source=request.source,
        valid_during=Range(request.valid_from or at, request.valid_until),
        created_at=at,
        created_via=via,
    )
    saved: int = tx.execute(statement.returning(closures.c.closure_id)).scalar_one()
    return saved


def lift_closure(tx: Connection, closure_id: int, at: datetime, via: str) -> None:
    """Lift a closure; one that is lifted stays as it was lifted first."""
    values = {"closure_id": closure_id, "lifted_at": at, "lifted_via": via}
    tx.execute(upsert(closure_liftings).values(**values).on_conflict_do_nothing())


def find_closure(tx: Connection, closure_id: int) -> Closure:
    """Return one closure.

    Raises
    ------
    ClosureNotFound
        There is none.
    """
    row = tx.execute(_all().where(closures.c.closure_id == closure_id)).mappings().first()
    if row is None:
        raise ClosureNotFound(closure=closure_id)
    return _closure(row)


def find_closures(tx: Connection, *, limit: int, before: int | None = None) -> list[Closure]:
    """Return closures of any state, the newest first; `before` is the last id already read."""
    statement = _all().order_by(closures.c.closure_id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(closures.c.closure_id < before)
    return [_closure(row) for row in tx.execute(statement).mappings()]


def read_closures(tx: Connection, ids: Sequence[int]) -> list[Closure]:
    """Return the closures of these ids that exist, ascending."""
    statement = _all().where(closures.c.closure_id.in_(ids)).order_by(closures.c.closure_id)
    return [_closure(row) for row in tx.execute(statement).mappings()]


def find_in_force(tx: Connection, at: datetime) -> tuple[int, ...]:
    """Return the ids of the closures in force at an instant, ascending."""
    statement = (
        select(closures.c.closure_id)
        .outerjoin(closure_liftings)
        .where(
            closures.c.valid_during.contains(at),
            or_(closure_liftings.c.lifted_at.is_(None), closure_liftings.c.lifted_at > at),
        )
        .order_by(closures.c.closure_id)
    )
    return tuple(tx.scalars(statement))


def _all() -> Select[tuple[Any, ...]]:
    columns = [column for column in closures.columns if column.name != "geom"]
    shape = func.ST_AsBinary(closures.c.geom).label("shape")
    lifting = (closure_liftings.c.lifted_at, closure_liftings.c.lifted_via)
    return select(*columns, shape, *lifting).outerjoin_from(closures, closure_liftings)


def _closure(row: RowMapping) -> Closure:
    shape = None if row["shape"] is None else shapely.from_wkb(bytes(row["shape"]))
    return Closure(
        closure_id=row["closure_id"],
        place=ClosedPlace(shape=shape, road_codes=tuple(row["road_codes"])),
        reason=row["reason"],
        source=row["source"],
        valid_from=row["valid_during"].lower,
        valid_until=row["valid_during"].upper,
        created_at=row["created_at"],
        created_via=row["created_via"],
        lifted_at=row["lifted_at"],
        lifted_via=row["lifted_via"],
    )
