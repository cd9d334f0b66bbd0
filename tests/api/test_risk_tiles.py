"""Risk tiles over HTTP: of a named run, or of the latest without a restart."""

from datetime import timedelta

import h3.api.numpy_int as h3
import numpy as np
import pytest
import shapely
from starlette.testclient import TestClient

from tests.support.risk_runs import COMPUTED_AT, a_run, a_surface
from tests.support.tiles import decoded
from yingji_map.bootstrap import Application
from yingji_map.domain.run import RunKind
from yingji_map.domain.tile import TileAddress, tile_holding
from yingji_map.engine.roll_up import roll_up
from yingji_map.store.runs import save_run

pytestmark = pytest.mark.db
SURFACE = a_surface(rings=10)


@pytest.fixture(scope="module")
def run_id(application: Application) -> str:
    record, surfaces = a_run([SURFACE])
    with application.store.transaction() as tx:
        save_run(tx, record, surfaces)
    return record.run_id


def _path(zoom: int = 12, hazard: str = "flood") -> str:
    tile = tile_holding(106.29, 32.23, zoom)
    return f"/tiles/risk/{hazard}/{tile.z}/{tile.x}/{tile.y}.pbf"


def test_tiles_show_the_stored_surface(client: TestClient, run_id: str) -> None:
    features = decoded(client.get(_path(), params={"run": run_id}).content, "risk")

    assert features
    for row, feature in features.items():
        assert feature["properties"]["cell"] == h3.int_to_str(SURFACE.cells[row])
        assert feature["properties"]["level"] == SURFACE.level[row]
        assert ("score" in feature["properties"]) == (not np.isnan(SURFACE.score_ratio[row]))


@pytest.mark.parametrize(("zoom", "resolution"), [(8, 6), (9, 7), (11, 8), (12, 9)])
def test_far_zooms_show_parents(
    client: TestClient, run_id: str, zoom: int, resolution: int
) -> None:
    coarse = roll_up(SURFACE, resolution)

    features = decoded(client.get(_path(zoom), params={"run": run_id}).content, "risk")

    for row, feature in features.items():
        assert feature["properties"]["cell"] == h3.int_to_str(coarse.cells[row])
        assert feature["properties"]["level"] == coarse.level[row]


def test_tilejson_of_a_run_leads_to_its_tiles(client: TestClient, run_id: str) -> None:
    tilejson = client.get("/tiles/risk/flood.json", params={"run": run_id}).json()

    tile = tile_holding(106.29, 32.23, 12)
    url = tilejson["tiles"][0].format(z=tile.z, x=tile.x, y=tile.y)
    assert client.get(url).status_code == 200
    assert tilejson["vector_layers"][0]["id"] == "risk"
    corners = [(lon, lat) for cell in SURFACE.cells for lat, lon in h3.cell_to_boundary(cell)]
    assert tilejson["bounds"] == pytest.approx(shapely.MultiPoint(corners).bounds)


def test_a_new_run_shows_at_once_where_none_is_named(
    application: Application, client: TestClient, run_id: str
) -> None:
    before = client.get(_path())
    later = COMPUTED_AT + timedelta(days=1)
    worse, surfaces = a_run([a_surface(rings=10, seed=7)], kind=RunKind.DYNAMIC, valid_at=later)
    with application.store.transaction() as tx:
        save_run(tx, worse, surfaces)

    after = client.get(_path(), headers={"If-None-Match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.content != before.content
    assert client.get(_path(), params={"run": run_id}).content == before.content


def test_the_same_tile_is_not_sent_twice(client: TestClient, run_id: str) -> None:
    params = {"run": run_id}
    first = client.get(_path(), params=params)

    again = client.get(_path(), params=params, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-encoding"] == "gzip"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/risk/locusts/12/1/1.pbf", 404, "hazard-not-found"),
        ("/tiles/risk/locusts.json", 404, "hazard-not-found"),
        ("/tiles/risk/flood/12/1/1.pbf?run=nope", 404, "run-not-found"),
        ("/tiles/risk/flood/2/4/1.pbf", 400, "invalid-parameter"),
        ("/tiles/risk/flood/2/one/1.pbf", 400, "invalid-parameter"),
    ],
)
@pytest.mark.usefixtures("run_id")
def test_what_there_is_not_is_a_problem(
    client: TestClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")


@pytest.mark.usefixtures("run_id")
def test_a_place_without_cells_is_no_content(client: TestClient) -> None:
    far = TileAddress(12, 0, 0)

    response = client.get(f"/tiles/risk/flood/{far.z}/{far.x}/{far.y}")

    assert (response.status_code, response.content) == (204, b"")
