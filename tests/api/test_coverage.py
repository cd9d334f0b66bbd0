"""`/v1/reach/coverage` and `/v1/reach/isolated` on a county whose answer is known by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from starlette.testclient import TestClient

from tests.support.roads import Road, a_place_table, a_road_table, at, complete
from yingji_map.bootstrap import Application, build
from yingji_map.domain.features import FeatureTable
from yingji_map.http.app import create_app
from yingji_map.store.features import write_features

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
# 36 km/h: a grid step east is 943 m, a minute and a half.
ROADS = {"valley": Road([(0, 0), (6, 0), (10, 0)]), "branch": Road([(6, 0), (6, 3)])}
VILLAGES = {"V1": (1, 0), "V2": (5, 0), "V3": (9, 0), "V4": (6, 2.9), "V5": (3, 8)}
PEOPLE = {"V1": 100, "V2": 200, "V3": 400, "V4": 800, "V5": 1600}


def _write(application: Application, layer: str, table: FeatureTable) -> None:
    definition = application.catalogue[layer]
    with application.store.transaction() as tx:
        write_features(tx, definition, complete(table, definition))


def _townships() -> FeatureTable:
    boxes = {"T1": (-1, -1, 5.5, 9), "T2": (5.5, -1, 11, 9)}
    table = a_place_table(dict.fromkeys(boxes, (0, 0)))
    shapes = [
        shapely.MultiPolygon([shapely.box(*at(w, s), *at(e, n))]) for w, s, e, n in boxes.values()
    ]
    geometry = np.empty(2, dtype=object)
    geometry[:] = shapes
    return FeatureTable(
        layer_id="township",
        keys=table.keys,
        row_ids=table.row_ids,
        geometry=geometry,
        columns=table.columns,
    )


@pytest.fixture(scope="module")
def client(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    application = build(url=database_url, layers_dir=LAYERS, data_dir=tmp_path_factory.mktemp("d"))
    application.apply_layers.run()
    _write(application, "road", a_road_table(ROADS))
    _write(application, "rescue_team", a_place_table({"R1": (0, 0)}))
    _write(application, "shelter", a_place_table({"S1": (4, 0), "S2": (9, 0)}))
    people = list(PEOPLE.values())
    _write(application, "settlement", a_place_table(VILLAGES, population_persons=people))
    _write(application, "township", _townships())
    with TestClient(create_app(application), raise_server_exceptions=False) as client:
        yield client
    application.close()


def _ask(client: TestClient, what: str, **parameters: object) -> dict[str, Any]:
    asked = {name: str(value) for name, value in parameters.items()}
    response = client.get(f"/v1/reach/{what}", params=asked)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_people_in_time_and_not_in_time_are_told_with_the_reason(client: TestClient) -> None:
    answer = _ask(client, "coverage", layer="rescue_team", minutes=10)

    assert answer["people"] == {"covered": 300, "not_covered": 2800, "total": 3100}
    assert answer["settlements"] == {"covered": 2, "not_covered": 3, "total": 5}
    missing = {one["id"]: one for one in answer["not_covered"]}
    assert {key: one["reason"] for key, one in missing.items()} == {
        "V3": "too_far",
        "V4": "too_far",
        "V5": "off_network",
    }
    assert missing["V3"]["travel_time_s"] == pytest.approx(9 * 94.3, abs=3)
    assert (missing["V3"]["nearest_id"], missing["V5"]["nearest_id"]) == ("R1", None)
    # 10 m a second are 6 km; what is left at the junction is travelled on both roads.
    to_junction_km = 6 * 0.943
    assert answer["road_km"]["covered"] == pytest.approx(12 - to_junction_km, abs=0.02)


@pytest.mark.parametrize("minutes", [1, 7, 12, 60])
@pytest.mark.parametrize("closures", ["none", "road:branch"])
def test_what_is_covered_and_what_is_not_make_the_whole(
    client: TestClient, minutes: int, closures: str
) -> None:
    answer = _ask(client, "coverage", layer="shelter", minutes=minutes, closures=closures)

    for part in ("people", "settlements", "cells"):
        sums = answer[part]
        assert sums["covered"] + sums["not_covered"] == sums["total"]
        for side in ("covered", "not_covered", "total"):
            assert sum(town[part][side] for town in answer["townships"]) == sums[side]
    assert (
        sum(one["population_persons"] for one in answer["not_covered"])
        == (answer["people"]["not_covered"])
    )
    road = answer["road_km"]
    assert road["covered"] + road["not_covered"] == pytest.approx(road["total"], abs=0.011)


def test_covered_cells_are_those_of_the_isochrone(client: TestClient) -> None:
    cells = _ask(client, "isochrone", layer="rescue_team", minutes=12)["cells"]

    covered = _ask(client, "coverage", layer="rescue_team", minutes=12)["cells"]["covered"]

    assert 0 < covered == len(cells)


def test_a_cut_road_isolates_exactly_those_behind_it(client: TestClient) -> None:
    before = _ask(client, "isolated")
    cut = shapely.geometry.mapping(shapely.LineString([at(5.5, -0.1), at(5.5, 0.1)]))
    closures = str({**cut, "coordinates": [list(p) for p in cut["coordinates"]]}).replace("'", '"')

    after = _ask(client, "isolated", closures=closures, seat=",".join(map(str, at(0, 0))))

    assert {one["id"] for one in before["settlements"]} == {"V5"}
    lacks = {one["id"]: one["lacks"] for one in after["settlements"]}
    assert lacks == {
        "V3": {"rescue_team": "cut_off", "seat": "cut_off"},
        "V4": {"rescue_team": "cut_off", "seat": "cut_off"},
        "V5": {"rescue_team": "off_network", "shelter": "off_network", "seat": "off_network"},
    }
    assert (after["cut_off_settlements"], after["cut_off_persons"]) == (2, 1200)
    assert (after["isolated_settlements"], after["isolated_persons"]) == (1, 1600)


def test_who_is_cut_off_from_everything_is_isolated(client: TestClient) -> None:
    answer = _ask(client, "isolated", closures="road:branch")

    lacking = {one["id"]: one for one in answer["settlements"]}
    assert set(lacking) == {"V4", "V5"}
    assert lacking["V4"]["is_isolated"]
    assert lacking["V4"]["is_cut_off"]
    assert answer["isolated_persons"] == 2400


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("coverage?layer=rescue_team&minutes=0", 400, "1 到 240"),
        ("coverage?layer=road&minutes=30", 400, "不是点图层"),
        ("coverage?layer=nothing&minutes=30", 404, "nothing"),
        ("coverage?layer=supply_depot&minutes=30", 503, "物资仓库"),
        ("isolated?layers=", 404, "图层"),
        ("isolated?layers=a,b,c,d,e,f,g", 400, "1 到 6"),
        ("isolated?seat=here", 400, "seat"),
        ("isolated?seat=100,20", 400, "3000"),
    ],
)
def test_nonsense_is_refused_with_its_reason(
    client: TestClient, path: str, status: int, word: str
) -> None:
    response = client.get(f"/v1/reach/{path}")

    assert (response.status_code, word in response.json()["detail"]) == (status, True)
