"""`/v1/risk/…` and `yingji risk …` on a small county."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.support.risk_county import RAIN_AT, put_county
from yingji_map.bootstrap import Application, build
from yingji_map.cli.main import commands
from yingji_map.engine.grid import cell_text
from yingji_map.http.app import create_app
from yingji_map.services.assess_risk import AssessRequest
from yingji_map.store.runs import load_surface

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def county(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Application, Path]]:
    data_dir = tmp_path_factory.mktemp("data")
    application = build(url=database_url, layers_dir=ROOT / "layers", data_dir=data_dir)
    put_county(application, tmp_path_factory.mktemp("files"))
    application.assess_risk.run(AssessRequest())
    application.assess_risk.run(AssessRequest(at=RAIN_AT))
    yield application, data_dir
    application.close()


@pytest.fixture(scope="module")
def client(county: tuple[Application, Path]) -> Iterator[TestClient]:
    with TestClient(create_app(county[0])) as client:
        yield client


@pytest.fixture(scope="module")
def worst(county: tuple[Application, Path]) -> str:
    application = county[0]
    with application.store.read() as tx:
        surface = load_surface(tx, application.list_runs.one().run_id, "landslide")
    return cell_text(int(surface.cells[np.nanargmax(surface.score_ratio)]))


HAZARDS = {
    "composite",
    "debris_flow",
    "earthquake",
    "flood",
    "forest_fire",
    "landslide",
    "snow_ice",
}


def test_models_say_their_numbers_and_where_they_come_from(client: TestClient) -> None:
    models = client.get("/v1/risk/models").json()["models"]

    by_hazard = {model["hazard"]: model for model in models}
    assert set(by_hazard) == HAZARDS
    for hazard in set(by_hazard) - {"composite"}:
        for block in by_hazard[hazard]["blocks"]:
            assert sum(f["weight"] for f in block["factors"]) == pytest.approx(1)
            assert all(factor["citation"] for factor in block["factors"])
    assert by_hazard["flood"]["blocks"][0]["consistency_ratio"] == pytest.approx(0.002969, abs=1e-6)
    standing = {hazard for hazard, model in by_hazard.items() if not model["follows_weather"]}
    assert standing == {"earthquake", "snow_ice"}
    members = by_hazard["composite"]["members"]
    assert set(members) == HAZARDS - {"composite"}
    assert members["flood"] == pytest.approx(0.2423, abs=1e-4)


def test_runs_are_listed_dynamic_first_with_their_counts(client: TestClient) -> None:
    runs = client.get("/v1/risk/runs", params={"limit": 5}).json()["runs"]

    assert [run["kind"] for run in runs] == ["dynamic", "static"]
    for hazard in runs[0]["hazards"]:
        assert sum(hazard["counts"].values()) == runs[0]["cells"]
    body = client.get(f"/v1/risk/runs/{runs[1]['id']}").json()
    layers = {entry["layer"] for entry in body["inputs"]}
    assert {"county", "river", "road", "settlement", "dem"} <= layers


def test_a_cell_is_explained_and_recomputes(client: TestClient, worst: str) -> None:
    response = client.get(f"/v1/risk/cells/{worst}", params={"hazard": "landslide"})

    body = response.json()
    assert body["recomputes_exactly"] is True
    assert body["recomputed_score"] == body["score"]
    assert sum(part["value"] for part in body["contributions"]) == pytest.approx(body["score"])
    assert body["run"]["kind"] == "dynamic"
    assert body["trigger"]["rain_mm"] > 0
    assert body["trigger"]["missing_days"] == 9
    assert body["township"]["name"].endswith("镇")
    assert [b["block"] for b in body["blocks"]] == [
        "hazard",
        "exposure",
        "vulnerability",
        "capacity",
    ]
    again = client.get(
        f"/v1/risk/cells/{worst}",
        params={"hazard": "landslide"},
        headers={"If-None-Match": response.headers["etag"]},
    )
    assert again.status_code == 304


def test_the_composite_names_its_members(client: TestClient, worst: str) -> None:
    body = client.get(f"/v1/risk/cells/{worst}", params={"hazard": "composite"}).json()

    assert {member["hazard"] for member in body["members"]} == HAZARDS - {"composite"}
    assert body["recomputes_exactly"] is True


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/risk/cells/tomato?hazard=flood", 400, "invalid-parameter"),
        ("/v1/risk/cells/8928308280fffff?hazard=flood", 404, "cell-not-found"),
        ("/v1/risk/cells/8928308280fffff?hazard=tsunami", 404, "hazard-not-found"),
        ("/v1/risk/cells/8928308280fffff?hazard=flood&run=none", 404, "run-not-found"),
        ("/v1/risk/cells/8928308280fffff", 400, "invalid-parameter"),
        ("/v1/risk/runs/none", 404, "run-not-found"),
        ("/v1/risk/runs?limit=0", 400, "invalid-parameter"),
    ],
)
def test_what_is_not_there_is_a_problem(
    client: TestClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")


def test_the_command_line_tells_the_same(
    county: tuple[Application, Path],
    database_url: str,
    worst: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YINGJI_DATABASE__URL", database_url)
    monkeypatch.setenv("YINGJI_DATA_DIR", str(county[1]))
    monkeypatch.setenv("YINGJI_LANGUAGE", "zh")
    runner = CliRunner()

    def call(*words: str) -> str:
        result = runner.invoke(commands, ["risk", *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    again = json.loads(call("run", "--at", "latest", "--json"))
    listed = json.loads(call("list", "--json"))["runs"]
    explained = json.loads(call("explain", worst, "--hazard", "landslide", "--json"))

    assert again["is_new"] is False
    assert [run["kind"] for run in listed] == ["dynamic", "static"]
    assert again["id"] == listed[0]["id"]
    assert explained["recomputes_exactly"] is True
    assert "与保存值完全一致" in call("explain", worst, "--hazard", "flood")
    assert "滑坡崩塌：" in call("show")
    assert call("list").count("常态") == 1


def test_a_difference_is_told_over_http_and_on_the_command_line(
    client: TestClient, county: tuple[Application, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    application, data_dir = county
    newest, static = application.list_runs.run(2)

    response = client.get(
        "/v1/risk/diff", params={"from": static.run_id, "to": newest.run_id, "hazard": "landslide"}
    )
    tiles = client.get(
        f"/tiles/risk-diff/landslide.json?from={static.run_id}&to={newest.run_id}"
    ).json()
    missing = client.get("/v1/risk/diff?from=none&hazard=landslide")
    url = application.store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("YINGJI_DATABASE__URL", url)
    monkeypatch.setenv("YINGJI_DATA_DIR", str(data_dir))
    told = CliRunner().invoke(
        commands, ["risk", "diff", static.run_id, "--hazard", "landslide", "--json"]
    )

    body = response.json()
    assert (body["from"]["id"], body["to"]["id"]) == (static.run_id, newest.run_id)
    assert body["up"]["cells"] == body["changes"]["up"] > 0
    changed = sum(cause["change"] for cause in body["causes"])
    assert changed == pytest.approx(body["score_change"], abs=1e-9)
    assert tiles["vector_layers"][0]["fields"].keys() >= {"change", "from", "to", "delta"}
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/run-not-found")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["causes"] == body["causes"]
