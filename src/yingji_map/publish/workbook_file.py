"""Features as an Excel sheet with real numbers, dates and yes/no."""

from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles.alignment import Alignment
from openpyxl.styles.fonts import Font
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.workbook.workbook import Workbook

from yingji_map.domain.download import FileForm
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition
from yingji_map.publish.table_file import BEIJING, headings, rows

# Source: “Excel specifications and limits”, Microsoft.
_MAX_ROWS, _MAX_CHARACTERS, _EXACT_DIGITS = 1_048_576, 32_767, 15
_MOMENT = "yyyy-mm-dd hh:mm:ss"
_SHEET_NAME = 31
_BOLD = Font(bold=True)  # type: ignore[no-untyped-call]
_WRAPPED = Alignment(wrap_text=True)  # type: ignore[no-untyped-call]


def write_workbook(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    form: FileForm,
) -> None:
    """Write one sheet; times are Beijing times, which its heading says.

    Raises
    ------
    InvalidParameter
        A sheet cannot hold this many rows, or a cell this long a text.
    """
    if len(table) >= _MAX_ROWS:
        zh, en = f"{len(table)} 行", f"{len(table)} rows"
        raise _refused(zh, en)
    book: Any = Workbook(write_only=True)  # type: ignore[no-untyped-call]
    sheet = book.create_sheet(definition.title.zh[:_SHEET_NAME])
    titles = headings(definition, fields, form)
    for place in range(1, len(titles) + 1):
        width = 24 if place <= len(fields) and fields[place - 1].type is FieldType.TIMESTAMP else 16
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_heading(sheet, title) for title in titles])
    for row in rows(definition, table, fields):
        sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _heading(sheet: Any, title: str) -> Any:  # noqa: ANN401 - openpyxl has no types
    cell: Any = WriteOnlyCell(sheet, title)  # type: ignore[no-untyped-call]
    cell.font, cell.alignment = _BOLD, _WRAPPED
    return cell


def _cell(sheet: Any, value: object) -> object:  # noqa: ANN401 - openpyxl has no types
    if isinstance(value, datetime):
        moment = value.astimezone(BEIJING).replace(tzinfo=None)
        cell: Any = WriteOnlyCell(sheet, moment)  # type: ignore[no-untyped-call]
        cell.number_format = _MOMENT
        return cell
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_EXACT_DIGITS:
        return str(value)  # Excel would fill its digits up with zeros
    if isinstance(value, str):
        if len(value) > _MAX_CHARACTERS:
            zh, en = f"一格里 {len(value)} 个字符", f"{len(value)} characters in a cell"
            raise _refused(zh, en)
        try:
            cell = WriteOnlyCell(sheet, value)  # type: ignore[no-untyped-call]
        except IllegalCharacterError as error:
            zh, en = "控制字符", "a control character"
            raise _refused(zh, en) from error
        cell.data_type = "s"  # a text that begins with = is no formula
        return cell
    return value


def _refused(zh: str, en: str) -> InvalidParameter:
    return InvalidParameter(
        parameter="format",
        value="xlsx",
        reason_zh=f"Excel 放不下{zh}，请用 gpkg 或 csv",
        reason_en=f"Excel cannot hold {en}; use gpkg or csv",
    )
