"""`/v1/warnings`: the contract that the map page and other offices rely on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from starlette.testclient import TestClient

from tests.support.county import NOW, settle_county
from tests.support.warnings import a_zone
from yingji_map.bootstrap import build
from yingji_map.http.app import create_app
from yingji_map.store.database import Store

pytestmark = pytest.mark.db
_CAP = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}


@pytest.fixture(scope="module")
def client(store: Store, database_url: str) -> Iterator[TestClient]:
    settle_county(
        store,
        {"a": (106.3, 32.15, 400, 120), "b": (106.31, 32.16, 90, 30), "c": (106.5, 32.3, 7, 2)},
        {"s": (106.3, 32.12, 250)},
    )
    root = Path(__file__).parents[2]
    application = build(
        url=database_url, layers_dir=root / "layers", data_dir=root / "var", clock=lambda: NOW
    )
    with TestClient(create_app(application)) as client:
        yield client
    application.close()


def _body(**changes: Any) -> dict[str, Any]:
    body = {
        "hazard": "landslide",
        "level": "red",
        "zone": a_zone(),
        "effective_at": "2026-07-13T21:00:00+08:00",
        "expires_at": "2026-07-14T03:00:00+08:00",
    }
    return {key: value for key, value in {**body, **changes}.items() if value is not ...}


def _draft(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/warnings", json=_body(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_draft_tells_where_it_is_and_who_is_inside(client: TestClient) -> None:
    answer = client.post("/v1/warnings", json=_body())

    draft = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == draft["links"]["self"] == f"/v1/warnings/{draft['id']}"
    assert (draft["state"], draft["level_label"]["zh"]) == ("draft", "红色 / Ⅰ级")
    audience = draft["audience"]
    assert {key: value for key, value in audience.items() if key != "counted_at"} == {
        "area_km2": pytest.approx(41.9, abs=0.2),
        "outside_county_km2": 0,
        "population_persons": 490,
        "households": 150,
        "settlements": 2,
        "settlements_without_households": 0,
        "shelters": 1,
        "shelter_capacity_persons": 250,
        "places": [
            {"id": "a", "name": "a村", "population_persons": 400},
            {"id": "b", "name": "b村", "population_persons": 90},
        ],
    }


def test_a_draft_reads_back_as_it_was_answered(client: TestClient) -> None:
    draft = _draft(client)

    answer = client.get(draft["links"]["self"])

    assert answer.json() == draft
    assert answer.headers["etag"] == '"1"'
    assert client.get(draft["links"]["audience"]).json()["population_persons"] == 490
    assert client.get("/v1/warnings?limit=1").json()["warnings"] == [draft]


def test_the_cap_message_is_the_draft(client: TestClient) -> None:
    draft = _draft(client, text="九龙镇 <后山> & 河边")

    answer = client.get(draft["links"]["cap"])

    alert = etree.fromstring(answer.content)
    assert answer.headers["content-type"] == "application/cap+xml; charset=utf-8"
    assert alert.findtext("cap:identifier", namespaces=_CAP) == draft["id"]
    assert alert.findtext("cap:status", namespaces=_CAP) == "Draft"
    assert alert.findtext("cap:info/cap:description", namespaces=_CAP) == "九龙镇 <后山> & 河边"
    assert (
        alert.findtext("cap:info/cap:area/cap:areaDesc", namespaces=_CAP) == "旺苍县东河镇、嘉川镇"
    )
    tag = answer.headers["etag"]
    assert client.get(draft["links"]["cap"], headers={"If-None-Match": tag}).status_code == 304


def test_the_same_key_twice_is_one_draft(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k-1"}

    first = client.post("/v1/warnings", json=_body(), headers=headers)
    second = client.post("/v1/warnings", json=_body(), headers=headers)
    other = client.post("/v1/warnings", json=_body(level="blue"), headers=headers)

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == second.json()
    assert other.json()["type"] == "/problems/idempotency-key-reused"


def test_a_change_must_name_what_it_changes(client: TestClient) -> None:
    address = _draft(client)["links"]["self"]

    changed = client.put(address, json=_body(level="orange"), headers={"If-Match": '"1"'})
    late = client.put(address, json=_body(level="blue"), headers={"If-Match": '"1"'})
    blind = client.put(address, json=_body(level="blue"))

    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (late.status_code, late.json()["type"]) == (409, "/problems/warning-changed")
    assert (blind.status_code, blind.json()["parameter"]) == (400, "If-Match")
    assert client.get(address).json()["level"] == "orange"
    assert client.get(f"{address}?revision=1").json()["level"] == "red"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hazard": "ufo"}, "invalid-parameter"),
        ({"level": "white"}, "invalid-parameter"),
        ({"expires_at": "2026-07-13T20:00:00+08:00"}, "invalid-parameter"),
        ({"expires_at": "2026-07-14T03:00:00"}, "invalid-parameter"),
        ({"expires_at": ...}, "invalid-parameter"),
        ({"zone": ...}, "invalid-parameter"),
        ({"expire_at": "2026-07-14T03:00:00+08:00"}, "invalid-parameter"),
        ({"zone": {"type": "Point", "coordinates": [106.3, 32.1]}}, "invalid-geometry"),
        ({"zone": {"type": "Polygon", "coordinates": []}}, "invalid-geometry"),
        ({"hazard": "\ud800"}, "invalid-parameter"),
        ({"text": "\x07"}, "invalid-parameter"),
        ({"text": "\ud800"}, "invalid-parameter"),
    ],
)
def test_what_cannot_be_published_is_refused(
    client: TestClient, changes: dict[str, Any], code: str
) -> None:
    before = client.get("/v1/warnings?limit=500").json()

    answer = client.post(
        "/v1/warnings",
        content=json.dumps(_body(**changes)),
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["type"]) == (400, f"/problems/{code}")
    assert client.get("/v1/warnings?limit=500").json() == before


def test_a_zone_that_crosses_itself_is_shown_where(client: TestClient) -> None:
    bow = [[106.1, 32.1], [106.3, 32.3], [106.3, 32.1], [106.1, 32.3], [106.1, 32.1]]

    answer = client.post("/v1/warnings", json=_body(zone={"type": "Polygon", "coordinates": [bow]}))

    assert (answer.json()["lon"], answer.json()["lat"]) == (106.2, 32.2)


@pytest.mark.parametrize("path", ["", "/audience", "/cap.xml"])
def test_a_warning_that_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/v1/warnings/none{path}")

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/warning-not-found")
