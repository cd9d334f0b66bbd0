"""`yingji risk …`: compute, list and explain risk runs."""

from datetime import datetime, timedelta, timezone
from typing import Annotated

import typer

from yingji_map.cli.session import language, opened, print_json, say
from yingji_map.domain.assumption import read_what_if
from yingji_map.domain.division import KINDS, DivisionLevel, Tally
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.explanation import CellExplanation, FactorExplanation
from yingji_map.domain.layer import Title
from yingji_map.domain.run import RunKind, RunRecord
from yingji_map.http.representations.divisions import division_list
from yingji_map.http.representations.risk_cells import cell_body
from yingji_map.http.representations.risk_runs import run_body, run_list
from yingji_map.services.assess_risk import AssessRequest

app = typer.Typer(help="风险：计算、查看、解释 / compute and explain risk", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
_BEIJING = timezone(timedelta(hours=8))
_COLUMNS = {
    "red": ("红", "red"),
    "orange": ("橙", "orange"),
    "yellow": ("黄", "yellow"),
    "blue": ("蓝", "blue"),
    "no_data": ("无数据", "no data"),
    "not_applicable": ("不适用", "n/a"),
}
_KINDS_ZH = {"static": "常态", "dynamic": "实时", "scenario": "情景"}
_STATES_ZH = {"scored": "已评分", "no_data": "无数据", "not_applicable": "不适用"}
_LEVELS_ZH = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝", "none": "无色"}
_BLOCKS_ZH = {
    "hazard": "致灾因子",
    "exposure": "承灾体",
    "vulnerability": "脆弱性",
    "capacity": "应对能力",
}


@app.command()
def run(
    *,
    at: Annotated[
        str | None,
        typer.Option(help="雨量时刻（带时区），或 latest；不给则算常态 / instant of rain"),
    ] = None,
    resolution: Annotated[int, typer.Option(help="H3 级别 6–9 / H3 resolution")] = 9,
    what_if: Annotated[
        list[str] | None,
        typer.Option("--what-if", help="假设，如 rainfall_24h=200mm@白水镇 / what if"),
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="情景从哪一次运行出发，默认最新 / base of a what-if")
    ] = None,
    json: Json = False,
) -> None:
    """计算全部模型并保存；输入没变时不重算 / compute all models; equal inputs are not recomputed."""
    with opened() as application:
        if what_if:
            questions = [read_what_if(text) for text in what_if]
            record = application.runs.scenario.run(questions, base, progress=say)
            _tell_run(record, json=json)
            return
        moment = application.assess_risk.newest_rain_at() if at == "latest" else _instant(at)
        request = AssessRequest(at=moment, resolution=resolution)
        summary = application.assess_risk.run(request, progress=say)
    if json:
        print_json({**run_body(summary.record).model_dump(mode="json"), "is_new": summary.is_new})
        return
    if not summary.is_new:
        say("输入与已有的运行相同，没有重算", "Equal inputs had been run before")
    _print_run(summary.record)


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(help="最多几次")] = 20,
    scenarios: Annotated[bool, typer.Option("--scenarios", help="只列情景 / scenarios")] = False,
    json: Json = False,
) -> None:
    """列出运行，最新的在前 / list runs, the latest first."""
    with opened() as application:
        kind = RunKind.SCENARIO if scenarios else None
        records = application.list_runs.run(limit, kind=kind)
    if json:
        print_json(run_list(records).model_dump(mode="json"))
        return
    for record in records:
        print(headline(record))


@app.command()
def show(
    run_id: Annotated[str | None, typer.Argument(help="默认最新 / the latest by default")] = None,
    *,
    json: Json = False,
) -> None:
    """看一次运行的结果与输入 / show one run and what it was made of."""
    with opened() as application:
        record = application.list_runs.one(run_id)
    if json:
        print_json(run_body(record).model_dump(mode="json"))
        return
    _print_run(record)
    for layer in record.inputs.layers:
        print(f"  {layer.layer_id} v{layer.version} · {layer.row_count}")
    for raster in record.inputs.rasters:
        when = f" · {raster.valid_at.isoformat()}" if raster.valid_at else ""
        print(f"  {raster.layer_id} {raster.sha256[:12]}{when}")


@app.command()
def explain(
    cell: Annotated[str, typer.Argument(help="H3 格网编号 / H3 cell")],
    *,
    hazard: Annotated[str, typer.Option(help="landslide、flood、composite")] = "composite",
    run_id: Annotated[str | None, typer.Option("--run", help="默认最新 / latest")] = None,
    json: Json = False,
) -> None:
    """照原样重算一个格网并解释它的颜色 / recompute one cell and explain its colour."""
    with opened() as application:
        found = application.explain_cell.run(run_id, hazard, cell)
    if json:
        print_json(cell_body(found).model_dump(mode="json"))
    else:
        _print_explanation(found)


