"""`yingji risk divisions`, run as a person and as a program would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from tests.api.conftest import put
from tests.support.risk_runs import a_run, a_surface

from yingji_map.bootstrap import build
from yingji_map.domain.run import count_cells
from yingji_map.store.runs import save_run

pytestmark = [pytest.mark.db, pytest.mark.slow]
_ROOT = Path(__file__).parents[2]
SURFACE = a_surface(rings=6)


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a store with a run, one township and one settlement."""
    application = build(
        url=database_url, layers_dir=_ROOT / "layers", data_dir=tmp_path_factory.mktemp("d")
    )
    application.apply_layers.run()
    town = shapely.MultiPolygon([shapely.box(106.2, 32.2, 106.4, 32.3)])
    put(application, "township", {"510821100": (town, {"name": "东河镇"})})
    village = {"name": "新村", "population_persons": 432}
    put(application, "settlement", {"v": (shapely.Point(106.29, 32.23), village)})
    record, surfaces = a_run([SURFACE])
    with application.store.transaction() as tx:
        save_run(tx, record, surfaces)
    application.close()
    return database_url


def _divisions(address: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yingji_map", "risk", "divisions", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={
            **os.environ,
            "PYTHONPATH": str(_ROOT / "src"),
            "YINGJI_DATABASE__URL": address,
            "YINGJI_LANGUAGE": "zh",
        },
    )


def test_a_run_is_told_by_township_to_people_and_to_programs(address: str) -> None:
    person = _divisions(address, "--hazard", "flood")
    program = json.loads(_divisions(address, "--hazard", "flood", "--json").stdout)

    assert "东河镇" in person.stdout
    assert "全县" in person.stdout
    assert program["county"]["cells"] == count_cells(SURFACE)
    assert sum(program["county"]["population_persons"].values()) == 432


def test_an_unknown_hazard_is_refused(address: str) -> None:
    done = _divisions(address, "--hazard", "locusts")

    assert done.returncode == 1
    assert "locusts" in done.stderr
