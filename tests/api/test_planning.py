"""`/v1/sites/proposal` and `/v1/supply/sizing` on a valley small enough to work out by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.roads import a_place_table, complete
from tests.support.valley import fill_valley
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.store.features import write_features

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"


@pytest.fixture(scope="module")
def client(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    application: Application = build(
        url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d")
    )
    fill_valley(application)
    others = {
        "supply_depot": a_place_table(
            {"D1": (10, 0), "D2": (3, 0), "D3": (0, 0), "D4": (22, 20)},
            tier=["县级", "乡镇", "乡镇", "片区"],
            tents=[500, 100, 50, 900],
            quilts=[1000, 0, 100, 900],
            food_person_days=[1000, 500, 500, 900],
        ),
        "rescue_team": a_place_table({"T1": (10, 0)}, team_kind=["医疗"], strength_persons=[10]),
    }
    for layer, table in others.items():
        definition = application.catalogue[layer]
        with application.store.transaction() as tx:
            write_features(tx, definition, complete(table, definition))
    with TestClient(create_app(application)) as client:
        yield client
    application.close()


def _at(x: float, y: float) -> dict[str, float]:
    return {"lon": round(106.2 + x * 0.01, 7), "lat": round(32.2 + y * 0.01, 7)}


def test_twelve_hundred_people_draw_on_the_townships_first_and_lack_the_rest(
    client: TestClient,
) -> None:
    asked = {"people": 1200, "days": 3, **_at(2, 0)}
    found = client.get("/v1/supply/sizing", params=asked).json()

    lines = {line["item"]: line for line in found["lines"]}
    drawn = {
        item: [(draw["id"], draw["quantity"]) for draw in line["draws"]]
        for item, line in lines.items()
    }
    assert (lines["tents"]["needed"], lines["tents"]["missing"]) == (300, 0)
    assert drawn["tents"] == [("D2", 100), ("D3", 50), ("D1", 150)]
    assert (lines["quilts"]["needed"], lines["quilts"]["missing"]) == (1200, 100)
    assert (lines["food_person_days"]["needed"], lines["food_person_days"]["missing"]) == (
        3600,
        1600,
    )
    assert found["out_of_reach"] == ["D4 处"]
    assert (found["relief_hours"], found["is_in_time"]) == (10, True)


def test_a_closed_road_takes_a_depot_away(client: TestClient) -> None:
    asked = {"people": 100, "days": 1, **_at(2, 3), "closures": "road:main"}
    found = client.get("/v1/supply/sizing", params=asked).json()

    # D2 and D3 are near enough to walk to the bridge, whose road stays open.
    assert found["out_of_reach"] == ["D1 处", "D4 处"]
    drawn = {draw["id"] for line in found["lines"] for draw in line["draws"]}
    assert drawn == {"D2", "D3"}


def test_the_next_team_goes_where_most_people_are_not_served(client: TestClient) -> None:
    asked = {"layer": "rescue_team", "minutes": 4, "count": 2}
    found = client.get("/v1/sites/proposal", params=asked).json()

    # From V2 in four minutes (2.4 km) V1, V2 and V3 are reached: 200 people; then V4's 30.
    assert [(one["id"], one["gain_persons"]) for one in found["sites"]] == [("V2", 200), ("V4", 30)]
    assert found["covered_before_persons"] == 0
    assert found["covered_after_persons"] == found["bound_persons"] == 230
    assert found["is_optimal"]
    assert all(one["gain_km2"] > 0 for one in found["sites"])


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/v1/sites/proposal", {"layer": "rescue_team", "minutes": 0}),
        ("/v1/sites/proposal", {"layer": "rescue_team", "minutes": 30, "count": 21}),
        ("/v1/supply/sizing", {"people": 0, "lon": 106.2, "lat": 32.2}),
        ("/v1/supply/sizing", {"people": 10, "days": 91, "lon": 106.2, "lat": 32.2}),
    ],
)
def test_nonsense_is_refused(client: TestClient, address: str, asked: dict[str, object]) -> None:
    assert client.get(address, params=asked).status_code == 400
