"""`yingji network` and `yingji reach`, run as a person would."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.support.roads import Road, a_place_table, a_road_table, at, complete

from yingji_map.bootstrap import build
from yingji_map.store.features import write_features

pytestmark = [pytest.mark.db, pytest.mark.slow]
_ROOT = Path(__file__).parents[2]
ROADS = {"a": Road([(0, 0), (4, 0)]), "b": Road([(8, 8), (9, 8)])}


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a store with roads and shelters."""
    application = build(
        url=database_url, layers_dir=_ROOT / "layers", data_dir=tmp_path_factory.mktemp("d")
    )
    application.apply_layers.run()
    shelters = a_place_table({"S1": (3, 0), "S2": (1, 0)}, is_open=[True, False])
    villages = a_place_table({"V1": (2, 0), "V2": (8, 8)}, population_persons=[300, 70])
    township = replace(
        a_place_table({"T1": (0, 0)}),
        geometry=np.array([shapely.MultiPolygon([shapely.box(*at(-1, -1), *at(9, 9))])]),
    )
    tables = {
        "road": a_road_table(ROADS),
        "shelter": shelters,
        "settlement": villages,
        "township": township,
    }
    for layer, table in tables.items():
        definition = application.catalogue[layer]
        with application.store.transaction() as tx:
            write_features(tx, definition, complete(table, definition))
    application.close()
    return database_url


def _yingji(address: str, *words: str, language: str = "zh") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yingji_map", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={
            **os.environ,
            "PYTHONPATH": str(_ROOT / "src"),
            "YINGJI_DATABASE__URL": address,
            "YINGJI_LANGUAGE": language,
        },
    )


def _nearest(
    address: str, *words: str, lon: float = at(0, 0)[0], language: str = "zh"
) -> subprocess.CompletedProcess[str]:
    place = ("--lon", str(lon), "--lat", str(at(0, 0)[1]))
    return _yingji(
        address, "reach", "nearest", "--layer", "shelter", *place, *words, language=language
    )


def test_the_nearest_are_told_to_people_and_to_programs(address: str) -> None:
    zh, en = _nearest(address), _nearest(address, language="en")
    program = _nearest(address, "--json", "-k", "1")

    assert "分钟" in zh.stdout
    assert "未开放  S2 处" in zh.stdout
    assert "closed  S2 处" in en.stdout
    assert [place["id"] for place in json.loads(program.stdout)["results"]] == ["S1"]


@pytest.mark.parametrize(
    ("words", "code"), [(("-k", "51"), 1), (("--profile", "boat"), 2), (("--layer", "road"), 1)]
)
def test_nonsense_ends_with_the_promised_code(
    address: str, words: tuple[str, ...], code: int
) -> None:
    assert _nearest(address, *words).returncode == code


def test_a_point_far_from_roads_is_refused_in_one_sentence(address: str) -> None:
    refused = _nearest(address, lon=107.5)

    assert refused.returncode == 1
    assert "place-out-of-reach" in refused.stderr


def test_ways_and_times_are_told(address: str) -> None:
    here, there, island = (",".join(map(str, at(*p))) for p in ((0, 0), (4, 0), (8.5, 8)))

    zh = _yingji(address, "reach", "route", "--from", here, "--to", there)
    none = _yingji(address, "reach", "route", "--from", here, "--to", island, language="en")
    way = _yingji(address, "reach", "route", "--from", here, "--to", there, "--json")
    times = _yingji(address, "reach", "matrix", "--from", here, "--to", there, "--to", island)

    seconds = json.loads(way.stdout)["travel_time_s"]
    assert zh.stdout.startswith(f"{seconds / 60:.1f} 分钟")
    assert none.stdout == "no way there\n"
    assert times.stdout.split() == [f"{seconds / 60:.1f}", "–"]


def test_a_road_is_closed_and_opened_again(address: str, tmp_path: Path) -> None:
    zone = tmp_path / "zone.json"
    west, east = at(1.9, 0)[0], at(2.1, 0)[0]
    ring = [[west, 32], [east, 32], [east, 33], [west, 33], [west, 32]]
    zone.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))

    added = _yingji(address, "closure", "add", "--reason", "塌方", "--zone", str(zone), "--json")
    closure = json.loads(added.stdout)
    cut_off = _nearest(address)
    listed = _yingji(address, "closure", "list")
    lifted = _yingji(address, "closure", "lift", closure["id"])
    after = _nearest(address)

    assert closure["closes"]["road_codes"] == ["a"]
    assert "因封路不可达  S1 处" in cut_off.stdout
    assert "生效中" in listed.stdout
    assert "已解除" in lifted.stdout
    assert "分钟" in after.stdout
    zone.write_text("no")
    assert _yingji(address, "closure", "add", "--reason", "x", "--zone", str(zone)).returncode == 1


def test_what_is_reached_in_time_and_who_is_not_are_told(address: str) -> None:
    here = ("--lon", str(at(0, 0)[0]), "--lat", str(at(0, 0)[1]))
    shelters = ("--layer", "shelter", "--minutes", "30")

    reached = _yingji(address, "reach", "isochrone", *here, "--minutes", "5,10")
    cells = _yingji(address, "reach", "isochrone", *shelters, "--json")
    covered = _yingji(address, "reach", "coverage", *shelters)
    document = _yingji(address, "reach", "coverage", *shelters, "--json")
    isolated = _yingji(address, "reach", "isolated", "--layers", "shelter")

    assert [line.split()[0] for line in reached.stdout.splitlines()] == ["5", "10"]
    assert json.loads(cells.stdout)["direction"] == "to"  # people go to shelters
    assert "人口  300 / 370  81.1%" in covered.stdout
    assert json.loads(document.stdout)["not_covered"][0]["reason"] == "no_route"
    assert "V2 处  70  shelter:no_route" in isolated.stdout
    assert "孤立人口  70" in isolated.stdout


def test_the_network_is_built_and_looked_at(address: str) -> None:
    built = json.loads(_yingji(address, "network", "build", "--json").stdout)
    shown = json.loads(_yingji(address, "network", "show", "--json").stdout)
    zh = _yingji(address, "network", "show")
    en = _yingji(address, "network", "show", language="en")

    assert (built["nodes"], built["edges"]) == (4, 2)
    assert [part["edges"] for part in shown["parts"]] == [1, 1]
    assert "互不连通的部分: 2" in zh.stdout
    assert "separate parts: 2" in en.stdout
    assert "路段  2" in _yingji(address, "network", "build").stdout
