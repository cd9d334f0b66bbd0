"""`yingji raster …`: grids of elevation, rain and the like."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.moments import parse_moment, show_moment
from yingji_map.cli.session import existing_file, opened, print_json, say
from yingji_map.services.import_raster import RasterImportRequest

app = typer.Typer(help="栅格：导入、列出 / rasters", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]


@app.command(name="import")
def import_raster(  # noqa: PLR0913 - one option each
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="栅格图层，如 dem / layer id")],
    file: Annotated[Path, typer.Argument(help=".tif .asc .hgt .img", callback=existing_file)],
    *,
    valid_at: Annotated[
        str | None, typer.Option(help="数值对应的时刻，带时区 / the instant described")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系，如 EPSG:4490 / CRS")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查不写入 / judge, write nothing")
    ] = False,
    json: Json = False,
) -> None:
    """导入一个栅格；同一个栅格再导入不会重复 / import a raster, the same one once."""
    request = RasterImportRequest(
        path=file,
        layer_id=layer,
        valid_at=None if valid_at is None else parse_moment(valid_at),
        crs=crs,
    )
    with opened() as application:
        importer = application.import_raster
        record = importer.rehearse(request, say) if dry_run else importer.run(request, say)
    if json:
        print_json({**asdict(record), "is_dry_run": dry_run})
    else:
        print(f"{record.layer_id}  {record.width} × {record.height}  {record.sha256[:12]}")
        if dry_run:
            say("试运行：没有写入任何数据", "Dry run: nothing was written")


@app.command(name="list")
def list_rasters(
    layer: Annotated[str | None, typer.Argument(metavar="[LAYER]", help="只看一层 / one")] = None,
    *,
    json: Json = False,
) -> None:
    """列出在用的栅格 / list the rasters in force."""
    with opened() as application:
        records = application.list_rasters.run(layer)
    if json:
        print_json({"rasters": [asdict(record) for record in records]})
        return
    for record in records:
        size = f"{record.width} × {record.height}"
        print(
            f"{record.layer_id:<20} {show_moment(record.valid_at, '—'):<26} {size:<14} "
            f"{record.sha256[:12]}  {record.file_name}"
        )
