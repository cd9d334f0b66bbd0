"""OGC API - Features - Part 3: Filtering (19-079r2) and CQL2 (21-065r2) on real collections."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conformance.conftest import (
    DEPOTS,
    EDITOR,
    REL,
    SHELTERS,
    SPEC,
    a_depot,
    document,
    ids,
    links,
)

pytestmark = pytest.mark.db


def _matched(client: TestClient, condition: str | dict[str, Any], **query: object) -> int:
    if isinstance(condition, dict):
        query = {**query, "filter-lang": "cql2-json"}
        condition = json.dumps(condition)
    page = document(client, SHELTERS, {"filter": condition, "limit": 1, **query})
    return int(page["numberMatched"])


def test_queryables_link_and_get_queryables_response(client: TestClient) -> None:
    for collection in document(client, "/ogc/collections")["collections"]:
        (link,) = links(collection, f"{REL}/queryables")
        answer = client.get(link["href"])
        schema = answer.json()
        assert answer.headers["content-type"] == "application/schema+json"
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert (schema["$id"], schema["type"]) == (link["href"], "object")
        assert schema["additionalProperties"] is False
        for name, described in schema["properties"].items():
            if name == "geometry":
                assert described["format"].startswith("geometry-")
                assert not {"type", "$ref"} & described.keys()
            else:
                assert described["type"] in {"string", "integer", "number", "boolean"}


def test_queryables_query_parameters(client: TestClient) -> None:
    assert document(client, SHELTERS, {"shelter_class": "长期"})["numberMatched"] == 13
    assert document(client, SHELTERS, {"name": "避难场所7", "is_standardised": "false"})[
        "features"
    ][0]["id"] == ("BH007")
    assert client.get(SHELTERS, params={"contact_phone": "1"}).status_code == 400


def test_features_filter_declares_its_classes(client: TestClient) -> None:
    declared = document(client, "/ogc/conformance")["conformsTo"]

    assert f"{SPEC}/ogcapi-features-3/1.0/conf/features-filter" in declared
    assert {f"{SPEC}/cql2/1.0/conf/{name}" for name in ("cql2-text", "cql2-json", "basic-cql2")} < {
        *declared
    }


@pytest.mark.parametrize(
    ("text", "as_json", "count"),
    [
        ("name = '避难场所7'", {"op": "=", "args": [{"property": "name"}, "避难场所7"]}, 1),
        (
            "shelter_class <> '长期'",
            {"op": "<>", "args": [{"property": "shelter_class"}, "长期"]},
            12,
        ),
        (
            "capacity_persons >= 120",
            {"op": ">=", "args": [{"property": "capacity_persons"}, 120]},
            5,
        ),
        ("is_standardised = TRUE", {"op": "=", "args": [{"property": "is_standardised"}, True]}, 9),
        (
            "area_m2 IS NULL",
            {"op": "isNull", "args": [{"property": "area_m2"}]},
            1,
        ),
        (
            "name LIKE '避难%1'",
            {"op": "like", "args": [{"property": "name"}, "避难%1"]},
            3,
        ),
        (
            "code IN ('BH001', 'BH002', '没有')",
            {"op": "in", "args": [{"property": "code"}, ["BH001", "BH002", "没有"]]},
            2,
        ),
        (
            "capacity_persons BETWEEN 101 AND 103",
            {"op": "between", "args": [{"property": "capacity_persons"}, 101, 103]},
            3,
        ),
        (
            "NOT (capacity_persons > 100 OR name = 'x')",
            {
                "op": "not",
                "args": [
                    {
                        "op": "or",
                        "args": [
                            {"op": ">", "args": [{"property": "capacity_persons"}, 100]},
                            {"op": "=", "args": [{"property": "name"}, "x"]},
                        ],
                    }
                ],
            },
            1,
        ),
        (
            "S_INTERSECTS(geometry, BBOX(106.205, 32.2, 106.265, 32.3))",
            {
                "op": "s_intersects",
                "args": [{"property": "geometry"}, {"bbox": [106.205, 32.2, 106.265, 32.3]}],
            },
            6,
        ),
        (
            "capacity_persons - 100 > 22",
            {
                "op": ">",
                "args": [{"op": "-", "args": [{"property": "capacity_persons"}, 100]}, 22],
            },
            2,
        ),
    ],
)
def test_filter_param_in_text_and_in_json(
    client: TestClient, text: str, as_json: dict[str, Any], count: int
) -> None:
    assert _matched(client, text) == count
    assert _matched(client, as_json) == count


def test_cql2_text_quotes_are_doubled(client: TestClient) -> None:
    assert _matched(client, "name = 'O''Brien''s 避难所'") == 0


def test_filter_mixed_with_bbox_and_datetime(client: TestClient) -> None:
    condition = "shelter_class = '长期'"
    box = {"bbox": "106.205,32.2,106.265,32.3"}

    assert _matched(client, condition) == 13
    assert _matched(client, condition, **box) == 3
    assert _matched(client, condition, **box, datetime="2026-01-01") == 3
    assert _matched(client, condition, **box, datetime="2019-01-01") == 0
    assert _matched(client, condition, **box, name="避难场所2") == 1


@pytest.mark.parametrize(
    "condition",
    [
        "nobody = 1",
        "contact_phone IS NULL",
        "name =",
        "name = 1",
        "S_NOTHING(geometry, POINT(1 2))",
        "S_INTERSECTS(geometry, POLYGON((1 1, 2 2)))",
        "CAPACITY > '",
        "",
    ],
)
def test_filter_with_an_invalid_expression_or_unknown_property(
    client: TestClient, condition: str
) -> None:
    assert client.get(SHELTERS, params={"filter": condition}).status_code == 400


@pytest.mark.parametrize("language", ["cql", "cql2", "sql", ""])
def test_filter_lang_param_unknown(client: TestClient, language: str) -> None:
    answer = client.get(SHELTERS, params={"filter": "name = 'a'", "filter-lang": language})

    assert answer.status_code == 400


def test_sorting_sortby_response(client: TestClient) -> None:
    page = document(client, SHELTERS, {"sortby": "-capacity_persons", "limit": 5})
    up = document(client, SHELTERS, {"sortby": "+shelter_class,-name"})

    assert ids(page) == [f"BH{number:03d}" for number in range(24, 19, -1)]
    values = [f["properties"]["shelter_class"] for f in up["features"]]
    assert values == sorted(values)
    assert client.get(SHELTERS, params={"sortby": "geometry"}).status_code == 400


def test_paging_while_others_write_skips_and_repeats_nothing(client: TestClient) -> None:
    sent = {**EDITOR, "Content-Type": "application/geo+json"}
    for number in range(1, 7):
        made = a_depot(f"W{number}", tents=900 + number)
        assert client.post(DEPOTS, json=made, headers=sent).status_code == 201
    query = {"filter": "tents > 900", "sortby": "-tents", "limit": 2}

    first = document(client, DEPOTS, query)
    client.post(DEPOTS, json=a_depot("W7", tents=999), headers=sent)  # before what was read
    client.delete(f"{DEPOTS}/W6", headers=EDITOR)  # read already
    second = document(client, links(first, "next")[0]["href"])
    client.patch(f"{DEPOTS}/W4", json={"properties": {"tents": 998}}, headers=EDITOR)
    third = document(client, links(second, "next")[0]["href"])

    assert [ids(page) for page in (first, second, third)] == [
        ["W6", "W5"],
        ["W4", "W3"],
        ["W2", "W1"],
    ]
    assert not links(third, "next")


def test_property_selection_properties_features(client: TestClient) -> None:
    page = document(client, SHELTERS, {"properties": "name,area_m2", "limit": 3})
    one = document(client, f"{SHELTERS}/BH002", {"properties": "area_m2"})

    assert all(feature["properties"].keys() == {"name", "area_m2"} for feature in page["features"])
    assert one["properties"] == {"area_m2": 101.0}
    for address in (SHELTERS, f"{SHELTERS}/BH002"):
        assert client.get(address, params={"properties": "contact_phone"}).status_code == 400
