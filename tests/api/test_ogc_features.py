"""OGC API Features: what its clients rely on, each as they ask for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import shape
from starlette.testclient import TestClient

from tests.api.conftest import put
from yingji_map.bootstrap import Application

pytestmark = pytest.mark.db

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
SHELTERS = "/ogc/collections/shelter/items"
PRIVATE = ("contact_phone", "联系电话", "13900000000", "秘密")


def _ids(document: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in document["features"]]


def _pages(client: TestClient, address: str) -> Iterator[dict[str, Any]]:
    while address:
        document = client.get(address).raise_for_status().json()
        yield document
        onward = [link["href"] for link in document["links"] if link["rel"] == "next"]
        address = onward[0].removeprefix("http://testserver") if onward else ""


def test_the_landing_page_leads_to_everything(client: TestClient) -> None:
    links = client.get("/ogc").json()["links"]

    answers = {link["rel"]: client.get(link["href"]) for link in links}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= answers.keys()
    assert {answer.status_code for answer in answers.values()} == {200}
    for link in links:
        if link["rel"] != "alternate":
            assert answers[link["rel"]].headers["content-type"].startswith(link["type"])


def test_every_vector_layer_is_a_collection_with_its_links(
    client: TestClient, application: Application
) -> None:
    document = client.get("/ogc/collections").json()

    vectors = {d.id for d in application.catalogue.values() if not d.is_raster}
    assert {collection["id"] for collection in document["collections"]} == vectors
    for collection in document["collections"]:
        assert collection == client.get(f"/ogc/collections/{collection['id']}").json()
        assert collection["crs"][0] == CRS84
        assert collection["storageCrs"] == EPSG.format(4490)
        assert collection["storageCrs"] in collection["crs"]
        for link in collection["links"]:
            answer = client.get(link["href"])
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(link["type"])


@pytest.mark.parametrize("layer", ["dem", "nowhere"])
def test_a_raster_or_unknown_layer_is_no_collection(client: TestClient, layer: str) -> None:
    answer = client.get(f"/ogc/collections/{layer}/items", headers={"Accept-Language": "zh-CN"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "没有这个图层"


def test_names_come_in_the_reader_s_language(client: TestClient) -> None:
    here = "/ogc/collections/shelter"

    titles = [
        client.get(here, headers={"Accept-Language": language}).json()["title"]
        for language in ("zh-CN,zh;q=0.9", "en-GB")
    ]

    assert titles == ["避难场所", "Shelter"]


def test_a_problem_speaks_the_reader_s_language(client: TestClient) -> None:
    answer = client.get("/ogc/collections/nowhere", headers={"Accept-Language": "en"})

    assert answer.json()["title"] == "Layer not found"
    assert answer.json()["type"] == "/problems/layer-not-found"


@pytest.mark.parametrize("limit", [1, 4, 7, 25, 100])
def test_walking_the_pages_yields_each_feature_once(client: TestClient, limit: int) -> None:
    pages = list(_pages(client, f"{SHELTERS}?limit={limit}"))

    seen = [identity for page in pages for identity in _ids(page)]
    assert seen == [f"BH{number:03d}" for number in range(25)]
    assert {page["numberMatched"] for page in pages} == {25}
    assert [page["numberReturned"] for page in pages] == [len(page["features"]) for page in pages]


def test_next_repeats_every_parameter(client: TestClient) -> None:
    crs = EPSG.format(3857)
    given = {
        "limit": "3",
        "bbox": "106,32,107,33",
        "crs": crs,
        "shelter_class": "紧急",
        "datetime": "2026-01-01T00:00:00Z/..",
    }
    first = client.get(SHELTERS, params=given).json()

    onward = next(link["href"] for link in first["links"] if link["rel"] == "next")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(onward).query).items()}
    assert sent == {**given, "after": first["features"][-1]["id"]}
    assert client.get(onward).json()["numberMatched"] == first["numberMatched"] == 12


def test_clients_that_count_for_themselves_may_skip(client: TestClient) -> None:
    document = client.get(f"{SHELTERS}?limit=5&offset=5").json()

    assert _ids(document) == [f"BH{number:03d}" for number in range(5, 10)]


def test_a_collection_is_framed_as_the_standard_asks(client: TestClient) -> None:
    answer = client.get(f"{SHELTERS}?limit=2")

    document = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert document["type"] == "FeatureCollection"
    assert datetime.fromisoformat(document["timeStamp"]).tzinfo is not None
    assert document["features"][1] == {
        "type": "Feature",
        "id": "BH001",
        "geometry": {"type": "Point", "coordinates": [106.21, 32.204]},
        "properties": {
            "code": "BH001",
            "name": "避难场所1",
            "shelter_class": "紧急",
            "area_m2": 50.5,
            "capacity_persons": 101,
            "is_standardised": False,
            "is_open": None,
            "facilities": None,
            "township_code": None,
        },
    }


def test_an_over_large_limit_is_capped(client: TestClient) -> None:
    assert client.get(f"{SHELTERS}?limit=99999999").json()["numberReturned"] == 25


def test_an_empty_layer_is_an_empty_collection(client: TestClient) -> None:
    document = client.get("/ogc/collections/reservoir/items").json()

    assert (document["features"], document["numberMatched"]) == ([], 0)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=５", "limit"),
        ("limit=1&limit=2", "只能给一次"),
        ("offset=x", "offset"),
        ("colour=red", "没有这个参数"),
        ("contact_phone=1", "没有这个参数"),
        ("f=shapefile", "geojson"),
        ("bbox=1,2,3", "4 个或 6 个"),
        ("bbox=a,b,c,d", "逗号"),
        ("bbox=nan,0,1,1", "逗号"),
        ("bbox=106,33,107,32", "颠倒"),
        ("bbox=32,106,33,107", "顺序是经度,纬度"),
        (f"bbox=106,32,107,33&bbox-crs={EPSG.format(4490)}", "顺序是纬度,经度"),
        (f"bbox=2,0,1,1&bbox-crs={EPSG.format(3857)}", "颠倒"),
        ("bbox=106,32,107,33&bbox-crs=EPSG:27700", "不支持"),
        ("crs=http://example.org/none", "不支持"),
        ("datetime=yesterday", "RFC 3339"),
        ("datetime=2026-01-01T00:00:00", "带时区"),
        ("datetime=2026-02-30", "RFC 3339"),
        ("datetime=2026-13-01T00:00:00Z", "RFC 3339"),
        ("datetime=2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", "起点晚于终点"),
        ("known_at=soon", "known_at"),
        ("capacity_persons=many", "整数"),
        ("capacity_persons=9223372036854775808", "整数"),
        ("area_m2=wide", "应是数"),
        ("is_standardised=perhaps", "true"),
        ("shelter_class=永久", "紧急、短期、长期"),
        ("name=a%00b", "空字符"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(
    client: TestClient, query: str, said: str
) -> None:
    answer = client.get(f"{SHELTERS}?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("address", ["/ogc", "/ogc/api", "/ogc/collections", f"{SHELTERS}/BH001"])
def test_unknown_parameters_are_refused_everywhere(client: TestClient, address: str) -> None:
    assert client.get(f"{address}?colour=red").status_code == 400


@pytest.mark.parametrize("identity", ["BH999", "a%00b", "%2e%2e%2fBH001", "BH001/x"])
def test_an_unknown_feature_is_not_found(client: TestClient, identity: str) -> None:
    answer = client.get(f"{SHELTERS}/{identity}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/feature-not-found"


def _inside(west: float, south: float, east: float, north: float) -> list[str]:
    places = {f"BH{n:03d}": (106.20 + 0.01 * n, 32.20 + 0.004 * n) for n in range(25)}
    box = shapely.box(west, south, east, north)
    return [key for key, place in places.items() if box.intersects(shapely.Point(place))]


@pytest.mark.parametrize(
    "query",
    [
        "bbox=106.205,32.2,106.265,32.3",
        "bbox=106.205,32.2,-50,106.265,32.3,9000",
        f"bbox=106.205,32.2,106.265,32.3&bbox-crs={CRS84}",
        f"bbox=32.2,106.205,32.3,106.265&bbox-crs={EPSG.format(4326)}",
        f"bbox=32.2,106.205,32.3,106.265&bbox-crs={EPSG.format(4490)}",
        f"bbox=11822686.5,3790096.6,11829365.7,3803254.7&bbox-crs={EPSG.format(3857)}",
    ],
)
def test_a_box_is_read_in_the_order_of_its_system(client: TestClient, query: str) -> None:
    document = client.get(f"{SHELTERS}?{query}").json()

    assert (
        _ids(document) == _inside(106.205, 32.2, 106.265, 32.3) == [f"BH00{n}" for n in range(1, 7)]
    )
    assert document["numberMatched"] == 6


def test_a_box_may_cross_the_antimeridian(client: TestClient) -> None:
    assert client.get(f"{SHELTERS}?bbox=106.395,-90,-170,90").json()["numberMatched"] == 5
    assert client.get(f"{SHELTERS}?bbox=170,-90,106.205,90").json()["numberMatched"] == 1


def test_a_box_without_extent_finds_what_lies_on_it(client: TestClient) -> None:
    assert _ids(client.get(f"{SHELTERS}?bbox=106.2,32.2,106.2,32.2").json()) == ["BH000"]
    assert _ids(client.get(f"{SHELTERS}?bbox=106.2,32,106.2,33").json()) == ["BH000"]


@pytest.mark.parametrize(("srid", "tolerance"), [(4326, 1e-8), (4490, 1e-8), (3857, 1e-3)])
@pytest.mark.parametrize("layer", ["shelter", "township", "road"])
def test_the_same_places_come_in_every_system(
    client: TestClient, layer: str, srid: int, tolerance: float
) -> None:
    uri = EPSG.format(srid)
    plain = client.get(f"/ogc/collections/{layer}/items")
    asked = client.get(f"/ogc/collections/{layer}/items", params={"crs": uri})

    assert plain.headers["content-crs"] == f"<{CRS84}>"
    assert asked.headers["content-crs"] == f"<{uri}>"
    mover = Transformer.from_crs(4326, srid)  # axes as the authority orders them: north first
    for left, right in zip(plain.json()["features"], asked.json()["features"], strict=True):
        lonlat = shapely.get_coordinates(shape(left["geometry"]))
        there = shapely.get_coordinates(shape(right["geometry"]))
        expected = np.column_stack(mover.transform(lonlat[:, 1], lonlat[:, 0]))
        assert np.abs(there - expected).max() <= tolerance


def test_one_feature_comes_in_the_system_asked_for(client: TestClient) -> None:
    answer = client.get(f"{SHELTERS}/BH001", params={"crs": EPSG.format(4490)})

    assert answer.headers["content-crs"] == f"<{EPSG.format(4490)}>"
    assert answer.json()["geometry"]["coordinates"] == [32.204, 106.21]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("name=避难场所7", 1),
        ("shelter_class=长期", 13),
        ("is_standardised=true", 9),
        ("is_standardised=true&shelter_class=紧急", 4),
        ("capacity_persons=103", 1),
        ("area_m2=50.5", 1),
        ("name=' OR 1=1 --", 0),
    ],
)
def test_a_field_may_be_fixed_by_its_value(client: TestClient, query: str, count: int) -> None:
    assert client.get(f"{SHELTERS}?{query}").json()["numberMatched"] == count


def test_history_is_told_by_valid_time_and_by_knowledge(
    client: TestClient, application: Application
) -> None:
    here = "/ogc/collections/tailings_pond/items"
    place = shapely.Point(106.3, 32.25)
    moments = [datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)]
    put(
        application,
        "tailings_pond",
        {"W1": (place, {"name": "旧", "grade": "五等"})},
        valid_from=moments[0],
    )
    learnt_at = application.clock()
    put(
        application,
        "tailings_pond",
        {"W1": (place, {"name": "新", "grade": "四等"})},
        valid_from=moments[1],
    )

    def names(**asked: str) -> list[str]:
        document = client.get(here, params=asked).raise_for_status().json()
        assert document["numberMatched"] == len(document["features"])
        return [feature["properties"]["name"] for feature in document["features"]]

    stamp = learnt_at.isoformat()
    assert names() == ["新"]
    assert names(datetime="2024-01-01T00:00:00Z") == []
    assert names(datetime="2024-12-31T08:00:00+08:00") == ["旧"]
    assert names(datetime="2025-05-31/2025-06-02") == ["新"]
    assert names(datetime="../2024-12-31") == ["旧"]
    assert names(datetime="2024-12-31/..") == names(datetime="../..") == ["新"]
    assert names(known_at=stamp) == ["旧"]
    assert names(known_at=stamp.replace("+", " ")) == ["旧"]
    assert names(known_at="2001-01-01") == []
    feature = client.get(f"{here}/W1", params={"datetime": "2024-12-31T00:00:00Z"}).json()
    assert feature["properties"]["grade"] == "五等"
    assert client.get(f"{here}/W1?known_at=2001-01-01").status_code == 404


def test_private_fields_leave_by_no_door(client: TestClient) -> None:
    here = "/ogc/collections/shelter"
    addresses = [
        *(f"{here}{part}" for part in ("", "/queryables", "/schema", "/schema/feature", "/items")),
        f"{here}/items/BH001",
        "/ogc/collections",
    ]

    for address in addresses:
        for accept in ("application/json", "text/html"):
            text = client.get(address, headers={"Accept": accept}).text
            assert [word for word in PRIVATE if word in text] == [], (address, accept)
    assert not any(word in client.get("/ogc/api").text for word in PRIVATE[2:])


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (None, False),
        ("*/*", False),
        ("text/plain, application/json", False),
        ("application/geo+json, application/json", False),
        ("image/png", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=0.5, application/json", False),
    ],
)
def test_only_who_asks_for_a_page_gets_one(
    client: TestClient, accept: str | None, *, is_page: bool
) -> None:
    headers = {"Accept": accept or ""}

    kinds = {
        client.get(address, headers=headers).headers["content-type"].split(";")[0]
        for address in (SHELTERS, f"{SHELTERS}/BH001")
    }

    assert kinds == ({"text/html"} if is_page else {"application/geo+json"})


def test_the_form_named_in_the_address_wins(client: TestClient) -> None:
    page = client.get(f"{SHELTERS}?f=html&limit=2", headers={"Accept": "application/json"})
    data = client.get(f"{SHELTERS}?f=json", headers={"Accept": "text/html"})

    assert "避难场所1" in page.text
    assert "下一页" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert data.json()["type"] == "FeatureCollection"


def test_pages_cannot_be_made_to_run_what_data_says(
    client: TestClient, application: Application
) -> None:
    evil = "<script>alert(1)</script>"
    put(application, "fault_line", {
        'F"1': (shapely.MultiLineString([[(106, 32), (107, 33)]]), {"name": evil, "is_active": True})
    })  # fmt: skip

    listed = client.get("/ogc/collections/fault_line/items?f=html").text
    single = client.get("/ogc/collections/fault_line/items/F%221?f=html").text

    assert evil not in listed + single
    assert "&lt;script&gt;" in listed
    assert 'items/F%221?f=html"' in listed


def test_links_are_those_the_client_can_follow(client: TestClient) -> None:
    forwarded = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "map.example.gov.cn, 10.0.0.1",
        "X-Forwarded-Prefix": "/yingji/",
    }

    document = client.get(f"{SHELTERS}?limit=1", headers=forwarded).json()
    landing = client.get("/ogc", headers=forwarded).json()

    hrefs = [link["href"] for link in [*document["links"], *landing["links"]]]
    assert all(href.startswith("https://map.example.gov.cn/yingji/ogc") for href in hrefs)


@pytest.mark.parametrize("host", ['evil"><script>', "a b", "x/../y", "u@h"])
def test_a_host_that_is_none_gets_into_no_answer(client: TestClient, host: str) -> None:
    answer = client.get(
        "/ogc", headers={"X-Forwarded-Host": host, "X-Forwarded-Prefix": f"/{host}"}
    )

    assert host not in answer.text
    assert answer.json()["links"][0]["href"] == "http://testserver/ogc"


@pytest.mark.parametrize(
    "address", ["/ogc", "/ogc/collections/shelter", SHELTERS, f"{SHELTERS}/BH001"]
)
def test_an_answer_the_client_holds_is_not_sent_again(client: TestClient, address: str) -> None:
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    assert {"Accept", "Accept-Encoding", "Origin"} <= {
        name.strip() for name in first.headers["vary"].split(",")
    }


def test_a_change_of_the_layer_is_seen_by_who_holds_an_answer(
    client: TestClient, application: Application
) -> None:
    here = "/ogc/collections/supply_depot/items"
    before = client.get(here).headers["etag"]
    put(
        application,
        "supply_depot",
        {"D1": (shapely.Point(106.3, 32.2), {"name": "库", "tier": "县级"})},
    )

    assert client.get(here, headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/ogc", "/ogc/api", SHELTERS, f"{SHELTERS}/BH001", "/v1/layers"]
)
def test_head_tells_the_true_length_and_sends_nothing(client: TestClient, address: str) -> None:
    plain = {"Accept-Encoding": "identity"}

    head = client.head(address, headers=plain)

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(client.get(address, headers=plain).content)


def test_a_page_on_this_machine_may_read_and_a_foreign_one_may_not(client: TestClient) -> None:
    own = client.get("/ogc", headers={"Origin": "http://localhost:5173"})
    foreign = client.get("/ogc", headers={"Origin": "http://localhost.example.org"})
    asked = client.options(
        SHELTERS,
        headers={"Origin": "http://127.0.0.1:9", "Access-Control-Request-Method": "PATCH"},
    )

    assert own.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "Content-Crs" in own.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in foreign.headers
    assert "PATCH" in asked.headers["access-control-allow-methods"]


def test_the_api_document_tells_page_sizes_and_filters_by_collection(client: TestClient) -> None:
    answer = client.get("/ogc/api")

    document = answer.json()
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert document["openapi"].startswith("3.0")
    parameters = document["paths"]["/collections/shelter/items"]["get"]["parameters"]
    named = {parameter["name"] for parameter in parameters if "name" in parameter}
    assert {"name", "shelter_class", "capacity_persons"} <= named
    assert {"$ref": "#/components/parameters/limit"} in parameters
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert (limit["minimum"], limit["default"], limit["maximum"]) == (1, 100, 10_000)


def test_every_path_of_the_api_document_answers(client: TestClient) -> None:
    document = client.get("/ogc/api").json()

    operations = [path["get"] for path in document["paths"].values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for path, item in document["paths"].items():
        if "{" not in path:
            assert client.get(f"/ogc{path}").status_code == 200, path
        for parameter in item["get"]["parameters"]:
            name = parameter.get("$ref", "").rpartition("/")[2]
            assert "name" in parameter or name in document["components"]["parameters"]


def test_features_keep_their_own_schema(client: TestClient, application: Application) -> None:
    schema = client.get("/ogc/collections/shelter/schema/feature").json()

    features = client.get(SHELTERS).json()["features"]
    columns = schema["properties"]["properties"]["properties"]
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    required = {f.name for f in application.catalogue["shelter"].fields if f.required}
    for feature in features:
        assert set(feature["properties"]) == set(columns)
        for name, value in feature["properties"].items():
            is_empty = value is None and name not in required
            assert is_empty or isinstance(value, kinds[columns[name]["type"]]), (name, value)


def test_the_order_of_a_ring_follows_rfc_7946(client: TestClient) -> None:
    document = client.get("/ogc/collections/township/items").json()

    for feature in document["features"]:
        for ring in feature["geometry"]["coordinates"][0]:
            assert shapely.LinearRing(ring).is_ccw


def test_a_feature_becomes_valid_without_any_write(
    client: TestClient, application: Application
) -> None:
    here = "/ogc/collections/rescue_team/items"
    soon = application.clock() + timedelta(days=1)
    put(
        application,
        "rescue_team",
        {
            "T1": (
                shapely.Point(106.3, 32.2),
                {"name": "队", "team_kind": "医疗", "strength_persons": 9},
            )
        },
        valid_from=soon,
    )

    assert client.get(here).json()["numberMatched"] == 0
    assert (
        client.get(here, params={"datetime": (soon + timedelta(days=1)).isoformat()}).json()[
            "numberMatched"
        ]
        == 1
    )
