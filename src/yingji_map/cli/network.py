"""`yingji network …`: the road network that travel times rest on."""

from dataclasses import asdict
from typing import Annotated

import typer

from yingji_map.cli.session import language, opened, print_json, say
from yingji_map.engine.topology import TopologyReport, report_topology
from yingji_map.services.keep_network import KeptNetwork

app = typer.Typer(help="路网：建图、检查 / the road network", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
_SHOWN = 10


@app.command()
def build(*, json: Json = False) -> None:
    """按当前道路数据建图，报告规模和用时 / build the graph from the present roads and time it."""
    with opened() as application:
        say("正在建图", "Building the graph")
        kept = application.network.rebuilt()
    graph = kept.network.graph
    figures = {
        "road_version": kept.version,
        "nodes": graph.node_count,
        "edges": graph.edge_count,
        "length_km": round(float(graph.length_m.sum()) / 1000, 1),
        "build_s": round(kept.build_s, 3),
    }
    if json:
        print_json(figures)
        return
    names = ("道路版本", "节点", "路段", "长度（千米）", "用时（秒）")
    shown = names if language() == "zh" else tuple(figures)
    for name, value in zip(shown, figures.values(), strict=True):
        print(f"{name}  {value}")


@app.command()
def show(*, json: Json = False) -> None:
    """检查路网：不连通的部分、断头、差一点接上的地方 / what is odd about the network."""
    with opened() as application:
        kept = application.network.rebuilt()
    report = report_topology(kept.network.graph)
    if json:
        print_json({"road_version": kept.version, **asdict(report)})
    else:
        _print_report(report, kept)


def _print_report(report: TopologyReport, kept: KeptNetwork) -> None:
    is_zh = language() == "zh"
    head = (
        f"道路 {report.roads} 条（版本 {kept.version}）  节点 {report.nodes}  路段 {report.edges}"
        f"  共 {report.length_km:.1f} 千米"
        if is_zh
        else f"{report.roads} roads (version {kept.version}), {report.nodes} nodes, "
        f"{report.edges} edges, {report.length_km:.1f} km"
    )
    print(head)
    _print_list(
        "互不连通的部分" if is_zh else "separate parts",
        [
            f"{part.length_km:.1f} km  {part.edges}  @ {part.lon:.6f},{part.lat:.6f}"
            for part in report.parts
        ],
    )
    _print_list(
        "差一点接上" if is_zh else "ends that just miss a road",
        [
            f"{miss.road} → {miss.other_road}  {miss.gap_m:.1f} m  @ {miss.lon:.6f},{miss.lat:.6f}"
            for miss in report.near_misses
        ],
    )
    _print_list(
        "断头" if is_zh else "loose ends",
        [f"{end.road}  @ {end.lon:.6f},{end.lat:.6f}" for end in report.loose_ends],
    )
    _print_list(
        "没有车速，不能通行" if is_zh else "without speed, not usable",
        list(report.roads_without_speed),
    )


def _print_list(title: str, lines: list[str]) -> None:
    print(f"{title}: {len(lines)}")
    for line in lines[:_SHOWN]:
        print(f"  {line}")
    if len(lines) > _SHOWN:
        print(f"  … {len(lines) - _SHOWN} (--json)")
