"""Files handed in over HTTP: who may, how much, how it goes, and what comes back."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pydantic import SecretStr
from starlette.testclient import TestClient

from tests.support.files import write_geojson
from tests.support.grids import write_netcdf
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.services.check_editor import CheckEditor

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-the-county"  # noqa: S105 - of this test only
EDITOR = {"Authorization": f"Bearer {TOKEN}"}
LIMIT = 200_000
COUNTY = {"code": "510821", "name": "旺苍县", "geom": shapely.box(106, 32, 106.5, 32.5)}


def _shelter(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "code": f"UP{number}",
        "name": f"避难场所{number}",
        "shelter_class": "紧急",
        "capacity_persons": 100 + number,
        "is_standardised": True,
        "geom": shapely.Point(106.1 + number / 100, 32.25),
        **changes,
    }


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    data_dir = tmp_path_factory.mktemp("uploads")
    application = build(
        url=database_url,
        layers_dir=ROOT / "layers",
        data_dir=data_dir,
        editors=CheckEditor.of(SecretStr(TOKEN)),
        max_upload_bytes=LIMIT,
    )
    application.apply_layers.run()
    yield application
    application.close()


@pytest.fixture(scope="module")
def client(application: Application) -> Iterator[TestClient]:
    with TestClient(create_app(application)) as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def county(client: TestClient, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = write_geojson(tmp_path_factory.mktemp("county") / "county.geojson", [COUNTY])
    assert _ended(client, _post(client, path, layer="county"))["state"] == "accepted"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return lambda *rows: write_geojson(tmp_path / "shelters.geojson", rows)


Make = Callable[..., Path]


def _post(client: TestClient, path: Path, layer: str = "shelter", **how: Any) -> Any:
    headers = {**EDITOR, **how.pop("headers", {})}
    with path.open("rb") as stream:
        return client.post(
            "/v1/imports",
            params={"layer": layer, **how},
            files={"file": (path.name, stream)},
            headers=headers,
        )


def _ended(client: TestClient, response: Any) -> dict[str, Any]:
    assert response.status_code == 202, response.text
    address = response.headers["Location"]
    for _ in range(200):
        body: dict[str, Any] = client.get(address, headers=EDITOR).json()
        if body["state"] != "running":
            return body
        time.sleep(0.05)
    pytest.fail("the import did not end")


def test_a_file_becomes_part_of_its_layer(
    client: TestClient, make: Make, application: Application
) -> None:
    body = _ended(client, _post(client, make(_shelter(1), _shelter(2))))

    assert body["state"] == "accepted", body["report"]["findings"]
    assert (body["state"], body["layer"], body["file"]) == (
        "accepted",
        "shelter",
        "shelters.geojson",
    )
    assert (body["report"]["rows_read"], body["report"]["rows_written"]) == (2, 2)
    assert body["step"] is None
    assert client.get("/v1/layers").json()["layers"]
    assert list((application.data_dir / "uploads").iterdir()) == []


def test_a_file_may_be_the_whole_body(client: TestClient, make: Make) -> None:
    response = client.post(
        "/v1/imports",
        params={"layer": "shelter", "file": "场所.geojson", "dry_run": True},
        content=make(_shelter(3)).read_bytes(),
        headers=EDITOR,
    )

    body = _ended(client, response)

    assert (body["state"], body["file"]) == ("accepted", "场所.geojson")
    assert body["report"]["is_dry_run"]


def test_grids_are_taken_as_files_are(client: TestClient, tmp_path: Path) -> None:
    rain = np.arange(24, dtype=np.float64).reshape(2, 3, 4)
    path = write_netcdf(
        tmp_path / "雨量.nc",
        rain,
        lon=106 + np.arange(4) / 10,
        lat=32 + np.arange(3) / 10,
        hours=(0, 6),
    )
    series = {"layer": "rainfall_24h", "zone": "+08:00"}

    body = _ended(client, _post(client, path, **series))
    again = _ended(client, _post(client, path, **series))
    rain[1, 1, 1] = 9999
    write_netcdf(path, rain, lon=106 + np.arange(4) / 10, lat=32 + np.arange(3) / 10, hours=(0, 6))
    refused = _ended(client, _post(client, path, **series))

    assert (body["state"], body["report"]["rows_written"]) == ("accepted", 2)
    assert body["report"]["grids"][1]["valid_at"] == "2026-07-01T06:00:00+08:00"
    assert (again["report"]["rows_written"], again["report"]["rows_unchanged"]) == (0, 2)
    assert (refused["state"], refused["report"]["rows_refused"]) == ("refused", 2)
    assert refused["report"]["findings"][0]["row"] == 2
    listed = client.get("/v1/imports?layer=rainfall_24h", headers=EDITOR).json()["imports"]
    assert [one["rows_written"] for one in listed[:3]] == [0, 0, 2]
    kept = client.get(f"/v1/imports/{refused['id']}", headers=EDITOR).json()
    assert kept["report"] == refused["report"] | {"import_id": refused["id"]}


def test_a_grid_needs_its_zone_and_layer(client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "rain.nc"
    path.write_bytes(b"CDF")

    wrong = _post(client, path, layer="rainfall_24h", zone="here")
    broken = _ended(client, _post(client, path, layer="rainfall_24h"))

    assert (wrong.status_code, wrong.json()["type"]) == (400, "/problems/invalid-parameter")
    assert (broken["state"], broken["report"]["code"]) == ("refused", "unreadable-file")


def test_refused_rows_are_told_and_given_back(
    client: TestClient, make: Make, tmp_path: Path
) -> None:
    path = make(_shelter(4), _shelter(5, capacity_persons=-1))

    strict = _ended(client, _post(client, path))
    lenient = _ended(client, _post(client, path, mode="lenient"))
    file = client.get(lenient["links"]["refused"], headers={**EDITOR, "Accept-Language": "en"})

    assert (strict["state"], strict["report"]["rows_refused"]) == ("refused", 2)
    assert (lenient["state"], lenient["report"]["rows_written"]) == ("accepted", 1)
    (tmp_path / "r.gpkg").write_bytes(file.content)
    frame = pyogrio.read_dataframe(tmp_path / "r.gpkg")
    assert list(frame["refused_row"]) == [2]
    assert "outside" in frame["refused_reason"][0]


def test_an_unreadable_file_ends_refused_with_its_reason(
    client: TestClient, tmp_path: Path
) -> None:
    path = tmp_path / "w.xlsx"
    path.write_bytes(b"PK nothing")

    body = _ended(client, _post(client, path))

    assert (body["state"], body["report"]["code"]) == ("refused", "unreadable-file")
    newest = client.get("/v1/imports?limit=1", headers=EDITOR).json()
    assert [entry["id"] for entry in newest["imports"]] == [body["id"]]
    assert newest["next"].endswith(f"before={body['id']}")


@pytest.mark.parametrize("address", ["/v1/imports", "/v1/imports/1", "/v1/imports/1/refused.gpkg"])
@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer wrong"}])
def test_nothing_is_shown_without_the_token(
    client: TestClient, address: str, shown: dict[str, str]
) -> None:
    answer = client.get(address, headers=shown)

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/token-required")


def test_without_a_token_in_the_settings_uploading_is_off(
    application: Application, make: Make
) -> None:
    closed = create_app(_without_editors(application))

    answer = _post(TestClient(closed), make(_shelter(1)))

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/editing-disabled")


def _without_editors(application: Application) -> Application:
    values = {name: getattr(application, name) for name in Application.__dataclass_fields__}
    return Application(**{**values, "editors": CheckEditor()})


@pytest.mark.parametrize("is_multipart", [True, False])
def test_a_file_above_the_limit_is_refused(
    client: TestClient, tmp_path: Path, application: Application, *, is_multipart: bool
) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(b"x" * (LIMIT + 1))

    if is_multipart:
        answer = _post(client, path)
    else:
        answer = client.post(
            "/v1/imports?layer=shelter&file=w.csv", content=path.read_bytes(), headers=EDITOR
        )

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert list((application.data_dir / "uploads").iterdir()) == []


def test_other_bodies_are_limited_whatever_they_claim(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 1_000_000  # sent in chunks, without a length

    chunked = client.post("/v1/within", content=endless())
    claimed = client.post("/v1/within", content=b"{}", headers={"content-length": "99999999"})

    assert (chunked.status_code, claimed.status_code) == (413, 413)
    assert chunked.json()["title"] == "内容太大"


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"layer": "nothing"}, 404, "layer-not-found"),
        ({"layer": "nowhere"}, 404, "layer-not-found"),
        ({"layer": "shelter", "file": "no-ending"}, 400, "invalid-parameter"),
        ({"layer": "shelter", "file": "../../etc/passwd"}, 400, "invalid-parameter"),
        ({"layer": "shelter", "mode": "easy"}, 400, "invalid-parameter"),
        ({"layer": "shelter", "datum": "mars"}, 400, "invalid-parameter"),
        ({}, 400, "invalid-parameter"),
    ],
)
def test_what_is_asked_wrongly_is_refused_at_once(
    client: TestClient, params: dict[str, str], status: int, code: str
) -> None:
    answer = client.post("/v1/imports", params=params, content=b"{}", headers=EDITOR)

    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")


def test_options_reach_the_import(client: TestClient, make: Make) -> None:
    path = make(_shelter(7))

    refused = _ended(client, _post(client, path, mode="lenient", replace=True))
    shifted = _ended(client, _post(client, path, datum="gcj02", dry_run=True))

    assert refused["report"]["code"] == "invalid-parameter"
    assert any("GCJ-02" in note["zh"] for note in shifted["report"]["notes"])


def test_a_repeated_key_begins_one_import_only(client: TestClient, make: Make) -> None:
    path = make(_shelter(8))
    key = {"headers": {"Idempotency-Key": "k-8"}}

    first = _ended(client, _post(client, path, **key))
    again = _post(client, path, headers={"Idempotency-Key": "k-8"})
    other = _post(client, make(_shelter(9)), headers={"Idempotency-Key": "k-8"})

    assert again.json()["id"] == first["id"]
    assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-key-reused")


def test_a_running_import_says_what_it_does(
    client: TestClient, make: Make, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    run = type(application.import_layer).run

    def slow(self: Any, request: Any, progress: Any) -> Any:
        progress("读取", "Reading")
        assert may_go_on.wait(10)
        return run(self, request, progress)

    monkeypatch.setattr(type(application.import_layer), "run", slow)
    response = _post(client, make(_shelter(10)))
    for _ in range(100):
        body = client.get(response.headers["Location"], headers=EDITOR).json()
        if body["step"] == {"zh": "读取", "en": "Reading"}:
            break
        time.sleep(0.02)
    may_go_on.set()

    assert (body["state"], body["step"]["en"], body["report"]) == ("running", "Reading", None)
    assert _ended(client, response)["state"] == "accepted"


def test_a_fault_of_ours_ends_the_import_and_shows_nothing(
    client: TestClient, make: Make, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        secret = "password in a traceback"  # noqa: S105 - it must not be shown
        raise RuntimeError(secret)

    monkeypatch.setattr(type(application.import_layer), "run", broken)

    body = _ended(client, _post(client, make(_shelter(11))))

    assert (body["state"], body["report"]["code"]) == ("refused", "internal-error")
    assert "password" not in str(body)


def test_numbers_that_no_import_has_are_not_found(client: TestClient) -> None:
    for number, status in ((10**9, 404), (2**70, 400), ("x", 400)):
        for suffix in ("", "/refused.gpkg"):
            answer = client.get(f"/v1/imports/{number}{suffix}", headers=EDITOR)

            assert answer.status_code == status, answer.text
