"""Statistics of layers and terrain on cells against plain or brute-force answers."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.raster import Raster
from yingji_map.domain.risk_factor import Measure
from yingji_map.engine.events import is_recent, polygon_at, relative_density
from yingji_map.engine.grid import build_grid, to_metric
from yingji_map.engine.measure import Gap, Measured, measure
from yingji_map.engine.relief import FLAT, aspect_degrees
from yingji_map.engine.world import View, World, WorldInputs, build_world, view_of

GRID = build_grid(shapely.Point(106.3, 32.2).buffer(0.03, quad_segs=24), 9)
RNG = np.random.default_rng(11)
CITED = {"citation": "test", "verified": False}


def a_raster(values: npt.NDArray[np.float64], step: float = 0.0005) -> Raster:
    height, width = values.shape
    return Raster(
        values=values.astype(np.float32),
        west=106.3 - width * step / 2,
        north=32.2 + height * step / 2,
        step_lon=step,
        step_lat=step,
        sha256="test",
    )


def a_table(
    layer_id: str, geometry: list[shapely.Geometry], **columns: list[object]
) -> FeatureTable:
    shapes = np.empty(len(geometry), dtype=object)
    shapes[:] = geometry
    arrays = {
        name: np.array([*values, None], dtype=object)[:-1] for name, values in columns.items()
    }
    return FeatureTable(
        layer_id=layer_id,
        keys=tuple(f"K{row:03d}" for row in range(len(geometry))),
        row_ids=np.arange(len(geometry), dtype=np.int64),
        geometry=shapes,
        columns=arrays,
    )


def measured(
    declared: Mapping[str, object], *tables: FeatureTable, **rasters: Raster
) -> tuple[Measured, World, View]:
    wanted = Measure.model_validate(declared)
    inputs = WorldInputs(layers={table.layer_id: table for table in tables}, rasters=rasters)
    world = build_world(GRID, inputs, [wanted.source])
    view = view_of(world)
    return measure(wanted, world, view), world, view


@pytest.mark.parametrize(
    ("east", "north", "azimuth"),
    [(0, -1, 0), (-1, -1, 45), (-1, 0, 90), (0, 1, 180), (1, 0, 270), (1, -1, 315)],
)
def test_a_plane_falls_in_one_direction(east: int, north: int, azimuth: float) -> None:
    rows, columns = np.mgrid[0:20, 0:20].astype(float)
    # Rise per pixel, made equal in metres: a degree of longitude is shorter.
    shorter = np.cos(np.radians(32.2))
    dem = a_raster(500 + 10 * (east * columns * shorter - north * rows))

    inner = aspect_degrees(dem)[2:-2, 2:-2]

    off = (inner - azimuth + 180) % 360 - 180
    assert np.abs(off).max() < 0.5


def test_level_ground_has_no_aspect_but_counts_as_ground() -> None:
    dem = a_raster(np.full((160, 170), 300.0))

    found, *_ = measured(
        {"source": {"terrain": "aspect"}, "statistic": "pixel_share", "between": (292.5, 67.5)},
        dem=dem,
    )

    assert set(np.unique(aspect_degrees(dem))) == {FLAT}
    assert found.raw is not None
    assert np.all(found.raw == 0)


@pytest.mark.parametrize("between", [(157.5, 292.5), (292.5, 67.5), (0.0, 45.0)])
def test_a_share_of_pixels_is_the_count_inside_over_the_count(between: tuple[float, float]) -> None:
    values = RNG.uniform(0, 360, (160, 170))
    values[RNG.random(values.shape) < 0.05] = np.nan
    raster = a_raster(values)
    found, _, view = measured(
        {"source": {"raster": "angle"}, "statistic": "pixel_share", "between": between},
        angle=raster,
    )

    lon = raster.west + (np.arange(170) + 0.5) * raster.step_lon
    lat = raster.north - (np.arange(160) + 0.5) * raster.step_lat
    x, y = (grid.ravel() for grid in np.meshgrid(lon, lat))
    flat = raster.values.reshape(-1).astype(float)
    low, high = between
    assert found.raw is not None
    for cell in range(0, len(GRID), 7):
        here = flat[shapely.contains_xy(view.grid.support[cell], x, y) & ~np.isnan(flat)]
        inside = (here >= low) & (here < high) if low < high else (here >= low) | (here < high)
        if len(here):
            assert found.raw[cell] == pytest.approx(inside.mean(), abs=1e-12)


def test_density_is_the_kernel_sum_over_its_largest() -> None:
    anchor = RNG.uniform(0, 10_000, (80, 2))
    points = RNG.uniform(-2_000, 12_000, (15, 2))

    found = relative_density(anchor, points, 3_000.0)

    away = np.linalg.norm(anchor[:, None] - points[None], axis=2)
    plain = (np.maximum(0, 1 - (away / 3_000) ** 2) ** 2).sum(axis=1)
    assert found == pytest.approx(plain / plain.max(), abs=1e-12)
    assert found.max() == 1
    assert np.all(found[away.min(axis=1) >= 3_000] == 0)


def test_without_an_event_in_reach_the_density_is_zero() -> None:
    anchor = np.zeros((4, 2))

    assert relative_density(anchor, np.zeros((0, 2)), 100.0).tolist() == [0] * 4
    assert relative_density(anchor, np.array([[500.0, 0.0]]), 100.0).tolist() == [0] * 4


def test_at_a_point_the_first_polygon_counts() -> None:
    anchor = RNG.uniform(0, 100, (300, 2))
    boxes = np.array(
        [shapely.box(x, y, x + 25, y + 25) for x, y in RNG.uniform(0, 90, (20, 2))], dtype=object
    )

    found = polygon_at(anchor, boxes)

    for (x, y), row in zip(anchor, found, strict=True):
        hits = [i for i, box in enumerate(boxes) if box.intersects(shapely.Point(x, y))]
        assert row == (hits[0] if hits else -1)


def test_recent_is_counted_from_the_newest_event_of_the_layer() -> None:
    days = [date(2026, 6, 1), date(2016, 6, 2), date(2016, 6, 1), date(1990, 1, 1), None]
    dates = np.array(days, dtype=object)

    assert is_recent(dates, dates, 10).tolist() == [True, True, False, False, False]
    assert is_recent(dates[3:], dates, 10).tolist() == [False, False]
    assert is_recent(dates[4:], dates[4:], 10).tolist() == [False]


def test_events_of_recent_years_are_counted_within_the_radius() -> None:
    places = [
        shapely.Point(x, y) for x, y in RNG.uniform([106.27, 32.17], [106.33, 32.23], (40, 2))
    ]
    years = [2026 - row % 20 for row in range(40)]
    kinds = ["森林火灾" if row % 3 else "洪涝" for row in range(40)]
    events = a_table(
        "historical_event",
        places,
        event_type=kinds,
        occurred_on=[date(year, 3, 1) for year in years],
    )
    found, _, view = measured(
        {
            "source": {"layer": "historical_event", "where": {"event_type": ["森林火灾"]}},
            "statistic": "count_within",
            "radius_m": {"value": 2000, **CITED},
            "recent": {"field": "occurred_on", "years": 10, **CITED},
        },
        events,
    )

    metric = to_metric(events.geometry, GRID.srid)
    counted = [kind == "森林火灾" and year > 2016 for kind, year in zip(kinds, years, strict=True)]
    assert found.raw is not None
    for cell in range(0, len(GRID), 5):
        near = shapely.distance(view.grid.support_metric[cell], metric) <= 2000
        assert found.raw[cell] == np.count_nonzero(near & np.array(counted))
    assert found.touched is not None
    assert len(found.touched.cell) == found.raw.sum()


def test_the_nearest_of_several_layers_counts_and_is_named() -> None:
    road = a_table("road", [shapely.MultiLineString([[(106.27, 32.17), (106.33, 32.19)]])])
    village = a_table("settlement", [shapely.Point(106.31, 32.22)])
    declared = {"source": {"layer": "road", "also": ["settlement"]}, "statistic": "min_distance"}
    found, _, view = measured(declared, road, village)

    away = [
        shapely.distance(view.grid.support_metric, to_metric(table.geometry, GRID.srid)[0])
        for table in (road, village)
    ]
    assert found.raw == pytest.approx(np.minimum(*away), abs=1e-9)
    assert found.touched is not None
    assert set(found.touched.cell) == set(np.flatnonzero(away[0] <= away[1]))
    (other,) = found.also
    assert other.table is not None
    assert other.table.layer_id == "settlement"
    assert other.touched is not None
    assert set(other.touched.cell) == set(np.flatnonzero(away[1] < away[0]))


def test_a_distance_to_several_layers_is_unknown_when_one_is_absent() -> None:
    road = a_table("road", [shapely.MultiLineString([[(106.27, 32.17), (106.33, 32.19)]])])

    found, *_ = measured(
        {"source": {"layer": "road", "also": ["settlement"]}, "statistic": "min_distance"}, road
    )

    assert found.gap is Gap.SOURCE_ABSENT


def test_ground_outside_all_polygons_takes_the_stated_value() -> None:
    half = shapely.MultiPolygon([shapely.box(106.2, 32.0, 106.3, 32.4)])
    fuel = a_table("forest_fuel", [half], fuel_class=["松"])
    declared = {
        "source": {"layer": "forest_fuel"},
        "statistic": "class_mean",
        "field": "fuel_class",
        "classes": {"values": {"松": 0.8}, **CITED},
    }

    bare, *_ = measured(declared, fuel)
    known, _, view = measured({**declared, "elsewhere": {"value": 0, **CITED}}, fuel)

    assert bare.raw is not None
    assert known.raw is not None
    inside = shapely.area(
        shapely.intersection(view.grid.support_metric, to_metric(fuel.geometry, GRID.srid)[0])
    )
    assert known.raw == pytest.approx(0.8 * inside / (view.grid.area_km2 * 1e6), abs=1e-9)
    assert np.isnan(bare.raw).sum() == np.count_nonzero(inside == 0) > 0


def test_soft_ground_shakes_more() -> None:
    zone = shapely.MultiPolygon([shapely.box(106.0, 32.0, 106.3, 32.4)])
    rest = shapely.MultiPolygon([shapely.box(106.3, 32.0, 106.6, 32.4)])
    zones = a_table("seismic_zone", [zone, rest], pga_g=[0.10, 0.125], site_class=["Ⅲ", None])
    found, _, view = measured(
        {
            "source": {"layer": "seismic_zone"},
            "statistic": "at_centre",
            "field": "pga_g",
            "site": {"field": "site_class", "curves": {"Ⅲ": [(0.05, 1.30), (0.15, 1.15)]}, **CITED},
        },
        zones,
    )

    west = view.grid.anchor[:, 0] < 106.3
    assert found.raw is not None
    assert found.raw[west] == pytest.approx(np.full(west.sum(), 0.10 * 1.225))
    assert found.raw[~west] == pytest.approx(np.full((~west).sum(), 0.125))


def test_a_station_reading_is_carried_to_the_height_of_the_cell() -> None:
    station = a_table(
        "weather_station",
        [shapely.Point(106.3, 32.2)],
        temperature_min_c=[-1.0],
        elevation_m=[500.0],
    )
    declared = {
        "source": {"layer": "weather_station"},
        "statistic": "nearest_value",
        "field": "temperature_min_c",
        "radius_m": {"value": 30000, **CITED},
        "lapse": {"per_km": -6.5, "elevation_field": "elevation_m", **CITED},
    }
    dem = a_raster(np.full((160, 170), 1500.0))

    found, *_ = measured(declared, station, dem=dem)
    unknown, *_ = measured(declared, station)

    assert found.raw == pytest.approx(np.full(len(GRID), -7.5))
    assert unknown.raw is not None
    assert np.isnan(unknown.raw).all()


def test_equal_zones_and_events_give_the_same_bits_for_some_cells_as_for_all() -> None:
    events = a_table(
        "historical_event",
        [shapely.Point(x, y) for x, y in RNG.uniform([106.2, 32.1], [106.4, 32.3], (30, 2))],
        magnitude=list(RNG.uniform(3, 6, 30)),
    )
    law = {"a": 5.841, "b": 1.071, "c": -3.657, "r0": 15, **CITED}
    for declared in (
        {"statistic": "kernel_density", "radius_m": {"value": 5000, **CITED}},
        {"statistic": "felt_intensity", "field": "magnitude", "attenuation": law},
    ):
        wanted = {"source": {"layer": "historical_event"}, **declared}
        whole, world, _ = measured(wanted, events)
        rows = np.arange(2, len(GRID), 9)
        some = measure(Measure.model_validate(wanted), world, view_of(world, rows))
        assert whole.raw is not None
        assert some.raw is not None
        assert whole.raw[rows].tobytes() == some.raw.tobytes()


def test_a_view_measures_the_same_thing_once_and_another_thing_anew() -> None:
    road = a_table("road", [shapely.MultiLineString([[(106.27, 32.17), (106.33, 32.19)]])])
    village = a_table("settlement", [shapely.Point(106.31, 32.22)])
    to_road = Measure.model_validate({"source": {"layer": "road"}, "statistic": "min_distance"})
    source = {"layer": "road", "also": ["settlement"]}
    to_both = Measure.model_validate({"source": source, "statistic": "min_distance"})
    inputs = WorldInputs(layers={"road": road, "settlement": village}, rasters={})
    world = build_world(GRID, inputs, [to_road.source, to_both.source])
    view = view_of(world)

    first, again, other = (measure(m, world, view) for m in (to_road, to_road, to_both))

    assert again is first
    assert first.raw is not None
    assert other.raw is not None
    assert np.any(other.raw < first.raw)
    assert measure(to_road, world, view_of(world)) is not first
