"""`yingji import …`: what was handed in, what came of it, and the rows that were not taken."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.import_folder import import_folder
from yingji_map.cli.import_report import print_document
from yingji_map.cli.moments import show_moment
from yingji_map.cli.session import language, opened, print_json, say
from yingji_map.domain.import_record import ImportRecord

app = typer.Typer(help="导入记录：列出、查看、取回被拒的行 / imports", no_args_is_help=True)
app.command(name="folder")(import_folder)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
ImportId = Annotated[int, typer.Argument(metavar="ID", help="导入编号 / number", min=1)]


@app.command(name="list")
def list_imports(
    layer: Annotated[str | None, typer.Argument(metavar="[LAYER]", help="只看一层 / one")] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多几条 / at most")] = 50,
    json: Json = False,
) -> None:
    """列出导入过的文件，新的在前 / list the files handed in, newest first."""
    with opened() as application:
        records = application.list_imports.run(layer_id=layer, limit=limit)
    if json:
        print_json({"imports": [_summary(record) for record in records]})
        return
    for record in records:
        mark = "✓" if record.is_accepted else "✗"
        report = record.report
        counts = "/".join(str(report.get(f"rows_{name}", "—")) for name in ("written", "read"))
        when = show_moment(record.imported_at, "—")
        print(
            f"{record.import_id:>6} {mark} {when}  {record.layer_id:<20} {counts:>12}  {record.file_name}"
        )


@app.command()
def show(import_id: ImportId, *, json: Json = False) -> None:
    """查看一次导入的报告 / show the report of one import."""
    with opened() as application:
        record = application.list_imports.one(import_id)
    if json:
        print_json(asdict(record))
        return
    print(f"{record.layer_id}  {record.file_name}  {show_moment(record.imported_at, '—')}")
    print_document(dict(record.report))


@app.command()
def refused(
    import_id: ImportId,
    *,
    out: Annotated[Path, typer.Option(help="写到哪个 .gpkg / file to write", dir_okay=False)],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖已有文件 / replace an existing file")
    ] = False,
) -> None:
    """把被拒的行连同原因写成 GeoPackage / write the refused rows with their reasons."""
    if out.suffix.lower() != ".gpkg" or not out.parent.is_dir():
        message = f"{out}：应是已有文件夹里的 .gpkg / must be a .gpkg in a folder that exists"
        raise typer.BadParameter(message)
    if out.exists() and not overwrite:
        message = f"{out} 已经存在，覆盖请加 --overwrite / exists, add --overwrite"
        raise typer.BadParameter(message)
    with opened() as application:
        count = application.list_imports.write_refused(import_id, out, language())
    say(f"{count} 行写到 {out}", f"{count} rows written to {out}")


def _summary(record: ImportRecord) -> dict[str, object]:
    report = record.report
    return {
        "import_id": record.import_id,
        "layer": record.layer_id,
        "file": record.file_name,
        "is_accepted": record.is_accepted,
        "imported_at": record.imported_at,
        **{name: value for name, value in report.items() if name.startswith("rows_")},
    }
