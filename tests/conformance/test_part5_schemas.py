"""OGC API - Features - Part 5: Schemas (23-058)."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conformance.conftest import EDITOR, REL, SHELTERS, SPEC, document, links

pytestmark = pytest.mark.db

_SIMPLE = {"string", "integer", "number", "boolean"}


def _schemas(client: TestClient, name: str) -> dict[str, dict[str, Any]]:
    found = {}
    for collection in document(client, "/ogc/collections")["collections"]:
        (link,) = links(collection, f"{REL}/{name}")
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == link["type"] == "application/schema+json"
        found[collection["id"]] = answer.json()
        assert found[collection["id"]]["$id"] == link["href"]
    return found


@pytest.mark.parametrize("name", ["schema", "queryables", "sortables"])
def test_schemas_schema_and_properties(client: TestClient, name: str) -> None:
    for schema in _schemas(client, name).values():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["type"] == "object"
        for described in schema["properties"].values():
            if described.get("format", "").startswith("geometry-"):
                assert not {"type", "$ref"} & described.keys()
            else:
                assert described["type"] in _SIMPLE
                assert described["title"]


def test_schemas_role_id_and_primary_geometry(client: TestClient) -> None:
    for schema in _schemas(client, "schema").values():
        roles = [p["x-ogc-role"] for p in schema["properties"].values() if "x-ogc-role" in p]
        assert sorted(roles) == ["id", "primary-geometry"]


def test_schemas_property_seq(client: TestClient) -> None:
    for schema in _schemas(client, "schema").values():
        numbers = [
            p["x-ogc-propertySeq"] for n, p in schema["properties"].items() if n != "geometry"
        ]
        assert numbers == sorted(set(numbers))


def test_schemas_unit_names_its_language(client: TestClient) -> None:
    for schema in _schemas(client, "schema").values():
        for described in schema["properties"].values():
            assert ("x-ogc-unit" in described) == ("x-ogc-unitLang" in described)


def test_returnables_are_what_is_returned(client: TestClient) -> None:
    schema = document(client, "/ogc/collections/shelter/schema")

    features = document(client, SHELTERS)["features"]
    for feature in features:
        assert {*feature["properties"], "geometry"} == schema["properties"].keys()
        assert all(feature["properties"][name] is not None for name in ("code", "name"))


def test_receivables_that_are_never_returned_are_told_to_editors_only(client: TestClient) -> None:
    here = "/ogc/collections/shelter/schema"

    reader = client.get(here)
    editor = client.get(here, headers=EDITOR).json()
    assert "contact_phone" not in reader.text
    assert editor["properties"]["contact_phone"]["writeOnly"] is True
    assert "Authorization" in reader.headers["vary"]


def test_receivables_need_no_code_where_the_service_gives_one(client: TestClient) -> None:
    depot = document(client, "/ogc/collections/supply_depot/schema")
    shelter = document(client, "/ogc/collections/shelter/schema")

    assert "code" not in depot["required"]
    assert "code" in shelter["required"]


def test_sortables_are_what_sortby_takes(client: TestClient) -> None:
    schema = document(client, "/ogc/collections/shelter/sortables")

    assert schema["additionalProperties"] is False
    assert schema["defaultSortOrder"] == ["code"]
    assert not any("geometry" in p.get("format", "") for p in schema["properties"].values())
    for name in schema["properties"]:
        assert client.get(SHELTERS, params={"sortby": f"-{name}"}).status_code == 200
    assert client.get(SHELTERS, params={"sortby": "nothing"}).status_code == 400


def test_schemas_declare_their_classes(client: TestClient) -> None:
    declared = document(client, "/ogc/conformance")["conformsTo"]

    for name in ("schemas", "returnables-and-receivables", "queryables", "sortables"):
        assert f"{SPEC}/ogcapi-features-5/1.0/conf/{name}" in declared


def test_describedby_is_the_schema_of_a_geojson_feature(client: TestClient) -> None:
    for collection in document(client, "/ogc/collections")["collections"]:
        (link,) = links(collection, "describedby")
        schema = document(client, link["href"])
        assert schema["properties"]["type"] == {"const": "Feature"}
        assert schema["properties"]["geometry"]["$ref"].startswith("https://geojson.org/schema/")
        assert schema["properties"]["properties"]["properties"]
