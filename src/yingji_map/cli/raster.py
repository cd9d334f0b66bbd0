"""`yingji raster …`: grids of elevation, rain and the like."""

from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.import_report import print_document, print_raster_refusal
from yingji_map.cli.moments import parse_moment, show_moment
from yingji_map.cli.session import existing_source, opened, print_json, say
from yingji_map.domain.errors import YingjiError
from yingji_map.ingest.raster_source import GridOptions
from yingji_map.ingest.raster_time import parse_zone
from yingji_map.services.import_raster import RasterImportRequest

app = typer.Typer(help="栅格：导入、列出、推算 / rasters", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]


def existing_sources(paths: list[Path]) -> list[Path]:
    """Return the paths when each is a file or a folder, else refuse as wrong usage."""
    return [existing_source(path) for path in paths]


@app.command(name="import")
def import_raster(  # noqa: PLR0913 - one option each
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="栅格图层，如 dem / layer id")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help=".tif .nc .asc .hgt .img，文件夹或 zip、tar.gz / files, folders, archives",
            callback=existing_sources,
        ),
    ],
    *,
    valid_at: Annotated[
        str | None,
        typer.Option(help="数值对应的时刻，带时区；不给取自文件或文件名 / the instant described"),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="文件里时间的时区，如 +08:00、UTC / zone of their times")
    ] = None,
    variable: Annotated[
        str | None, typer.Option(help="NetCDF 变量名或波段号 / variable or band")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系，如 EPSG:4490 / CRS")] = None,
    unit: Annotated[
        str | None, typer.Option(help="文件里数值的单位，如 0.1mm / unit of the numbers")
    ] = None,
    nodata: Annotated[
        float | None, typer.Option(help="代表空值的数 / number that stands for a void")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查不写入 / judge, write nothing")
    ] = False,
    json: Json = False,
) -> None:
    """导入栅格，可以是一个时间序列；全部写入或全不写入 / import grids, all or nothing."""
    request = RasterImportRequest(
        path=files[0],
        further=tuple(files[1:]),
        layer_id=layer,
        valid_at=None if valid_at is None else parse_moment(valid_at),
        said=GridOptions(variable=variable, crs=crs, unit=unit, nodata=nodata, zone=_zone_of(zone)),
        is_dry_run=dry_run,
    )
    with opened() as application:
        try:
            report = application.import_raster.run_all(request, say)
        except YingjiError as error:
            print_raster_refusal(error, as_json=json)
            raise
    document = report.document()
    print_json(document) if json else print_document(document)


@app.command(name="list")
def list_rasters(
    layer: Annotated[str | None, typer.Argument(metavar="[LAYER]", help="只看一层 / one")] = None,
    *,
    known_at: Annotated[
        str | None, typer.Option(help="当时所知，带时区 / as it was known then")
    ] = None,
    json: Json = False,
) -> None:
    """列出在用的栅格 / list the rasters in force."""
    moment = None if known_at is None else parse_moment(known_at)
    with opened() as application:
        records = application.list_rasters.run(layer, known_at=moment)
    if json:
        print_json({"rasters": [asdict(record) for record in records]})
        return
    for record in records:
        size = f"{record.width} × {record.height}"
        print(
            f"{record.layer_id:<20} {show_moment(record.valid_at, '—'):<26} {size:<14} "
            f"{record.sha256[:12]}  {record.file_name}"
        )


@app.command()
def derive(
    layer: Annotated[
        str | None, typer.Argument(metavar="[LAYER]", help="只推算一层，如 slope / one")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """由高程推算坡度、坡向、起伏度、离河高度；来源没变的不重算 / make derived rasters anew."""
    with opened() as application:
        made = application.import_raster.followers.run(layer, say)
    if json:
        print_json({"rasters": [asdict(one) for one in made]})
        return
    for one in made:
        mark = {"written": "✓", "unchanged": "="}.get(one.outcome, "—")
        print(f"{mark} {one.layer_id:<20} {one.source:<12} {(one.sha256 or '')[:12]}")
    if any(one.outcome == "missing" for one in made):
        say("— 缺来源栅格或河流", "— the raster or the rivers that they come from are missing")


def _zone_of(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    zone = parse_zone(text)
    if zone is None:
        message = f"不认识的时区“{text}”，写成 +08:00 或 UTC / unknown zone"
        raise typer.BadParameter(message)
    return zone
