"""`/v1/reach/route`, `/matrix` and `/isochrone` as their consumers see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h3
import pytest
from starlette.testclient import TestClient

from tests.support.roads import Road, a_place_table, a_road_table, at, complete
from yingji_map.bootstrap import build
from yingji_map.http.app import create_app
from yingji_map.store.features import write_features

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
ROADS = {
    "main": Road([(0, 0), (2, 0), (4, 0)]),
    "side": Road([(2, 0), (2, 2)], speed_km_h=18.0, width_m=2.5),
    "island": Road([(8, 8), (9, 8)]),
}


@pytest.fixture(scope="module")
def client(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    application = build(url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d"))
    application.apply_layers.run()
    teams = a_place_table({"T1": (0, 0), "T2": (2, 2), "T3": (30, 30)})
    for layer, table in (("road", a_road_table(ROADS)), ("rescue_team", teams)):
        definition = application.catalogue[layer]
        with application.store.transaction() as tx:
            write_features(tx, definition, complete(table, definition))
    with TestClient(create_app(application), raise_server_exceptions=False) as client:
        yield client
    application.close()


def _text(x: float, y: float) -> str:
    return ",".join(str(degree) for degree in at(x, y))


def _route(client: TestClient, start: str, end: str, **parameters: str) -> dict[str, Any]:
    response = client.get("/v1/reach/route", params={"from": start, "to": end, **parameters})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_a_route_is_told_with_time_length_legs_and_line(client: TestClient) -> None:
    answer = _route(client, _text(0, 0), _text(2, 1))

    assert answer["is_reachable"]
    assert answer["travel_time_s"] == pytest.approx(188.6 + 221.8, abs=3)
    assert answer["distance_m"] == pytest.approx(1886 + 1109, abs=5)
    assert answer["route"]["coordinates"][0] == list(at(0, 0))
    assert answer["route"]["coordinates"][-1] == list(at(2, 1))
    assert (answer["start"]["snap_distance_m"], answer["end"]["snap_distance_m"]) == (0.0, 0.0)


def test_where_no_road_leads_the_answer_says_so(client: TestClient) -> None:
    answer = _route(client, _text(0, 0), _text(8.5, 8))

    assert (answer["is_reachable"], answer["route"], answer["legs"]) == (False, None, [])


def test_the_profile_decides_which_roads_count(client: TestClient) -> None:
    legs = _route(client, _text(0, 0), _text(2, 1), profile="fire_engine")["legs"]

    assert [leg["mode"] for leg in legs] == ["road", "walk"]


def test_the_same_route_is_not_sent_twice(client: TestClient) -> None:
    asked = {"from": _text(0, 0), "to": _text(4, 0)}
    first = client.get("/v1/reach/route", params=asked)

    again = client.get(
        "/v1/reach/route", params=asked, headers={"If-None-Match": first.headers["etag"]}
    )

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("start", "code", "word"),
    [
        ("106.2", "invalid-parameter", "经度,纬度"),
        ("a,b", "invalid-parameter", "from"),
        ("nan,32", "invalid-parameter", "from"),
        ("32.2,106.2", "invalid-parameter", "lat"),
        ("107.9,32.2", "place-out-of-reach", "3000"),
    ],
)
def test_nonsense_is_refused_with_its_reason(
    client: TestClient, start: str, code: str, word: str
) -> None:
    response = client.get("/v1/reach/route", params={"from": start, "to": _text(0, 0)})

    assert response.status_code == 400, response.text
    assert response.json()["type"] == f"/problems/{code}"
    assert word in response.json()["detail"]


def test_a_matrix_holds_the_time_of_every_route(client: TestClient) -> None:
    places = [(0, 0), (2, 1), (8.5, 8), (30, 30)]
    body = {"origins": [at(*p) for p in places], "destinations": [at(*p) for p in places[::-1]]}

    answer = client.post("/v1/reach/matrix", json=body).json()

    there = _route(client, _text(0, 0), _text(2, 1))["travel_time_s"]
    assert answer["travel_times_s"] == [
        [None, None, there, 0.0],
        [None, None, 0.0, there],
        [None, 0.0, None, None],
        [None, None, None, None],
    ]
    assert answer["unreachable"] == 11
    assert [place["is_on_network"] for place in answer["origins"]] == [True, True, True, False]


@pytest.mark.parametrize(
    "body",
    [
        {"origins": [], "destinations": [[106.2, 32.2]]},
        {"origins": [[106.2, 32.2]] * 101, "destinations": [[106.2, 32.2]] * 100},
        {"origins": [[32.2, 106.2]], "destinations": [[106.2, 32.2]]},
        {"origins": [[106.2]], "destinations": [[106.2, 32.2]]},
    ],
)
def test_a_matrix_of_nonsense_or_of_too_much_is_refused(
    client: TestClient, body: dict[str, Any]
) -> None:
    response = client.post("/v1/reach/matrix", json=body)

    assert response.status_code == 400, response.text
    assert response.json()["type"] == "/problems/invalid-parameter"


def _isochrone(client: TestClient, **parameters: object) -> dict[str, Any]:
    asked = {name: str(value) for name, value in parameters.items()}
    response = client.get("/v1/reach/isochrone", params=asked)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_every_cell_of_an_isochrone_is_as_far_as_the_route_to_it(client: TestClient) -> None:
    lon, lat = at(0.3, 0.02)

    answer = _isochrone(client, lon=lon, lat=lat, minutes="15,5")

    assert [band["minutes"] for band in answer["bands"]] == [5, 15]
    assert answer["bands"][1]["cells"] == len(answer["cells"]) > 20
    assert answer["bands"][0]["cells"] < answer["bands"][1]["cells"]
    assert answer["bands"][1]["geometry"]["type"] == "MultiPolygon"
    for cell in answer["cells"][::7]:
        south, west = h3.cell_to_latlng(cell["cell"])
        way = _route(client, f"{lon},{lat}", f"{west},{south}")
        assert cell["travel_time_s"] == way["travel_time_s"]
        assert cell["base"] == 0


def test_many_bases_tell_which_of_them_serves_a_cell(client: TestClient) -> None:
    answer = _isochrone(client, layer="rescue_team", minutes=8)

    assert [base["id"] for base in answer["bases"]] == ["T1", "T2", "T3"]
    assert [base["is_on_network"] for base in answer["bases"]] == [True, True, False]
    assert answer["direction"] == "from"
    assert {cell["base"] for cell in answer["cells"]} == {0, 1}


def test_a_closed_road_ends_an_isochrone(client: TestClient) -> None:
    lon, lat = at(0, 0)

    before = _isochrone(client, lon=lon, lat=lat, minutes=10)
    after = _isochrone(client, lon=lon, lat=lat, minutes=10, closures="road:side")

    assert 0 < len(after["cells"]) < len(before["cells"])
    assert after["closures"] == [{"id": "road:side", "reason": None}]


@pytest.mark.parametrize(
    ("changed", "status", "word"),
    [
        ({"minutes": "0"}, 400, "1 到 240"),
        ({"minutes": "241"}, 400, "1 到 240"),
        ({"minutes": "1,2,3,4,5,6,7"}, 400, "1 到 6 个数"),
        ({"minutes": "half"}, 400, "minutes"),
        ({"layer": "rescue_team"}, 400, "二者选一"),
        ({"lon": None}, 400, "二者选一"),
        ({"lon": None, "layer": "road"}, 400, "不是点图层"),
        ({"lon": None, "layer": "nothing"}, 404, "nothing"),
        ({"resolution": "12"}, 400, "8 到 10"),
    ],
)
def test_an_isochrone_of_nonsense_is_refused(
    client: TestClient, changed: dict[str, str | None], status: int, word: str
) -> None:
    asked = {"lon": str(at(0, 0)[0]), "lat": str(at(0, 0)[1]), "minutes": "10", **changed}
    parameters = {name: value for name, value in asked.items() if value is not None}

    response = client.get("/v1/reach/isochrone", params=parameters)

    assert (response.status_code, word in response.json()["detail"]) == (status, True)
