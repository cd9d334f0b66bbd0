"""Import reports on the terminal: what was taken, what was not, and why."""

from typing import Any

from yingji_map.cli.session import language, print_json
from yingji_map.domain.errors import ImportRefused, YingjiError
from yingji_map.domain.quality import ImportReport

_SHOWN = 20


def print_report(report: ImportReport, *, as_json: bool) -> None:
    """Print the report of an import that was accepted."""
    document = report.document()
    print_json(document) if as_json else _print(document)


def print_refusal(refusal: ImportRefused, *, as_json: bool) -> None:
    """Print the report that a refusal carries."""
    document: Any = refusal.fields["report"]
    print_json(document) if as_json else _print(document)


def print_raster_refusal(refusal: YingjiError, *, as_json: bool) -> None:
    """Print the report that a refusal of grids carries, if it carries one."""
    document: Any = refusal.fields.get("report")
    if isinstance(document, dict):
        print_json(document) if as_json else _print(document)


def print_document(document: dict[str, Any]) -> None:
    """Print a report that was kept; that of a file refused as a whole has a reason only."""
    if "code" in document and "reason" in document:
        print(f"✗ {document['reason'][language()]}（{document['code']}）")
        if "grids" in document:
            _print(document)
    elif "sha256" in document:  # a raster has no rows
        print(f"✓ {document['sha256']}")
    else:
        _print(document)


def _print(document: dict[str, Any]) -> None:
    is_zh = language() == "zh"
    words = (
        ("读到", "写入", "未变", "拒绝", "警告")
        if is_zh
        else ("read", "written", "unchanged", "refused", "warned")
    )
    counts = [
        document[f"rows_{name}"] for name in ("read", "written", "unchanged", "refused", "warned")
    ]
    print("  ".join(f"{word} {count}" for word, count in zip(words, counts, strict=True)))
    if document["is_dry_run"]:
        print("试运行：没有写入任何数据" if is_zh else "Dry run: nothing was written")
    for note in document["notes"]:
        print(f"· {note['zh' if is_zh else 'en']}")
    for repair in document.get("repairs", [])[:_SHOWN]:
        print(_repair_line(repair, is_zh=is_zh))
    for finding in document["findings"][:_SHOWN]:
        print(_line(finding, is_zh=is_zh))
    left = document["findings_total"] - min(len(document["findings"]), _SHOWN)
    if left:
        more = f"… 还有 {left} 条，用 --json 看全" if is_zh else f"… {left} more, see --json"
        print(more)
    _print_grids(document) if "grids" in document else _print_way_back(document, is_zh=is_zh)


def _print_way_back(document: dict[str, Any], *, is_zh: bool) -> None:
    number = document["import_id"]
    if document["rows_refused"] and number is not None:
        command = f"yingji import refused {number} --out refused.gpkg"
        print(f"被拒的行：{command}" if is_zh else f"Refused rows: {command}")


def _print_grids(document: dict[str, Any]) -> None:
    for grid in document["grids"][:_SHOWN]:
        if grid["outcome"] != "refused":
            print(_grid_line(grid, document["unit"]))


def _repair_line(repair: dict[str, Any], *, is_zh: bool) -> str:
    where = f"第 {repair['row']} 行" if is_zh else f"row {repair['row']}"
    key, arrow = ("zh", "，已") if is_zh else ("en", "; ")
    return f"~ {where}  {repair['what'][key]}{arrow}{repair['how'][key]}"


def _grid_line(grid: dict[str, Any], unit: str) -> str:
    mark = "✓" if grid["outcome"] == "written" else "="
    when = "" if grid["valid_at"] is None else f"{grid['valid_at']}  "
    values = f"{grid['lowest']:g} … {grid['highest']:g} {unit}"
    size = f"{grid['width']} × {grid['height']}"
    return f"{mark} {when}{size}  {values}  {grid['sha256'][:12]}  {grid['grid']}"


def _line(finding: dict[str, Any], *, is_zh: bool) -> str:
    mark = "✗" if finding["severity"] == "refuse" else "!"
    row = finding.get("row")
    if row is None:
        where = "整个文件" if is_zh else "whole file"
    else:
        where = f"第 {row} 行" if is_zh else f"row {row}"
    key = f" {finding['key']}" if "key" in finding else ""
    place = f" @ {finding['lon']:.5f}, {finding['lat']:.5f}" if "lon" in finding else ""
    return f"{mark} {where}{key}  {finding['reason']['zh' if is_zh else 'en']}{place}"
