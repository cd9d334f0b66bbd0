"""`yingji warning …`: draft warnings, look at them, take them out as CAP."""

import json as json_format
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.session import existing_file, language, opened, print_json, say
from yingji_map.domain.errors import InvalidParameter, UnreadableFile
from yingji_map.domain.warning import BEIJING, HazardWarning, WarningState
from yingji_map.domain.warning_draft import DraftRequest
from yingji_map.http.representations.warnings import warning_body

app = typer.Typer(help="预警：起草、看、导出 / warnings", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
Id = Annotated[str, typer.Argument(help="预警编号 / id of the warning")]
_VIA = "cli"


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几条 / at most")] = 50,
    state: Annotated[
        WarningState | None, typer.Option(help="只看一种；候选须点名 / one state only")
    ] = None,
    json: Json = False,
) -> None:
    """列出预警，新的在前 / list warnings, newest first."""
    with opened() as application:
        page = application.list_warnings.run(limit=limit, state=state)
    if json:
        print_json({"warnings": [_document(warning) for warning in page.warnings]})
        return
    for warning in page.warnings:
        print(_line(warning))


@app.command()
def draft(  # noqa: PLR0913 - one option for each thing a draft says
    *,
    hazard: Annotated[str, typer.Option(help="灾种：landslide、flood … / hazard")],
    level: Annotated[str, typer.Option(help="red、orange、yellow、blue")],
    zone: Annotated[Path, typer.Option(help="范围，GeoJSON 文件 / zone, a GeoJSON file")],
    expires: Annotated[str, typer.Option(help="失效时间，带时区 / end, with its time zone")],
    effective: Annotated[
        str | None, typer.Option(help="生效时间，不写就是现在 / beginning, now by default")
    ] = None,
    headline: Annotated[str | None, typer.Option(help="标题 / headline")] = None,
    text: Annotated[str | None, typer.Option(help="正文 / description")] = None,
    instruction: Annotated[str | None, typer.Option(help="防御指南 / what to do")] = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="演练 / an exercise")] = False,
    json: Json = False,
) -> None:
    """画好的范围 → 里面有谁 → 预警草稿 / a zone, who is inside, a draft."""
    request = DraftRequest(
        hazard=hazard,
        level=level,
        zone=_read_zone(existing_file(zone)),
        effective_at=_instant("effective", effective) if effective else None,
        expires_at=_instant("expires", expires),
        headline=headline,
        text=text,
        instruction=instruction,
        is_exercise=exercise,
    )
    with opened() as application:
        warning = application.draft_warning.run(request, via=_VIA)
    _show(warning, json=json)


@app.command()
def propose(
    *,
    run_id: Annotated[
        str | None, typer.Option("--run", help="默认最新的实时运行 / the latest by default")
    ] = None,
    min_persons: Annotated[int, typer.Option(min=0, help="至少涉及几人 / people at least")] = 1,
    json: Json = False,
) -> None:
    """实时运行的红橙片区 → 候选预警，重复运行不重复 / red and orange zones become candidates."""
    with opened() as application:
        found = application.runs.propose.run(run_id, min_persons=min_persons, via=_VIA)
    if json:
        print_json({"warnings": [_document(warning) for warning in found]})
        return
    for warning in found:
        print(_line(warning))
    print(f"+{len(found)}")


@app.command()
def show(warning_id: Id, *, json: Json = False) -> None:
    """看一条预警 / show a warning."""
    with opened() as application:
        warning = application.list_warnings.one(warning_id)
    _show(warning, json=json)


@app.command()
def export(
    warning_id: Id,
    *,
    out: Annotated[
        Path | None, typer.Option(help="写到文件，不写就打印 / file, printed by default")
    ] = None,
) -> None:
    """导出为 CAP 1.2 / write a warning as CAP 1.2."""
    with opened() as application:
        message = application.export_warning.run(warning_id)
    if out is None:
        sys.stdout.buffer.write(message.body)
        return
    out.write_bytes(message.body)
    say(f"已写入 {out}", f"Written to {out}")


def _read_zone(path: Path) -> dict[str, object]:
    """Return the geometry of a GeoJSON file: itself, a feature's or that of the only feature."""
    try:
        document = json_format.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        zh, en = f"不是 JSON：{error}", f"is no JSON: {error}"
        raise UnreadableFile(file=path.name, reason_zh=zh, reason_en=en) from error
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        features = document["features"]
        document = features[0] if len(features) == 1 else None
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = document.get("geometry")
    if not isinstance(document, dict):
        zh, en = "应是一个面，或只有一个要素", "must be one polygon or one feature"
        raise UnreadableFile(file=path.name, reason_zh=zh, reason_en=en)
    return document


def _instant(parameter: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidParameter(
            parameter=parameter,
            value=text,
            reason_zh="写成 2026-07-14T09:20+08:00 这样",
            reason_en="write it like 2026-07-14T09:20+08:00",
        ) from error


def _show(warning: HazardWarning, *, json: bool) -> None:
    if json:
        print_json(_document(warning))
        return
    audience, texts = warning.audience, warning.texts
    is_zh = language() == "zh"
    print(_line(warning))
    print(f"{texts.headline}\n{texts.description}\n{texts.instruction}")
    counts = (
        ("人口", "people", audience.population_persons),
        ("户", "households", audience.households),
        ("居民点", "settlements", audience.settlements),
        ("避难场所", "shelters", audience.shelters),
        ("可容纳", "shelter places", audience.shelter_capacity_persons),
    )
    print("  ".join(f"{zh if is_zh else en} {_number(count)}" for zh, en, count in counts))
    for place in audience.places:
        print(f"  {place.name}  {_number(place.population_persons)}")


def _line(warning: HazardWarning) -> str:
    is_zh = language() == "zh"
    label = warning.meaning.label_zh if is_zh else warning.meaning.label_en
    event = warning.event.title_zh if is_zh else warning.event.title_en
    begin, end = (
        moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        for moment in (warning.effective_at, warning.expires_at)
    )
    return f"{warning.warning_id}  {warning.state}  {event}  {label}  {begin} – {end}"


def _number(count: int | None) -> str:
    return "—" if count is None else str(count)


def _document(warning: HazardWarning) -> dict[str, object]:
    return warning_body(warning).model_dump(mode="json")
