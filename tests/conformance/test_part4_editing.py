"""OGC API - Features - Part 4: Create, Replace, Update and Delete (20-002)."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from tests.conformance.conftest import DEPOTS, EDITOR, SHELTERS, SPEC, a_depot, document

pytestmark = pytest.mark.db

GEOJSON = {**EDITOR, "Content-Type": "application/geo+json"}
PATCH = {**EDITOR, "Content-Type": "application/merge-patch+json"}


def _made(client: TestClient, code: str, **changes: Any) -> str:
    answer = client.post(DEPOTS, json=a_depot(code, **changes), headers=GEOJSON)
    assert answer.status_code == 201, answer.text
    return urlsplit(answer.headers["Location"]).path


def test_create_replace_delete_declares_its_classes(client: TestClient) -> None:
    declared = document(client, "/ogc/conformance")["conformsTo"]

    for name in ("create-replace-delete", "update", "optimistic-locking-etags", "features"):
        assert f"{SPEC}/ogcapi-features-4/1.0/conf/{name}" in declared


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        (DEPOTS, {"GET", "HEAD", "OPTIONS", "POST"}),
        (f"{DEPOTS}/any-id", {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}),
    ],
)
def test_options_op_and_response(client: TestClient, address: str, methods: set[str]) -> None:
    editor = client.options(address, headers=EDITOR)
    reader = client.options(address)

    assert editor.status_code == reader.status_code == 200
    assert set(editor.headers["Allow"].split(", ")) == methods
    assert set(reader.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_post_response(client: TestClient) -> None:
    answer = client.post(DEPOTS, json=a_depot("P1"), headers=GEOJSON)

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://testserver{DEPOTS}/P1"
    assert document(client, answer.headers["Location"])["properties"]["tents"] == 30


def test_post_response_rid(client: TestClient) -> None:
    answers = [client.post(DEPOTS, json=a_depot(None), headers=GEOJSON) for _ in range(5)]

    addresses = {answer.headers["Location"] for answer in answers}
    assert {answer.status_code for answer in answers} == {201}
    assert len(addresses) == 5
    for address in addresses:
        feature = document(client, address)
        assert feature["id"] == feature["properties"]["code"] == address.rpartition("/")[2]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/geo+json", 400),
        (b'{"op": "=", "args": [1, 1]}', "application/json", 400),
        (b"<gml/>", "application/gml+xml", 415),
        (b'{"type": "FeatureCollection", "features": []}', "application/geo+json", 400),
    ],
)
def test_post_body_and_content_type(
    client: TestClient, body: bytes, kind: str, status: int
) -> None:
    answer = client.post(DEPOTS, content=body, headers={**EDITOR, "Content-Type": kind})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [200, 95]},
        {"type": "LineString", "coordinates": [[106.2, 32.2], [106.3, 32.3]]},
        {"type": "Point", "coordinates": [120.0, 30.0]},
    ],
)
def test_post_body_with_a_geometry_that_does_not_fit(client: TestClient, geometry: object) -> None:
    answer = client.post(DEPOTS, json={**a_depot("P2"), "geometry": geometry}, headers=GEOJSON)

    assert answer.status_code == 400
    assert client.get(f"{DEPOTS}/P2").status_code == 404


def test_put_response_and_put_etag_response(client: TestClient) -> None:
    here = _made(client, "R1", quilts=8)

    answer = client.put(here, json=a_depot("R1", tents=99), headers=GEOJSON)
    properties = document(client, here)["properties"]
    assert answer.status_code == 204
    assert answer.headers["ETag"]
    assert (properties["tents"], properties["quilts"]) == (99, None)


def test_put_rid(client: TestClient) -> None:
    here = _made(client, "R2")

    other = client.put(here, json={**a_depot(None, tents=1), "id": "other"}, headers=GEOJSON)
    assert other.status_code == 204
    assert document(client, here)["id"] == "R2"
    assert client.put(here, json=a_depot("other"), headers=GEOJSON).status_code == 400
    assert client.get(f"{DEPOTS}/other").status_code == 404


@pytest.mark.parametrize(("conditions", "status"), [({}, 404), ({"If-Match": '"1"'}, 412)])
def test_put_rid_exception(client: TestClient, conditions: dict[str, str], status: int) -> None:
    sent = {**GEOJSON, **conditions}

    assert (
        client.put(f"{DEPOTS}/nobody", json=a_depot("nobody"), headers=sent).status_code == status
    )
    assert client.patch(f"{DEPOTS}/nobody", json={}, headers=sent).status_code == status
    assert client.delete(f"{DEPOTS}/nobody", headers=sent).status_code == status
    assert client.put(
        f"{DEPOTS}/nobody", json=a_depot("nobody"), headers={**GEOJSON, "If-Match": "*"}
    ).status_code == (412)


def test_update_json_merge_patch(client: TestClient) -> None:
    here = _made(client, "U1", quilts=8)
    patch = {"properties": {"tents": 31, "quilts": None}}

    answer = client.patch(here, json=patch, headers=PATCH)
    properties = document(client, here)["properties"]
    assert answer.status_code == 204
    assert answer.headers["ETag"]
    assert (properties["tents"], properties["quilts"], properties["tier"]) == (31, None, "乡镇")
    moved = {"geometry": {"type": "Point", "coordinates": [106.3, 32.26]}}
    assert client.patch(here, json=moved, headers=PATCH).status_code == 204
    assert document(client, here)["geometry"]["coordinates"] == [106.3, 32.26]


def test_update_rid(client: TestClient) -> None:
    here = _made(client, "U2")

    answer = client.patch(here, json={"properties": {"code": "U3"}}, headers=PATCH)
    assert answer.status_code == 400
    assert document(client, here)["properties"]["code"] == "U2"


def test_delete_op_and_response(client: TestClient) -> None:
    here = _made(client, "D1")

    assert client.delete(here, headers=EDITOR).status_code == 204
    assert client.get(here).status_code == 404
    assert client.delete(here, headers=EDITOR).status_code == 404


def test_optimistic_locking_etags_ifmatch(client: TestClient) -> None:
    here = _made(client, "L1")
    read = client.get(here).headers["ETag"]
    fresh = {"If-Match": read}

    assert client.put(here, json=a_depot("L1", tents=1), headers={**GEOJSON, **fresh}).is_success
    for stale in (read, '"nonsense"', 'W/"0", "1"'):
        sent = {"If-Match": stale}
        put = client.put(here, json=a_depot("L1", tents=2), headers={**GEOJSON, **sent})
        patch = client.patch(here, json={"properties": {"tents": 2}}, headers={**PATCH, **sent})
        delete = client.delete(here, headers={**EDITOR, **sent})
        assert {put.status_code, patch.status_code, delete.status_code} == {412}
    assert document(client, here)["properties"]["tents"] == 1
    now = client.get(here).headers["ETag"]
    assert now != read
    assert client.delete(here, headers={**EDITOR, "If-Match": now}).status_code == 204


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_not_the_editor_s_stays(client: TestClient, method: str) -> None:
    here = DEPOTS if method == "POST" else f"{SHELTERS}/BH001"

    answer = client.request(method, here, json=a_depot("X1"), headers={})
    wrong = client.request(method, here, json={}, headers={"Authorization": "Bearer x"})
    assert {answer.status_code, wrong.status_code} == {401}
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("PUT", DEPOTS),
        ("DELETE", "/ogc/collections/shelter"),
        ("POST", f"{SHELTERS}/BH001"),
        ("POST", "/ogc"),
    ],
)
def test_methods_that_a_resource_has_not_are_405(
    client: TestClient, method: str, address: str
) -> None:
    answer = client.request(method, address, headers=GEOJSON, json={})

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
