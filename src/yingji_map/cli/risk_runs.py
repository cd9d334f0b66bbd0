"""`yingji risk diff|prune`: what changed between two runs, and letting old ones go."""

from typing import Annotated

import typer

from yingji_map.cli.risk import Json, headline, word
from yingji_map.cli.session import opened, print_json
from yingji_map.http.representations.risk_diff import DiffBody, diff_body
from yingji_map.http.representations.risk_runs import run_list

_SIDES_ZH = {
    "red": "红",
    "orange": "橙",
    "yellow": "黄",
    "blue": "蓝",
    "no_data": "无数据",
    "not_applicable": "不适用",
    "absent": "不在县内",
}


def diff(
    origin: Annotated[str, typer.Argument(metavar="A", help="较早的运行 / run to start from")],
    target: Annotated[
        str | None, typer.Argument(metavar="B", help="默认最新 / the latest by default")
    ] = None,
    *,
    hazard: Annotated[str, typer.Option(help="landslide、flood、composite")] = "composite",
    json: Json = False,
) -> None:
    """比较两次运行：升级、降级、人口、乡镇与原因 / compare two runs: cells, people, causes."""
    with opened() as application:
        runs = application.runs.diff.find(origin, target, hazard)
        found = application.runs.diff.run(*runs, hazard)
    body = diff_body(found)
    if json:
        print_json(body.model_dump(mode="json", by_alias=True))
        return
    for run in runs:
        print(headline(run))
    _print_diff(body)


def prune(
    *,
    keep: Annotated[
        int | None, typer.Option(help="每种保留最新几次，默认 YINGJI_RISK__KEEP_RUNS / keep")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不删 / only show")] = False,
    json: Json = False,
) -> None:
    """删去多余的旧运行；预警出处永不删 / delete old runs, never one that a warning came from."""
    with opened() as application:
        found = application.runs.prune.run(keep, is_dry_run=dry_run)
    if json:
        print_json({**run_list(found).model_dump(mode="json"), "dry_run": dry_run})
        return
    for run in found:
        print(headline(run))
    zh, en = ("将删去", "would go") if dry_run else ("已删去", "deleted")
    print(word(f"{zh} {len(found)} 次运行", f"{len(found)} runs {en}"))


def _print_diff(body: DiffBody) -> None:
    for mark, name, moved in (("↑", ("升级", "up"), body.up), ("↓", ("降级", "down"), body.down)):
        print(
            f"{mark} {word(*name)} {moved.cells} {word('格', 'cells')} · "
            f"{moved.area_km2:.2f} km² · {moved.population_persons} {word('人', 'people')}"
        )
    for move in body.transitions:
        if move.from_ != move.to:
            sides = (word(_SIDES_ZH[side], side) for side in (move.from_, move.to))
            print(f"  {' → '.join(sides)}：{move.cells} · {move.population_persons}")
    for each in body.divisions:
        print(f"  {each.name}：↑{each.up}（{each.persons_up}） ↓{each.down}（{each.persons_down}）")
    if body.causes is None:
        print(word("输入已不在库里，说不出原因", "The inputs are gone: no causes can be told"))
        return
    print(word("原因（分数合计）", "Causes (sums of scores)"))
    for cause in body.causes:
        title = word(cause.title.zh, cause.title.en)
        print(f"  {title}：{cause.change:+.4f}（{cause.leads_cells}）")
    print(f"  {word('合计', 'all')}：{body.score_change:+.4f}")
