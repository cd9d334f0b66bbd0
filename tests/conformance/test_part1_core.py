"""OGC API - Features - Part 1: Core (17-069r4); each test is named after its requirement."""

from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conformance.conftest import CRS84, SHELTERS, SPEC, document, ids, links

pytestmark = pytest.mark.db

ALL = {f"BH{number:03d}" for number in range(25)}


def _walk(client: TestClient, address: str) -> list[dict[str, Any]]:
    pages = [document(client, address)]
    while onward := links(pages[-1], "next"):
        pages.append(document(client, onward[0]["href"]))
        assert len(pages) < 100
    return pages


def test_core_root_op_and_root_success(client: TestClient) -> None:
    landing = document(client, "/ogc")

    rels = {link["rel"] for link in landing["links"]}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= rels
    assert landing == document(client, "/ogc/")
    for link in landing["links"]:
        assert link["href"].startswith("http://testserver/")
        assert client.get(link["href"]).status_code == 200


def test_core_api_definition_op_and_success(client: TestClient) -> None:
    (machine,) = links(document(client, "/ogc"), "service-desc")
    (human,) = links(document(client, "/ogc"), "service-doc")

    definition = client.get(machine["href"])
    assert definition.headers["content-type"] == machine["type"]
    assert definition.json()["openapi"].startswith("3.0.")
    assert client.get(human["href"]).headers["content-type"].startswith(human["type"])


def test_core_conformance_op_and_success(client: TestClient) -> None:
    declared = document(client, "/ogc/conformance")["conformsTo"]

    assert len(set(declared)) == len(declared)
    for name in ("core", "oas30", "html", "geojson"):
        assert f"{SPEC}/ogcapi-features-1/1.0/conf/{name}" in declared


def test_core_fc_md_items_and_sfc_md_success(client: TestClient) -> None:
    collections = document(client, "/ogc/collections")

    assert links(collections, "self")
    assert links(collections, "alternate")
    for collection in collections["collections"]:
        assert collection == document(client, f"/ogc/collections/{collection['id']}")
        assert CRS84 in collection["crs"]
        assert {link["type"] for link in links(collection, "items")} == {
            "application/geo+json",
            "text/html",
        }


def test_core_fc_md_extent(client: TestClient) -> None:
    collections = {c["id"]: c for c in document(client, "/ogc/collections")["collections"]}

    assert collections["shelter"]["extent"]["spatial"]["bbox"] == [[106.2, 32.2, 106.44, 32.296]]
    assert "extent" not in collections["reservoir"]
    for collection in collections.values():
        assert "crs" not in collection.get("extent", {}) or collection["extent"]["crs"] == CRS84


@pytest.mark.parametrize("limit", [1, 3, 24, 25, 26, 10_000, 99_999_999])
def test_core_fc_limit_response_1(client: TestClient, limit: int) -> None:
    page = document(client, SHELTERS, {"limit": limit})

    assert len(page["features"]) == min(limit, 25)


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", "1.5"])
def test_core_fc_limit_definition(client: TestClient, limit: str) -> None:
    assert client.get(SHELTERS, params={"limit": limit}).status_code == 400


@pytest.mark.parametrize(
    "box",
    [
        "106.205,32.2,106.265,32.3",
        "106.205,32.2,0,106.265,32.3,9000",
        "106.205,-90,106.265,90",
    ],
)
def test_core_fc_bbox_response(client: TestClient, box: str) -> None:
    page = document(client, SHELTERS, {"bbox": box})

    assert ids(page) == [f"BH00{number}" for number in range(1, 7)]
    assert page["numberMatched"] == 6


def test_core_fc_bbox_across_the_antimeridian(client: TestClient) -> None:
    east = document(client, SHELTERS, {"bbox": "106.395,-90,-170,90"})

    assert set(ids(east)) == {f"BH{number:03d}" for number in range(20, 25)}


@pytest.mark.parametrize(
    "box", ["1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "106,33,107,32", ""]
)
def test_core_fc_bbox_definition(client: TestClient, box: str) -> None:
    assert client.get(SHELTERS, params={"bbox": box}).status_code == 400


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        ("2026-01-01T00:00:00Z", 25),
        ("2019-12-31T23:59:59Z", 0),
        ("2026-01-01", 25),
        ("2019-01-01/2026-01-01", 25),
        ("../2019-12-30", 0),
        ("/2026-01-01T00:00:00Z", 25),
        ("2019-01-01T00:00:00Z/..", 25),
        ("2019-01-01T00:00:00Z/", 25),
        ("../..", 25),
    ],
)
def test_core_fc_time_response(client: TestClient, moment: str, count: int) -> None:
    page = document(client, SHELTERS, {"datetime": moment, "limit": 1})

    assert page["numberMatched"] == count


