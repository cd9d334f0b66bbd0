"""An evacuation plan as one page to print: map, who goes where, who has no place, how it was made."""

from collections.abc import Iterable, Iterator
from datetime import timedelta, timezone
from html import escape

from yingji_map.domain.evacuation import (
    REASONS_ZH,
    STATES_ZH,
    EvacuationPlan,
    SavedPlan,
    ShelterState,
)
from yingji_map.domain.network import PROFILES
from yingji_map.publish.evacuation_map import plan_map

_BEIJING = timezone(timedelta(hours=8))
_STYLE = """
@page { size: A4; margin: 14mm; }
body { font: 12px/1.5 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif;
  color: #1c2733; margin: 24px auto; max-width: 900px; padding: 0 16px; }
h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 14px; margin: 18px 0 6px; }
p { margin: 4px 0; } .facts { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 10px 0; }
.facts b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #d5dbe1; padding: 3px 6px; text-align: left; }
td.n, th.n { text-align: right; } tr { break-inside: avoid; } thead { display: table-header-group; }
.lacking { color: #b3261e; } svg { width: 100%; height: auto; border: 1px solid #d5dbe1; }
button { float: right; padding: 4px 12px; } footer { margin-top: 18px; color: #5b6875; }
@media print { button { display: none; } body { margin: 0; padding: 0; max-width: none; } }
"""


def evacuation_sheet(saved: SavedPlan) -> str:
    """Return the plan as an HTML document that needs nothing else, in Chinese."""
    plan = saved.plan
    made = saved.created_at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M")
    parts = [
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'>",
        f"<title>疏散方案 {saved.plan_id}</title><style>{_STYLE}</style></head><body>",
        f"<h1>疏散方案 第 {saved.plan_id} 号</h1>",
        f"<p>{escape(made)} 制（北京时间）· {PROFILES[plan.profile].title.zh} · {plan.minutes} 分钟内到达</p>",
        _facts(plan),
        plan_map(plan),
        "<h2>未安置</h2>",
        _lacking(plan),
        "<h2>转移安置</h2>",
        _table(("村社", "人数", "去处", "安置", "分钟", "公里"), _moves(plan)),
        "<h2>安置场所</h2>",
        _table(("场所", "容量", "安置", "余量", "状态"), _shelters(plan)),
        f"<footer>{_footer(plan)}</footer></body></html>",
    ]
    return "\n".join(parts)


def _facts(plan: EvacuationPlan) -> str:
    placed = plan.people_persons - plan.unplaced_persons
    lacking = "lacking" if plan.unplaced_persons else ""
    facts = (
        ("", "需转移", f"{plan.people_persons} 人"),
        ("", "有安置", f"{placed} 人"),
        (lacking, "未安置", f"{plan.unplaced_persons} 人"),
        ("", "最晚到达", f"{plan.last_arrival_s / 60:.0f} 分钟"),
        ("", "分到多处的村社", f"{plan.proof.split_settlements} 个"),
    )
    cells = (f"<div class='{mark}'>{name}<b>{value}</b></div>" for mark, name, value in facts)
    return f"<div class='facts'>{''.join(cells)}</div>"


def _lacking(plan: EvacuationPlan) -> str:
    rows = [
        (group.name, group.unplaced_persons, REASONS_ZH[group.reason])
        for group in plan.groups
        if group.reason is not None
    ]
    return _table(("村社", "人数", "原因"), rows) if rows else "<p>没有，人人有去处。</p>"


def _moves(plan: EvacuationPlan) -> Iterator[tuple[object, ...]]:
    for group in plan.groups:
        for move in group.moves:
            yield (
                group.name,
                group.people_persons,
                move.shelter_name,
                move.persons,
                round(move.travel_time_s / 60),
                round(move.distance_m / 1000, 1),
            )


def _shelters(plan: EvacuationPlan) -> Iterator[tuple[object, ...]]:
    for one in plan.shelters:
        if one.assigned_persons or one.state is not ShelterState.USABLE:
            left = one.capacity_persons - one.assigned_persons
            state = STATES_ZH[one.state]
            yield one.name, one.capacity_persons, one.assigned_persons, left, state


def _table(heading: Iterable[str], rows: Iterable[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heading)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td class='n'>{value}</td>"
            if isinstance(value, int | float)
            else f"<td>{escape(str(value))}</td>"
            for value in row
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _footer(plan: EvacuationPlan) -> str:
    proof, basis = plan.proof, plan.basis
    extra = proof.plan_person_s / proof.best_person_s - 1 if proof.best_person_s else 0.0
    shown = "已证明最优" if proof.is_optimal else "未能证明最优"
    versions = "、".join(f"{name} v{number}" for name, number in basis.layer_versions.items())
    closures = "、".join(
        f"{name}（{reason}）" if reason else name
        for name, reason in zip(basis.closures, basis.closure_reasons, strict=True)
    )
    lines = (
        f"安置人数最多、行程总和最小的分配：{shown}；为让同村在一起，本方案行程总和多 {extra:.1%}。",
        f"最小 {proof.best_person_s / 3600:.1f} 人·小时，下界 {proof.bound_person_s / 3600:.1f}。",
        f"数据：{versions}；风险运行：{basis.run_id or '未用'}；封路：{closures or '无'}。",
        "行程时间是估算，出发前请核实路况。",
    )
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
