"""`yingji db backup|restore`: everything into one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.moments import show_moment
from yingji_map.cli.session import database_address, existing_file, print_json, say
from yingji_map.settings import Settings
from yingji_map.store.backup import Place, back_up
from yingji_map.store.backup_manifest import Manifest
from yingji_map.store.backup_restore import RestoreRequest, check_backup, restore_backup
from yingji_map.store.database import open_store
from yingji_map.store.schema import upgrade_schema

Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]


def backup(
    file: Annotated[Path, typer.Argument(help="写到哪个文件 / file to write", dir_okay=False)],
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖已有文件 / replace an existing file")
    ] = False,
    json: Json = False,
) -> None:
    """备份全部数据：数据库和栅格，一个文件 / back up database and rasters into one file."""
    if file.exists() and not overwrite:
        message = f"{file} 已经存在，覆盖请加 --overwrite / exists, add --overwrite"
        raise typer.BadParameter(message)
    if not file.parent.is_dir():
        message = f"没有这个文件夹：{file.parent} / no such folder"
        raise typer.BadParameter(message)
    settings = Settings()
    with database_address(settings) as url:
        store = open_store(url, pool_size=2)
        try:
            with store.read():
                pass  # a server that does not answer is a refusal here, not a traceback below
            upgrade_schema(store.engine, settings.migrations_dir)
            place = Place(url=url, data_dir=settings.data_dir)
            manifest = back_up(store, place, file, say)
        finally:
            store.dispose()
    size_mb = file.stat().st_size / 1e6
    _report(manifest, as_json=json)
    say(f"已备份到 {file}，{size_mb:.1f} MB", f"Backed up to {file}, {size_mb:.1f} MB")


def restore(
    file: Annotated[Path, typer.Argument(help="备份文件 / backup file", callback=existing_file)],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="换掉库里已有的数据 / replace what is there")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查备份文件 / check the file, change nothing")
    ] = False,
    json: Json = False,
) -> None:
    """从备份恢复全部数据，核对后才换上 / restore everything; proven before it is put in place."""
    settings = Settings()
    if dry_run:
        manifest = check_backup(file, settings.migrations_dir)
        _report(manifest, as_json=json)
        say("备份文件完好，没有改动任何数据", "The backup is whole; nothing was changed")
        return
    with database_address(settings) as url:
        request = RestoreRequest(
            path=file,
            place=Place(url=url, data_dir=settings.data_dir),
            migrations_dir=settings.migrations_dir,
            is_replacing=replace,
        )
        manifest = restore_backup(request, say)
    _report(manifest, as_json=json)
    say("已恢复，校验值全部一致", "Restored, every checksum agrees")


def _report(manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json(manifest.model_dump(mode="json"))
        return
    features = sum(layer.row_count for layer in manifest.layers.values())
    versions = sum(len(layer.versions) for layer in manifest.layers.values())
    say(
        f"{show_moment(manifest.created_at)} 的数据：{len(manifest.layers)} 个图层、{features} 个要素、"
        f"{versions} 个版本、{len(manifest.runs)} 次风险运行、{len(manifest.rasters)} 个栅格",
        f"As of {show_moment(manifest.created_at)}: {len(manifest.layers)} layers, {features} "
        f"features, {versions} versions, {len(manifest.runs)} risk runs, "
        f"{len(manifest.rasters)} rasters",
    )
