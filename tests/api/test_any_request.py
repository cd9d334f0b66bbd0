"""Whatever is sent, the service answers or refuses; it never fails."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

pytestmark = pytest.mark.db

_NAMES = st.sampled_from(
    [
        "bbox",
        "bbox-crs",
        "crs",
        "datetime",
        "known_at",
        "limit",
        "after",
        "offset",
        "f",
        "filter",
        "filter-lang",
        "filter-crs",
        "sortby",
        "properties",
        "zzz",
        "name",
        "capacity_persons",
        "area_m2",
        "is_standardised",
        "shelter_class",
    ]
)
_AWKWARD = st.sampled_from(
    [
        "106,32,107,33",
        "1e308,1e308,1e308,1e308",
        "0,0,0,0",
        "..",
        "/",
        "../..",
        "2026-01-01/2026-01-02",
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "name = 'x' OR area_m2 / 0 > 1",
        "area_m2 ^ -1 > capacity_persons * 1e299",
        "S_INTERSECTS(geometry, POINT(1e308 -1e308))",
        "S_DWITHIN(geometry, LINESTRING(-180 90, 180 -90), 200000)",
        "S_INTERSECTS(geometry, BBOX(170, -90, -170, 90))",
        "name LIKE '\\' OR CASEI(name) = 'ß'",
        '{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1e99,0,1e99,1]}]}',
        "cql2-json",
        "-area_m2,name",
        '["1", null, "a"]',
        "1e400",
        "-0",
        "nan",
        "１",
        "true",
        "'\"\\%",
        "9223372036854775807",
        "http://www.opengis.net/def/crs/EPSG/0/3857",
    ]
)
_VALUES = (_AWKWARD | st.text(max_size=8) | st.integers().map(str) | st.floats().map(str)).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
_NUMBERS = st.floats(-200, 200) | st.integers(-200, 200) | st.sampled_from([None, "x", True])
_RINGS = st.lists(
    st.tuples(st.floats(105, 107), st.floats(31, 33)).map(list), min_size=3, max_size=7
).map(lambda ring: [*ring, ring[0]])
_LINES = _RINGS | st.lists(st.lists(_NUMBERS, min_size=1, max_size=4), max_size=6)
_GEOMETRIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "Other", None]
        ),
        "coordinates": st.none()
        | st.lists(_NUMBERS, max_size=4)
        | _LINES
        | st.lists(_LINES, max_size=3)
        | st.lists(st.lists(_LINES, max_size=2), max_size=2),
    }
)


@given(query=st.lists(st.tuples(_NAMES, _VALUES), max_size=4))
def test_any_query_is_answered_or_refused(
    client: TestClient, query: list[tuple[str, bytes]]
) -> None:
    answer = client.get(f"/ogc/collections/shelter/items?{urlencode(query)}")

    assert answer.status_code in {200, 400}


@given(identity=st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_any_name_of_a_feature_is_found_or_not(client: TestClient, identity: str) -> None:
    answer = client.get(f"/ogc/collections/shelter/items/{quote(identity, safe='')}")

    assert answer.status_code in {200, 404}


@given(geometry=_GEOMETRIES, radius_m=st.sampled_from([1, 0.001, 150_000, -1, 1e9, "x"]))
def test_any_geometry_is_answered_or_refused(
    client: TestClient, geometry: object, radius_m: object
) -> None:
    body = {"geometry": geometry, "layers": ["settlement", "township"]}

    within = client.post("/v1/within", json=body)
    buffer = client.post("/v1/buffer", json={**body, "radius_m": radius_m})

    assert {within.status_code, buffer.status_code} <= {200, 400}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/risk/diff?hazard=flood&from=a%00b", 404),
        ("/v1/risk/runs/a%00b", 404),
        ("/v1/risk/divisions?hazard=flood&run=a%00b", 404),
        ("/v1/warnings/nothing?revision=331868103464049763132512", 400),
        ("/v1/warnings/nothing/cap.xml?revision=331868103464049763132512", 400),
    ],
)
def test_what_no_database_can_hold_is_refused(
    client: TestClient, address: str, status: int
) -> None:
    assert client.get(address).status_code == status
