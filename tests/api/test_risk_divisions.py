"""`/v1/risk/divisions`: a run by township, as of the townships and settlements of today."""

import numpy as np
import pytest
import shapely
from starlette.testclient import TestClient

from tests.api.conftest import put
from tests.support.risk_runs import a_run, a_surface
from yingji_map.bootstrap import Application
from yingji_map.domain.run import count_cells
from yingji_map.store.runs import save_run

pytestmark = pytest.mark.db
SURFACE = a_surface(rings=20)


@pytest.fixture(scope="module")
def run_id(application: Application) -> str:
    record, surfaces = a_run([SURFACE])
    with application.store.transaction() as tx:
        save_run(tx, record, surfaces)
    return record.run_id


def test_townships_add_up_to_the_run(client: TestClient, run_id: str) -> None:
    body = client.get("/v1/risk/divisions", params={"hazard": "flood"}).json()

    assert (body["run"], body["hazard"]) == (run_id, "flood")
    assert [(d["code"], d["name"]) for d in body["divisions"]] == [
        ("510821100", "东河镇"),
        ("510821101", "嘉川镇"),
    ]
    assert body["county"]["cells"] == count_cells(SURFACE)
    for sums in ("cells", "population_persons", "area_km2"):
        for kind, total in body["county"][sums].items():
            each = [division[sums][kind] for division in body["divisions"]]
            assert np.round(sum(each), 6) == total


def test_people_of_all_settlements_are_counted(
    application: Application, client: TestClient, run_id: str
) -> None:
    there = {"name": "新村", "population_persons": 4321, "township_code": "510821100"}
    before = client.get("/v1/risk/divisions", params={"hazard": "flood", "run": run_id})
    put(application, "settlement", {"new": (shapely.Point(106.29, 32.23), there)})

    after = client.get(
        "/v1/risk/divisions",
        params={"hazard": "flood", "run": run_id},
        headers={"If-None-Match": before.headers["etag"]},
    )

    def total(body: dict) -> int:
        return sum(body["county"]["population_persons"].values())

    assert total(after.json()) == total(before.json()) + 4321


@pytest.mark.usefixtures("run_id")
def test_an_unchanged_tally_is_not_sent_twice(client: TestClient) -> None:
    first = client.get("/v1/risk/divisions", params={"hazard": "flood"})

    again = client.get(
        "/v1/risk/divisions",
        params={"hazard": "flood"},
        headers={"If-None-Match": first.headers["etag"]},
    )

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("run_id")
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("hazard=locusts", 404, "hazard-not-found"),
        ("hazard=flood&run=nope", 404, "run-not-found"),
        ("", 400, "invalid-parameter"),
    ],
)
def test_what_there_is_not_is_a_problem(
    client: TestClient, query: str, status: int, code: str
) -> None:
    response = client.get(f"/v1/risk/divisions?{query}")

    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")
