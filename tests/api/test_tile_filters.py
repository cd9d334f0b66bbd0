"""Tiles seen through a CQL2 filter: what matches, and nothing from the cache of another filter."""

from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
from starlette.testclient import TestClient

from tests.api.conftest import put
from tests.support.tiles import decoded
from yingji_map.bootstrap import Application
from yingji_map.domain.tile import tile_holding

pytestmark = pytest.mark.db

TILE = tile_holding(106.25, 32.25, 9)
PATH = f"/tiles/shelter/{TILE.z}/{TILE.x}/{TILE.y}.pbf"


def _codes(client: TestClient, **query: str) -> set[str]:
    answer = client.get(PATH, params=query).raise_for_status()
    return {row["properties"]["code"] for row in decoded(answer.content, "shelter").values()}


def test_a_tile_holds_what_its_filter_lets_through(client: TestClient) -> None:
    everything = _codes(client, filter="capacity_persons IS NOT NULL")
    large = _codes(client, filter="capacity_persons >= 110")
    small = _codes(client, filter="capacity_persons < 110")

    assert large
    assert small
    assert large | small == everything
    assert not large & small
    assert large == _codes(
        client,
        **{
            "filter": '{"op": ">=", "args": [{"property": "capacity_persons"}, 110]}',
            "filter-lang": "cql2-json",
        },
    )


def test_the_same_words_in_another_system_are_another_filter(client: TestClient) -> None:
    box = "S_INTERSECTS(geometry, BBOX(32.0, 106.0, 32.5, 106.245))"
    north_first = {"filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4490"}

    found = _codes(client, filter=box, **north_first)

    assert found == {f"BH00{number}" for number in range(5)}
    assert client.get(PATH, params={"filter": box}).status_code == 400


def test_a_filtered_tile_has_its_own_tag_and_follows_the_layer(
    client: TestClient, application: Application
) -> None:
    only = {"filter": "name = '新设的'"}
    before = client.get(PATH, params=only)
    tag = before.headers["ETag"]
    again = client.get(PATH, params=only, headers={"If-None-Match": tag})
    put(application, "shelter", {"NEW": (shapely.Point(106.25, 32.25), {"name": "新设的"})})

    after = client.get(PATH, params=only, headers={"If-None-Match": tag})

    assert (before.status_code, again.status_code, after.status_code) == (204, 304, 200)
    assert tag != client.get(PATH).headers["ETag"]
    assert _codes(client, **only) == {"NEW"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contact_phone = '1'", "没有这个字段"),
        ("name = ", "没有写完"),
        ("area_m2 * 1e299 * 1e299 > 1", "超出范围"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(client: TestClient, text: str, said: str) -> None:
    answer = client.get(PATH, params={"filter": text})

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_tilejson_passes_the_filter_on(client: TestClient) -> None:
    only = {"filter": "name LIKE '%1' AND capacity_persons > 100", "filter-lang": "cql2-text"}

    template = client.get("/tiles/shelter.json", params=only).json()["tiles"][0]

    asked = {name: values[0] for name, values in parse_qs(urlsplit(template).query).items()}
    assert asked == only
    place = {"z": TILE.z, "x": TILE.x, "y": TILE.y}
    assert client.get(template.format(**place)).status_code == 200
