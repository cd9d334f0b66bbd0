"""On the sample county the nearest shelter is that of a brute-force shortest path by scipy."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from tests.support.road_oracle import INFINITE, place_costs

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.graph import ROAD_COLUMNS, build_graph
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.profile_network import build_network
from yingji_map.engine.targets import prepare_targets

pytestmark = pytest.mark.slow
POINTS, BEYOND_LIMIT_AT_MOST = 200, 60


def _features(path: Path) -> tuple[npt.NDArray[np.object_], list[dict[str, object]]]:
    document = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in document])
    return shapes, [one["properties"] for one in document]


def _roads(path: Path) -> FeatureTable:
    shapes, rows = _features(path)
    columns = {}
    for name in ROAD_COLUMNS:
        columns[name] = np.empty(len(rows), dtype=object)
        columns[name][:] = [row.get(name) for row in rows]
    return FeatureTable(
        layer_id="road",
        keys=tuple(str(row["code"]) for row in rows),
        row_ids=np.arange(len(rows)),
        geometry=shapes,
        columns=columns,
    )


def _points_inside(county: shapely.Geometry, count: int) -> npt.NDArray[np.float64]:
    rng, kept = np.random.default_rng(510821), []
    low, high = np.split(np.array(county.bounds), 2)
    shapely.prepare(county)
    while len(kept) < count:
        lon, lat = rng.uniform(low, high)
        if shapely.contains_xy(county, lon, lat):
            kept.append((lon, lat))
    return np.array(kept)


def test_the_nearest_shelter_of_two_hundred_points_equals_brute_force(sample_dir: Path) -> None:
    car = build_network(build_graph(_roads(sample_dir / "road.geojson"))).by_profile[ProfileId.CAR]
    shelters, rows = _features(sample_dir / "shelter.geojson")
    order = sorted(range(len(rows)), key=lambda row: str(rows[row]["code"]))
    snaps = car.snapper.snap(shapely.get_coordinates(shelters[order]))
    targets = prepare_targets(car, Direction.FROM, snaps)
    county = shapely.union_all(_features(sample_dir / "county.geojson")[0])

    compared = refused = 0
    for place in _points_inside(county, POINTS):
        origin = car.snapper.snap(place[None, :])
        if origin.edge[0] < 0:  # /v1/nearest refuses it: place-out-of-reach
            refused += 1
            continue
        answer = find_nearest(car, origin, targets, k=1)

        expected = place_costs(car, Direction.FROM, origin, snaps)
        nearest = int(np.argmin(expected))
        assert expected[nearest] < INFINITE
        assert [(one.target, one.cost_ds) for one in answer.found] == [(nearest, expected[nearest])]
        compared += 1
    assert compared + refused == POINTS
    assert refused <= BEYOND_LIMIT_AT_MOST
