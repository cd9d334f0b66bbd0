"""`yingji risk zoning|register`: files that are handed on from a run."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.session import opened, say
from yingji_map.http.representations.zoning import zoning_collection
from yingji_map.publish.register_file import register_csv, register_xlsx

_Run = Annotated[str | None, typer.Option("--run", help="默认最新 / the latest by default")]


def zoning(
    *,
    out: Annotated[Path, typer.Option(help="写到哪个 .geojson / where to")],
    hazard: Annotated[str, typer.Option(help="landslide、flood、composite")] = "composite",
    run_id: _Run = None,
    sieve_km2: Annotated[
        float, typer.Option("--sieve-km2", help="小于此面积的色斑并入更危险的邻斑 / sieve")
    ] = 0.0,
) -> None:
    """区划图：同色格网合成的面，拼合起来正好铺满全县 / zoning polygons that cover the county."""
    with opened() as application:
        run, _ = application.tally_divisions.find(run_id, hazard)
        found = application.runs.zone.run(run, hazard, sieve_km2)
    text = json_text.dumps(zoning_collection(found), ensure_ascii=False)
    out.write_text(text, encoding="utf-8")
    say(f"{len(found.patches)} 个面 → {out}", f"{len(found.patches)} polygons → {out}")
    print(out)


def register(
    *,
    out: Annotated[Path, typer.Option(help="写到哪个 .xlsx 或 .csv / where to")],
    hazard: Annotated[str | None, typer.Option(help="默认全部灾种 / all by default")] = None,
    run_id: _Run = None,
    level: Annotated[str, typer.Option(help="列到哪一级 / down to which level")] = "orange",
) -> None:
    """风险清单：红橙色斑、人口与主要因素 / risk register: dangerous patches, people, causes."""
    writers = {".xlsx": register_xlsx, ".csv": register_csv}
    if out.suffix.lower() not in writers:
        message = "文件名应以 .xlsx 或 .csv 结尾 / must end in .xlsx or .csv"
        raise typer.BadParameter(message)
    with opened() as application:
        found = application.runs.register.run(run_id, hazard, level)
    out.write_bytes(writers[out.suffix.lower()](found))
    say(f"{len(found.entries)} 条 → {out}", f"{len(found.entries)} entries → {out}")
    print(out)
