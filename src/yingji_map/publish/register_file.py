"""A risk register as a workbook (.xlsx) or comma-separated text, for people who work in Excel."""

import csv
import io
from typing import Any

import openpyxl
import openpyxl.styles

from yingji_map.domain.register import Register, RegisterEntry
from yingji_map.domain.warning import BEIJING

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# Source: the map's own colours, design/tokens.ts, light theme.
_FILLS = {"red": "D7263D", "orange": "F08A24", "yellow": "F6D743", "blue": "4A90D9"}
_LEVELS_ZH = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
_HEADINGS = (
    ("序号", 6), ("灾种", 14), ("等级", 6), ("乡镇", 24), ("经度", 12), ("纬度", 12),
    ("格网编号", 18), ("格网数", 8), ("面积 km²", 10), ("人口", 8), ("最高分", 8), ("主要因素", 36),
)  # fmt: skip
_LEVEL_COLUMN = 3
_excel: Any = openpyxl  # it has no types
_RISKY_FIRST = ("=", "+", "-", "@", "\t", "\r")


def register_xlsx(register: Register) -> bytes:
    """Return one sheet with a title, a frozen heading, filters and the colours of the levels."""
    book = _excel.Workbook()
    sheet = book.active
    sheet.title = "风险清单"
    sheet.append([_title(register)])
    sheet.append([heading for heading, _ in _HEADINGS])
    for entry in register.entries:
        sheet.append(_row(entry))
        cell = sheet.cell(row=sheet.max_row, column=_LEVEL_COLUMN)
        cell.fill = _excel.styles.PatternFill("solid", fgColor=_FILLS[entry.level])
        cell.alignment = _excel.styles.Alignment(horizontal="center")
    for number, (_, width) in enumerate(_HEADINGS, start=1):
        sheet.column_dimensions[sheet.cell(row=2, column=number).column_letter].width = width
        sheet.cell(row=2, column=number).font = _excel.styles.Font(bold=True)
    sheet["A1"].font = _excel.styles.Font(bold=True, size=13)
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = (
        f"A2:{sheet.cell(row=2, column=len(_HEADINGS)).column_letter}{max(sheet.max_row, 2)}"
    )
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def register_csv(register: Register) -> bytes:
    """Return the same rows as text; it begins with a mark by which Excel knows UTF-8."""
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\r\n")
    writer.writerow([heading for heading, _ in _HEADINGS])
    writer.writerows(_row(entry) for entry in register.entries)
    return b"\xef\xbb\xbf" + body.getvalue().encode()


def _title(register: Register) -> str:
    run = register.run
    kind = {"static": "常态", "dynamic": "实时", "scenario": "情景"}[run.kind.value]
    when = run.valid_at.astimezone(BEIJING)
    return f"风险清单 · {kind} · {when:%Y-%m-%d %H:%M} · 运行 {run.run_id}"


def _row(entry: RegisterEntry) -> list[str | int | float]:
    return [
        entry.number,
        _text(entry.hazard_zh),
        _LEVELS_ZH[entry.level],
        _text("、".join(entry.townships)),
        entry.lon,
        entry.lat,
        entry.worst_cell,
        entry.cells,
        round(entry.area_km2, 3),
        entry.population_persons,
        round(entry.score_ratio, 4),
        _text("、".join(entry.causes)),
    ]


def _text(value: str) -> str:
    """Return a text that a spreadsheet shows and never runs as a formula."""
    return f"'{value}" if value.startswith(_RISKY_FIRST) else value
