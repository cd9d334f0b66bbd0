"""`yingji closure …`: close roads for every question about travel, and lift closures."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.session import existing_file, language, opened, print_json
from yingji_map.domain.closure import SHAPES, ClosedPlace, ClosureRequest, ClosureState
from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.shapes import shape_of
from yingji_map.http.representations.closures import closure_document, closure_list
from yingji_map.services.close_roads import ClosureReport

app = typer.Typer(help="封路：登记、查看、解除 / closed roads", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
_VIA = "cli"
_STATES_ZH = {
    ClosureState.PLANNED: "未开始",
    ClosureState.IN_FORCE: "生效中",
    ClosureState.ENDED: "已到期",
    ClosureState.LIFTED: "已解除",
}


@app.command()
def add(
    *,
    reason: Annotated[str, typer.Option(help="原因 / why")],
    road: Annotated[list[str] | None, typer.Option(help="路段编号，可多次 / road code")] = None,
    zone: Annotated[Path | None, typer.Option(help="范围，GeoJSON 文件 / a GeoJSON file")] = None,
    source: Annotated[str | None, typer.Option(help="来源 / who says so")] = None,
    json: Json = False,
) -> None:
    """封路，立即生效，直到解除 / close roads from now until lifted."""
    shape = None if zone is None else shape_of(geometry_of(existing_file(zone)), SHAPES)
    place = ClosedPlace(shape=shape, road_codes=tuple(road or ()))
    request = ClosureRequest(place=place, reason=reason, source=source)
    with opened() as application:
        _print(application.close_roads.run(request, via=_VIA), json=json)


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几条 / at most")] = 50,
    json: Json = False,
) -> None:
    """列出封路，新的在前 / list closures, newest first."""
    with opened() as application:
        reports = application.close_roads.all(limit=limit)
    if json:
        print_json(closure_list(reports, limit).model_dump(mode="json"))
        return
    for report in reports:
        _print(report, json=False)


@app.command()
def lift(
    closure: Annotated[int, typer.Argument(min=0, help="封路编号 / id of the closure")],
    *,
    json: Json = False,
) -> None:
    """解除封路，历史保留 / lift a closure; its history stays."""
    with opened() as application:
        _print(application.close_roads.lift(closure, via=_VIA), json=json)


def _print(report: ClosureReport, *, json: bool) -> None:
    if json:
        print_json(closure_document(report).model_dump(mode="json"))
        return
    is_zh = language() == "zh"
    state = _STATES_ZH[report.state] if is_zh else report.state.value
    closure, km = report.closure, report.closed_length_m / 1000
    print(f"{closure.closure_id:>4}  {state}  {km:.2f} km  {closure.reason}")


def geometry_of(path: Path) -> dict[str, object]:
    """Return the GeoJSON geometry of a file, be it bare or of a feature.

    Raises
    ------
    UnreadableFile
        It is no JSON.
    """
    try:
        document = json_format.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            file=path.name, reason_zh="不是 GeoJSON", reason_en="is not GeoJSON"
        ) from error
    found = document.get("geometry", document) if isinstance(document, dict) else {}
    return found if isinstance(found, dict) else {}
