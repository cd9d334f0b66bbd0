"""`yingji import folder`: all files of a folder or zip, each to its layer."""

from pathlib import Path
from typing import Annotated, Any

import typer

from yingji_map.cli.import_report import print_document
from yingji_map.cli.session import EXIT_REFUSED, existing_source, language, opened, print_json, say
from yingji_map.domain.errors import FolderUndecided
from yingji_map.services.import_folder import FolderRequest
from yingji_map.services.import_layer import ImportRequest

_MARKS = {"accepted": "✓", "refused": "✗", "waiting": "…"}


def import_folder(  # noqa: PLR0913 - one option each
    place: Annotated[
        Path, typer.Argument(metavar="DIR", help="文件夹或 .zip", callback=existing_source)
    ],
    *,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="FILE=LAYER",
            help="指定某个文件的图层，“-”为跳过，可重复 / layer of a file, - to leave it out",
        ),
    ] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系，如 EPSG:4523 / CRS")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码，如 GBK / encoding")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只配对、检查，不写入 / match and judge only")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="合格的行写入，其余逐行拒绝 / take the fit rows")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="闭合环、修好无效的面，逐条报告 / make polygons valid")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="给程序读的输出 / for programs")] = False,
) -> None:
    """导入整个文件夹：按名称、列和图形配对图层 / import a folder, files matched to layers."""
    how = ImportRequest(
        path=Path(),
        layer_id="",
        crs=crs,
        encoding=encoding,
        is_dry_run=dry_run,
        is_lenient=lenient,
        is_repairing=repair,
    )
    request = FolderRequest(place=place, choices=_choices(choose or []), how=how)
    with opened() as application:
        try:
            report = application.import_folder.run(request, say)
        except FolderUndecided as refusal:
            _print_undecided(refusal, as_json=json)
            raise
    document: Any = report.document()
    print_json(document) if json else _print(document)
    if not report.is_accepted:
        raise typer.Exit(EXIT_REFUSED)


def _choices(words: list[str]) -> dict[str, str]:
    choices: dict[str, str] = {}
    for word in words:
        name, equals, layer = word.rpartition("=")
        if not (name and equals and layer):
            message = f"{word}：应写作 文件=图层 / must be FILE=LAYER"
            raise typer.BadParameter(message)
        choices[name] = layer
    return choices


def _print(document: dict[str, Any]) -> None:
    for outcome in document["files"]:
        layer = outcome["layer"] or "—"
        print(f"{_MARKS[outcome['state']]} {outcome['file']} → {layer}")
        print_document(outcome["report"])
    for item in document["left_out"]:
        print(f"· {item['file']}：{item['reason'][language()]}")


def _print_undecided(refusal: FolderUndecided, *, as_json: bool) -> None:
    files: Any = refusal.fields["files"]
    if as_json:
        print_json({"code": refusal.code, "files": files})
        return
    for item in files:
        fitting = "、".join(item["candidates"]) or "—"
        print(f"? {item['file']}  {item['reason'][language()]}：{fitting}")
        print(f"  --as '{item['file']}={next(iter(item['candidates']), '-')}'")
