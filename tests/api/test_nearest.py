"""`/v1/nearest` as its consumers see it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.roads import Road, a_place_table, a_road_table, at, complete
from yingji_map.bootstrap import Application, build
from yingji_map.domain.features import FeatureTable
from yingji_map.http.app import create_app
from yingji_map.store.features import write_features

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
ROADS = {
    "main": Road([(0, 0), (2, 0), (4, 0)], width_m=7.0),
    "side": Road([(2, 0), (2, 2)], speed_km_h=18.0, width_m=2.5),
    "island": Road([(8, 8), (9, 8)]),
}
LON, LAT = at(1, 0)


def _write(application: Application, layer: str, table: FeatureTable) -> None:
    definition = application.catalogue[layer]
    with application.store.transaction() as tx:
        write_features(tx, definition, complete(table, definition))


@pytest.fixture(scope="module")
def client(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    application = build(url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d"))
    application.apply_layers.run()
    _write(application, "road", a_road_table(ROADS))
    shelters = a_place_table(
        {"S1": (3, 0), "S2": (2, 1), "S3": (1, 0), "S4": (8.5, 8), "S5": (2, 9), "S6": (4, 0)},
        is_open=[True, None, False, True, True, True],
        capacity_persons=[300, 200, 100, 50, 20, 10],
        contact_phone=["0839-0000001"] * 6,
    )
    _write(application, "shelter", shelters)
    _write(application, "rescue_team", a_place_table({"T1": (0, 0), "T2": (4, 0)}))
    with TestClient(create_app(application), raise_server_exceptions=False) as client:
        yield client
    application.close()


def _ask(client: TestClient, **parameters: object) -> dict[str, Any]:
    query = {"layer": "shelter", "lon": LON, "lat": LAT, **parameters}
    response = client.get("/v1/nearest", params={k: str(v) for k, v in query.items()})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_the_nearest_come_by_travel_time_with_their_way(client: TestClient) -> None:
    answer = _ask(client, k=2)

    assert [place["id"] for place in answer["results"]] == ["S1", "S6"]
    first = answer["results"][0]
    assert (first["rank"], first["name"]) == (1, "S1 处")
    assert first["travel_time_s"] == pytest.approx(188.6, abs=3)
    assert first["distance_m"] == pytest.approx(1886, abs=3)
    assert first["route"]["type"] == "LineString"
    assert first["route"]["coordinates"][0] == [LON, LAT]
    assert first["route"]["coordinates"][-1] == [first["lon"], first["lat"]]
    assert sum(leg["travel_time_s"] for leg in first["legs"]) == pytest.approx(
        first["travel_time_s"]
    )


def test_closed_and_unreachable_places_are_named(client: TestClient) -> None:
    answer = _ask(client, k=50)

    assert [place["id"] for place in answer["results"]] == ["S1", "S6", "S2"]
    assert {place["id"]: place["reason"] for place in answer["excluded"]} == {
        "S3": "closed",
        "S4": "no_route",
        "S5": "off_network",
    }
    assert answer["unreachable"] == 2


def test_private_fields_stay_at_home(client: TestClient) -> None:
    response = client.get("/v1/nearest", params={"layer": "shelter", "lon": LON, "lat": LAT})

    assert "0839" not in response.text
    assert response.json()["results"][0]["properties"]["capacity_persons"] == 300


def test_teams_come_and_people_go(client: TestClient) -> None:
    coming = _ask(client, layer="rescue_team", k=1)
    going = _ask(client, layer="rescue_team", k=1, direction="from")

    assert (coming["direction"], going["direction"]) == ("to", "from")
    assert coming["results"][0]["route"]["coordinates"][-1] == [LON, LAT]
    assert going["results"][0]["route"]["coordinates"][0] == [LON, LAT]


def test_a_fire_engine_leaves_out_roads_too_narrow_for_it(client: TestClient) -> None:
    answer = _ask(client, profile="fire_engine", lon=at(2, 0)[0], k=50)

    side = next(place for place in answer["results"] if place["id"] == "S2")
    assert [leg["mode"] for leg in side["legs"]][-1] == "walk"
    assert side["legs"][-1]["distance_m"] > 1000


def test_a_point_in_the_body_gives_the_same(client: TestClient) -> None:
    body = {"geometry": {"type": "Point", "coordinates": [LON, LAT]}, "layer": "shelter", "k": 2}

    response = client.post("/v1/nearest", json=body)

    assert response.json() == _ask(client, k=2)


def test_the_same_answer_is_not_sent_twice(client: TestClient) -> None:
    parameters = {"layer": "shelter", "lon": str(LON), "lat": str(LAT)}
    first = client.get("/v1/nearest", params=parameters)

    again = client.get(
        "/v1/nearest", params=parameters, headers={"If-None-Match": first.headers["etag"]}
    )

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("changed", "status", "code", "word"),
    [
        ({"k": "0"}, 400, "invalid-parameter", "1 到 50"),
        ({"k": "51"}, 400, "invalid-parameter", "1 到 50"),
        ({"k": "99999999999999999999"}, 400, "invalid-parameter", "1 到 50"),
        ({"k": "many"}, 400, "invalid-parameter", "k"),
        ({"layer": "nowhere"}, 404, "layer-not-found", "nowhere"),
        ({"layer": "road"}, 400, "invalid-parameter", "不是点图层"),
        ({"layer": "dem"}, 400, "invalid-parameter", "不是点图层"),
        ({"layer": "supply_depot"}, 503, "not-ready", "物资仓库"),
        ({"lon": "107.9"}, 400, "place-out-of-reach", "3000"),
        ({"lon": "-70", "lat": "-33"}, 400, "place-out-of-reach", "3000"),
        ({"lon": "32.2", "lat": "106.2"}, 400, "invalid-parameter", "lat"),
        ({"lon": "nan"}, 400, "invalid-parameter", "lon"),
        ({"lon": "inf"}, 400, "invalid-parameter", "lon"),
        ({"profile": "boat"}, 400, "invalid-parameter", "profile"),
        ({"direction": "up"}, 400, "invalid-parameter", "direction"),
        ({"lon": None}, 400, "invalid-parameter", "lon"),
        ({"layer": None}, 400, "invalid-parameter", "layer"),
    ],
)
def test_nonsense_is_refused_with_its_reason(
    client: TestClient, changed: dict[str, str | None], status: int, code: str, word: str
) -> None:
    asked = {"layer": "shelter", "lon": str(LON), "lat": str(LAT), **changed}
    parameters = {name: value for name, value in asked.items() if value is not None}

    zh = client.get("/v1/nearest", params=parameters)
    en = client.get("/v1/nearest", params=parameters, headers={"Accept-Language": "en"})

    assert (zh.status_code, en.status_code) == (status, status), zh.text
    assert zh.headers["content-type"] == "application/problem+json"
    assert zh.json()["type"] == f"/problems/{code}"
    assert word in zh.json()["detail"]
    assert en.json()["detail"].replace("“", "").replace("”", "").isascii()


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "LineString", "coordinates": [[106, 32], [107, 32]]},
        {"type": "Point", "coordinates": [32, 106]},
        {"type": "Point", "coordinates": ["106", "32"]},
        {},
    ],
)
def test_a_body_without_a_point_is_refused(client: TestClient, geometry: dict[str, Any]) -> None:
    response = client.post("/v1/nearest", json={"geometry": geometry, "layer": "shelter"})

    assert response.status_code == 400
    assert response.json()["type"] == "/problems/invalid-geometry"
