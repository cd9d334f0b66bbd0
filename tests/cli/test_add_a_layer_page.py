"""The page that teaches how to add a layer, followed to the letter."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient
from tests.cli.test_layer_commands import COUNTY, Outcome, Run, yingji
from tests.support.files import write_geojson, write_geoparquet

from yingji_map.bootstrap import build
from yingji_map.http.app import create_app

__all__ = ["yingji"]  # the fixture
pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/add-a-layer.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```(?:yaml|csv) (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
BLOCKS = re.findall(r"^```sh( open-data)?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHARED = Path(os.environ.get("YINGJI_SHARED_DATA") or ROOT.parent / "shared" / "data")
COUNTIES = SHARED / "admin" / "tianditu_cgcs2000"
OPEN_DATA = {
    "landslides.csv": "hazards/landslides_nasa_glc_2007_2015.csv",
    "earthquakes.geojson": "hazards/earthquakes_usgs_week_2018.geojson",
    "dams.csv": "hazards/hydropower_dams_china_wri.csv",
    "firms.csv": "hazards/fire_firms_modis_c61_24h_20220226.csv",
    "nanao.csv": "facilities/shelters_nanao_reference.csv",
    "counties.parquet": "admin/tianditu_cgcs2000/all_counties_2891.parquet",
}
ADDED = {
    "bridge",
    "snow_depth",
    "world_landslide",
    "world_earthquake",
    "power_dam",
    "world_fire_spot",
    "nanao_shelter",
    "china_county",
}
OPEN_LAYERS = ADDED - {"bridge", "snow_depth"}


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
    environment = {"YINGJI_LAYERS_DIR": str(layers_dir)}
    done = {}
    for line in text.splitlines():
        if command := line.removeprefix("yingji ") if line.startswith("yingji ") else "":
            done[command] = yingji(*shlex.split(command), **environment)
        elif line.startswith("awk "):
            subprocess.run(["/bin/sh", "-c", line], check=True)  # a line of our page
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
    assert added == ADDED


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
    _write_table(
        tmp_path / "firms.csv",
        ["latitude", "longitude", "brightness", "scan", "track", "acq_date", "acq_time", "satellite", "confidence", "frp"],
        [["32.5", "106.2", "310.16", "3.43", "1.74", "2022-02-26", "0020", "T", "70", "64.94"]],
    )  # fmt: skip
    _write_table(
        tmp_path / "nanao.csv",
        [
            "ID",
            "名称",
            "緯度",
            "経度",
            "電話番号",
            "災害種別_崖崩れ、土石流及び地滑り",
            "想定収容人数",
        ],
        [["CC504", "コミュニティセンター", "37.05", "136.96", "0767", "1.0", "屋内191人"]],
    )
    outline = shapely.box(106, 32, 107, 33)
    row = {"district_adcode": 510821, "district_name": "旺苍县", "city_name": "广元市", "geom": outline}  # fmt: skip
    write_geoparquet(tmp_path / "counties.parquet", [row])

    done = _follow(yingji, layers_dir, " open-data")

    assert len(done) == len(OPEN_LAYERS)
    for layer, key, is_there in (
        ("world_landslide", "T17", True),
        ("world_earthquake", "T37868143", True),
        ("power_dam", "T1000453", True),
        ("power_dam", "T1000999", False),
        ("world_fire_spot", "2022-02-26-0020-32.5-106.2-T", True),
        ("nanao_shelter", "CC504", True),
        ("china_county", "510821", True),
    ):
        told = yingji("layer", "history", layer, key, YINGJI_LAYERS_DIR=str(layers_dir))
        assert (told.returncode == 0) is is_there, key


@pytest.mark.optional
@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data (set YINGJI_SHARED_DATA)")
def test_the_real_files_are_taken(yingji: Run, tmp_path: Path, layers_dir: Path) -> None:
    environment = {"YINGJI_LAYERS_DIR": str(layers_dir)}
    for name, source in OPEN_DATA.items():
        shutil.copy(SHARED / source, tmp_path / name)

    done = _follow(yingji, layers_dir, " open-data")

    records: Any = json.loads(yingji("import", "list", "--json", **environment).stdout)["imports"]
    assert len(done) == len(OPEN_LAYERS)
    assert {
        one["layer"]: one["rows_written"] + one["rows_unchanged"]
        for one in records[: len(OPEN_LAYERS)]
    } == {
        "world_landslide": 9564,
        "world_earthquake": 1707,
        "power_dam": 3106,
        "world_fire_spot": 19_416,
        "nanao_shelter": 112,
        "china_county": 2891,
    }


@pytest.mark.optional
@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data (set YINGJI_SHARED_DATA)")
def test_one_of_the_2891_counties_is_reported_as_invalid(yingji: Run, layers_dir: Path) -> None:
    def taken(path: Path, *options: str) -> tuple[int, Any]:
        words = ("layer", "import", "china_county", str(path), *options, "--json")
        outcome = yingji(*words, YINGJI_LAYERS_DIR=str(layers_dir))
        return outcome.returncode, json.loads(outcome.stdout)

    strict_code, strict = taken(COUNTIES / "all_counties_2891.parquet")
    repaired_code, repaired = taken(COUNTIES / "all_counties_2891.parquet", "--repair")
    sichuan_code, sichuan = taken(COUNTIES / "sichuan_counties.geojson")

    (finding,) = strict["findings"]
    assert (strict_code, strict["rows_read"], strict["rows_faulty"]) == (1, 2891, 1)
    assert (finding["rule"], finding["key"]) == ("geometry", "659006")
    assert (repaired_code, repaired["rows_refused"], repaired["rows_repaired"]) == (0, 0, 1)
    assert repaired["rows_written"] + repaired["rows_unchanged"] == 2891
    assert (sichuan_code, sichuan["rows_read"], sichuan["rows_refused"]) == (0, 183, 0)


def _write_table(path: Path, headers: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
