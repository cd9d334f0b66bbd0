"""The record of an edit, kept beside those of imports: who changed what, when, and what was judged."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import ImportReport, QualityReport
from yingji_map.ingest.feature import SENT_AS
from yingji_map.store.database import Transaction
from yingji_map.store.imports import amend_import, save_import

# Until there are accounts, every editor is whoever holds the installation's token.
_EDITOR = "editing-token"


class EditStep(StrEnum):
    """What an edit does to a feature."""

    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCounts:
    """What an edit did to rows, and the layer's version afterwards."""

    version: int
    written: int = 0
    unchanged: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRecord:
    """One edit on its way into the records; both are written in the edit's own transaction."""

    step: EditStep
    body: bytes
    quality: QualityReport
    key: str

    def open(self, tx: Transaction, definition: LayerDefinition) -> int:
        """Begin the record; returns its number, which the rows will carry."""
        return save_import(
            tx,
            definition.id,
            file_sha256=hashlib.sha256(self.body).hexdigest(),
            is_accepted=True,
            report=self.quality.document(),
        )

    def complete(self, tx: Transaction, import_id: int, counts: EditCounts) -> None:
        """Say in the record what the edit did."""
        report = ImportReport(
            quality=self.quality,
            written=counts.written,
            unchanged=counts.unchanged,
            refused=0,
            closed=counts.closed,
            version=counts.version,
            import_id=import_id,
            is_accepted=True,
            is_dry_run=False,
        )
        edit = {"step": self.step.value, "feature": self.key, "editor": _EDITOR}
        amend_import(tx, import_id, {**report.document(), "edit": edit})


def nothing_read(definition: LayerDefinition) -> QualityReport:
    """Return the report of an edit that sends no row."""
    return QualityReport(
        file=SENT_AS,
        layer_id=definition.id,
        crs="",
        encoding="",
        columns={},
        ignored=(),
        notes=(),
        rows_read=0,
        findings=(),
    )
