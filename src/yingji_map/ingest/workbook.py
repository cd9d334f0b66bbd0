"""Excel sheets (.xlsx) → rows, cell by cell with the type each one has."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from yingji_map.domain.errors import InvalidParameter, UnreadableFile
from yingji_map.domain.quality import Finding, Note
from yingji_map.ingest.archive import opened_archive
from yingji_map.ingest.source import ReadOptions, SourceTable, refuse_repeated_columns
from yingji_map.ingest.table_places import (
    Row,
    placed_table,
    refuse_without_places,
    says_places,
)

_HEADING_WITHIN = 10  # rows that a title, a date and the like may stand above the heading
_EXACT_DIGITS = 10**15  # Excel keeps fifteen digits and fills up with zeros, silently
_FORMULA = re.compile(rb"<f[ >/]")
_CHUNK_BYTES = 1024 * 1024


def read_workbook(path: Path, options: ReadOptions) -> SourceTable:
    """Read one sheet; its heading is the first row that says where the rows lie.

    Raises
    ------
    UnreadableFile
        It is no intact workbook, or no sheet has columns of coordinates.
    InvalidParameter
        Several sheets could be meant and none, or an unknown one, was named.
    """
    with opened_archive(path) as archive:
        has_formulas = _has_formulas(archive)
    with _opened(path) as book:
        sheet = _sheet(path, book, options.source_layer)
        heading_at, heading, body, faults = _rows(path, sheet)
    if has_formulas:
        faults += _never_computed(path, sheet.title, heading_at, body)
    notes = () if heading_at == 1 else (_heading_note(heading_at),)
    return placed_table(
        path.name, (heading, body), options, encoding="utf-8", notes=notes, faults=faults
    )


@contextmanager
def _opened(path: Path, *, as_formulas: bool = False) -> Iterator[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on styles and validations
            book = load_workbook(path, read_only=True, data_only=not as_formulas)  # type: ignore[no-untyped-call]  # openpyxl has no types
            try:
                yield book
            finally:
                book.close()
    except (InvalidFileException, zipfile.BadZipFile) as error:
        raise _broken(path) from error
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError) as error:
        # openpyxl has no error of its own for a part that is missing or malformed
        # (ElementTree's ParseError is a SyntaxError).
        raise _broken(path) from error


def sheets_with_rows(path: Path) -> list[str]:
    """Return the names of the sheets that one can see and that hold anything.

    Raises
    ------
    UnreadableFile
        It is no intact workbook.
    """
    with opened_archive(path), _opened(path) as book:
        return [sheet.title for sheet in _filled(_visible(book))]


def _visible(book: Any) -> list[Any]:  # noqa: ANN401 - openpyxl has no types
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        sheet.reset_dimensions()  # what a sheet claims as its size may be false
    return sheets


def _filled(sheets: list[Any]) -> list[Any]:
    return [sheet for sheet in sheets if any(True for _ in sheet.iter_rows(max_row=1))]


def _sheet(path: Path, book: Any, wanted: str | None) -> Any:  # noqa: ANN401 - openpyxl has no types
    sheets = {sheet.title: sheet for sheet in _visible(book)}
    if wanted is not None and wanted in sheets:
        return sheets[wanted]
    filled = _filled(list(sheets.values()))
    if wanted is None and len(filled) == 1:
        return filled[0]
    names = "、".join(sheets)
    raise InvalidParameter(
        parameter="source_layer",
        value=wanted or "",
        reason_zh=f"{path.name} 里的工作表：{names or '无'}，请指明一个",
        reason_en=f"{path.name} has the sheets {names or 'none'}; name one",
    )


def _rows(path: Path, sheet: Any) -> tuple[int, list[str], list[Row], list[Finding]]:  # noqa: ANN401 - openpyxl has no types
    heading_at, heading = 0, [""]
    body: list[Row] = []
    faults: list[Finding] = []
    for number, record in enumerate(sheet.iter_rows(), start=1):
        if not heading_at:
            found = [str(_value(cell) or "") for cell in record]
            if says_places(found):
                heading_at, heading = number, found
                refuse_repeated_columns(heading, path.name)
            elif number >= _HEADING_WITHIN:
                break
            continue
        values = [_value(cell) for cell in record]
        if not any(value is not None and value != "" for value in values):
            continue
        row = number - heading_at
        faults += _cell_faults(row, heading, record)
        body.append((row, [*values, *[None] * len(heading)][: len(heading)]))
    refuse_without_places(heading, path.name)
    return heading_at, heading, body, faults


def _value(cell: Any) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Return what a cell says; the empty text is what a formula said, None is nothing."""
    if isinstance(cell.value, str):
        return cell.value.strip()
    return "" if cell.value is None and cell.data_type == "str" else cell.value


def _cell_faults(row: int, heading: list[str], record: Any) -> Iterator[Finding]:  # noqa: ANN401 - openpyxl has no types
    for name, cell in zip(heading, record, strict=False):
        if not name or cell.value is None:
            continue
        if cell.data_type == "e":
            zh, en = f"“{name}”的公式出错", f"the formula of “{name}” failed"
        elif isinstance(cell.value, int | float) and abs(cell.value) >= _EXACT_DIGITS:
            zh = f"“{name}”的数字超过 15 位，Excel 已丢掉末尾数字，请存成文本重新填"
            en = f"“{name}” has over 15 digits, of which Excel lost the last; enter it as text"
        else:
            continue
        yield Finding(rule="cell", row=row, value=str(cell.value), reason_zh=zh, reason_en=en)


def _never_computed(path: Path, title: str, heading_at: int, body: list[Row]) -> list[Finding]:
    """Return the cells whose formula has no result in the file: they are not empty, only unknown."""
    cells_of = dict(body)
    faults: list[Finding] = []
    with _opened(path, as_formulas=True) as book:
        sheet = book[title]
        sheet.reset_dimensions()
        for number, record in enumerate(sheet.iter_rows(), start=1 - heading_at):
            values = cells_of.get(number, [])
            for value, cell in zip(values, record, strict=False):
                if value is None and cell.data_type == "f":
                    faults.append(_uncomputed(number, cell.coordinate))
    return faults


def _uncomputed(row: int, where: str) -> Finding:
    return Finding(
        rule="cell",
        row=row,
        value=where,
        reason_zh=f"{where} 的公式没有结果，请在 Excel 里打开另存一次",
        reason_en=f"the formula in {where} has no result; open and save the file in Excel",
    )


def _has_formulas(archive: zipfile.ZipFile) -> bool:
    for info in archive.infolist():
        if not info.filename.startswith("xl/worksheets/"):
            continue
        with archive.open(info) as stream:
            rest = b""
            while chunk := stream.read(_CHUNK_BYTES):
                if _FORMULA.search(rest + chunk):
                    return True
                rest = chunk[-2:]
    return False


def _heading_note(heading_at: int) -> Note:
    return Note(
        zh=f"表头取自第 {heading_at} 行；报告里的第 n 行是表格的第 n + {heading_at} 行",
        en=f"the heading is row {heading_at}; row n of this report is row n + {heading_at} of the sheet",
    )


def _broken(path: Path) -> UnreadableFile:
    return UnreadableFile(
        file=path.name,
        reason_zh="不是完好的 Excel 工作簿（.xlsx）",
        reason_en="not an intact Excel workbook (.xlsx)",
    )
