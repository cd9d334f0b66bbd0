"""Text tables (CSV, TSV) → rows, their places from columns of coordinates or of WKT."""

import csv
import io
from pathlib import Path

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.quality import Finding
from yingji_map.ingest.source import ReadOptions, SourceTable, refuse_repeated_columns
from yingji_map.ingest.table_places import Row, placed_table, refuse_without_places
from yingji_map.ingest.text_encoding import decode_text

_DELIMITERS = (",", "\t", ";")
_MAX_CELL_CHARACTERS = 64 * 1024 * 1024  # a county's border as WKT is one cell


def read_table(path: Path, options: ReadOptions) -> SourceTable:
    """Read a text table; rows are numbered from the first one below the heading.

    Raises
    ------
    UnreadableFile
        It is empty, no text, or lacks columns that say where its rows lie.
    """
    text, encoding, note = decode_text(path.read_bytes(), path.name, options.encoding)
    heading, body, faults = _rows(text, path.name)
    refuse_without_places(heading, path.name)
    return placed_table(
        path.name,
        (heading, body),
        options,
        encoding=encoding,
        notes=() if note is None else (note,),
        faults=faults,
    )


def _rows(text: str, file: str) -> tuple[list[str], list[Row], list[Finding]]:
    delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(
            file=file, reason_zh=f"不是完好的 CSV（{error}）", reason_en=f"broken CSV ({error})"
        ) from error
    if not records or not any(cell.strip() for cell in records[0]):
        raise UnreadableFile(file=file, reason_zh="没有表头", reason_en="it has no heading")
    heading = [name.strip() for name in records[0]]
    refuse_repeated_columns(heading, file)
    body: list[Row] = []
    faults: list[Finding] = []
    for number, record in enumerate(records[1:], start=1):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if any(cells[len(heading) :]) or len(cells) < len(heading):
            faults.append(_ragged(number, len(cells), len(heading)))
        body.append((number, [*cells, *[""] * len(heading)][: len(heading)]))
    return heading, body, faults


def _ragged(number: int, found: int, expected: int) -> Finding:
    return Finding(
        rule="columns",
        row=number,
        reason_zh=f"有 {found} 格，表头有 {expected} 格",
        reason_en=f"{found} cells where the heading has {expected}",
    )
