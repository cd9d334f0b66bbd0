"""The service killed while it takes a file over HTTP: the layer is as before or as after."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select, text
from tests.support.files import write_geojson

from yingji_map.ingest.definitions import read_catalogue
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.layers import apply_layer, lock_layer
from yingji_map.store.ledger import sum_up
from yingji_map.store.tables import imports

pytestmark = [pytest.mark.db, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
COUNTY = read_catalogue(ROOT / "layers")["county"]
TOKEN = "killed-in-mid-upload"  # noqa: S105 - of a service that lives for a test
KILLS = int(os.environ.get("YINGJI_KILLS", "2"))
SEED = 510821
ROWS = 3000


def _file(folder: Path, area: float) -> Path:
    rows = [
        {"code": f"{n:06d}", "name": f"县{n}", "area_km2": area, "geom": shapely.box(x, 32, x + 1e-3, 33)}
        for n in range(ROWS)
        for x in [106 + n / 1000]
    ]  # fmt: skip
    return write_geojson(folder / f"{area:g}.geojson", rows)


def _settled(store: Store) -> tuple[int, set[float]]:
    """Return version and areas when nobody writes any more, having checked that they agree."""
    with store.transaction() as tx:
        state = lock_layer(tx, "county")
        areas = set(read_features(tx, COUNTY).columns["area_km2"])
        accepted = tx.scalar(select(func.count()).select_from(imports))
        left = tx.scalars(text("SELECT relname FROM pg_class WHERE relname LIKE 'stage%'")).all()
        assert (state.content_hash, state.row_count, state.bounds) == sum_up(tx, COUNTY)
    assert state.row_count in {0, ROWS}
    assert (accepted, left) == (state.version, [])
    return state.version, areas


class _Service:
    """One `yingji serve` on a database and a port of its own."""

    def __init__(self, url: str, data_dir: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.root = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "YINGJI_DATABASE__URL": url,
            "YINGJI_DATA_DIR": str(data_dir),
            "YINGJI_HTTP__PORT": str(port),
            "YINGJI_EDITING__TOKEN": TOKEN,
        }
        command = [sys.executable, "-m", "yingji_map", "serve"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
        end = time.monotonic() + 90
        while True:
            with suppress(OSError):
                self.ask("/healthz")
                return
            assert time.monotonic() < end, "the service does not answer"
            time.sleep(0.1)

    def ask(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self.root}{path}", data=body)
        request.add_header("Authorization", f"Bearer {TOKEN}")
        request.add_header("Content-Type", "application/geo+json")
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def post(self, path: Path) -> Any:
        address = f"/v1/imports?layer=county&replace=true&file={path.name}"
        return self.ask(address, path.read_bytes())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


def test_a_killed_service_leaves_the_state_before_or_after(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        apply_layer(tx, COUNTY)
    rng = random.Random(SEED)  # noqa: S311 - moments, not secrets
    files = [_file(tmp_path, 1), _file(tmp_path, 2)]
    service = _Service(database_url, tmp_path / "data")
    began = time.monotonic()
    number = service.post(files[0])["id"]
    while service.ask(f"/v1/imports/{number}")["state"] == "running":
        time.sleep(0.02)
    lasted_s = time.monotonic() - began
    version, areas = _settled(store)
    assert (version, areas) == (1, {1.0})

    for kill in range(KILLS):
        coming = files[0] if areas == {2.0} else files[1]
        upload = threading.Thread(target=_post_until_killed, args=(service, coming))
        upload.start()
        time.sleep(lasted_s * (kill + rng.random()) / KILLS)
        service.kill()
        upload.join(60)

        found = _settled(store)

        after = (version + 1, {float(coming.stem)})
        assert found in ((version, areas), after)
        version, areas = found
        service = _Service(database_url, tmp_path / "data")

    service.kill()
    request = ImportRequest(path=_file(tmp_path, 9), layer_id="county", is_replacing=True)
    report = ImportLayer(store=store, catalogue={"county": COUNTY}).run(request)
    assert (report.written, _settled(store)) == (ROWS, (version + 1, {9.0}))


def _post_until_killed(service: _Service, path: Path) -> None:
    with suppress(OSError, urllib.error.URLError, ValueError):
        service.post(path)
