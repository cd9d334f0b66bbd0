"""OGC API Tiles: the same tiles under the standard's addresses, and tiles of other times."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from tests.api.conftest import put
from tests.support.tiles import decoded
from yingji_map.bootstrap import Application
from yingji_map.domain.tile import HALF_WORLD_M, tile_holding

pytestmark = pytest.mark.db

TILE = tile_holding(106.25, 32.25, 9)
HERE = "/ogc/collections/shelter/tiles/WebMercatorQuad"
PATH = f"{HERE}/{TILE.z}/{TILE.y}/{TILE.x}"
SHORT = f"/tiles/shelter/{TILE.z}/{TILE.x}/{TILE.y}"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"


def _links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def _codes(client: TestClient, path: str, **query: str) -> set[str]:
    answer = client.get(path, params=query).raise_for_status()
    if answer.status_code == 204:
        return set()
    return {row["properties"]["code"] for row in decoded(answer.content, "shelter").values()}


def test_the_landing_page_leads_to_a_tile(client: TestClient) -> None:
    landing = _links(client.get("/ogc").json())
    collection = client.get(_links(client.get("/ogc/collections/shelter").json())["self"]).json()
    listed = client.get(_links(collection)[f"{_REL}/tilesets-vector"]).json()

    [known] = listed["tilesets"]
    tileset = client.get(_links(known)["self"]).json()
    template = _links(tileset)["item"]

    place = {"tileMatrix": TILE.z, "tileRow": TILE.y, "tileCol": TILE.x}
    filled = template.format(**place)
    assert client.get(filled).content == client.get(SHORT).content
    assert client.get(landing[f"{_REL}/tiling-schemes"]).json()["tileMatrixSets"]
    assert client.get(_links(tileset)[f"{_REL}/tiling-scheme"]).json()["id"] == "WebMercatorQuad"
    assert client.get(_links(tileset)["alternate"]).json()["tilejson"] == "3.0.0"


def test_the_limits_hold_every_feature_and_nothing_far(client: TestClient) -> None:
    tileset = client.get(HERE).json()
    features = client.get("/ogc/collections/shelter/items?limit=1000").json()["features"]

    for limit in tileset["tileMatrixSetLimits"]:
        z = int(limit["tileMatrix"])
        tiles = [tile_holding(*f["geometry"]["coordinates"], z) for f in features]
        assert min(tile.y for tile in tiles) == limit["minTileRow"]
        assert max(tile.y for tile in tiles) == limit["maxTileRow"]
        assert min(tile.x for tile in tiles) == limit["minTileCol"]
        assert max(tile.x for tile in tiles) == limit["maxTileCol"]
    [layer] = tileset["layers"]
    assert layer["propertiesSchema"]["properties"]["capacity_persons"]["type"] == "integer"
    assert layer["geometryDimension"] == 0


def test_the_matrices_halve_from_the_whole_world(client: TestClient) -> None:
    matrices = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json()["tileMatrices"]

    # Source: OGC 17-083r4, annex D.1
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    for z, matrix in enumerate(matrices):
        side_m = matrix["cellSize"] * matrix["tileWidth"] * matrix["matrixWidth"]
        assert side_m == pytest.approx(2 * HALF_WORLD_M)
        assert matrix["matrixWidth"] == 2**z


def test_conformance_names_tiles(client: TestClient) -> None:
    classes = client.get("/ogc/conformance").json()["conformsTo"]

    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core" in classes


def test_a_tile_of_another_time_shows_what_was_true_and_known_then(
    client: TestClient, application: Application
) -> None:
    place = shapely.Point(106.25, 32.25)
    year = datetime(2024, 1, 1, tzinfo=UTC)
    before_all = datetime.now(UTC)
    put(application, "shelter", {"LATE": (place, {"name": "后来的"})}, valid_from=year)
    now = _codes(client, PATH)

    assert "LATE" in now
    assert "LATE" in _codes(client, PATH, datetime="2024-06-01")
    assert "LATE" not in _codes(client, PATH, datetime="2023-06-01")
    assert "LATE" in _codes(client, PATH, datetime="2023-06-01/..")
    assert "LATE" not in _codes(client, PATH, known_at=before_all.isoformat())
    assert "LATE" not in _codes(client, SHORT, known_at=before_all.isoformat())
    assert _codes(client, PATH, datetime="2023-06-01", filter="capacity_persons > 110") < now
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert _codes(client, PATH, datetime=later) == now


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{HERE}/9/512/1", 404, "tile-not-found"),
        (f"{HERE}/9/1/-1", 404, "tile-not-found"),
        (f"{HERE}/99/1/1", 404, "tile-not-found"),
        (f"{HERE}/nine/1/1", 400, "invalid-parameter"),
        (f"{PATH}?colour=red", 400, "invalid-parameter"),
        (f"{PATH}?datetime=yesterday", 400, "invalid-parameter"),
        ("/ogc/collections/shelter/tiles/WorldCRS84Quad", 404, "tileset-not-found"),
        ("/ogc/tileMatrixSets/WorldCRS84Quad", 404, "tileset-not-found"),
        ("/ogc/collections/nothing/tiles", 404, "layer-not-found"),
    ],
)
def test_what_there_is_not_is_a_problem(
    client: TestClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")


def test_every_address_is_seen_from_outside_the_proxy(client: TestClient) -> None:
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "map.example.cn",
        "X-Forwarded-Prefix": "/yingji",
    }

    tileset = client.get(HERE, headers=headers).json()
    tilejson = client.get("/tiles/shelter.json", headers=headers).json()

    outside = "https://map.example.cn/yingji"
    assert all(href.startswith(f"{outside}/") for href in _links(tileset).values())
    assert tilejson["tiles"] == [f"{outside}/tiles/shelter/{{z}}/{{x}}/{{y}}.pbf"]
