"""`yingji db …`: the embedded PostGIS and its schema."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import create_engine

from yingji_map.cli.db_backup import backup, restore
from yingji_map.cli.session import (
    EXIT_UNAVAILABLE,
    database_address,
    embedded_cluster,
    language,
    print_json,
    say,
)
from yingji_map.settings import Settings
from yingji_map.store.schema import newest_revision, upgrade_schema

app = typer.Typer(help="内置数据库：起、停、看、升级 / the embedded database", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]


@app.command()
def start() -> None:
    """启动内置 PostGIS 并让它留着 / start the embedded PostGIS and let it stay."""
    cluster = embedded_cluster(Settings())
    cluster.start()
    say(f"运行中：{cluster.url}", f"Running: {cluster.url}")


@app.command()
def stop() -> None:
    """停下内置 PostGIS / stop the embedded PostGIS."""
    if embedded_cluster(Settings()).stop():
        say("已停下", "Stopped")
    else:
        say("本来就没有运行", "It was not running")


@app.command()
def status(*, json: Json = False) -> None:
    """查看是否在运行；没有运行时退出码 3 / tell whether it runs; exit code 3 when it does not."""
    found = embedded_cluster(Settings()).status()
    if json:
        print_json(asdict(found))
    else:
        states = {"zh": ("没有运行", "运行中"), "en": ("not running", "running")}
        print(f"{states[language()][found.is_running]}  pid={found.pid}  PostgreSQL {found.major}")
        print(f"{found.data}\n{found.url}")
    if not found.is_running:
        raise typer.Exit(EXIT_UNAVAILABLE)


@app.command()
def upgrade(*, json: Json = False) -> None:
    """把表结构升到最新 / bring the schema to the newest revision."""
    settings = Settings()
    with database_address(settings) as url:
        engine = create_engine(url)
        before, after = upgrade_schema(engine, settings.migrations_dir)
        engine.dispose()
    newest = newest_revision(settings.migrations_dir)
    if json:
        print_json({"before": before, "after": after, "newest": newest})
    else:
        say(f"表结构 {before or '空'} → {after}", f"Schema {before or 'empty'} → {after}")


app.command()(backup)
app.command()(restore)
