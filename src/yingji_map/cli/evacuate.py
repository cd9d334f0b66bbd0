"""`yingji evacuate …`: plan an evacuation, look at plans, take them as files."""

from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.closure import geometry_of
from yingji_map.cli.session import existing_file, language, opened, print_json, say
from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.evacuation import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    DEFAULT_TOGETHER_RATIO,
    REASONS_ZH,
    PlanRequest,
    SavedPlan,
)
from yingji_map.domain.network import ProfileId
from yingji_map.domain.shapes import polygon_of
from yingji_map.http.representations.evacuation import plan_document, plan_list
from yingji_map.http.representations.evacuation_request import avoided_text
from yingji_map.services.export_plan import PlanForm

app = typer.Typer(help="疏散：转移安置方案 / evacuation plans", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
Output = Annotated[
    Path | None, typer.Option(help="写成 .csv、.xlsx 或 .html（打印） / write to a file")
]
_VIA = "cli"


@app.command()
def plan(  # noqa: PLR0913 - one option for each thing a plan reckons with
    *,
    zone: Annotated[Path | None, typer.Option(help="危险区，GeoJSON 文件 / a GeoJSON file")] = None,
    warning: Annotated[str | None, typer.Option(help="预警编号，用它的范围 / a warning")] = None,
    settlement: Annotated[list[str] | None, typer.Option(help="村社编号，可多次 / code")] = None,
    profile: Annotated[ProfileId, typer.Option(help="出行方式 / profile")] = DEFAULT_PROFILE,
    minutes: Annotated[int, typer.Option(help="多少分钟内要到 / time limit")] = DEFAULT_MINUTES,
    avoid: Annotated[
        str | None, typer.Option(help="不用高风险格里的场所，如 flood 或 flood:red / avoid risk")
    ] = None,
    together: Annotated[
        float, typer.Option(help="为同村在一起，行程总和最多多几成 / for villages together")
    ] = DEFAULT_TOGETHER_RATIO,
    closures: Annotated[str, typer.Option(help="封路 / closures")] = IN_FORCE,
    output: Output = None,
    json: Json = False,
) -> None:
    """谁去哪个场所：容量内安置最多、行程最短，并给出证明 / the best plan, proven."""
    request = PlanRequest(
        zone=None if zone is None else polygon_of(geometry_of(existing_file(zone))),
        warning_id=warning,
        settlement_keys=tuple(settlement or ()),
        profile=profile,
        minutes=minutes,
        avoid=avoided_text(avoid),
        together_ratio=together,
        closures=choice_of(closures),
    )
    form = None if output is None else _form_of(output)
    with opened() as application:
        saved = application.planning.plan_evacuation.run(request, via=_VIA)
        if output is not None and form is not None:
            output.write_bytes(application.planning.export_plan.run(saved.plan_id, form).body)
    _print(saved, json=json)


@app.command()
def show(
    plan: Annotated[int, typer.Argument(min=0, help="方案编号 / number of the plan")],
    *,
    output: Output = None,
    json: Json = False,
) -> None:
    """看一个方案，或写成文件 / show a plan or write it to a file."""
    form = None if output is None else _form_of(output)
    with opened() as application:
        saved = application.planning.plan_evacuation.one(plan)
        if output is not None and form is not None:
            output.write_bytes(application.planning.export_plan.run(plan, form).body)
    _print(saved, json=json)


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几个 / at most")] = 50,
    json: Json = False,
) -> None:
    """列出方案，新的在前 / list plans, newest first."""
    with opened() as application:
        rows = application.planning.plan_evacuation.all(limit=limit)
    if json:
        print_json(plan_list(rows, limit).model_dump(mode="json"))
        return
    for row in rows:
        print(f"{row.plan_id:>4}  {row.created_at:%Y-%m-%d %H:%M}  {row.people_persons}")


def _form_of(path: Path) -> PlanForm:
    ending = path.suffix.lower().removeprefix(".")
    if ending not in set(PlanForm):
        raise InvalidParameter(
            parameter="output",
            value=path.name,
            reason_zh="应以 .csv、.xlsx 或 .html 结尾",
            reason_en="must end in .csv, .xlsx or .html",
        )
    return PlanForm(ending)


def _print(saved: SavedPlan, *, json: bool) -> None:
    if json:
        print_json(plan_document(saved).model_dump(mode="json"))
        return
    is_zh, plan, proof = language() == "zh", saved.plan, saved.plan.proof
    placed = plan.people_persons - plan.unplaced_persons
    for group in plan.groups:
        for move in group.moves:
            minutes = f"{move.travel_time_s / 60:6.1f} {'分钟' if is_zh else 'min'}"
            print(f"{group.name} → {move.shelter_name}  {move.persons}  {minutes}")
        if group.reason is not None:
            reason = REASONS_ZH[group.reason] if is_zh else group.reason.value
            print(f"{group.name} –  {group.unplaced_persons}  {reason}")
    shown = "已证明最优" if proof.is_optimal else "未能证明最优"
    say(
        f"方案 {saved.plan_id}：需转移 {plan.people_persons} 人，安置 {placed} 人，{shown}",
        f"plan {saved.plan_id}: {placed} of {plan.people_persons} placed, "
        f"{'proven optimal' if proof.is_optimal else 'not proven optimal'}",
    )
