"""Who and what is inside: against brute force on the ellipsoid, and what is refused."""

from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import mapping, shape
from starlette.testclient import TestClient

from tests.api.conftest import TOWN, put
from yingji_map.bootstrap import Application
from yingji_map.domain.features import FeatureTable
from yingji_map.store.features import read_features

pytestmark = pytest.mark.db

GEOD = Geod(ellps="GRS80")
STAR = [
    [106.1, 32.05],
    [106.5, 32.1],
    [106.45, 32.45],
    [106.3, 32.15],
    [106.12, 32.4],
    [106.1, 32.05],
]


@pytest.fixture(scope="module")
def settlements(application: Application) -> FeatureTable:
    with application.store.read() as tx:
        return read_features(tx, application.catalogue["settlement"])


def _post(client: TestClient, geometry: Any, layers: list[str], **more: object) -> dict[str, Any]:
    body = {"geometry": geometry, "layers": layers, **more}
    answer = client.post("/v1/within", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    "zone",
    [
        {"type": "Polygon", "coordinates": [STAR]},
        {"type": "Polygon", "coordinates": [
            [[106, 32], [107, 32], [107, 33], [106, 33], [106, 32]],
            [[106.1, 32.1], [106.1, 32.3], [106.4, 32.3], [106.4, 32.1], [106.1, 32.1]],
        ]},
        {"type": "MultiPolygon", "coordinates": [
            [[[106.0, 32.0], [106.2, 32.0], [106.2, 32.5], [106.0, 32.5], [106.0, 32.0]]],
            [[[106.4, 32.0], [106.6, 32.0], [106.6, 32.5], [106.4, 32.5], [106.4, 32.0]]],
        ]},
    ],
    ids=["concave", "with a hole", "two parts"],
)  # fmt: skip
def test_a_zone_holds_what_brute_force_finds(
    client: TestClient, settlements: FeatureTable, zone: dict[str, object]
) -> None:
    inside = shapely.intersects(settlements.geometry, shape(zone))

    found = _post(client, zone, ["settlement"])["layers"][0]

    keys = np.array(settlements.keys)[inside].tolist()
    assert 0 < len(keys) < 40
    assert found["count"] == len(keys)
    assert [place["id"] for place in found["features"]] == keys
    people = settlements.columns["population_persons"][inside]
    homes = [number for number in settlements.columns["households"][inside] if number is not None]
    assert found["sums"] == {"population_persons": sum(people), "households": sum(homes)}


@pytest.mark.parametrize("radius_m", [800, 5_000, 12_345.678, 30_000])
def test_a_radius_is_measured_on_the_ellipsoid(
    client: TestClient, settlements: FeatureTable, radius_m: float
) -> None:
    lon, lat = shapely.get_coordinates(settlements.geometry).T
    here = np.full(len(lon), 106.29), np.full(len(lon), 32.23)
    inside = GEOD.inv(*here, lon, lat)[2] <= radius_m
    asked = {"lon": 106.29, "lat": 32.23, "radius_m": radius_m, "layers": "settlement,shelter"}

    answer = client.get("/v1/buffer", params=asked).json()

    assert answer["layers"][0]["count"] == inside.sum()
    assert answer["layers"][0]["sums"]["population_persons"] == sum(
        settlements.columns["population_persons"][inside]
    )
    assert answer["radius_m"] == radius_m
    assert answer["area_km2"] == pytest.approx(np.pi * radius_m**2 / 1e6, rel=5e-4)
    assert shape(answer["geometry"]).is_valid
    within = client.get("/v1/within", params=asked).json()
    assert within == {name: answer[name] for name in ("area_km2", "layers")}


