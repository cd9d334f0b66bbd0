"""The page that teaches how to add a layer, followed to the letter."""

import csv
import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.cli.test_layer_commands import COUNTY, Outcome, Run, yingji
from tests.support.files import write_geojson

from yingji_map.bootstrap import build
from yingji_map.http.app import create_app

__all__ = ["yingji"]  # the fixture
pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/add-a-layer.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```(?:yaml|csv) (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
BLOCKS = re.findall(r"^```sh( open-data)?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHARED = Path(os.environ.get("YINGJI_SHARED_DATA") or ROOT.parent / "shared" / "data") / "hazards"
OPEN_DATA = {
    "landslides.csv": "landslides_nasa_glc_2007_2015.csv",
    "earthquakes.geojson": "earthquakes_usgs_week_2018.geojson",
    "dams.csv": "hydropower_dams_china_wri.csv",
}


@pytest.fixture
def layers_dir(tmp_path: Path) -> Path:
    """Copy the shipped layers and add what the page says."""
    folder = tmp_path / "layers"
    shutil.copytree(ROOT / "layers", folder)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return folder


def _follow(yingji: Run, layers_dir: Path, kind: str) -> dict[str, Outcome]:
    text = "".join(block for marked, block in BLOCKS if marked == kind)
    commands = re.findall(r"^yingji (.+)$", text, re.MULTILINE)
    environment = {"YINGJI_LAYERS_DIR": str(layers_dir)}
    done = {command: yingji(*shlex.split(command), **environment) for command in commands}
    assert {c: (o.stdout, o.stderr) for c, o in done.items() if o.returncode} == {}
    return done


def _prepare(yingji: Run, tmp_path: Path, layers_dir: Path) -> None:
    county = write_geojson(tmp_path / "county.geojson", [COUNTY])
    environment = {"YINGJI_LAYERS_DIR": str(layers_dir)}
    assert yingji("layer", "import", "county", str(county), **environment).returncode == 0


def test_the_example_becomes_a_served_layer(
    yingji: Run, tmp_path: Path, layers_dir: Path, database_url: str
) -> None:
    _prepare(yingji, tmp_path, layers_dir)

    done = _follow(yingji, layers_dir, "")
    application = build(url=database_url, layers_dir=layers_dir, data_dir=tmp_path / "data")
    with TestClient(create_app(application)) as client:
        items = client.get("/ogc/collections/bridge/items").json()["features"]
        tiles = client.get("/tiles/bridge.json").json()
        around = client.get("/v1/within?lon=106.29&lat=32.23&radius_m=100&layers=bridge").json()
    application.close()

    assert "2 行没有填“桥梁分类”" in done["layer import bridge bridges.csv"].stdout
    assert {f["properties"]["name"]: f["properties"]["size"] for f in items} == {
        "东河大桥": "大桥",
        "石沟桥": "小桥",
    }
    assert all("keeper_phone" not in f["properties"] for f in items)
    assert tiles["vector_layers"][0]["id"] == "bridge"
    assert around["layers"][0]["count"] == 1


def test_every_definition_of_the_page_is_sound(yingji: Run, layers_dir: Path) -> None:
    added = {Path(name).stem for name in FILES if name.endswith(".yaml")}

    outcome = yingji("layer", "validate", YINGJI_LAYERS_DIR=str(layers_dir))

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert added == {"bridge", "snow_depth", "world_landslide", "world_earthquake", "power_dam"}


def test_open_data_in_its_published_form_is_taken(
    yingji: Run, tmp_path: Path, layers_dir: Path
) -> None:
    _write_table(
        tmp_path / "landslides.csv",
        ["id", "date", "country", "landslide_type", "trigger", "landslide_size", "fatalities", "countryname", "latitude", "longitude"],
        [["T17", "9/1/2010", "China", "Mudslide", "Rain", "Large", "3", "China", "32.5", "106.2"]],
    )  # fmt: skip
    properties = {"mag": 2.1, "place": "4km W", "time": 1517966773840, "status": "automatic", "code": "T37868143"}  # fmt: skip
    quake = {"type": "Feature", "id": "ci37868143", "properties": properties, "geometry": {"type": "Point", "coordinates": [106.1, 32.3, 26.49]}}  # fmt: skip
    (tmp_path / "earthquakes.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [quake]}), encoding="utf-8"
    )
    _write_table(
        tmp_path / "dams.csv",
        ["Power Plant ID", "Name", "Fuel", "Capacity (MW)", "Location", "Latitude", "Longitude"],
        [
            ["T1000453", "Xiluodu", "Hydro", "12600", "Jinsha River", "28.26", "103.65"],
            ["T1000999", "Nowhere", "Hydro", "10", "", "", ""],
        ],
    )

    done = _follow(yingji, layers_dir, " open-data")

    assert len(done) == 3
    for layer, key, is_there in (
        ("world_landslide", "T17", True),
        ("world_earthquake", "T37868143", True),
        ("power_dam", "T1000453", True),
        ("power_dam", "T1000999", False),
    ):
        told = yingji("layer", "history", layer, key, YINGJI_LAYERS_DIR=str(layers_dir))
        assert (told.returncode == 0) is is_there, key


@pytest.mark.optional
@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data (set YINGJI_SHARED_DATA)")
def test_the_real_files_are_taken(yingji: Run, tmp_path: Path, layers_dir: Path) -> None:
    for name, source in OPEN_DATA.items():
        shutil.copy(SHARED / source, tmp_path / name)

    done = _follow(yingji, layers_dir, " open-data")

    assert len(done) == 3


def _write_table(path: Path, headers: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
