"""An evacuation plan as a table: one row a move, and one for those who have no place."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from openpyxl.styles.fonts import Font
from openpyxl.workbook.workbook import Workbook

from yingji_map.domain.evacuation import REASONS_ZH, STATES_ZH, EvacuationPlan, SavedPlan

HEADING = (
    "村社编号",
    "村社",
    "人数",
    "去处编号",
    "去处",
    "安置人数",
    "行程（分钟）",
    "路程（公里）",
    "其中步行（米）",
    "未安置人数",
    "未安置原因",
)
_SHELTERS = ("场所编号", "场所", "容量", "安置人数", "余量", "状态")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | None


def evacuation_rows(plan: EvacuationPlan) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows under `HEADING`."""
    for group in plan.groups:
        who = (group.key, group.name, group.people_persons)
        for move in group.moves:
            yield (
                *who,
                move.shelter_key,
                move.shelter_name,
                move.persons,
                round(move.travel_time_s / 60, 1),
                round(move.distance_m / 1000, 2),
                round(move.walk_m),
                None,
                None,
            )
        if group.reason is not None:
            why = (group.unplaced_persons, REASONS_ZH[group.reason])
            yield (*who, None, None, None, None, None, None, *why)


def evacuation_csv(saved: SavedPlan) -> bytes:
    """Return the table as CSV with a byte order mark, which spreadsheets need for Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADING)
    writer.writerows(tuple(map(_harmless, row)) for row in evacuation_rows(saved.plan))
    return text.getvalue().encode("utf-8-sig")


def evacuation_workbook(saved: SavedPlan) -> bytes:
    """Return the table as XLSX, with a second sheet of the shelters."""
    book: Any = Workbook()  # type: ignore[no-untyped-call]  # openpyxl has no types
    moves = book.active
    moves.title = "转移安置"
    shelters = book.create_sheet("安置场所")
    _fill(moves, HEADING, evacuation_rows(saved.plan))
    _fill(
        shelters,
        _SHELTERS,
        (
            (
                one.key,
                one.name,
                one.capacity_persons,
                one.assigned_persons,
                one.capacity_persons - one.assigned_persons,
                STATES_ZH[one.state],
            )
            for one in saved.plan.shelters
        ),
    )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(
    sheet: Any,  # noqa: ANN401 - openpyxl has no types
    heading: tuple[str, ...],
    rows: Iterator[tuple[Cell, ...]],
) -> None:
    for number, row in enumerate((heading, *rows), start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with = stays a name
            if number == 1:
                cell.font = Font(bold=True)  # type: ignore[no-untyped-call]  # openpyxl has no types
    sheet.freeze_panes = "A2"
    for letter, width in zip(
        "ABCDEFGHIJK", (15, 18, 8, 12, 26, 10, 12, 12, 14, 12, 24), strict=True
    ):
        sheet.column_dimensions[letter].width = width


def _harmless(value: Cell) -> Cell:
    """Keep spreadsheets from taking a name in a CSV file for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
