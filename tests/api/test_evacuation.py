"""`/v1/evacuation/plans`: who goes where, who has no place and why, in every form."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from starlette.testclient import TestClient

from tests.support.roads import at
from tests.support.valley import VILLAGES, fill_valley
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
PLANS = "/v1/evacuation/plans"
VALLEY = shapely.box(*at(-0.5, -0.5), *at(3.5, 2))
EVERYWHERE = shapely.box(*at(-1, -1), *at(50, 50))


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    application = build(url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d"))
    fill_valley(application)
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Iterator[TestClient]:
    with TestClient(create_app(application), raise_server_exceptions=False) as client:
        yield client


def _plan(client: TestClient, zone: shapely.Geometry = VALLEY, **asked: object) -> dict[str, Any]:
    body = {"zone": shapely.geometry.mapping(zone), **asked}
    response = client.post(PLANS, json=body)
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    assert response.headers["Location"] == document["links"]["self"]
    return document


def _reasons(plan: dict[str, Any]) -> dict[str, str | None]:
    return {group["id"]: group["reason"] for group in plan["groups"]}


def test_a_plan_places_as_many_as_fit_and_proves_it(client: TestClient) -> None:
    plan = _plan(client)

    assert plan["totals"]["people_persons"] == 200
    assert plan["totals"]["placed_persons"] == 170
    assert plan["totals"]["unplaced_by_reason"] == {"full": 30}
    assert plan["proof"]["is_optimal"]
    assert plan["proof"]["best_person_s"] == plan["proof"]["bound_person_s"]
    assigned = {one["id"]: one["assigned_persons"] for one in plan["shelters"]}
    assert assigned == {"S1": 120, "S2": 50, "S3": 0, "S4": 0}
    states = {one["id"]: one["state"] for one in plan["shelters"]}
    assert states == {"S1": "usable", "S2": "usable", "S3": "in_zone", "S4": "closed"}


def test_every_move_takes_as_long_as_the_route(client: TestClient) -> None:
    plan = _plan(client)

    for group in plan["groups"]:
        assert group["people_persons"] == group["unplaced_persons"] + sum(
            move["persons"] for move in group["moves"]
        )
        for move in group["moves"]:
            shelter = next(one for one in plan["shelters"] if one["id"] == move["shelter"])
            ends = {
                "from": f"{group['lon']},{group['lat']}",
                "to": f"{shelter['lon']},{shelter['lat']}",
            }
            route = client.get("/v1/reach/route", params=ends).json()
            assert move["travel_time_s"] == route["travel_time_s"]
            assert move["route"]["coordinates"] == route["route"]["coordinates"]


def test_people_without_a_place_are_named_with_the_reason(client: TestClient) -> None:
    everybody = {"settlements": list(VILLAGES)}
    asked = {**everybody, "closures": "road:bridge"}

    cut = client.post(PLANS, json={**asked, "minutes": 6}).json()

    # V1 gets to S3 only, V4 has no way past the bridge, V5's road leads nowhere, V6 has none.
    assert _reasons(cut) == {
        "V1": None,
        "V2": None,
        "V3": None,
        "V4": "cut_off",
        "V5": "no_route",
        "V6": "off_network",
    }
    assert cut["basis"]["closures"] == [{"id": "road:bridge", "reason": None}]


def test_danger_and_the_time_limit_are_told_apart(client: TestClient) -> None:
    short = _plan(client, minutes=6)

    # In six minutes V1 gets to S3 only, which lies in the zone; without S3 it is too far for it.
    assert _reasons(short)["V1"] == "beyond_limit"
    alone = shapely.box(*at(-0.5, -1), *at(12, 4))
    assert _reasons(_plan(client, zone=alone))["V1"] == "in_danger"


def test_a_saved_plan_reads_back_the_same_and_is_listed(client: TestClient) -> None:
    plan = _plan(client)

    assert client.get(plan["links"]["self"]).json() == plan
    listed = client.get(PLANS, params={"limit": 1}).json()
    assert [one["id"] for one in listed["plans"]] == [plan["id"]]
    assert client.get(f"{PLANS}/999999").json()["type"] == "/problems/plan-not-found"


def test_the_same_key_makes_one_plan(client: TestClient) -> None:
    body = {"zone": shapely.geometry.mapping(VALLEY)}
    headers = {"Idempotency-Key": "evacuate-once"}

    first = client.post(PLANS, json=body, headers=headers).json()
    again = client.post(PLANS, json=body, headers=headers).json()
    other = client.post(PLANS, json={**body, "minutes": 9}, headers=headers)

    assert again == first
    assert other.status_code == 409


def test_the_table_holds_every_move_and_names_stay_text(client: TestClient) -> None:
    plan = _plan(client)

    rows = list(
        csv.reader(io.StringIO(client.get(plan["links"]["csv"]).content.decode("utf-8-sig")))
    )
    book = load_workbook(io.BytesIO(client.get(plan["links"]["xlsx"]).content))

    moved = sum(int(row[5]) for row in rows[1:] if row[5])
    left = sum(int(row[9]) for row in rows[1:] if row[9])
    assert (moved, left) == (170, 30)
    assert [cell.value for cell in book["转移安置"][1]] == rows[0]
    assert book["转移安置"].max_row == len(rows)
    assert {row[0].value: row[3].value for row in book["安置场所"].iter_rows(min_row=2)} == {
        "S1": 120,
        "S2": 50,
        "S3": 0,
        "S4": 0,
    }


def test_the_sheet_prints_without_anything_else(client: TestClient) -> None:
    plan = _plan(client)

    sheet = client.get(plan["links"]["sheet"])

    assert sheet.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in sheet.headers["Content-Security-Policy"]
    assert "已证明最优" in sheet.text
    assert "够得着的场所已满" in sheet.text
    assert "http" not in sheet.text.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"settlements": ["V1"], "zone": shapely.geometry.mapping(VALLEY)},
        {"settlements": ["nowhere"]},
        {"zone": shapely.geometry.mapping(shapely.box(0, 0, 1, 1))},
        {"settlements": ["V1"], "minutes": 0},
        {"settlements": ["V1"], "together_ratio": 2},
        {"settlements": ["V1"], "avoid": {"hazard": "flood", "level": "pink"}},
    ],
)
def test_nonsense_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post(PLANS, json=body).status_code in {400, 422}


def test_a_plan_cannot_be_changed_in_the_store(
    application: Application, client: TestClient
) -> None:
    _plan(client)

    with pytest.raises(DatabaseError, match="append"), application.store.transaction() as tx:
        tx.execute(text("UPDATE core.evacuation_plans SET unplaced_persons = 0"))
