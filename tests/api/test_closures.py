"""`/v1/closures`, and what closures do to the answers about travel."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from starlette.testclient import TestClient

from tests.support.roads import Road, a_place_table, a_road_table, at, complete
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.services.check_editor import CheckEditor
from yingji_map.store.features import write_features

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
ROADS = {
    "bridge": Road([(2, 0), (3, 0)]),
    "detour": Road([(2, 0), (2, 3), (3, 3), (3, 0)]),
    "east": Road([(3, 0), (6, 0)]),
    "west": Road([(0, 0), (2, 0)]),
}
TOMORROW, YESTERDAY = "2999-01-01T00:00:00+08:00", "2001-01-01T00:00:00+08:00"


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    application = build(url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d"))
    application.apply_layers.run()
    tables = {
        "road": a_road_table(ROADS),
        "shelter": a_place_table({"S1": (5, 0), "S2": (0.5, 0)}, is_open=[True, True]),
    }
    for layer, table in tables.items():
        definition = application.catalogue[layer]
        with application.store.transaction() as tx:
            write_features(tx, definition, complete(table, definition))
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Iterator[TestClient]:
    with TestClient(create_app(application), raise_server_exceptions=False) as client:
        yield client
        for closure in client.get("/v1/closures?limit=500").json()["closures"]:
            client.delete(f"/v1/closures/{closure['id']}")


def _close(client: TestClient, **body: object) -> dict[str, Any]:
    response = client.post("/v1/closures", json={"reason": "塌方", **body})
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


def _route(client: TestClient, **parameters: str) -> dict[str, Any]:
    asked = {"from": _text(1, 0), "to": _text(5, 0), **parameters}
    response = client.get("/v1/reach/route", params=asked)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def _text(x: float, y: float) -> str:
    return ",".join(str(degree) for degree in at(x, y))


def _area(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    shape = shapely.box(*at(west, south), *at(east, north))
    document: dict[str, Any] = shapely.geometry.mapping(shape)
    return {**document, "coordinates": [[list(p) for p in document["coordinates"][0]]]}


def test_a_closure_acts_at_once_and_lifting_it_too(client: TestClient) -> None:
    before = _route(client)

    closure = _close(client, road_codes=["bridge"], source="交警大队")
    closed = _route(client)
    lifted = client.delete(f"/v1/closures/{closure['id']}").json()
    after = _route(client)

    assert closure["state"] == "in_force"
    assert closure["closes"]["road_codes"] == ["bridge"]
    assert closed["delay_s"] == pytest.approx(closed["travel_time_s"] - before["travel_time_s"])
    assert closed["delay_s"] > 400
    assert closed["closures"] == {
        "applied": [{"id": closure["id"], "reason": "塌方"}],
        "mattered": [closure["id"]],
    }
    assert (lifted["state"], lifted["lifted_via"]) == ("lifted", "http")
    assert after == before


def test_a_question_may_ignore_choose_or_add_closures(client: TestClient) -> None:
    before = _route(client)
    closure = _close(client, road_codes=["bridge"])
    closed = _route(client)["travel_time_s"]
    own = str(_area(2.4, -1, 2.6, 4)).replace("'", '"')

    assert _route(client, closures="none") == before
    client.delete(f"/v1/closures/{closure['id']}")
    assert _route(client, closures=closure["id"])["travel_time_s"] == closed
    added = _route(client, closures="road:bridge")
    assert (added["travel_time_s"], added["closures"]["mattered"]) == (closed, ["road:bridge"])
    cut_off = _route(client, closures=own)
    assert (cut_off["is_reachable"], cut_off["is_cut_off"]) == (False, True)
    assert cut_off["closures"]["mattered"] == ["request"]


def test_a_closure_off_the_way_is_applied_but_does_not_matter(client: TestClient) -> None:
    before = _route(client)
    _close(client, road_codes=["detour"])

    after = _route(client)

    assert after["travel_time_s"] == before["travel_time_s"]
    assert (len(after["closures"]["applied"]), after["closures"]["mattered"]) == (1, [])


def test_the_nearest_tell_who_is_cut_off_and_by_what(client: TestClient) -> None:
    asked: dict[str, Any] = {
        "layer": "shelter",
        "geometry": {"type": "Point", "coordinates": at(4, 0)},
    }
    closure = _close(client, geometry=_area(2.4, -1, 2.6, 4))

    shared = client.post("/v1/nearest", json=asked).json()
    ignored = client.post("/v1/nearest", json={**asked, "closures": "none"}).json()
    own = client.post("/v1/nearest", json={**asked, "closures": _area(3.4, -1, 3.6, 1)}).json()

    assert [place["id"] for place in shared["results"]] == ["S1"]
    assert shared["excluded"] == [
        {"id": "S2", "name": "S2 处", "reason": "cut_off", "closures": [closure["id"]]}
    ]
    assert shared["closures"]["mattered"] == [closure["id"]]
    assert [place["id"] for place in ignored["results"]] == ["S1", "S2"]
    assert own["closures"]["mattered"] == [closure["id"], "request"]


def test_a_matrix_counts_what_closures_cut_off(client: TestClient) -> None:
    body = {"origins": [at(1, 0)], "destinations": [at(5, 0), at(0.5, 0)]}
    _close(client, geometry=_area(2.4, -1, 2.6, 4))

    answer = client.post("/v1/reach/matrix", json=body).json()

    assert answer["travel_times_s"][0][0] is None
    assert (answer["unreachable"], answer["cut_off"]) == (1, 1)


def test_inside_a_closed_area_the_answer_says_so(client: TestClient) -> None:
    _close(client, geometry=_area(0.8, -1, 1.2, 1))

    answer = _route(client)

    assert answer["start"]["is_on_closed_road"]
    assert answer["start"]["snap_distance_m"] == pytest.approx(188.6, abs=2)
    assert answer["legs"][0]["mode"] == "walk"


def test_a_place_among_closed_roads_only_is_refused(client: TestClient) -> None:
    _close(client, geometry=_area(-9, -9, 9, 9))

    response = client.get("/v1/reach/route", params={"from": _text(1, 0), "to": _text(5, 0)})

    assert (response.status_code, response.json()["type"]) == (400, "/problems/place-cut-off")
    assert "closures=none" in response.json()["detail"]


def test_a_closure_counts_from_its_beginning_to_its_end(client: TestClient) -> None:
    planned = _close(client, road_codes=["bridge"], valid_from=TOMORROW)
    ended = _close(
        client,
        road_codes=["bridge"],
        valid_from=YESTERDAY,
        valid_until=YESTERDAY[:3] + "2-01-01T00:00:00+08:00",
    )

    assert (planned["state"], ended["state"]) == ("planned", "ended")
    assert _route(client)["closures"]["applied"] == []


def test_the_same_key_closes_once(client: TestClient) -> None:
    body = {"reason": "抢修", "road_codes": ["bridge"]}
    headers = {"Idempotency-Key": "closure-1"}

    first = client.post("/v1/closures", json=body, headers=headers)
    again = client.post("/v1/closures", json=body, headers=headers)
    other = client.post("/v1/closures", json={**body, "reason": "改"}, headers=headers)

    assert first.json() == again.json()
    assert first.headers["location"] == f"/v1/closures/{first.json()['id']}"
    assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-key-reused")


def test_history_stays_and_is_read_page_by_page(client: TestClient) -> None:
    ids = [_close(client, road_codes=["bridge"])["id"] for _ in range(3)]
    client.delete(f"/v1/closures/{ids[1]}")

    first = client.get("/v1/closures?limit=2").json()
    rest = client.get(first["next"]).json()

    assert [one["id"] for one in first["closures"]] == [ids[2], ids[1]]
    assert rest["closures"][0]["id"] == ids[0]
    assert client.get(f"/v1/closures/{ids[1]}").json()["state"] == "lifted"


def test_the_store_refuses_to_forget(application: Application, client: TestClient) -> None:
    _close(client, road_codes=["bridge"])

    for statement in ("DELETE FROM core.closures", "UPDATE core.closures SET reason = 'x'"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            application.store.transaction() as tx,
        ):
            tx.execute(text(statement))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid-parameter"),
        ({"road_codes": ["nowhere"]}, "invalid-parameter"),
        ({"road_codes": ["bridge"], "reason": " "}, "invalid-parameter"),
        ({"road_codes": ["bridge"], "valid_until": YESTERDAY}, "invalid-parameter"),
        ({"road_codes": ["bridge"], "valid_from": "2026-01-01T00:00:00"}, "invalid-parameter"),
        ({"geometry": {"type": "Point", "coordinates": [106, 32]}}, "invalid-geometry"),
    ],
)
def test_a_closure_of_nonsense_is_refused(
    client: TestClient, body: dict[str, Any], code: str
) -> None:
    before = client.get("/v1/closures").json()

    response = client.post("/v1/closures", json={"reason": "塌方", **body})

    assert (response.status_code, response.json()["type"]) == (400, f"/problems/{code}")
    assert client.get("/v1/closures").json() == before


@pytest.mark.parametrize(
    ("closures", "status", "code"),
    [
        ("999999", 404, "closure-not-found"),
        ("everything", 400, "invalid-parameter"),
        ("road:nowhere", 400, "invalid-parameter"),
    ],
)
def test_a_choice_of_nothing_is_refused(
    client: TestClient, closures: str, status: int, code: str
) -> None:
    asked = {"from": _text(1, 0), "to": _text(5, 0), "closures": closures}

    response = client.get("/v1/reach/route", params=asked)

    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")


def test_where_there_is_a_token_only_editors_close_roads_for_all(
    application: Application,
) -> None:
    guarded = replace(application, editors=CheckEditor.of(SecretStr("a-token-of-16-signs")))
    shown = {"Authorization": "Bearer a-token-of-16-signs"}
    body = {"reason": "塌方", "road_codes": ["bridge"]}
    with TestClient(create_app(guarded)) as client:
        refused = client.post("/v1/closures", json=body)
        closed = client.post("/v1/closures", json=body, headers=shown)
        address = closed.headers["location"]
        kept = client.delete(address)
        asked = {"from": _text(1, 0), "to": _text(5, 0), "closures": "road:bridge"}
        own = client.get("/v1/reach/route", params=asked)
        lifted = client.delete(address, headers=shown)

    assert refused.json()["type"] == "/problems/token-required"
    assert (closed.status_code, kept.status_code, lifted.status_code) == (201, 401, 200)
    assert own.status_code == 200  # a question's own closures change nobody else's answers
