"""Registered rasters of a layer: which file is true at which time, and what was registered before."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from yingji_map.domain.layer_version import Cause
from yingji_map.store.layers import lock_layer, save_layer_state, statement_time
from yingji_map.store.tables import rasters

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRaster:
    """What is registered: a kept file, described; `bounds` west, south, east, north in degrees."""

    layer_id: str
    sha256: str
    file_name: str
    valid_at: datetime | None
    bounds: Bounds
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterRecord:
    """A registered raster; `valid_at` None means at any time."""

    raster_id: int
    layer_id: str
    sha256: str
    file_name: str
    valid_at: datetime | None
    bounds: Bounds
    width: int
    height: int
    registered_at: datetime


def find_rasters(
    tx: Connection, layer_id: str, *, known_at: datetime | None = None
) -> list[RasterRecord]:
    """Return the rasters in force, newest `valid_at` last: of each instant, the last registered.

    Parameters
    ----------
    known_at
        Time of knowledge; None means now.
    """
    statement = (
        select(rasters)
        .where(rasters.c.layer_id == layer_id)
        .ext(distinct_on(rasters.c.valid_at))
        .order_by(rasters.c.valid_at.asc().nulls_first(), rasters.c.raster_id.desc())
    )
    if known_at is not None:
        statement = statement.where(rasters.c.registered_at <= known_at)
    return [_record(row) for row in tx.execute(statement).mappings()]


def register_raster(
    tx: Connection, new: NewRaster, import_id: int | None = None
) -> tuple[RasterRecord, bool]:
    """Put a raster in force; the one that is in force already changes nothing.

    Returns
    -------
    tuple
        The record, and whether it is new.
    """
    state = lock_layer(tx, new.layer_id)
    for standing in find_rasters(tx, new.layer_id):
        if (standing.valid_at, standing.sha256) == (new.valid_at, new.sha256):
            return standing, False
    now = max(statement_time(tx), state.updated_at + timedelta(microseconds=1))
    values = {
        "layer_id": new.layer_id,
        "sha256": new.sha256,
        "file_name": new.file_name,
        "valid_at": new.valid_at,
        "bounds": list(new.bounds),
        "width": new.width,
        "height": new.height,
        "registered_at": now,
    }
    row = tx.execute(insert(rasters).values(**values).returning(rasters)).mappings().one()
    in_force = find_rasters(tx, new.layer_id)
    save_layer_state(
        tx,
        replace(
            state,
            version=state.version + 1,
            content_hash=_content_hash(in_force),
            row_count=len(in_force),
            bounds=_union([record.bounds for record in in_force]),
            updated_at=now,
        ),
        Cause(import_id=import_id),
    )
    return _record(row), True


def _record(row: RowMapping) -> RasterRecord:
    west, south, east, north = row["bounds"]
    return RasterRecord(**{**row, "bounds": (west, south, east, north)})


def _content_hash(in_force: list[RasterRecord]) -> str:
    lines = [
        f"{'' if record.valid_at is None else record.valid_at.isoformat()} {record.sha256}"
        for record in in_force
    ]
    return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()


def _union(all_bounds: list[Bounds]) -> Bounds:
    west, south, east, north = zip(*all_bounds, strict=True)
    return min(west), min(south), max(east), max(north)
