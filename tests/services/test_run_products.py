"""Zoning and register of a stored run agree with its cells and its townships."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import shape
from starlette.testclient import TestClient
from tests.support.risk_county import features, put
from tests.support.risk_runs import a_run, a_surface

from yingji_map.bootstrap import Application, build
from yingji_map.domain.errors import HazardNotFound, InvalidParameter
from yingji_map.domain.run import RunRecord
from yingji_map.engine.grid import build_grid
from yingji_map.http.app import create_app
from yingji_map.store.runs import save_run

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
LAYERS = features(1)
COUNTY = LAYERS["county"]["510821"][0]


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    application = build(
        url=database_url, layers_dir=ROOT / "layers", data_dir=tmp_path_factory.mktemp("data")
    )
    application.apply_layers.run()
    for layer_id in ("county", "township", "settlement"):
        put(application, layer_id, LAYERS[layer_id])
    yield application
    application.close()


@pytest.fixture(scope="module")
def run(application: Application) -> RunRecord:
    cells = build_grid(COUNTY, 9).cells
    whole = a_surface("flood", rings=40)
    rng = np.random.default_rng(3)
    level = np.repeat(rng.integers(0, 5, len(cells) // 6 + 1), 6)[: len(cells)].astype(np.uint8)
    score = np.where(level > 0, level / 5, np.nan)
    surface = type(whole)(
        run_id="",
        hazard="flood",
        resolution=9,
        cells=cells,
        score_ratio=score,
        level=level,
        state=np.where(level > 0, 0, rng.integers(1, 3, len(cells))).astype(np.uint8),
        confidence_ratio=np.ones(len(cells)),
    )
    text = (ROOT / "layers" / "risk" / "flood.yaml").read_text(encoding="utf-8")
    record, surfaces = a_run([surface], text=text)
    with application.store.transaction() as tx:
        save_run(tx, record, surfaces)
    return record


def test_a_zoning_holds_the_ground_and_people_of_the_tally(
    application: Application, run: RunRecord
) -> None:
    found, tag = application.tally_divisions.find(run.run_id, "flood")
    county = application.tally_divisions.run(found, "flood", tag).county

    zoning = application.runs.zone.run(found, "flood")

    assert sum(patch.cells for patch in zoning.patches) == run.cell_count
    by_kind = dict.fromkeys(run.hazards[0].counts, 0)
    for patch in zoning.patches:
        by_kind[patch.kind] += patch.cells
    assert by_kind == run.hazards[0].counts
    area_km2 = sum(patch.area_km2 for patch in zoning.patches)
    assert area_km2 == pytest.approx(sum(county.area_m2) / 1e6, rel=1e-6)
    with pytest.raises(InvalidParameter):
        application.runs.zone.run(found, "flood", -1)


def test_the_register_lists_each_red_and_orange_patch_once(
    application: Application, run: RunRecord
) -> None:
    found, _ = application.tally_divisions.find(run.run_id, "flood")
    patches = application.runs.zone.run(found, "flood").patches

    register = application.runs.register.run(run.run_id)

    dangerous = [patch for patch in patches if patch.kind in ("red", "orange")]
    assert sorted((p.kind, p.cells, p.population_persons) for p in dangerous) == sorted(
        (e.level, e.cells, e.population_persons) for e in register.entries
    )
    assert [entry.number for entry in register.entries] == list(range(1, len(dangerous) + 1))
    for entry in register.entries:
        assert COUNTY.buffer(0.01).contains(shapely.Point(entry.lon, entry.lat))
    with pytest.raises(InvalidParameter):
        application.runs.register.run(run.run_id, down_to="purple")
    with pytest.raises(HazardNotFound):
        application.runs.register.run(run.run_id, "tsunami")


def test_files_over_http_are_what_their_programs_read(
    application: Application, run: RunRecord
) -> None:
    with TestClient(create_app(application)) as client:
        zoning = client.get("/v1/risk/zoning?hazard=flood&sieve_km2=0.5")
        workbook = client.get("/v1/risk/register?level=yellow")
        text = client.get("/v1/risk/register?level=yellow&f=csv")
        province = client.get("/v1/risk/divisions?hazard=flood&level=province").json()
        county = client.get("/v1/risk/divisions?hazard=flood&level=county").json()

    collection = json.loads(zoning.content)
    zones = [shape(feature["geometry"]) for feature in collection["features"]]
    assert zoning.headers["content-type"] == "application/geo+json"
    assert shapely.coverage_is_valid(zones)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.content)).active
    assert sheet is not None
    rows = [[str(value) for value in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [
        [str(v) for v in row] for row in csv.reader(io.StringIO(text.content.decode("utf-8-sig")))
    ] == rows
    assert run.run_id in str(sheet["A1"].value)
    assert [each["code"] for each in province["divisions"]] == ["510000"]
    assert [(each["code"], each["name"]) for each in county["divisions"]] == [("510821", "旺苍县")]
    for name in ("cells", "area_km2", "population_persons"):
        assert (
            province["divisions"][0][name] == county["divisions"][0][name] == county["county"][name]
        )
