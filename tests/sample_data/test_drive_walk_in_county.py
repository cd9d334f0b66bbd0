"""On the sample county: driving, then walking, over HTTP, in both directions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.services.import_layer import ImportRequest
from yingji_map.services.import_raster import RasterImportRequest

pytestmark = [pytest.mark.db, pytest.mark.slow]
LAYERS = Path(__file__).parents[2] / "layers"
ASKED = {"lon": 106.29, "lat": 32.23, "minutes": "30,60", "profile": "rescue"}


@pytest.fixture(scope="module")
def client(
    database_url: str, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    application: Application = build(
        url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d")
    )
    application.apply_layers.run()
    for layer in ("county", "township", "settlement", "rescue_team", "road", "river"):
        path = next(iter(sample_dir.glob(f"{layer}.*")))
        application.import_layer.run(ImportRequest(path=path, layer_id=layer))
    for layer in ("dem", "landcover"):
        path = sample_dir / f"{layer}.tif"
        application.import_raster.run(RasterImportRequest(path=path, layer_id=layer))
    with TestClient(create_app(application)) as client:
        yield client
    application.close()


def _isochrone(client: TestClient, **asked: object) -> dict[str, Any]:
    response = client.get("/v1/reach/isochrone", params={**ASKED, **asked})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_terrain_makes_the_area_smaller_and_the_directions_differ(client: TestClient) -> None:
    straight = _isochrone(client)
    there, back = (
        _isochrone(client, mode="drive_walk", direction=direction) for direction in ("from", "to")
    )

    assert (straight["mode"], there["mode"]) == ("road", "drive_walk")
    assert there["bands"][1]["area_km2"] < straight["bands"][1]["area_km2"]
    assert there["bands"][0]["road_km"] == straight["bands"][0]["road_km"]
    assert there["cells"] != back["cells"]
    assert all(one["travel_time_s"] <= 3600 for one in there["cells"])


def test_coverage_on_foot_across_country_adds_up(client: TestClient) -> None:
    asked = {"layer": "rescue_team", "minutes": 30, "mode": "drive_walk"}
    found = client.get("/v1/reach/coverage", params=asked).json()

    whole, townships = found, found["townships"]
    for measure in ("people", "settlements", "cells"):
        for part in ("covered", "not_covered"):
            assert whole[measure][part] == sum(one[measure][part] for one in townships)
    assert (
        0
        < whole["people"]["covered"]
        < whole["people"]["covered"]
        + sum(one["population_persons"] for one in found["not_covered"])
    )
