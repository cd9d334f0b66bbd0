"""The versions of a layer: listed, and found by number or by time."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from yingji_map.domain.layer_version import Cause, LayerAct, LayerVersion
from yingji_map.store.tables import layer_versions


def find_versions(
    tx: Connection, layer_id: str, *, limit: int, before: int | None = None
) -> list[LayerVersion]:
    """Return the newest versions, newest first; `before` goes on after a page's last one."""
    statement = (
        select(layer_versions)
        .where(layer_versions.c.layer_id == layer_id)
        .order_by(layer_versions.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(layer_versions.c.version < before)
    return [_version(row) for row in tx.execute(statement).mappings()]


def find_version(tx: Connection, layer_id: str, version: int) -> LayerVersion | None:
    """Return one version; None when there is none of this number."""
    if not 0 < version < 1 << 63:  # what a bigint cannot hold, no layer has
        return None
    statement = select(layer_versions).where(
        layer_versions.c.layer_id == layer_id, layer_versions.c.version == version
    )
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _version(row)


def find_version_at(tx: Connection, layer_id: str, known_at: datetime) -> LayerVersion | None:
    """Return the version that a layer had at an instant; None before the first that is listed."""
    statement = (
        select(layer_versions)
        .where(layer_versions.c.layer_id == layer_id, layer_versions.c.known_at <= known_at)
        .order_by(layer_versions.c.known_at.desc())
        .limit(1)
    )
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _version(row)


def _version(row: RowMapping) -> LayerVersion:
    return LayerVersion(
        layer_id=row["layer_id"],
        version=row["version"],
        content_hash=row["content_hash"],
        row_count=row["row_count"],
        bounds=None if row["bounds"] is None else tuple(row["bounds"]),
        known_at=row["known_at"],
        cause=Cause(
            act=LayerAct(row["act"]),
            import_id=row["import_id"],
            restored_known_at=row["restored_known_at"],
        ),
    )
