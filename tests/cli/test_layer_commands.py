"""`yingji layer` and `yingji raster`, run as a person would, and the page that teaches them."""

import json
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from tests.support.files import write_csv, write_geojson, write_vector

from yingji_map.cli.main import app

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
COUNTY = {"code": "510821", "name": "旺苍县", "geom": shapely.box(106, 32, 106.5, 32.5)}
SHELTERS = [
    {
        "code": f"S00{n}",
        "name": f"避难场所{n}",
        "capacity_persons": 100 * n,
        "is_standardised": "是",
        "township_code": "510821100",
        "geom": shapely.Point(106.1, 32.1 + n / 100),
    }
    for n in (1, 2)
]


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


@pytest.fixture
def yingji(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Run the command line inside this process: the same door, without starting it each time."""
    settings = {
        "YINGJI_DATA_DIR": str(tmp_path / "data"),
        "YINGJI_DATABASE__URL": database_url,
        "YINGJI_LANGUAGE": "zh",
    }

    def run(*words: str, **variables: str) -> Outcome:
        with monkeypatch.context() as patch:
            for name, value in {**settings, **variables}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["yingji", *words])
            with pytest.raises(SystemExit) as ended:
                app()
        said = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    monkeypatch.chdir(tmp_path)
    on_termination = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, on_termination)


def _write_raster(path: Path) -> Path:
    values = np.array([[500, 600], [700, 800]], dtype=np.float32)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=2,
        height=2,
        crs="EPSG:4490",
        transform=from_origin(106, 32.5, 0.25, 0.25),
    ) as dataset:
        dataset.write(values, 1)
    return path


def test_every_command_of_the_import_page_works(yingji: Run, tmp_path: Path) -> None:
    write_geojson(tmp_path / "county.geojson", [COUNTY])
    write_csv(tmp_path / "shelters.csv", SHELTERS, "gbk")
    write_csv(tmp_path / "高德导出.csv", SHELTERS)
    _write_raster(tmp_path / "dem.tif")
    _write_raster(tmp_path / "rain.tif")
    write_vector(
        tmp_path / "县界.shp",
        [{**COUNTY, "geom": shapely.box(35_592_000, 3_540_000, 35_640_000, 3_590_000)}],
        crs="EPSG:4523",
    )
    (tmp_path / "县界.prj").unlink()
    (tmp_path / "census").mkdir()
    write_geojson(tmp_path / "census" / "county.geojson", [COUNTY])
    write_csv(tmp_path / "census" / "名单.csv", SHELTERS)
    page = (ROOT / "docs/how-to/import-data.md").read_text(encoding="utf-8")
    commands = re.findall(r"^yingji (.+)$", page, flags=re.MULTILINE)

    outcomes = {command: yingji(*shlex.split(command)) for command in commands}

    assert len(commands) >= 10
    assert {c: (o.returncode, o.stderr) for c, o in outcomes.items() if o.returncode} == {}
    assert "避难场所1" in outcomes["layer history shelter S001"].stdout
    assert (tmp_path / "shelters.gpkg").exists()


def test_a_refused_file_ends_with_code_one_and_its_rows(yingji: Run, tmp_path: Path) -> None:
    county = write_geojson(tmp_path / "county.geojson", [COUNTY])
    bad = [SHELTERS[0], {**SHELTERS[1], "capacity_persons": -5}]
    path = write_geojson(tmp_path / "bad.geojson", bad)
    assert yingji("layer", "import", "county", str(county)).returncode == 0

    spoken = yingji("layer", "import", "shelter", str(path))
    written = yingji("layer", "import", "shelter", str(path), "--json")

    assert (spoken.returncode, written.returncode) == (1, 1)
    assert "第 2 行" in spoken.stdout
    assert "import-refused" in spoken.stderr
    report: Any = json.loads(written.stdout)
    assert (report["rows_read"], report["rows_refused"]) == (2, 2)
    assert [(f["row"], f["rule"]) for f in report["findings"]] == [(2, "range")]


def test_a_folder_asks_what_it_cannot_tell_and_reports_every_file(
    yingji: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "census"
    folder.mkdir()
    write_geojson(folder / "旺苍县县界.geojson", [COUNTY])
    write_csv(folder / "杂项.csv", [{"x": "1", "geom": shapely.Point(106.1, 32.1)}])

    spoken = yingji("import", "folder", str(folder))
    written = yingji("import", "folder", str(folder), "--json")
    answered = yingji("import", "folder", str(folder), "--as", "杂项.csv=-")
    again = yingji("import", "folder", str(folder), "--as", "杂项.csv=-", "--json")
    wrong = yingji("import", "folder", str(folder), "--as", "杂项.csv")

    assert (spoken.returncode, written.returncode, wrong.returncode) == (1, 1, 2)
    assert "--as '杂项.csv=-'" in spoken.stdout
    assert "folder-undecided" in spoken.stderr
    assert [f["file"] for f in json.loads(written.stdout)["files"]] == ["杂项.csv"]
    assert "✓ 旺苍县县界.geojson → county" in answered.stdout
    assert json.loads(again.stdout)["files"][0]["report"]["rows_unchanged"] == 1


def test_wrong_usage_is_code_two_and_a_silent_database_code_three(
    yingji: Run, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "county.geojson", [COUNTY])

    assert yingji("layer", "import", "county", "none.geojson").returncode == 2
    assert yingji("layer", "import", "county", str(path), "--valid-from", "昨天").returncode == 2
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    assert yingji("layer", "list", YINGJI_DATABASE__URL=away).returncode == 3


def test_validate_names_file_and_line_of_every_fault(yingji: Run, tmp_path: Path) -> None:
    folder = tmp_path / "layers" / "capacity"
    folder.mkdir(parents=True)
    shipped = (ROOT / "layers/capacity/shelter.yaml").read_text(encoding="utf-8")
    (folder / "shelter.yaml").write_text(
        shipped.replace("kind: capacity", "kind: capacity\ncolour: red"), encoding="utf-8"
    )
    (folder / "broken.yaml").write_text("id: [", encoding="utf-8")
    (tmp_path / "layers" / "risk").mkdir()
    model = (ROOT / "layers/risk/flood.yaml").read_text(encoding="utf-8")
    (tmp_path / "layers" / "risk" / "flood.yaml").write_text(f"colour: red\n{model}", "utf-8")

    outcome = yingji("layer", "validate", "--json", YINGJI_LAYERS_DIR=str(tmp_path / "layers"))

    assert outcome.returncode == 1
    faults: Any = json.loads(outcome.stdout)["faults"]
    assert [(Path(f["file"]).name, f["line"]) for f in faults] == [
        ("broken.yaml", 1),
        ("shelter.yaml", 3),
        ("flood.yaml", 1),
    ]
