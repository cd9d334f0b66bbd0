"""What was handed in, what came of it, and the rows that were not taken."""

from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.errors import ImportNotFound
from yingji_map.domain.import_record import ImportRecord
from yingji_map.publish.refused_file import write_refused_file
from yingji_map.store.database import Store
from yingji_map.store.imports import find_import, find_imports, find_refused_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImports:
    """Read the records of imports."""

    store: Store

    def run(
        self, *, layer_id: str | None = None, limit: int = 100, before: int | None = None
    ) -> list[ImportRecord]:
        """Return records, newest first; `before` is the number of the last one already read."""
        with self.store.read() as tx:
            return find_imports(tx, layer_id, limit, before)

    def one(self, import_id: int) -> ImportRecord:
        """Return one record.

        Raises
        ------
        ImportNotFound
            No import has this number.
        """
        with self.store.read() as tx:
            record = find_import(tx, import_id)
        if record is None:
            raise ImportNotFound(import_id=import_id)
        return record

    def write_refused(self, import_id: int, path: Path, language: str) -> int:
        """Write the rows that an import refused to a GeoPackage; returns how many.

        Raises
        ------
        ImportNotFound
            No import has this number.
        """
        with self.store.read() as tx:
            if find_import(tx, import_id) is None:
                raise ImportNotFound(import_id=import_id)
            rows = find_refused_rows(tx, import_id)
        write_refused_file(path, rows, language)
        return len(rows)
