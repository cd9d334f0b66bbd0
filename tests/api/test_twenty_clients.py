"""Twenty clients edit and read at once: no update is lost, no tile outlives its tag, nothing fails.

CI lets them work for ten seconds; `YINGJI_CLIENTS_SECONDS=120` is the campaign.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pydantic import SecretStr
from starlette.testclient import TestClient

from tests.api.conftest import LONG_AGO, ROOT, put
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.services.check_editor import CheckEditor

pytestmark = [pytest.mark.db, pytest.mark.slow]

_SECONDS = float(os.environ.get("YINGJI_CLIENTS_SECONDS", "10"))
_EDITORS, _READERS = 10, 10
_COUNTERS = 4
_TOKEN = "a-token-for-tests-only"  # noqa: S105 - not a secret of anybody
_HEADERS = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/merge-patch+json"}
_ITEMS = "/ogc/collections/supply_depot/items"
_TILE = "/tiles/supply_depot/11/1628/830.pbf"  # holds 106.25, 32.25


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """Build the application with depots that everybody counts up."""
    folder: Path = tmp_path_factory.mktemp("data")
    application = build(
        url=database_url,
        layers_dir=ROOT / "layers",
        data_dir=folder,
        editors=CheckEditor.of(SecretStr(_TOKEN)),
    )
    application.apply_layers.run()
    county = shapely.MultiPolygon([shapely.box(106, 32, 107, 33)])
    put(application, "county", {"510821": (county, {"name": "旺苍县"})}, valid_from=LONG_AGO)
    depots = {
        f"D{number}": (shapely.Point(106.25, 32.25), {"name": "0", "tier": "县级", "tents": 0})
        for number in range(_COUNTERS)
    }
    put(application, "supply_depot", depots, valid_from=LONG_AGO)
    yield application
    application.close()


@dataclass(slots=True)
class Tally:
    """What the clients did and met; each adds under the lock."""

    statuses: Counter[int] = field(default_factory=Counter)
    saved: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def met(self, status: int) -> None:
        with self.lock:
            self.statuses[status] += 1
            if status >= 500:
                self.faults.append(f"status {status}")

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)


def _edit(client: TestClient, tally: Tally, rng: random.Random, until: float) -> None:
    """Count a depot up, by what was read and only if nobody else did meanwhile."""
    while time.monotonic() < until:
        key = f"D{rng.randrange(_COUNTERS)}"
        read = client.get(f"{_ITEMS}/{key}")
        tally.met(read.status_code)
        tents = read.json()["properties"]["tents"]
        patch = {"properties": {"tents": tents + 1, "name": str(tents + 1)}}
        sent = {**_HEADERS, "If-Match": read.headers["ETag"]}
        done = client.patch(f"{_ITEMS}/{key}", json=patch, headers=sent)
        tally.met(done.status_code)
        if done.status_code == 204:
            with tally.lock:
                tally.saved[key] += 1
            tile = client.get(_TILE)  # who saved sees it: no tile is older than the answer
            tally.met(tile.status_code)
            if _counts(tile.content)[key] <= tents:
                tally.fault(f"the tile does not show what {key} was set to")


def _read(client: TestClient, tally: Tally, rng: random.Random, until: float) -> None:
    """Read tiles and pages: what is behind one tag never changes, and time never runs back."""
    behind: dict[str, bytes] = {}
    seen: Counter[str] = Counter()
    tag = ""
    while time.monotonic() < until:
        if rng.random() < 0.3:
            page = client.get(_ITEMS, params={"sortby": "-tents"})
            tally.met(page.status_code)
            values = {f["id"]: f["properties"]["tents"] for f in page.json()["features"]}
        else:
            answer = client.get(_TILE, headers={"If-None-Match": tag} if tag else {})
            tally.met(answer.status_code)
            if answer.status_code == 304:
                continue
            tag = answer.headers["ETag"]
            if behind.setdefault(tag, answer.content) != answer.content:
                tally.fault(f"tile changed behind its tag {tag}")
            values = _counts(answer.content)
        for key, value in values.items():
            if value < seen[key]:
                tally.fault(f"{key} went back from {seen[key]} to {value}")
            seen[key] = value


def _counts(tile: bytes) -> dict[str, int]:
    layer: dict[str, Any] = mapbox_vector_tile.decode(tile)["supply_depot"]
    # The name says the count: the tile carries names.
    return {f["properties"]["code"]: int(f["properties"]["name"]) for f in layer["features"]}


def test_twenty_clients_lose_no_update_see_no_stale_tile_and_no_failure(
    application: Application,
) -> None:
    tally = Tally()
    with (
        TestClient(create_app(application)) as client,
        ThreadPoolExecutor(max_workers=_EDITORS + _READERS) as pool,
    ):
        until = time.monotonic() + _SECONDS
        works = [_edit] * _EDITORS + [_read] * _READERS
        done = [
            pool.submit(work, client, tally, random.Random(seed), until)  # noqa: S311 - no secret
            for seed, work in enumerate(works)
        ]
        for each in done:
            each.result()
        final = {
            feature["id"]: feature["properties"]["tents"]
            for feature in client.get(_ITEMS).json()["features"]
        }
        tile = _counts(client.get(_TILE).content)

    print(f"{sum(tally.saved.values())} saved, {dict(tally.statuses)}")  # noqa: T201 - the figures
    assert tally.faults == []
    assert final == {key: tally.saved[key] for key in final}
    assert tile == final
    assert tally.statuses[412] > 0
