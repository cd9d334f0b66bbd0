"""`yingji bundle make`: one file for a field laptop without a network."""

from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.session import opened, say
from yingji_map.services.map_outputs import map_outputs

app = typer.Typer(no_args_is_help=True, help="外业离线包 / offline bundle")


@app.callback()
def _bundle() -> None:
    """外业离线包：数据、瓦片、样式、QGIS 工程 / offline bundle."""


@app.command()
def make(
    out: Annotated[
        Path, typer.Option("--out", help="写到哪个 .zip / file to write", dir_okay=False)
    ],
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖已有文件 / replace an existing file")
    ] = False,
) -> None:
    """把现在的整张图做成一个文件 / make one file of the map as it is now."""
    if out.exists() and not overwrite:
        message = f"{out} 已经存在，覆盖请加 --overwrite / exists, add --overwrite"
        raise typer.BadParameter(message)
    if not out.parent.is_dir():
        message = f"没有这个文件夹：{out.parent} / no such folder"
        raise typer.BadParameter(message)
    with opened() as application:
        report = map_outputs(application).bundle.run(out, say)
    size = f"{report.size_bytes / 1024**2:.1f} MiB"
    say(
        f"{report.layers} 个图层、{report.features} 个要素、{report.tiles} 张瓦片，{size}，写到 {out}",
        f"{report.layers} layers, {report.features} features, {report.tiles} tiles, {size}: {out}",
    )