def test_a_place_on_the_rim_is_decided_by_millimetres(client: TestClient) -> None:
    lon, lat = 106.20 + 0.01, 32.20 + 0.004  # BH001
    distance_m = GEOD.inv(106.29, 32.23, lon, lat)[2]

    def ids(radius_m: float) -> set[str]:
        asked = {"lon": 106.29, "lat": 32.23, "radius_m": radius_m, "layers": "shelter"}
        found = client.get("/v1/within", params=asked).json()["layers"][0]["features"]
        return {place["id"] for place in found}

    assert "BH001" in ids(distance_m + 0.001)
    assert "BH001" not in ids(distance_m - 0.001)


def test_a_buffer_follows_a_line(client: TestClient, settlements: FeatureTable) -> None:
    line = {"type": "LineString", "coordinates": [[106.05, 32.1], [106.3, 32.3], [106.55, 32.2]]}
    steps = shapely.get_coordinates(shapely.segmentize(shape(line), 0.0001))
    lon, lat = shapely.get_coordinates(settlements.geometry).T
    nearest_m = [
        GEOD.inv(np.full(len(steps), x), np.full(len(steps), y), steps[:, 0], steps[:, 1])[2].min()
        for x, y in zip(lon, lat, strict=True)
    ]

    body = {"geometry": line, "radius_m": 3000, "layers": ["settlement"]}
    answer = client.post("/v1/buffer", json=body).json()

    expected = [key for key, far in zip(settlements.keys, nearest_m, strict=True) if far <= 3000]
    assert [place["id"] for place in answer["layers"][0]["features"]] == expected
    outline = shape(answer["geometry"])
    assert [
        k for k, p in zip(settlements.keys, settlements.geometry, strict=True) if outline.covers(p)
    ] == expected


def test_the_area_is_that_of_the_ellipsoid(client: TestClient) -> None:
    zone = {"type": "Polygon", "coordinates": [STAR]}

    answer = _post(client, zone, ["shelter"])

    fine = shapely.segmentize(shapely.Polygon(STAR), 0.001)
    assert answer["area_km2"] == pytest.approx(
        abs(GEOD.geometry_area_perimeter(fine)[0]) / 1e6, rel=2e-7
    )


def test_people_of_an_area_cut_by_the_edge_are_not_counted(client: TestClient) -> None:
    half = mapping(shapely.box(106.15, 32.15, 106.45, 32.35))  # all of one town, part of the other

    found = _post(client, half, ["township"])["layers"][0]

    assert (found["count"], found["partly_inside"]) == (2, 1)
    assert found["sums"] == {"population_persons": 9000}


def test_an_area_fits_into_its_own_outline(client: TestClient) -> None:
    found = _post(client, mapping(TOWN), ["township"])["layers"][0]

    assert {place["id"] for place in found["features"]} == {"510821100", "510821101"}
    assert found["sums"] == {"population_persons": 9000}


def test_a_missing_value_is_told_not_taken_for_zero(client: TestClient) -> None:
    found = _post(client, mapping(shapely.box(105.9, 31.9, 106.7, 32.6)), ["settlement"])["layers"][
        0
    ]

    assert found["count"] == 40
    assert found["missing"] == {"households": 1}


def test_only_the_list_is_cut_short(client: TestClient) -> None:
    whole = mapping(shapely.box(105.9, 31.9, 106.7, 32.6))

    short = _post(client, whole, ["settlement", "shelter", "settlement"], limit=3)["layers"]
    none = _post(client, whole, ["settlement"], limit=0)["layers"][0]

    assert [layer["layer"] for layer in short] == ["settlement", "shelter"]
    assert [len(layer["features"]) for layer in short] == [3, 3]
    assert (short[0]["count"], short[0]["is_truncated"]) == (40, True)
    assert (none["count"], none["features"], none["is_truncated"]) == (40, [], True)


def test_private_fields_stay_inside(client: TestClient) -> None:
    answer = _post(client, mapping(shapely.box(105.9, 31.9, 106.7, 32.6)), ["shelter"])

    place = answer["layers"][0]["features"][0]
    assert place["name"] == "避难场所0"
    assert "contact_phone" not in place["properties"]
    assert "13900000000" not in str(answer)


