"""Filters, order and choice of fields on `/items`, as clients send them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from tests.api.conftest import put
from yingji_map.bootstrap import Application

pytestmark = pytest.mark.db

ITEMS = "/ogc/collections/{}/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"


def _ids(client: TestClient, layer: str, **query: str) -> list[str]:
    answer = client.get(ITEMS.format(layer), params={"limit": "1000", **query})
    return [feature["id"] for feature in answer.raise_for_status().json()["features"]]


def _all(client: TestClient, layer: str) -> list[dict[str, Any]]:
    document = client.get(ITEMS.format(layer), params={"limit": "1000"}).json()
    return [
        {**f["properties"], "id": f["id"], "place": f["geometry"]["coordinates"]}
        for f in document["features"]
    ]


@pytest.mark.parametrize(
    ("given", "means"),
    [
        # As QGIS 3.40 writes it, brackets included.
        ({"filter": "(name = '避难场所3')", "filter-lang": "cql2-text"}, "避难场所3"),
        ({"filter": "name = '避难场所3'"}, "避难场所3"),
        (
            {
                "filter": '{"op": "=", "args": [{"property": "name"}, "避难场所3"]}',
                "filter-lang": "cql2-json",
            },
            "避难场所3",
        ),
    ],
)
def test_a_filter_comes_as_text_or_as_json(
    client: TestClient, given: dict[str, str], means: str
) -> None:
    wanted = [row["id"] for row in _all(client, "shelter") if row["name"] == means]

    assert _ids(client, "shelter", **given) == wanted != []


def test_filter_box_time_and_field_hold_together(client: TestClient) -> None:
    given = {
        "filter": "capacity_persons > 103 AND NOT is_standardised",
        "bbox": "106.2,32.2,106.345,32.3",
        "datetime": "2026-01-01T00:00:00Z/..",
        "shelter_class": "紧急",
    }
    wanted = [
        row["id"]
        for row in _all(client, "shelter")
        if row["capacity_persons"] > 103
        and not row["is_standardised"]
        and row["place"][0] <= 106.345
        and row["shelter_class"] == "紧急"
    ]

    document = client.get(ITEMS.format("shelter"), params=given).raise_for_status().json()

    assert [feature["id"] for feature in document["features"]] == wanted != []
    assert document["numberMatched"] == len(wanted)


def test_filter_geometries_come_in_the_system_that_filter_crs_names(client: TestClient) -> None:
    box = "S_INTERSECTS(geometry, POLYGON((32.1 106.1, 32.1 106.25, 32.3 106.25, 32.3 106.1, 32.1 106.1)))"

    found = _ids(client, "shelter", filter=box, **{"filter-crs": EPSG.format(4490)})

    assert found == [f"BH00{number}" for number in range(6)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"filter": "contact_phone = '1'"}, "没有这个字段"),
        ({"filter": "nothing = 1"}, "nothing"),
        ({"filter": "capacity_persons = 'x'"}, "应是数"),
        ({"filter": "name ="}, "没有写完"),
        ({"filter": "name = 'x'", "filter-lang": "cql-text"}, "cql2-json"),
        ({"filter": "name = 'x'", "filter-lang": "cql2-json"}, "JSON"),
        ({"filter": "name = 'x'", "filter-crs": EPSG.format(27700)}, "不支持"),
        ({"filter": "capacity_persons ^ 200 ^ 1 > 0 OR 10 ^ 300 * 10 ^ 300 > 1"}, "看不懂"),
        ({"filter": "area_m2 * 1e299 * 1e299 > 1"}, "超出范围"),
        ({"sortby": "contact_phone"}, "没有这个字段"),
        ({"sortby": ""}, "没有这个字段"),
        ({"properties": "name,contact_phone"}, "没有这个字段"),
        ({"sortby": "name", "after": "BH001"}, "next"),
        ({"sortby": "name", "after": '["a"]'}, "next"),
        ({"sortby": "name", "after": '["\\u0000", "b"]'}, "next"),
        ({"sortby": "capacity_persons", "after": '["x", "b"]'}, "整数"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    client: TestClient, query: dict[str, str], said: str
) -> None:
    answer = client.get(ITEMS.format("shelter"), params=query)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def _walk(client: TestClient, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    document = client.get(ITEMS.format("settlement"), params=query).raise_for_status().json()
    while document:
        yield from document["features"]
        onward = [link["href"] for link in document["links"] if link["rel"] == "next"]
        document = client.get(onward[0]).raise_for_status().json() if onward else None


@pytest.mark.parametrize("limit", ["1", "7", "100"])
@pytest.mark.parametrize("sign", ["", "-", "+"])
@pytest.mark.parametrize("when", [None, "2026-01-01T00:00:00Z/.."])
def test_sorted_pages_hold_each_feature_once_and_missing_values_last(
    client: TestClient, limit: str, sign: str, when: str | None
) -> None:
    query = {"sortby": f"{sign}households,name", "limit": limit}
    query |= {"datetime": when} if when else {}

    walked = [(f["properties"]["households"], f["id"]) for f in _walk(client, query)]

    known = [households for households, _ in walked if households is not None]
    assert walked[-1] == (None, "510821005")
    assert known == sorted(known, reverse=sign == "-")
    assert len({identity for _, identity in walked}) == len(walked) == 40


def test_texts_and_equal_values_are_sorted_to_the_end(client: TestClient) -> None:
    rows = sorted(
        _all(client, "settlement"),
        key=lambda row: (row["township_code"], row["name"]),
        reverse=True,
    )

    walked = [f["id"] for f in _walk(client, {"sortby": "-township_code,-name", "limit": "9"})]

    assert walked == [row["id"] for row in rows]


def test_only_the_chosen_fields_come(client: TestClient) -> None:
    document = client.get(f"{ITEMS.format('shelter')}?properties=capacity_persons,name").json()
    bare = client.get(f"{ITEMS.format('shelter')}?properties=").json()
    page = client.get(f"{ITEMS.format('shelter')}?properties=name&f=html")

    assert list(document["features"][1]["properties"]) == ["name", "capacity_persons"]
    assert bare["features"][1]["properties"] == {}
    assert bare["features"][1]["id"] == "BH001"
    assert page.status_code == 200


def test_queryables_name_all_that_a_filter_may_name(client: TestClient) -> None:
    document = client.get("/ogc/collections/shelter/queryables").json()

    assert document["additionalProperties"] is False
    assert document["properties"]["geometry"] == {
        "x-ogc-role": "primary-geometry",
        "format": "geometry-point",
    }
    for name in document["properties"]:
        assert client.get(
            ITEMS.format("shelter"), params={"filter": f'"{name}" IS NOT NULL'}
        ).is_success
    assert "contact_phone" not in json.dumps(document)


def test_a_filter_over_a_stretch_of_time_finds_states_that_were(
    client: TestClient, application: Application
) -> None:
    put(application, "reservoir", {"SK1": (shapely.Point(106.3, 32.3), {"name": "旧名"})})
    put(application, "reservoir", {"SK1": (shapely.Point(106.3, 32.3), {"name": "新名"})})

    stretch = {"datetime": "2020-01-01T00:00:00Z/..", "filter": "name = '旧名'"}

    assert _ids(client, "reservoir", filter="name = '旧名'") == []
    assert _ids(client, "reservoir", **stretch) == ["SK1"]
