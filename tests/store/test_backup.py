"""Backup and restoration of everything: the same checksums, or nothing changed."""

import json
import os
import resource
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import shapely
from sqlalchemy import create_engine, text
from tests.support.risk_county import put, put_county
from tests.support.risk_runs import a_run, a_surface

from yingji_map.bootstrap import Application, build
from yingji_map.domain.errors import (
    BackupDamaged,
    BackupFailed,
    BackupTooNew,
    StoreInUse,
    StoreNotEmpty,
    ToolMissing,
)
from yingji_map.store.backup import Place, back_up
from yingji_map.store.backup_file import DUMP, MANIFEST, backup_draft, read_manifest
from yingji_map.store.backup_manifest import Manifest
from yingji_map.store.backup_restore import RestoreRequest, check_backup, restore_backup
from yingji_map.store.cluster_dump import find_dump_programs
from yingji_map.store.database import open_store
from yingji_map.store.features import read_features
from yingji_map.store.layers import find_layer_states
from yingji_map.store.ledger import sum_up
from yingji_map.store.raster_files import raster_path
from yingji_map.store.runs import find_runs, load_surface, save_run
from yingji_map.store.table_digests import digest_tables
from yingji_map.store.versions import find_versions

pytestmark = [pytest.mark.db, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "migrations"


def _quiet(_zh: str, _en: str) -> None:
    pass


@dataclass(frozen=True)
class Full:
    """A store with layers of several versions, rasters and a run, and its backup."""

    application: Application
    place: Place
    backup: Path
    manifest: Manifest
    contents: dict[str, object]


@pytest.fixture(scope="module")
def full(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """Fill a store and back it up once."""
    folder = tmp_path_factory.mktemp("full")
    place = Place(url=database_url, data_dir=folder / "data")
    application = build(url=database_url, layers_dir=ROOT / "layers", data_dir=place.data_dir)
    put_county(application, folder)
    put_county(application, folder, seed=2)  # every layer has a past
    with application.store.transaction() as tx:
        save_run(tx, *a_run([a_surface(rings=8)]))
    path = folder / "all.yingji"
    manifest = back_up(application.store, place, path, _quiet)
    yield Full(application, place, path, manifest, _contents(place))
    application.close()


@pytest.fixture
def empty(cluster_url: str, template: str, tmp_path: Path) -> Iterator[Place]:
    """Return another place, with the newest schema and nothing in it."""
    name = f"empty_{time.monotonic_ns()}"
    _administer(cluster_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield Place(url=cluster_url.replace("/yingji?", f"/{name}?"), data_dir=tmp_path / "data")
    left = _databases(cluster_url)
    assert not {f"{name}_restoring", f"{name}_replaced"} & left, "a database was left behind"
    _administer(cluster_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(cluster_url: str, statement: str) -> None:
    engine = create_engine(
        cluster_url.replace("/yingji?", "/postgres?"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _databases(cluster_url: str) -> set[str]:
    engine = create_engine(cluster_url.replace("/yingji?", "/postgres?"))
    with engine.connect() as connection:
        names = set(connection.scalars(text("SELECT datname FROM pg_database")))
    engine.dispose()
    return names


def _request(place: Place, path: Path, *, is_replacing: bool = False) -> RestoreRequest:
    return RestoreRequest(
        path=path, place=place, migrations_dir=MIGRATIONS, is_replacing=is_replacing
    )


def _contents(place: Place) -> dict[str, object]:
    """Return all that a store holds, by content: tables, layers at every version, runs, rasters."""
    application = build(url=place.url, layers_dir=ROOT / "layers", data_dir=place.data_dir)
    with application.store.read() as tx:
        layers = {
            layer_id: [
                (v, None if definition.is_raster else sum_up(tx, definition, v.known_at))
                for v in find_versions(tx, layer_id, limit=100)
            ]
            for layer_id, definition in application.catalogue.items()
            if layer_id in find_layer_states(tx)
        }
        runs = [
            (run, load_surface(tx, run.run_id, "flood").score_ratio.tobytes())
            for run in find_runs(tx, 10)
        ]
        found = {"tables": digest_tables(tx), "layers": layers, "runs": runs}
    application.close()
    files = sorted((place.data_dir / "rasters").glob("*")) if place.data_dir.exists() else []
    return {**found, "rasters": {path.name: path.read_bytes() for path in files}}


def test_everything_comes_back_with_the_same_checksums(full: Full, empty: Place) -> None:
    restore_backup(_request(empty, full.backup), _quiet)

    assert _contents(empty) == full.contents
    assert len(full.manifest.runs) == 1
    assert len(full.manifest.rasters) >= 4
    assert max(len(layer.versions) for layer in full.manifest.layers.values()) >= 2


def test_a_restored_store_goes_on_working(full: Full, empty: Place) -> None:
    restore_backup(_request(empty, full.backup), _quiet)
    application = build(url=empty.url, layers_dir=ROOT / "layers", data_dir=empty.data_dir)
    layer_id = "settlement"
    first = application.list_versions.run(layer_id, limit=9)[-1]

    report = application.restore_layer.run(layer_id, 1)

    application.close()
    assert report.content_hash == first.content_hash
    assert report.version == full.manifest.layers[layer_id].version + 1


def test_data_is_replaced_only_when_that_is_said(full: Full, empty: Place, tmp_path: Path) -> None:
    application = build(url=empty.url, layers_dir=ROOT / "layers", data_dir=empty.data_dir)
    put_county(application, tmp_path, seed=7)
    application.close()
    before = _contents(empty)

    with pytest.raises(StoreNotEmpty):
        restore_backup(_request(empty, full.backup), _quiet)
    unchanged = _contents(empty)
    restore_backup(_request(empty, full.backup, is_replacing=True), _quiet)

    assert unchanged == before
    assert _contents(empty)["tables"] == full.contents["tables"]


def test_a_store_that_others_use_is_left_alone(full: Full, empty: Place) -> None:
    before = _contents(empty)
    store = open_store(empty.url)

    with store.read(), pytest.raises(StoreInUse):
        restore_backup(_request(empty, full.backup), _quiet)
    store.dispose()

    assert _contents(empty) == before


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_a_damaged_file_is_refused_before_anything_is_touched(
    full: Full, tmp_path: Path, share: float, damage: str
) -> None:
    whole = full.backup.read_bytes()
    at = int(share * len(whole))
    flipped = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
    path = tmp_path / "bad.yingji"
    path.write_bytes(flipped if damage == "flipped" else whole[:at])

    with pytest.raises(BackupDamaged) as caught:
        check_backup(path, MIGRATIONS)

    assert "bad.yingji" in caught.value.text("zh")


def test_a_flip_in_bytes_that_a_zip_does_not_check_is_refused(full: Full, tmp_path: Path) -> None:
    whole = full.backup.read_bytes()
    path = tmp_path / "bad.yingji"
    directory = whole.rindex(b"PK\x01\x02")
    for at in (directory + 12, directory + 38, len(whole) - 80, len(whole) - 1):  # time, attributes
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])

        with pytest.raises(BackupDamaged):
            check_backup(path, MIGRATIONS)


def _rewritten(
    full: Full, path: Path, change: Callable[[str, bytes], bytes], **manifest: object
) -> Path:
    """Write a backup whose members were changed and whose manifest vouches for them."""
    with zipfile.ZipFile(full.backup) as source, backup_draft(path) as draft:
        for name in source.namelist():
            if name == MANIFEST:
                continue
            staged = path.with_suffix(".member")
            staged.write_bytes(change(name, source.read(name)))
            with staged.open("rb") as stream:
                draft.add(name, stream)
        changed = full.manifest.model_copy(update={"members": draft.members, **manifest})
        draft.close_with(changed)
    return path


def test_a_backup_of_the_first_format_is_still_read(full: Full, tmp_path: Path) -> None:
    old = _rewritten(full, tmp_path / "old", lambda _name, body: body, format="yingji-backup-1")

    assert check_backup(old, MIGRATIONS).members == full.manifest.members


def test_a_backup_of_a_newer_program_is_refused(full: Full, tmp_path: Path) -> None:
    path = _rewritten(full, tmp_path / "new.yingji", lambda _name, data: data, revision="9999")

    with pytest.raises(BackupTooNew) as caught:
        check_backup(path, MIGRATIONS)

    assert "9999" in caught.value.text("en")


@pytest.mark.parametrize("fault", ["no dump", "half a dump", "other rows"])
def test_a_dump_that_does_not_restore_to_what_it_should_changes_nothing(
    full: Full, empty: Place, tmp_path: Path, fault: str
) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != DUMP or fault == "other rows":
            return data
        return b"-- nothing" if fault == "no dump" else data[: len(data) // 2]

    tables = dict(full.manifest.tables)
    if fault == "other rows":
        entry = tables["layer.settlement"]
        tables["layer.settlement"] = entry.model_copy(update={"digest": "1"})
    path = _rewritten(full, tmp_path / "odd.yingji", change, tables=tables)
    before = _contents(empty)["tables"]

    with pytest.raises(BackupFailed):
        restore_backup(_request(empty, path), _quiet)

    assert _contents(empty)["tables"] == before


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr(MANIFEST, json.dumps({"format": "something-else"}))
    (tmp_path / "empty").touch()

    for path in (other, tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(BackupDamaged):
            read_manifest(path)


def test_a_missing_or_damaged_raster_is_not_backed_up_silently(full: Full, tmp_path: Path) -> None:
    sha256 = full.manifest.rasters[0]
    kept = raster_path(full.place.data_dir, sha256)
    aside = kept.rename(tmp_path / "aside.tif")
    target = tmp_path / "b.yingji"

    with pytest.raises(BackupFailed, match=sha256):
        back_up(full.application.store, full.place, target, _quiet)
    kept.write_bytes(b"not a raster")
    with pytest.raises(BackupFailed, match=sha256):
        back_up(full.application.store, full.place, target, _quiet)
    aside.replace(kept)

    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_breaks_off_leaves_no_file(full: Full, tmp_path: Path) -> None:
    """The server ends pg_dump while it waits for a lock: its pipe breaks off in the middle."""
    store = full.application.store
    ended = threading.Event()

    def end_the_dump() -> None:
        statement = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        while not ended.is_set():
            with store.transaction() as tx:
                if tx.scalar(statement):
                    ended.set()
            time.sleep(0.02)

    with store.transaction() as tx:
        tx.execute(text("LOCK TABLE layer.settlement IN ACCESS EXCLUSIVE MODE"))
        watcher = threading.Thread(target=end_the_dump)
        watcher.start()
        with pytest.raises(BackupFailed, match="pg_dump"):
            back_up(store, full.place, tmp_path / "b.yingji", _quiet)
        ended.set()
        watcher.join()

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_file_and_the_old_one_untouched(
    full: Full, tmp_path: Path
) -> None:
    target = tmp_path / "b.yingji"
    target.write_bytes(b"the last backup")

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = subprocess.run(
        [sys.executable, "-B", "-m", "yingji_map", "db", "backup", str(target), "--overwrite"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_disk,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "YINGJI_DATA_DIR": str(full.place.data_dir),
            "YINGJI_DATABASE__URL": full.place.url,
            "YINGJI_LANGUAGE": "zh",
        },
    )

    assert done.returncode == 3, done.stderr
    assert "backup-failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_bytes() == b"the last backup"
    assert [path.name for path in tmp_path.iterdir()] == ["b.yingji"]


def test_a_backup_of_a_busy_store_is_one_moment(full: Full, empty: Place, tmp_path: Path) -> None:
    application = full.application
    rows = {f"B{n}": _shelter(n) for n in range(3)}
    halt = threading.Event()

    def write() -> None:
        number = 0
        while not halt.is_set():
            number += 1
            put(application, "shelter", {key: _shelter(number) for key in rows})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        path = tmp_path / "busy.yingji"
        manifest = back_up(application.store, full.place, path, _quiet)
    finally:
        halt.set()
        writer.join()

    restore_backup(_request(empty, path), _quiet)

    restored = build(url=empty.url, layers_dir=ROOT / "layers", data_dir=empty.data_dir)
    with restored.store.read() as tx:
        table = read_features(tx, restored.catalogue["shelter"], columns=["capacity_persons"])
        state = find_layer_states(tx)["shelter"]
    restored.close()
    capacities = dict(zip(table.keys, table.columns["capacity_persons"], strict=True))
    assert len({capacities.get(key) for key in rows}) == 1
    assert (state.version, state.content_hash) == (
        manifest.layers["shelter"].version,
        manifest.layers["shelter"].content_hash,
    )


def _shelter(number: int) -> tuple[shapely.Geometry, dict[str, object]]:
    return shapely.Point(106.25, 32.2), {"name": "场所", "capacity_persons": number}


def test_a_missing_program_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as caught:
        find_dump_programs(15, [tmp_path])

    assert "postgresql-client-15" in caught.value.text("zh")
    assert find_dump_programs(15).major >= 15


def test_a_backup_is_for_its_owner_alone(full: Full) -> None:
    assert full.backup.stat().st_mode & 0o777 == 0o600
