"""`/v1/layers/{id}/versions`: what a layer was, page by page."""

import pytest
import shapely
from starlette.testclient import TestClient

from tests.api.conftest import put
from yingji_map.bootstrap import Application

pytestmark = pytest.mark.db


def test_versions_are_listed_newest_first_and_the_next_page_follows(
    application: Application, client: TestClient
) -> None:
    for number in range(3):
        row = (shapely.Point(106.3, 32.25), {"code": "V1", "name": f"场所{number}"})
        put(application, "shelter", {"V1": row})

    page = client.get("/v1/layers/shelter/versions", params={"limit": 2}).json()
    rest = client.get(page["next"]).json()

    newest = page["versions"][0]
    listed = {layer["id"]: layer for layer in client.get("/v1/layers").json()["layers"]}["shelter"]
    assert (newest["version"], newest["count"]) == (listed["version"], listed["count"])
    numbers = [version["version"] for version in (*page["versions"], *rest["versions"])]
    assert numbers == list(range(listed["version"], listed["version"] - len(numbers), -1))
    assert {version["act"] for version in page["versions"]} == {"import"}


def test_an_unknown_layer_and_a_foolish_limit_are_problems(client: TestClient) -> None:
    assert client.get("/v1/layers/none/versions").status_code == 404
    assert client.get("/v1/layers/shelter/versions?limit=0").status_code == 400
    assert client.get("/v1/layers/dem/versions").json() == {
        "layer": "dem",
        "versions": [],
        "next": None,
    }
