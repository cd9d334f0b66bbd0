"""Registered rasters of a layer: which file is true at which time, and what was registered before."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import shapely
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from yingji_map.domain.layer_version import Cause, FeatureChange, FeatureState, LayerAct
from yingji_map.store.layers import LayerState, lock_layer, save_layer_state, statement_time
from yingji_map.store.restoration import RestoreSummary
from yingji_map.store.tables import rasters

Bounds = tuple[float, float, float, float]
ALWAYS = "always"  # key of the one raster of a layer without instants
RASTER_FIELDS = ("sha256", "file_name", "width", "height")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRaster:
    """What is registered: a kept file, described; `bounds` west, south, east, north in degrees.

    Attributes
    ----------
    content_sha256
        Hash of place and pixels, by which the same raster is known again.
    description
        Lowest and highest value, voids, and where it came from.
    """

    layer_id: str
    sha256: str
    file_name: str
    valid_at: datetime | None
    bounds: Bounds
    width: int
    height: int
    content_sha256: str | None = None
    description: Mapping[str, Any] | None = None


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
    content_sha256: str | None = None
    description: Mapping[str, Any] | None = None


def find_rasters(
    tx: Connection, layer_id: str, *, known_at: datetime | None = None
) -> list[RasterRecord]:
    """Return the rasters in force, newest `valid_at` last: of each instant, the last registered.

    Parameters
    ----------
    known_at
        Time of knowledge; None means now.
    """
    newest = (
        select(rasters)
        .where(rasters.c.layer_id == layer_id)
        .ext(distinct_on(rasters.c.valid_at))
        .order_by(rasters.c.valid_at.asc().nulls_first(), rasters.c.raster_id.desc())
    )
    if known_at is not None:
        newest = newest.where(rasters.c.registered_at <= known_at)
    return [_record(row) for row in tx.execute(newest).mappings() if not row["is_withdrawn"]]


def find_kept_contents(tx: Connection, layer_id: str) -> dict[str, str]:
    """Return the kept file by content, of everything that was ever registered in a layer."""
    statement = (
        select(rasters.c.content_sha256, rasters.c.sha256)
        .where(rasters.c.layer_id == layer_id, rasters.c.content_sha256.is_not(None))
        .order_by(rasters.c.raster_id.desc())
    )
    return {row.content_sha256: row.sha256 for row in tx.execute(statement)}


def register_rasters(tx: Connection, news: Sequence[NewRaster], cause: Cause) -> set[int]:
    """Put rasters of one layer in force, as one new version; those in force already change nothing.

    Returns
    -------
    set of int
        Positions in `news` of those that were written.
    """
    state = lock_layer(tx, news[0].layer_id)
    standing = {record.valid_at: record for record in find_rasters(tx, state.layer_id)}
    written = {at for at, new in enumerate(news) if not _is_same(standing.get(new.valid_at), new)}
    if written:
        now = _next_moment(tx, state)
        for at in sorted(written):
            _insert(tx, news[at], now)
        _advance(tx, state, now, cause)
    return written


def find_raster_changes(
    tx: Connection, layer_id: str, from_known_at: datetime, to_known_at: datetime
) -> list[FeatureChange]:
    """Compare the rasters in force at two moments of knowledge, by instant."""
    before = _by_instant(find_rasters(tx, layer_id, known_at=from_known_at))
    after = _by_instant(find_rasters(tx, layer_id, known_at=to_known_at))
    changes = [
        FeatureChange(key=key, before=before.get(key), after=after.get(key))
        for key in sorted(before.keys() | after.keys())
    ]
    return [
        change
        for change in changes
        if change.before is None or change.after is None or change.fields or change.is_moved
    ]


def _by_instant(records: list[RasterRecord]) -> dict[str, FeatureState]:
    return {
        record.valid_at.isoformat() if record.valid_at else ALWAYS: FeatureState(
            values={name: getattr(record, name) for name in RASTER_FIELDS},
            geometry=shapely.box(*record.bounds),
            valid_from=record.valid_at,
        )
        for record in records
    }


def restore_rasters(tx: Connection, layer_id: str, known_at: datetime) -> RestoreSummary:
    """Believe again what was believed at `known_at`, counted in rasters; nothing is deleted."""
    state = lock_layer(tx, layer_id)
    standing = {record.valid_at: record for record in find_rasters(tx, layer_id)}
    wanted = {r.valid_at: r for r in find_rasters(tx, layer_id, known_at=known_at)}
    coming = [
        r for at, r in wanted.items() if at not in standing or standing[at].sha256 != r.sha256
    ]
    going = [record for at, record in standing.items() if at not in wanted]
    replaced = sum(1 for record in coming if record.valid_at in standing)
    if not coming and not going:
        return RestoreSummary(written=0, closed=0, version=state.version)
    now = _next_moment(tx, state)
    for record in coming:
        _insert(tx, _again(record), now)
    for record in going:
        _insert(tx, _again(record), now, is_withdrawn=True)
    cause = Cause(act=LayerAct.RESTORE, restored_known_at=known_at)
    return RestoreSummary(
        written=len(coming),
        closed=len(going) + replaced,
        version=_advance(tx, state, now, cause),
    )


def _is_same(standing: RasterRecord | None, new: NewRaster) -> bool:
    if standing is None:
        return False
    if standing.sha256 == new.sha256:
        return True
    return new.content_sha256 is not None and standing.content_sha256 == new.content_sha256


def _next_moment(tx: Connection, state: LayerState) -> datetime:
    return max(statement_time(tx), state.updated_at + timedelta(microseconds=1))


def _insert(tx: Connection, new: NewRaster, now: datetime, *, is_withdrawn: bool = False) -> None:
    values = {
        "layer_id": new.layer_id,
        "sha256": new.sha256,
        "file_name": new.file_name,
        "valid_at": new.valid_at,
        "bounds": list(new.bounds),
        "width": new.width,
        "height": new.height,
        "content_sha256": new.content_sha256,
        "description": None if new.description is None else dict(new.description),
        "registered_at": now,
        "is_withdrawn": is_withdrawn,
    }
    tx.execute(insert(rasters).values(**values))


def _again(record: RasterRecord) -> NewRaster:
    return NewRaster(
        layer_id=record.layer_id,
        sha256=record.sha256,
        file_name=record.file_name,
        valid_at=record.valid_at,
        bounds=record.bounds,
        width=record.width,
        height=record.height,
        content_sha256=record.content_sha256,
        description=record.description,
    )


def _advance(tx: Connection, state: LayerState, now: datetime, cause: Cause) -> int:
    in_force = find_rasters(tx, state.layer_id)
    after = replace(
        state,
        version=state.version + 1,
        content_hash=_content_hash(in_force),
        row_count=len(in_force),
        bounds=_union([record.bounds for record in in_force]),
        updated_at=now,
    )
    save_layer_state(tx, after, cause)
    return after.version


def _record(row: RowMapping) -> RasterRecord:
    west, south, east, north = row["bounds"]
    values = {name: value for name, value in row.items() if name != "is_withdrawn"}
    return RasterRecord(**{**values, "bounds": (west, south, east, north)})


def _content_hash(in_force: list[RasterRecord]) -> str:
    lines = [
        f"{'' if record.valid_at is None else record.valid_at.isoformat()} {record.sha256}"
        for record in in_force
    ]
    return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()


def _union(all_bounds: list[Bounds]) -> Bounds | None:
    if not all_bounds:
        return None
    west, south, east, north = zip(*all_bounds, strict=True)
    return min(west), min(south), max(east), max(north)


def note_content(tx: Connection, raster_id: int, content_sha256: str) -> None:
    """Complete a row that was registered before contents were noted."""
    tx.execute(
        update(rasters)
        .where(rasters.c.raster_id == raster_id)
        .values(content_sha256=content_sha256)
    )