@app.command()
def divisions(
    *,
    hazard: Annotated[str, typer.Option(help="landslide、flood、composite")] = "composite",
    run_id: Annotated[str | None, typer.Option("--run", help="默认最新 / latest")] = None,
    level: Annotated[
        DivisionLevel, typer.Option(help="按乡镇、县、市还是省 / divisions of which level")
    ] = DivisionLevel.TOWNSHIP,
    json: Json = False,
) -> None:
    """按行政区划统计格网、面积与人口 / count cells, area and people by division."""
    with opened() as application:
        found, tag = application.tally_divisions.find(run_id, hazard)
        tally = application.tally_divisions.run(found, hazard, tag, level)
    if json:
        print_json(division_list(tally).model_dump(mode="json"))
        return
    print(headline(found))
    for each in tally.divisions:
        _print_tally(each.name, each.tally)
    _print_tally(word("全县", "county"), tally.county)


def _tell_run(record: RunRecord, *, json: bool) -> None:
    if json:
        print_json(run_body(record).model_dump(mode="json"))
    else:
        _print_run(record)


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        zh, en = "应如 2026-07-10T08:00+08:00", "write it as 2026-07-10T08:00+08:00"
        raise InvalidParameter(parameter="at", value=text, reason_zh=zh, reason_en=en) from error


def word(zh: str, en: str) -> str:
    """Return the text in the reader's language."""
    return zh if language() == "zh" else en


def _title(title: Title) -> str:
    return word(title.zh, title.en)


def headline(record: RunRecord) -> str:
    """Return one line that names a run."""
    kind = word(_KINDS_ZH[record.kind.value], record.kind.value)
    cells = word(f"{record.cell_count} 个格网", f"{record.cell_count} cells")
    when = record.valid_at.astimezone(_BEIJING).isoformat(timespec="minutes")
    line = f"{record.run_id}  {kind}  {when}  r{record.resolution}  {cells}"
    notes = [assumption.text for assumption in record.inputs.assumptions]
    if record.is_superseded:
        notes.append(word("已被取代", "superseded"))
    return "  ".join([line, *notes])


def _print_run(record: RunRecord) -> None:
    print(headline(record))
    for summary in record.hazards:
        counts = "  ".join(
            f"{word(*words)} {summary.counts.get(name, 0)}" for name, words in _COLUMNS.items()
        )
        print(f"  {word(summary.title_zh, summary.title_en)}：{counts}")


def _print_tally(name: str, tally: Tally) -> None:
    counts = "  ".join(
        f"{word(*_COLUMNS[kind])} {cells}/{persons}{word('人', 'p')}"
        for kind, cells, persons in zip(KINDS, tally.cells, tally.population_persons, strict=True)
    )
    print(f"  {name}：{counts}")


def _print_explanation(found: CellExplanation) -> None:
    place = f" · {found.township[1]}" if found.township else ""
    level = word(_LEVELS_ZH[found.level], found.level)
    state = word(_STATES_ZH[found.state], found.state)
    score = "—" if found.score is None else f"{found.score:.6f}"
    print(f"{found.cell}{place} · {_title(found.title)} · {level} {score} · {state}")
    print(f"{word('置信度', 'confidence')} {found.confidence:.2f} · {found.formula}")
    for block in found.blocks:
        value = "—" if block.score is None else f"{block.score:.4f}"
        print(f"{word(_BLOCKS_ZH[block.block], block.block)} {value}")
        for factor in block.factors:
            print(f"  {_factor_line(factor)}")
    for member in found.members:
        value = "—" if member.score is None else f"{member.score:.4f}"
        print(f"  {_title(member.title)} {value} × {member.weight:.2f} → {member.contribution:.4f}")
    if found.trigger is not None and found.trigger.rain_mm is not None:
        rain = found.trigger
        print(
            f"{word('雨量', 'rain')} {rain.rain_mm:.1f} mm → T {rain.trigger} × {rain.multiplier}"
        )
    _print_turns(found)
    exact = word("与保存值完全一致", "equals the stored value bit for bit")
    differs = word("与保存值不一致", "DIFFERS from the stored value")
    print(f"{word('重算', 'recomputed')}：{exact if found.recomputes_exactly else differs}")


def _print_turns(found: CellExplanation) -> None:
    for level in dict.fromkeys(turn.level for turn in found.turns):
        name = word(_LEVELS_ZH[level], level)
        print(word(f"只改一项，变{name}要：", f"One change alone that makes it {name}:"))
        for turn in [turn for turn in found.turns if turn.level == level][:3]:
            numbers = f"{turn.raw_from:.6g} → {turn.raw_to:.6g} {turn.unit}".rstrip()
            print(f"  {_title(turn.title)} {numbers}（{turn.score:.4f}）")


def _factor_line(factor: FactorExplanation) -> str:
    if factor.raw is None or factor.normalised is None:
        why = "没有数据" if factor.state == "no_data" else "本版本不计算"
        return f"{_title(factor.title)}：{word(why, factor.state)} ({factor.layer})"
    numbers = f"{factor.raw:.6g} {factor.unit} → {factor.normalised:.3f} × {factor.weight:.3f}"
    return f"{_title(factor.title)}：{numbers} → {factor.contribution:.4f}"
