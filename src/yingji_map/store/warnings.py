"""Warnings as append-only revisions: nothing that an officer saved is ever overwritten."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import shapely
from shapely import MultiPolygon
from sqlalchemy import Connection, RowMapping, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.errors import WarningChanged, WarningNotFound
from yingji_map.domain.warning import (
    Audience,
    HazardWarning,
    Issuer,
    Place,
    WarningArea,
    WarningState,
    WarningTexts,
    free_identifier,
)
from yingji_map.domain.warning_events import WarningLevel
from yingji_map.store.tables import warnings


def new_identifier(tx: Connection, issuer_code: str, at: datetime) -> str:
    """Return an identifier that no warning has; writers of one issuer take turns until commit."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(issuer_code, 0))))
    taken = tx.scalars(
        select(warnings.c.warning_id).where(
            warnings.c.revision == 1,
            warnings.c.warning_id.startswith(f"{issuer_code}_", autoescape=True),
            warnings.c.warning_id >= free_identifier(issuer_code, at, ()),
        )
    )
    return free_identifier(issuer_code, at, set(taken))


def save_revision(tx: Connection, warning: HazardWarning) -> None:
    """Append one revision.

    Raises
    ------
    WarningChanged
        Someone saved this revision first; nothing was written.
    """
    zone = func.ST_GeomFromWKB(shapely.to_wkb(warning.zone), STORAGE_SRID)
    english = warning.texts_en
    statement = upsert(warnings).values(
        warning_id=warning.warning_id,
        revision=warning.revision,
        state=warning.state.value,
        hazard=warning.hazard,
        level=warning.level.value,
        zone=zone,
        areas=[asdict(area) for area in warning.areas],
        effective_at=warning.effective_at,
        expires_at=warning.expires_at,
        texts={"zh": asdict(warning.texts), "en": asdict(english) if english else None},
        is_exercise=warning.is_exercise,
        issuer=asdict(warning.issuer),
        audience=_audience_document(warning.audience),
        created_at=warning.created_at,
        revised_at=warning.revised_at,
        revised_via=warning.revised_via,
    )
    # The primary key decides between two writers: the second one waits, then finds it taken.
    saved = tx.execute(statement.on_conflict_do_nothing().returning(warnings.c.revision)).all()
    if not saved:
        current = find_warning(tx, warning.warning_id).revision
        raise WarningChanged(
            warning=warning.warning_id, expected=warning.revision - 1, current=current
        )


def find_warning(tx: Connection, warning_id: str, revision: int | None = None) -> HazardWarning:
    """Return a warning's newest revision, or the one asked for.

    Raises
    ------
    WarningNotFound
        There is none.
    """
    statement = _revisions().where(warnings.c.warning_id == warning_id)
    if revision is not None:
        statement = statement.where(warnings.c.revision == revision)
    row = tx.execute(statement.order_by(warnings.c.revision.desc()).limit(1)).mappings().first()
    if row is None:
        shown = warning_id if revision is None else f"{warning_id} / {revision}"
        raise WarningNotFound(warning=shown)
    return _warning(row)


def find_warnings(
    tx: Connection,
    *,
    limit: int,
    before: tuple[datetime, str] | None = None,
    state: WarningState | None = None,
) -> list[HazardWarning]:
    """Return the newest revision of each warning, newest warning first.

    Parameters
    ----------
    state
        Only warnings in this state; None means all but candidates, which nobody has looked at.
    before
        Creation time and id of the last warning of the page before.
    """
    newest = _revisions().ext(distinct_on(warnings.c.warning_id))
    newest = newest.order_by(warnings.c.warning_id, warnings.c.revision.desc())
    if before is not None:
        earlier = func.row(warnings.c.created_at, warnings.c.warning_id) < func.row(*before)
        newest = newest.where(earlier)
    each = newest.subquery()
    is_asked = each.c.state != WarningState.CANDIDATE.value
    if state is not None:
        is_asked = each.c.state == state.value
    statement = (
        select(each).where(is_asked).order_by(each.c.created_at.desc(), each.c.warning_id.desc())
    )
    return [_warning(row) for row in tx.execute(statement.limit(limit)).mappings()]


def _revisions() -> Select[tuple[Any, ...]]:
    columns = [column for column in warnings.columns if column.name != "zone"]
    return select(*columns, func.ST_AsBinary(warnings.c.zone).label("zone"))


def _warning(row: RowMapping) -> HazardWarning:
    zone = shapely.from_wkb(bytes(row["zone"]))
    assert isinstance(zone, MultiPolygon)  # noqa: S101 - the column's type
    english = row["texts"]["en"]
    return HazardWarning(
        warning_id=row["warning_id"],
        revision=row["revision"],
        state=WarningState(row["state"]),
        hazard=row["hazard"],
        level=WarningLevel(row["level"]),
        zone=zone,
        areas=tuple(
            WarningArea(
                description=area["description"], division_codes=tuple(area["division_codes"])
            )
            for area in row["areas"]
        ),
        effective_at=row["effective_at"],
        expires_at=row["expires_at"],
        texts=WarningTexts(**row["texts"]["zh"]),
        texts_en=WarningTexts(**english) if english else None,
        is_exercise=row["is_exercise"],
        issuer=Issuer(**row["issuer"]),
        audience=_audience(row["audience"]),
        created_at=row["created_at"],
        revised_at=row["revised_at"],
        revised_via=row["revised_via"],
    )


def _audience_document(audience: Audience) -> dict[str, object]:
    return {**asdict(audience), "counted_at": audience.counted_at.isoformat()}


def _audience(document: Mapping[str, Any]) -> Audience:
    return Audience(
        **{
            **document,
            "counted_at": datetime.fromisoformat(document["counted_at"]),
            "places": tuple(Place(**place) for place in document["places"]),
        }
    )
