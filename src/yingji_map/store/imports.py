"""Imports on record: one row a file that was handed in, and the rows that were refused."""

import json
from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from yingji_map.domain.import_record import ImportRecord, RefusedRow
from yingji_map.store.tables import imports, refused_rows

_COPY_REFUSED = (
    "COPY core.refused_rows (import_id, row, properties, reason_zh, reason_en, shape) FROM STDIN"
)
_NUL = "\x00"  # which PostgreSQL cannot keep in a text


def reserve_import_id(tx: Connection) -> int:
    """Return a number that no other import will have."""
    sequence = "SELECT nextval(pg_get_serial_sequence('core.imports', 'import_id'))"
    return int(tx.execute(text(sequence)).scalar_one())


def save_import(  # noqa: PLR0913 - the columns of one row
    tx: Connection,
    layer_id: str,
    *,
    file_sha256: str,
    is_accepted: bool,
    report: dict[str, object],
    import_id: int | None = None,
) -> int:
    """Keep the report of one import under its reserved number, or the next; returns it."""
    number = reserve_import_id(tx) if import_id is None else import_id
    values = {
        "import_id": number,
        "layer_id": layer_id,
        "file_name": str(report.get("file", "")),
        "file_sha256": file_sha256,
        "is_accepted": is_accepted,
        "report": _keepable(report),
    }
    tx.execute(insert(imports).values(**values))
    return number


def amend_import(tx: Connection, import_id: int, report: dict[str, object]) -> None:
    """Complete the report of an import of this transaction with what was written."""
    kept = _keepable(report)
    tx.execute(update(imports).where(imports.c.import_id == import_id).values(report=kept))


def find_imports(
    tx: Connection, layer_id: str | None, limit: int, before: int | None = None
) -> list[ImportRecord]:
    """Return import records, newest first, below the number `before`."""
    statement = select(imports).order_by(imports.c.import_id.desc()).limit(limit)
    if layer_id is not None:
        statement = statement.where(imports.c.layer_id == layer_id)
    if before is not None:
        statement = statement.where(imports.c.import_id < before)
    return [_record(row) for row in tx.execute(statement).mappings()]


def find_import(tx: Connection, import_id: int) -> ImportRecord | None:
    """Return one import record, None when there is none of that number."""
    row = tx.execute(select(imports).where(imports.c.import_id == import_id)).mappings().first()
    return None if row is None else _record(row)


def save_refused_rows(tx: Connection, import_id: int, rows: Iterable[RefusedRow]) -> None:
    """Keep the rows that an import did not take."""
    cursor = tx.connection.cursor()
    with cursor.copy(_COPY_REFUSED) as copy:
        for row in rows:
            properties = json.dumps(_keepable(dict(row.properties)), ensure_ascii=False)
            reasons = (_keepable(row.reason_zh), _keepable(row.reason_en))
            copy.write_row((import_id, row.row, properties, *reasons, row.shape))


def find_refused_rows(tx: Connection, import_id: int) -> list[RefusedRow]:
    """Return the rows that an import did not take, in the order of the file."""
    statement = (
        select(refused_rows)
        .where(refused_rows.c.import_id == import_id)
        .order_by(refused_rows.c.row)
    )
    return [
        RefusedRow(
            row=row["row"],
            properties=row["properties"],
            reason_zh=row["reason_zh"],
            reason_en=row["reason_en"],
            shape=None if row["shape"] is None else bytes(row["shape"]),
        )
        for row in tx.execute(statement).mappings()
    ]


def _keepable(value: object) -> object:
    """Return a document that PostgreSQL can keep: a NUL or half a surrogate pair is replaced."""
    if isinstance(value, str):
        return value.replace(_NUL, "�").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_keepable(key): _keepable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_keepable(item) for item in value]
    return value


def _record(row: RowMapping) -> ImportRecord:
    return ImportRecord(
        import_id=row["import_id"],
        layer_id=row["layer_id"],
        file_name=row["file_name"],
        file_sha256=row["file_sha256"],
        is_accepted=row["is_accepted"],
        report=row["report"],
        imported_at=row["imported_at"],
    )
