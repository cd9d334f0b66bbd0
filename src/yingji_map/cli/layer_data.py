"""`yingji layer import|export`: the data of a layer, in and out."""

from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.import_report import print_refusal, print_report
from yingji_map.cli.moments import parse_moment
from yingji_map.cli.session import existing_source, opened, say
from yingji_map.domain.china_datum import Datum
from yingji_map.domain.cql2 import read_filter
from yingji_map.domain.download import FileForm, TextEncoding, srid_of
from yingji_map.domain.errors import ImportRefused
from yingji_map.domain.query import FeatureQuery, ValidTime
from yingji_map.ingest.formats import ACCEPTED
from yingji_map.publish.vector_file import FILE_SUFFIXES, format_of
from yingji_map.services.export_layer import ExportRequest
from yingji_map.services.import_layer import ImportRequest

Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
LayerId = Annotated[str, typer.Argument(metavar="LAYER", help="图层，如 shelter / layer id")]


def import_layer(  # noqa: PLR0913 - one option each
    layer: LayerId,
    file: Annotated[Path, typer.Argument(help=ACCEPTED, callback=existing_source)],
    *,
    crs: Annotated[str | None, typer.Option(help="坐标系，如 EPSG:4523 / CRS")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码，如 GBK / encoding")] = None,
    source_layer: Annotated[
        str | None, typer.Option(help="文件里的哪一层、哪张表 / layer or sheet within the file")
    ] = None,
    datum: Annotated[
        Datum | None, typer.Option(help="偏移坐标：高德 gcj02、百度 bd09 / shifted degrees")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="文件里没有的要素到此为止 / end what is missing")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查不写入 / judge, write nothing")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="合格的行写入，其余逐行拒绝 / take the fit rows")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="闭合环、修好无效的面，逐条报告 / make polygons valid")
    ] = False,
    valid_from: Annotated[
        str | None, typer.Option(help="从何时起为真，带时区 / true since, with zone")
    ] = None,
    json: Json = False,
) -> None:
    """导入一个文件：默认要么全部写入，要么一行不写 / import a file, whole or not at all."""
    request = ImportRequest(
        path=file,
        layer_id=layer,
        crs=crs,
        encoding=encoding,
        source_layer=source_layer,
        datum=datum,
        is_replacing=replace,
        is_dry_run=dry_run,
        is_lenient=lenient,
        is_repairing=repair,
        valid_from=None if valid_from is None else parse_moment(valid_from),
    )
    with opened() as application:
        try:
            report = application.import_layer.run(request, say)
        except ImportRefused as refusal:
            print_refusal(refusal, as_json=json)
            raise
    print_report(report, as_json=json)


def export_layer(  # noqa: PLR0913 - one option each
    layer: LayerId,
    file: Annotated[
        Path, typer.Argument(help=f"{FILE_SUFFIXES}（.zip 是 Shapefile）", dir_okay=False)
    ],
    *,
    at: Annotated[str | None, typer.Option(help="当时的样子，带时区 / as it was then")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="当时所知，带时区 / as it was known then")
    ] = None,
    crs: Annotated[str, typer.Option(help="坐标系，如 EPSG:4523 / CRS")] = "EPSG:4490",
    encoding: Annotated[
        TextEncoding, typer.Option(help="文字编码，GBK 只用于 .zip 和 .csv / encoding")
    ] = TextEncoding.UTF_8,
    where: Annotated[
        str | None, typer.Option("--filter", help="CQL2 条件 / CQL2 condition")
    ] = None,
    with_private: Annotated[
        bool, typer.Option("--with-private", help="连同责任人等字段 / private fields too")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖已有文件 / replace an existing file")
    ] = False,
) -> None:
    """导出成文件，格式由扩展名定 / write a layer as a file of the format that its name picks."""
    if file.exists() and not overwrite:
        message = f"{file} 已经存在，覆盖请加 --overwrite / exists, add --overwrite"
        raise typer.BadParameter(message)
    if not file.parent.is_dir():
        message = f"没有这个文件夹：{file.parent} / no such folder"
        raise typer.BadParameter(message)
    form = FileForm(format=format_of(file), srid=srid_of(crs), encoding=encoding)
    instant = None if at is None else parse_moment(at)
    with opened() as application:
        definition = application.find_features.definition(layer)
        query = FeatureQuery(
            valid=None if instant is None else ValidTime(start=instant, end=instant),
            known_at=None if known_at is None else parse_moment(known_at),
            filter=None if where is None else read_filter(where, definition),
        )
        request = ExportRequest(
            layer_id=layer, path=file, query=query, form=form, with_private=with_private
        )
        count = application.export_layer.run(request)
    say(f"{count} 个要素写到 {file}", f"{count} features written to {file}")
