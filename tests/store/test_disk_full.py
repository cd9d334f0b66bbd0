"""A disk that fills up while a file is imported: one sentence, and the store as it was."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from tests.support.builders import a_definition
from tests.support.files import write_geojson

from yingji_map.domain.errors import StoreFull, StoreUnavailable
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.cluster import Cluster
from yingji_map.store.database import open_store
from yingji_map.store.features import read_features
from yingji_map.store.layers import find_layer_states
from yingji_map.store.ledger import sum_up
from yingji_map.store.schema import upgrade_schema

pytestmark = [pytest.mark.db, pytest.mark.slow]
MIGRATIONS = Path(__file__).parents[2] / "migrations"
WELL = a_definition()
ROOM = 4 * 1024**2  # bytes left for the import that fails


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Mount a disk in memory that holds a server and little else."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted by root")
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        place = Path(name) / "disk"
        place.mkdir()
        options = ["-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", str(place)]
        if subprocess.run([mount, *options], check=False, capture_output=True).returncode:
            pytest.skip("no right to mount a small disk here")
        yield place
        subprocess.run(["umount", "-l", str(place)], check=False)


def _file(folder: Path, rows: int, depth: float) -> Path:
    wells = [
        {
            "code": f"W{n:05d}",
            "name": f"井{n}",
            "depth_m": depth,
            "geom": shapely.Point(106 + n / 1e5, 32),
        }
        for n in range(rows)
    ]
    return write_geojson(folder / f"{rows}.geojson", wells)


def test_a_full_disk_is_one_sentence_and_the_store_as_before(
    small_disk: Path, tmp_path: Path
) -> None:
    cluster = Cluster(
        home=small_disk / "pg",
        extra_settings="fsync = off\nmin_wal_size = 32MB\nmax_wal_size = 32MB\n",
        free_bytes=lambda _path: 1 << 40,
    )
    cluster.start()
    store = open_store(cluster.url, pool_size=1)
    try:
        upgrade_schema(store.engine, MIGRATIONS)
        importer = ImportLayer(store=store, catalogue={"well": WELL})
        importer.run(ImportRequest(path=_file(tmp_path, 50, 1), layer_id="well"))
        ballast = small_disk / "ballast"
        with ballast.open("wb") as stream:
            stream.write(b"\0" * max(shutil.disk_usage(small_disk).free - ROOM, 0))
        request = ImportRequest(path=_file(tmp_path, 30_000, 2), layer_id="well")

        with pytest.raises((StoreFull, StoreUnavailable)) as refusal:
            importer.run(request)
        ballast.unlink()
        cluster.start()  # without room for its log PostgreSQL ends itself; else this does nothing

        with store.read() as tx:
            state = find_layer_states(tx)["well"]
            table = read_features(tx, WELL)
            assert (state.content_hash, state.row_count, state.bounds) == sum_up(tx, WELL)
        assert refusal.value.text("zh")
        assert (state.version, len(table)) == (1, 50)
        assert set(table.columns["depth_m"]) == {1.0}
        again = importer.run(ImportRequest(path=_file(tmp_path, 60, 3), layer_id="well"))
        assert (again.written, again.version) == (60, 2)
    finally:
        store.dispose()
        cluster.stop()