@pytest.mark.parametrize(
    "moment", ["x", "2026", "2026-13-01", "2026-01-02/2026-01-01", "1/2/3", "2026-01-01T00:00:00"]
)
def test_core_fc_time_definition(client: TestClient, moment: str) -> None:
    assert client.get(SHELTERS, params={"datetime": moment}).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/ogc",
        "/ogc/api",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/shelter",
        SHELTERS,
        f"{SHELTERS}/BH001",
    ],
)
def test_core_query_param_unknown_and_invalid(client: TestClient, address: str) -> None:
    assert client.get(address, params={"unknown": "1"}).status_code == 400
    assert client.get(address, params={"f": "shapefile"}).status_code == 400


@pytest.mark.parametrize("limit", [1, 4, 7, 24, 25])
def test_core_fc_links_and_paging(client: TestClient, limit: int) -> None:
    pages = _walk(client, f"{SHELTERS}?limit={limit}&f=json")

    seen = [identity for page in pages for identity in ids(page)]
    assert len(seen) == len(set(seen)) == 25
    assert set(seen) == ALL
    for page in pages:
        assert page["numberMatched"] == 25
        assert page["numberReturned"] == len(page["features"])
        assert links(page, "self")
        assert links(page, "alternate")[0]["type"] == "text/html"
        assert all(link["type"] for link in page["links"])


def test_core_fc_time_stamp(client: TestClient) -> None:
    stamp = document(client, SHELTERS, {"limit": 1})["timeStamp"]

    assert stamp.endswith("Z")
    assert datetime.fromisoformat(stamp).tzinfo is not None


def test_core_f_success_and_f_links(client: TestClient) -> None:
    answer = client.get(f"{SHELTERS}/BH001")

    feature = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert (feature["type"], feature["id"]) == ("Feature", "BH001")
    assert links(feature, "self")[0]["href"] == f"http://testserver{SHELTERS}/BH001"
    assert links(feature, "collection")[0]["href"].endswith("/ogc/collections/shelter")
    assert links(feature, "alternate")[0]["type"] == "text/html"
    listed = document(client, SHELTERS)["features"][1]
    assert {name: feature[name] for name in listed} == listed


@pytest.mark.parametrize(
    "address",
    [
        "/ogc/collections/nowhere",
        "/ogc/collections/nowhere/items",
        f"{SHELTERS}/nobody",
        "/ogc/nothing",
    ],
)
def test_core_http_not_found(client: TestClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_core_cross_origin(client: TestClient) -> None:
    answer = client.get("/ogc", headers={"Origin": "http://localhost:3000"})

    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_geojson_content(client: TestClient) -> None:
    kinds = {"shelter": "Point", "road": "MultiLineString", "township": "MultiPolygon"}

    for layer, kind in kinds.items():
        answer = client.get(f"/ogc/collections/{layer}/items")
        page = answer.json()
        assert answer.headers["content-type"] == "application/geo+json"
        assert page["type"] == "FeatureCollection"
        for feature in page["features"]:
            assert feature.keys() == {"type", "id", "geometry", "properties"}
            assert feature["geometry"]["type"] == kind


@pytest.mark.parametrize(
    "address",
    [
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/shelter",
        SHELTERS,
        f"{SHELTERS}/BH001",
    ],
)
def test_html_definition_and_content(client: TestClient, address: str) -> None:
    answer = client.get(address, headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src")
    followed = [
        link["href"]
        for link in document(client, address).get("links", [])
        if link["rel"] in {"data", "items", "next", "conformance"} and link["type"] != "text/html"
    ]
    for href in followed:
        plain = href.partition("?")[0]
        assert f'href="{plain}' in answer.text, href


def test_oas30_oas_impl(client: TestClient) -> None:
    definition = document(client, "/ogc/api")

    known = definition["components"]["parameters"]
    for path, item in definition["paths"].items():
        for operation in item.values():
            names = set()
            for parameter in operation["parameters"]:
                if "$ref" in parameter:
                    names.add(known[parameter["$ref"].rpartition("/")[2]]["name"])
                else:
                    names.add(parameter["name"])
            assert len(names) == len(operation["parameters"]), path
            in_path = {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert in_path <= names
            assert any(status.startswith("2") for status in operation["responses"])
    identities = [o["operationId"] for item in definition["paths"].values() for o in item.values()]
    assert len(set(identities)) == len(identities)


def test_oas30_completeness_of_parameters(client: TestClient) -> None:
    definition = document(client, "/ogc/api")
    given = {
        "bbox": "106,32,107,33",
        "bbox-crs": CRS84,
        "crs": CRS84,
        "datetime": "2026-01-01",
        "known_at": "2030-01-01",
        "filter": "name IS NOT NULL",
        "filter-lang": "cql2-text",
        "filter-crs": CRS84,
        "sortby": "name",
        "properties": "name",
        "limit": "5",
        "after": '["避难场所1","BH001"]',
        "offset": "0",
        "f": "json",
        "name": "避难场所2",
    }

    parameters = definition["paths"]["/collections/shelter/items"]["get"]["parameters"]
    named = {
        parameter["$ref"].rpartition("/")[2] if "$ref" in parameter else parameter["name"]
        for parameter in parameters
    }
    assert given.keys() <= named
    assert client.get(SHELTERS, params=given).status_code == 200
