"""A backup → the store: filled and proven in a database of its own, then swapped in, in one step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, column, create_engine, make_url, select, text
from sqlalchemy import table as table_named
from sqlalchemy.exc import DBAPIError

from yingji_map.domain.errors import (
    BackupFailed,
    BackupTooNew,
    StoreInUse,
    StoreNotEmpty,
    StoreUnavailable,
)
from yingji_map.store.backup import Place, Progress
from yingji_map.store.backup_file import (
    DUMP,
    opened_member,
    raster_member,
    read_manifest,
    verify_members,
)
from yingji_map.store.backup_manifest import Manifest
from yingji_map.store.cluster_dump import find_dump_programs, load_dump
from yingji_map.store.raster_files import keep_raster, raster_draft, raster_path
from yingji_map.store.schema import upgrade_schema
from yingji_map.store.table_digests import digest_tables, find_tables

_LOCK = 5108_2101  # any number that only this program uses
_LEAVING_S = 3  # a connection that was just closed is listed a moment longer
_REGISTRY = ("core", "layers")  # definitions alone are no data: `layer apply` writes them


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """Which backup, where to; `is_replacing` allows to replace what is there."""

    path: Path
    place: Place
    migrations_dir: Path
    is_replacing: bool = False


def check_backup(path: Path, migrations_dir: Path) -> Manifest:
    """Read a backup from end to end and tell what is in it.

    Raises
    ------
    BackupDamaged
        It is not what was written.
    BackupTooNew
        A newer program wrote it.
    """
    manifest = read_manifest(path)
    script = ScriptDirectory(str(migrations_dir))
    known = {revision.revision for revision in script.walk_revisions()}
    if manifest.revision not in known:
        newest = script.get_current_head()
        raise BackupTooNew(file=path.name, revision=manifest.revision, newest=newest)
    verify_members(path, manifest)
    return manifest


def restore_backup(request: RestoreRequest, progress: Progress) -> Manifest:
    """Put a backup in the place of the store; on any failure the store is what it was.

    Raises
    ------
    BackupDamaged, BackupTooNew
        The file cannot be used.
    StoreNotEmpty
        There is data already, and it was not said to replace it.
    StoreInUse
        Other programs are connected.
    BackupFailed, ToolMissing, StoreUnavailable
        The server or the disk failed.
    """
    progress(f"检查 {request.path.name}", f"Checking {request.path.name}")
    manifest = check_backup(request.path, request.migrations_dir)
    with _maintenance(request.place.url) as server:
        if not request.is_replacing:
            _refuse_data(request.place.url)
        _refuse_users(server, request.place.url)
        progress(
            f"放回 {len(manifest.rasters)} 个栅格", f"Restoring {len(manifest.rasters)} rasters"
        )
        _restore_rasters(request, manifest)
        progress("恢复数据库", "Restoring the database")
        _restore_database(server, request, manifest, progress)
    return manifest


def _restore_database(
    server: Connection, request: RestoreRequest, manifest: Manifest, progress: Progress
) -> None:
    current = str(make_url(request.place.url).database)
    coming, going = f"{current}_restoring", f"{current}_replaced"
    for leftover in (coming, going):
        _administer(server, f"DROP DATABASE IF EXISTS {_quoted(server, leftover)} WITH (FORCE)")
    _administer(server, f"CREATE DATABASE {_quoted(server, coming)}")
    try:
        url = make_url(request.place.url).set(database=coming)
        address = url.render_as_string(hide_password=False)
        _fill(server, request, address)
        progress("核对校验值", "Comparing checksums")
        with _engine(address) as engine:
            _prove(engine, manifest)
            upgrade_schema(engine, request.migrations_dir)
        _swap(server, current, coming, going)
    except BaseException:
        _administer(server, f"DROP DATABASE IF EXISTS {_quoted(server, coming)} WITH (FORCE)")
        raise
    _administer(server, f"DROP DATABASE IF EXISTS {_quoted(server, going)} WITH (FORCE)")


def _fill(server: Connection, request: RestoreRequest, address: str) -> None:
    major = int(server.scalar(text("SHOW server_version_num"))) // 10_000
    with opened_member(request.path, DUMP) as stream:
        load_dump(find_dump_programs(major), address, stream)


def _prove(engine: Engine, manifest: Manifest) -> None:
    """Compare every table with what was backed up."""
    with engine.connect() as tx:
        tx.exec_driver_sql("SET TIME ZONE 'UTC'")
        found = {name: asdict(digest) for name, digest in digest_tables(tx).items()}
    wanted = {name: entry.model_dump() for name, entry in manifest.tables.items()}
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            raise BackupFailed(
                reason_zh=f"恢复出来的 {name} 与备份时不同",
                reason_en=f"{name} as restored differs from what was backed up",
            )


def _swap(server: Connection, current: str, coming: str, going: str) -> None:
    """Exchange the databases; readers find the old one or the new one."""
    old, new, aside = (_quoted(server, name) for name in (current, coming, going))
    try:
        with server.engine.begin() as tx:  # both renames, or none
            tx.exec_driver_sql(f"ALTER DATABASE {old} RENAME TO {aside}")
            tx.exec_driver_sql(f"ALTER DATABASE {new} RENAME TO {old}")
    except DBAPIError as error:
        raise StoreInUse(connections="≥ 1") from error


def _restore_rasters(request: RestoreRequest, manifest: Manifest) -> None:
    data_dir = request.place.data_dir
    try:
        for sha256 in manifest.rasters:
            with (
                opened_member(request.path, raster_member(sha256)) as stream,
                raster_draft(data_dir) as draft,
            ):
                with draft.open("wb") as target:
                    while chunk := stream.read(1024 * 1024):
                        target.write(chunk)
                # What stands there could be damaged, which may be why there is a restoration.
                raster_path(data_dir, sha256).unlink(missing_ok=True)
                keep_raster(data_dir, draft, sha256)
    except OSError as error:
        reason = f"{error.filename or data_dir.name}: {error.strerror or error}"
        raise BackupFailed(reason_zh=reason, reason_en=reason) from error


def _refuse_data(url: str) -> None:
    with _engine(url) as engine, engine.connect() as tx:
        for schema, name in find_tables(tx):
            if (schema, name) == _REGISTRY:
                continue
            source = table_named(name, column("ctid"), schema=schema)
            if tx.execute(select(source.c.ctid).limit(1)).first() is not None:
                raise StoreNotEmpty(table=f"{schema}.{name}")


def _refuse_users(server: Connection, url: str) -> None:
    count = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = :name AND backend_type = 'client backend'"
    )
    end = time.monotonic() + _LEAVING_S
    while users := server.scalar(count, {"name": make_url(url).database}):
        if time.monotonic() > end:
            raise StoreInUse(connections=users)
        time.sleep(0.05)


@contextmanager
def _maintenance(url: str) -> Iterator[Connection]:
    """Lend a connection beside the store; restorations take turns."""
    beside = make_url(url).set(database="postgres").render_as_string(hide_password=False)
    with _engine(beside) as engine:
        try:
            server = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except DBAPIError as error:
            raise StoreUnavailable(reason=str(error.orig).strip().splitlines()[0]) from error
        with server:
            server.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            yield server


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    # Without a pool: a connection that lingers would forbid the exchange.
    engine = create_engine(url, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def _administer(server: Connection, statement: str) -> None:
    try:
        server.exec_driver_sql(statement)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise BackupFailed(
            reason_zh=f"PostgreSQL：{reason}", reason_en=f"PostgreSQL: {reason}"
        ) from error


def _quoted(server: Connection, name: str) -> str:
    return server.dialect.identifier_preparer.quote_identifier(name)
