"""Bodies of imports (`/v1/imports`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from yingji_map.domain.import_record import ImportRecord
from yingji_map.domain.upload import UploadState, UploadStatus
from yingji_map.services.receive_uploads import status_of


class StepBody(BaseModel):
    """What is being done, in two languages."""

    zh: str
    en: str


class ImportLinks(BaseModel):
    """Addresses of an import: itself, and the rows that it refused."""

    self: str
    refused: str


class ImportBody(BaseModel):
    """One file that was handed in; `report` is what `yingji import show` prints."""

    id: int
    layer: str
    file: str
    state: UploadState
    step: StepBody | None
    report: dict[str, Any] | None
    links: ImportLinks


class ImportSummary(BaseModel):
    """One line of the list."""

    id: int
    layer: str
    file: str
    state: UploadState
    imported_at: datetime
    rows_read: int | None
    rows_written: int | None
    rows_unchanged: int | None
    rows_refused: int | None
    links: ImportLinks


class ImportList(BaseModel):
    """Imports, newest first; `next` is the address of the following page."""

    imports: list[ImportSummary]
    next: str | None


def import_body(status: UploadStatus) -> ImportBody:
    """Return where an import stands."""
    step = StepBody(zh=status.step_zh, en=status.step_en) if status.step_zh else None
    return ImportBody(
        id=status.import_id,
        layer=status.layer_id,
        file=status.file_name,
        state=status.state,
        step=step,
        report=None if status.report is None else dict(status.report),
        links=_links(status.import_id),
    )


def import_list(records: Sequence[ImportRecord], limit: int) -> ImportList:
    """Return a page of records."""
    more = f"/v1/imports?limit={limit}&before={records[-1].import_id}" if records else None
    return ImportList(
        imports=[_summary(record) for record in records],
        next=more if len(records) == limit else None,
    )


def _summary(record: ImportRecord) -> ImportSummary:
    report = record.report
    return ImportSummary(
        id=record.import_id,
        layer=record.layer_id,
        file=record.file_name,
        state=status_of(record).state,
        imported_at=record.imported_at,
        rows_read=report.get("rows_read"),
        rows_written=report.get("rows_written"),
        rows_unchanged=report.get("rows_unchanged"),
        rows_refused=report.get("rows_refused"),
        links=_links(record.import_id),
    )


def _links(import_id: int) -> ImportLinks:
    address = f"/v1/imports/{import_id}"
    return ImportLinks(self=address, refused=f"{address}/refused.gpkg")
