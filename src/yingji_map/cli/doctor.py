"""`yingji doctor`: is everything here that the service needs, and if not, what mends it."""

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import typer
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from yingji_map.cli.session import EXIT_UNAVAILABLE, embedded_cluster, language, print_json
from yingji_map.domain.errors import YingjiError
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.settings import Settings
from yingji_map.store.cluster_binaries import MIN_MAJOR, find_binaries, known_places

_MIN_FREE_GB = 2
_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report: what was looked at, what was found, which command mends it."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    fix: str = ""


def doctor(
    *,
    json: Annotated[
        bool, typer.Option("--json", help="给程序读的输出 / output for programs")
    ] = False,
) -> None:
    """逐项检查本机，指出怎么修 / check this machine and name the remedy."""
    findings = list(_examine(Settings()))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print(f"{_MARKS[finding.state]} {finding.name}: {finding.detail}")
            if finding.fix:
                print(f"    → {finding.fix}")
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(EXIT_UNAVAILABLE)


def _examine(settings: Settings) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_recent = sys.version_info >= (3, 11)
    yield Finding(name="Python", state="ok" if is_recent else "fail", detail=version)
    if settings.database.url is None:
        yield _binaries()
        yield _cluster(settings)
    else:
        yield _server(settings.database.url.get_secret_value())
    yield _disk(settings)
    yield _port(settings)
    yield _definitions(settings)


def _binaries() -> Finding:
    try:
        found = find_binaries(known_places())
    except YingjiError as error:
        return Finding(
            name="PostGIS",
            state="fail",
            detail=error.text(language()),
            fix=str(error.fields["fix"]),
        )
    return Finding(name="PostGIS", state="ok", detail=f"PostgreSQL {found.major}, {found.bin_dir}")


def _cluster(settings: Settings) -> Finding:
    status = embedded_cluster(settings).status()
    if not status.is_created:
        detail = "还没有建立，首次使用时自动建立 / made at first use"
        return Finding(name="embedded database", state="ok", detail=detail)
    try:
        find_binaries(known_places(), major=status.major)
    except YingjiError as error:
        return Finding(
            name="embedded database",
            state="fail",
            detail=error.text(language()),
            fix=str(error.fields["fix"]),
        )
    return (
        _server(status.url)
        if status.is_running
        else Finding(
            name="embedded database",
            state="ok",
            detail=f"PostgreSQL {status.major}, 未运行 / not running",
        )
    )


def _server(url: str) -> Finding:
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            number, encoding = connection.execute(
                text(
                    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
                )
            ).one()
            available = set(
                connection.scalars(
                    text(
                        "SELECT name FROM pg_available_extensions WHERE name IN ('postgis', 'btree_gist')"
                    )
                )
            )
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        return Finding(name="database", state="fail", detail=reason, fix="yingji db status")
    finally:
        engine.dispose()
    faults = [
        *(
            []
            if number // 10_000 >= MIN_MAJOR
            else [f"PostgreSQL {number // 10_000} < {MIN_MAJOR}"]
        ),
        *([] if encoding == "UTF8" else [f"encoding {encoding} ≠ UTF8"]),
        *(f"extension {name} missing" for name in {"postgis", "btree_gist"} - available),
    ]
    detail = "; ".join(faults) or f"PostgreSQL {number // 10_000}, {encoding}"
    return Finding(name="database", state="fail" if faults else "ok", detail=detail)


def _disk(settings: Settings) -> Finding:
    place = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free_gb = shutil.disk_usage(place).free / 1024**3
    state: Literal["ok", "warn"] = "ok" if free_gb >= _MIN_FREE_GB else "warn"
    return Finding(name="disk", state=state, detail=f"{free_gb:.1f} GB free at {place}")


def _port(settings: Settings) -> Finding:
    address = (settings.http.host, settings.http.port)
    with socket.socket() as probe:
        probe.settimeout(1)
        is_taken = probe.connect_ex(address) == 0
    if is_taken:
        detail = f"{address[1]} 已被占用（可能正在运行）/ in use, perhaps by a running service"
        return Finding(
            name="port", state="warn", detail=detail, fix="YINGJI_HTTP__PORT=8001 yingji up"
        )
    return Finding(name="port", state="ok", detail=f"{address[0]}:{address[1]} free")


def _definitions(settings: Settings) -> Finding:
    try:
        catalogue = read_catalogue(settings.layers_dir)
    except YingjiError as error:
        return Finding(
            name="layers", state="fail", detail=error.text(language()), fix="yingji layer validate"
        )
    return Finding(name="layers", state="ok", detail=f"{len(catalogue)} @ {settings.layers_dir}")
