"""Everything of one moment into one file: database, rasters, and the checksums of both."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

import yingji_map
from yingji_map.domain.errors import BackupFailed, NotReady
from yingji_map.store.backup_file import DUMP, BackupWriter, backup_draft, raster_member
from yingji_map.store.backup_manifest import LayerEntry, Manifest, TableEntry, VersionEntry
from yingji_map.store.cluster_dump import dumped, find_dump_programs
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states, statement_time
from yingji_map.store.raster_files import raster_path
from yingji_map.store.table_digests import digest_tables
from yingji_map.store.tables import layer_versions, rasters, risk_runs

Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the store is: its database and its folder of raster files."""

    url: str
    data_dir: Path


def back_up(store: Store, place: Place, path: Path, progress: Progress) -> Manifest:
    """Write a backup of one moment while others go on reading and writing.

    Raises
    ------
    BackupFailed
        Disk, `pg_dump` or a raster file failed; no file is left.
    ToolMissing
        There is no `pg_dump` for this server.
    NotReady
        The database is empty.
    """
    with backup_draft(path) as draft, store.read() as tx:
        # One snapshot for the dump and for every checksum: both speak of the same moment.
        snapshot = str(tx.scalar(select(func.pg_export_snapshot())))
        revision = MigrationContext.configure(tx).get_current_revision()
        if revision is None:
            raise NotReady(what_zh="可备份的数据", what_en="data to back up", fix="yingji up")
        programs = find_dump_programs(_major(tx))
        progress("导出数据库", "Dumping the database")
        with dumped(programs, place.url, snapshot) as stream:
            draft.add(DUMP, stream)
        kept = tuple(sorted(set(tx.scalars(select(rasters.c.sha256)))))
        progress(f"复制 {len(kept)} 个栅格", f"Copying {len(kept)} rasters")
        for sha256 in kept:
            _add_raster(draft, place.data_dir, sha256)
        progress("计算校验值", "Computing checksums")
        manifest = Manifest(
            program_version=yingji_map.__version__,
            created_at=statement_time(tx),
            revision=revision,
            postgresql=str(tx.scalar(text("SHOW server_version"))),
            members=draft.members,
            tables={name: TableEntry(**asdict(d)) for name, d in digest_tables(tx).items()},
            layers=_layers(tx),
            runs=tuple(tx.scalars(select(risk_runs.c.run_id).order_by(risk_runs.c.run_id))),
            rasters=kept,
        )
        draft.close_with(manifest)
    return manifest


def _major(tx: Connection) -> int:
    return int(tx.scalar(text("SHOW server_version_num"))) // 10_000


def _add_raster(draft: BackupWriter, data_dir: Path, sha256: str) -> None:
    path = raster_path(data_dir, sha256)
    if not path.exists():
        zh, en = f"登记过的栅格 {path.name} 不见了", f"the registered raster {path.name} is gone"
        raise BackupFailed(reason_zh=zh, reason_en=en)
    with path.open("rb") as stream:
        member = draft.add(raster_member(sha256), stream)
    if member.sha256 != sha256:
        zh, en = f"栅格 {path.name} 已损坏", f"the raster {path.name} is damaged"
        raise BackupFailed(reason_zh=zh, reason_en=en)


def _layers(tx: Connection) -> dict[str, LayerEntry]:
    versions: dict[str, list[VersionEntry]] = {}
    columns = layer_versions.c
    statement = select(
        columns.layer_id, columns.version, columns.content_hash, columns.row_count
    ).order_by(columns.layer_id, columns.version)
    for layer_id, version, content_hash, row_count in tx.execute(statement):
        entry = VersionEntry(version=version, content_hash=content_hash, row_count=row_count)
        versions.setdefault(layer_id, []).append(entry)
    return {
        layer_id: LayerEntry(
            version=state.version,
            content_hash=state.content_hash,
            row_count=state.row_count,
            versions=tuple(versions.get(layer_id, ())),
        )
        for layer_id, state in find_layer_states(tx).items()
    }
