"""Keep what became of files that were not taken."""

from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.errors import YingjiError
from yingji_map.domain.import_record import RefusedRow
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import ImportReport
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.store.database import Store
from yingji_map.store.imports import save_import, save_refused_rows
from yingji_map.store.layers import apply_layer


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordImports:
    """Record refusals in a transaction of their own, for nothing else was written."""

    store: Store

    def refused(
        self,
        definition: LayerDefinition,
        path: Path,
        report: ImportReport,
        rows: list[RefusedRow],
    ) -> int:
        """Keep the report of a file whose rows are not fit, and those rows; returns the number."""
        with self.store.transaction() as tx:
            apply_layer(tx, definition)
            import_id = save_import(
                tx,
                definition.id,
                file_sha256=sha256_of(path),
                is_accepted=False,
                report=report.document(),
                import_id=report.import_id,
            )
            save_refused_rows(tx, import_id, rows)
        return import_id

    def unreadable(
        self, definition: LayerDefinition, path: Path, error: YingjiError, import_id: int | None
    ) -> None:
        """Keep that a file could not be read as what it claims to be, or lies nobody knows where."""
        if not path.exists():
            return
        report: dict[str, object] = {
            "file": path.name,
            "layer": definition.id,
            "code": error.code,
            "reason": {"zh": error.text("zh"), "en": error.text("en")},
            "rows_read": 0,
            "rows_written": 0,
            "rows_unchanged": 0,
            "rows_refused": 0,
            "is_accepted": False,
        }
        with self.store.transaction() as tx:
            apply_layer(tx, definition)
            save_import(
                tx,
                definition.id,
                file_sha256=sha256_of(path),
                is_accepted=False,
                report=report,
                import_id=import_id,
            )