def test_what_ended_is_not_inside(client: TestClient, application: Application) -> None:
    put(
        application,
        "reservoir",
        {"R1": (shapely.Point(106.3, 32.2), {"name": "库", "scale": "中型"})},
    )
    put(application, "reservoir", {}, is_replacing=True)

    assert (
        _post(client, mapping(shapely.box(106, 32, 107, 33)), ["reservoir"])["layers"][0]["count"]
        == 0
    )


SQUARE = [[[106, 32], [107, 32], [107, 33], [106, 33], [106, 32]]]
GOOD = {"type": "Polygon", "coordinates": SQUARE}


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        ({"geometry": GOOD, "layers": ["nowhere"]}, 404, "layer-not-found", "nowhere"),
        ({"geometry": GOOD, "layers": ["dem"]}, 404, "layer-not-found", "dem"),
        ({"geometry": GOOD, "layers": []}, 400, "invalid-parameter", "layers"),
        ({"geometry": GOOD}, 400, "invalid-parameter", "layers：缺少"),
        ({"geometry": GOOD, "layers": ["shelter"], "limit": -1}, 400, "invalid-parameter", "limit"),
        ({"geometry": GOOD, "layers": ["shelter"], "colour": 1}, 400, "invalid-parameter", "没有这一项"),
        ({"geometry": [], "layers": ["shelter"]}, 400, "invalid-parameter", "geometry"),
        ({"geometry": {}, "layers": ["shelter"]}, 400, "invalid-geometry", "类型"),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[106, 32], [107, 33], [107, 32], [106, 33], [106, 32]]]},
             "layers": ["shelter"]},
            400, "invalid-geometry", "自相交，位置 106.5, 32.5",
        ),
        (
            {"geometry": {"type": "Polygon", "coordinates": [SQUARE[0][:-1]]}, "layers": ["shelter"]},
            400, "invalid-geometry", "没有闭合",
        ),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[y, x] for x, y in SQUARE[0]]]}, "layers": ["shelter"]},
            400, "invalid-geometry", "经度在前",
        ),
    ],
)  # fmt: skip
def test_a_zone_that_cannot_be_meant_is_refused(
    client: TestClient, body: dict[str, object], status: int, code: str, said: str
) -> None:
    answer = client.post("/v1/within", json=body)

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{code}")
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"radius_m": "0"}, "大于 0"),
        ({"radius_m": "1e12"}, "不超过"),
        ({"radius_m": "nan"}, "radius_m"),
        ({"radius_m": "far"}, "radius_m：应是数"),
        ({"lon": "190"}, "lon"),
        ({"lat": "-91"}, "lat"),
        ({"lon": "179.9999", "lat": "0"}, "180°"),
        ({"lat": "89.99"}, "极点"),
        ({"layer": "shelter"}, "没有这一项"),
        ({"layers": ""}, "layers"),
        ({"limit": "-1"}, "limit"),
    ],
)
def test_a_radius_that_cannot_be_meant_is_refused(
    client: TestClient, change: dict[str, str], said: str
) -> None:
    asked = {"lon": "106.29", "lat": "32.23", "radius_m": "5000", "layers": "shelter", **change}

    answer = client.get("/v1/buffer", params=asked)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_shape_too_large_for_an_exact_outline_is_refused(client: TestClient) -> None:
    line = {"type": "LineString", "coordinates": [[80, 30], [120, 45]]}

    answer = client.post(
        "/v1/buffer", json={"geometry": line, "radius_m": 1000, "layers": ["shelter"]}
    )

    assert answer.status_code == 400
    assert "超过缓冲区的上限 1,000" in answer.json()["detail"]


def test_a_refused_body_is_explained_in_english_too(client: TestClient) -> None:
    answer = client.post(
        "/v1/within",
        content=b"{",
        headers={"Accept-Language": "en", "Content-Type": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid parameter"
