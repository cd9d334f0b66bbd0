"""The kernels of the risk engine against plain or brute-force answers."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yingji_map.domain.crs import GEOD
from yingji_map.domain.raster import Raster
from yingji_map.engine.curves import piecewise
from yingji_map.engine.drainage import (
    catchment_mean,
    drain,
    height_above_river,
    river_pixels,
    upstream_km2,
)
from yingji_map.engine.grid import build_grid, cell_polygons, to_metric
from yingji_map.engine.overlay import (
    areas_within,
    cut_segments,
    known_point_kernel,
    lengths_within,
    min_distance_m,
    total_amount,
    weighted_mean,
)
from yingji_map.engine.people import spread_people
from yingji_map.engine.relief import pixel_sizes_m, runout, slope_degrees
from yingji_map.engine.zonal import ARGMAX, MAX, MEAN, P10, at_points, outline, zonal

COUNTY = shapely.Point(106.3, 32.2).buffer(0.03, quad_segs=24)
GRID = build_grid(COUNTY, 9)
RNG = np.random.default_rng(3)


def a_raster(values: np.ndarray, step: float = 0.0005) -> Raster:
    height, width = values.shape
    return Raster(
        values=values.astype(np.float32),
        west=106.3 - width * step / 2,
        north=32.2 + height * step / 2,
        step_lon=step,
        step_lat=step,
        sha256="test",
    )


def lines(*points: list[tuple[float, float]]) -> np.ndarray:
    return np.array([shapely.MultiLineString([p]) for p in points], dtype=object)


ROADS = lines(
    [(106.27, 32.19), (106.30, 32.205), (106.34, 32.20)],
    [(106.31, 32.16), (106.305, 32.24)],
)


def test_the_cells_tile_the_county() -> None:
    geodesic_km2 = abs(GEOD.geometry_area_perimeter(COUNTY)[0]) / 1e6

    assert GRID.area_km2.sum() == pytest.approx(geodesic_km2, rel=1e-3)
    assert np.all(np.diff(GRID.cells.astype(np.int64)) > 0)
    assert np.all(shapely.intersects_xy(GRID.support, GRID.anchor[:, 0], GRID.anchor[:, 1]))
    overlap = shapely.area(GRID.support).sum() - shapely.area(shapely.union_all(GRID.support))
    assert overlap == pytest.approx(0, abs=1e-12)


def test_a_county_with_a_hole_has_no_cell_inside_it() -> None:
    hole = shapely.Point(106.3, 32.2).buffer(0.01)

    grid = build_grid(shapely.difference(COUNTY, hole), 9)

    assert not shapely.intersects(hole.buffer(-1e-6), shapely.union_all(grid.support))


@given(st.floats(-10, 60))
def test_a_curve_is_linear_between_its_points(value: float) -> None:
    points = [(0.0, 1.0), (2.0, 0.9), (5.0, 0.6), (30.0, 0.0)]

    expected = np.interp(value, [p[0] for p in points], [p[1] for p in points])

    assert piecewise(np.array([value]), points)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("statistic", [MEAN, MAX, P10, ARGMAX])
def test_a_raster_on_cells_agrees_with_pixel_by_pixel(statistic: int) -> None:
    values = RNG.normal(100, 30, (160, 170))
    values[RNG.random(values.shape) < 0.05] = np.nan
    raster = a_raster(values)
    lon = raster.west + (np.arange(170) + 0.5) * raster.step_lon
    lat = raster.north - (np.arange(160) + 0.5) * raster.step_lat
    x, y = (grid.ravel() for grid in np.meshgrid(lon, lat))
    flat = raster.values.reshape(-1).astype(np.float64)
    reduce = {
        MEAN: lambda rows: flat[rows].mean(),
        MAX: lambda rows: flat[rows].max(),
        P10: lambda rows: np.percentile(flat[rows], 10),
        ARGMAX: lambda rows: rows[np.argmax(flat[rows])],
    }[statistic]

    found = zonal(raster, outline(GRID.support), GRID.anchor, statistic)

    compared = 0
    for row in range(0, len(GRID), 3):
        inside = np.flatnonzero(shapely.contains_xy(GRID.support[row], x, y) & ~np.isnan(flat))
        if len(inside):
            assert found[row] == pytest.approx(reduce(inside), rel=1e-12), row
            compared += 1
    assert compared > 30


def test_a_cell_without_a_pixel_centre_takes_the_pixel_below_it() -> None:
    coarse = a_raster(np.arange(100.0).reshape(10, 10), step=0.02)

    found = zonal(coarse, outline(GRID.support), GRID.anchor, MEAN)

    assert np.array_equal(found, at_points(coarse, GRID.anchor))


def test_a_cell_outside_the_raster_has_no_value() -> None:
    raster = a_raster(np.ones((10, 10)))

    found = zonal(raster, outline(GRID.support), GRID.anchor, MEAN)

    assert np.isnan(found).any()
    assert np.nanmax(found) == 1


def test_distance_agrees_with_geodesics_to_dense_points() -> None:
    distance, feature = min_distance_m(
        GRID.support_metric, cut_segments(to_metric(ROADS, GRID.srid))
    )
    dense = shapely.get_coordinates(shapely.segmentize(ROADS, 0.00005))

    for row in RNG.choice(len(GRID), 25, replace=False):
        rim = shapely.get_coordinates(shapely.segmentize(GRID.support[row], 0.0003))
        if shapely.intersects(GRID.support[row], shapely.union_all(ROADS)):
            assert distance[row] == 0
            continue
        pairs = [
            GEOD.inv(np.full(len(dense), x), np.full(len(dense), y), dense[:, 0], dense[:, 1])[2]
            for x, y in rim
        ]
        assert distance[row] == pytest.approx(np.min(pairs), abs=3, rel=2e-3)
    assert set(feature) <= {0, 1}


def test_lengths_and_areas_are_shared_out_completely() -> None:
    segments = cut_segments(to_metric(ROADS, GRID.srid))
    rocks = np.array(
        [shapely.box(106.2, 32.1, 106.3, 32.3), shapely.box(106.3, 32.1, 106.4, 32.3)], dtype=object
    )
    inside = shapely.union_all(GRID.support_metric)

    lengths = lengths_within(GRID.support_metric, segments)
    areas = areas_within(GRID.support_metric, to_metric(rocks, GRID.srid))

    expected = shapely.length(shapely.intersection(to_metric(ROADS, GRID.srid), inside)).sum()
    assert lengths.amount.sum() == pytest.approx(expected, rel=1e-6)
    assert areas.amount.sum() == pytest.approx(GRID.area_km2.sum() * 1e6, rel=1e-6)
    mean = weighted_mean(areas, np.array([0.2, 0.9]), len(GRID))
    assert mean.min() == pytest.approx(0.2)
    assert mean.max() == pytest.approx(0.9)
    assert np.any((mean > 0.25) & (mean < 0.85))
    assert total_amount(lengths, np.array([1.0, 0.0]), len(GRID)).sum() < lengths.amount.sum()


def test_any_subset_of_cells_gets_the_same_bits() -> None:
    segments = cut_segments(to_metric(ROADS, GRID.srid))
    rocks = to_metric(cell_polygons(GRID.cells[::7]), GRID.srid)
    raster = a_raster(RNG.random((160, 170)))
    rows = RNG.choice(len(GRID), 9, replace=False)
    part = GRID.take(rows)

    def measured(grid: object) -> list[np.ndarray]:
        assert isinstance(grid, type(GRID))
        metric, n_cells = grid.support_metric, len(grid)
        return [
            min_distance_m(metric, segments)[0],
            total_amount(lengths_within(metric, segments), np.ones(2), n_cells),
            weighted_mean(areas_within(metric, rocks), np.arange(len(rocks)) / 7, n_cells),
            *(zonal(raster, outline(grid.support), grid.anchor, s) for s in (MEAN, MAX, P10)),
        ]

    for whole, some in zip(measured(GRID), measured(part), strict=True):
        assert whole[rows].tobytes() == some.tobytes()


def test_the_kernel_of_known_points_is_zero_at_its_radius() -> None:
    centre = GRID.anchor_metric[GRID.area_km2.argmax()]
    square = np.array([shapely.box(*(centre - 10), *(centre + 10))], dtype=object)
    distances = (0.0, 150.0, 399.9, 400.0, 500.0)
    points = shapely.points([[centre[0] + 10 + d, centre[1]] for d in distances])

    values = [
        known_point_kernel(square, points[i : i + 1], np.array([0.7]), np.array([400.0]))[0][0]
        for i in range(len(distances))
    ]

    assert values == pytest.approx([0.7, 0.4375, 0.7 * 0.1 / 400, 0, 0], abs=1e-9)


def test_the_strongest_known_point_counts_whatever_the_order() -> None:
    points = to_metric(
        shapely.points(RNG.uniform([106.28, 32.18], [106.32, 32.22], (40, 2))), GRID.srid
    )
    strength, radius = RNG.uniform(0.1, 1, 40), RNG.choice([200.0, 800.0], 40)
    order = RNG.permutation(40)

    kernel, _ = known_point_kernel(GRID.support_metric, points, strength, radius)
    shuffled, _ = known_point_kernel(
        GRID.support_metric, points[order], strength[order], radius[order]
    )

    distance = shapely.distance(GRID.support_metric[:, None], points[None, :])
    brute = (strength * np.maximum(0, 1 - distance / radius)).max(axis=1)
    assert kernel == pytest.approx(brute, abs=1e-12)
    assert kernel.tobytes() == shuffled.tobytes()


@given(
    st.lists(
        st.tuples(st.floats(-0.035, 0.035), st.floats(-0.035, 0.035), st.integers(0, 5000)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([50.0, 600.0, 1500.0]),
)
def test_no_person_is_lost_or_made(places: list[tuple[float, float, int]], radius_m: float) -> None:
    points = to_metric(shapely.points([[106.3 + x, 32.2 + y] for x, y, _ in places]), GRID.srid)
    persons = np.array([count for _, _, count in places], dtype=np.int64)

    spread = spread_people(GRID, shapely.get_coordinates(points), persons, radius_m)

    assert np.bincount(spread.settlement, spread.persons, len(persons)).tolist() == persons.tolist()
    assert spread.per_cell(len(GRID)).sum() == persons.sum()
    assert (spread.persons >= 0).all()


def test_a_tilted_plane_has_its_own_slope_everywhere() -> None:
    flat = a_raster(np.zeros((30, 40)))
    widths, height = pixel_sizes_m(flat)
    east = widths[:, None] * np.arange(40)[None, :]
    north = -height * np.arange(30)[:, None]
    plane = a_raster(0.2 * east + 0.1 * north)

    slope = slope_degrees(plane)

    expected = math.degrees(math.atan(math.hypot(0.2, 0.1)))
    assert slope[1:-1, 1:-1] == pytest.approx(expected, abs=0.02)
    assert np.abs(widths[0] - GEOD.inv(106.3, flat.north, 106.3005, flat.north)[2]) < 0.01
    assert np.abs(height - GEOD.inv(106.3, 32.2, 106.3, 32.2005)[2]) < 0.01


def test_ground_below_a_cliff_is_in_reach_up_to_twice_its_height() -> None:
    heights = np.zeros((41, 41))
    heights[:, :10] = 400.0
    dem = a_raster(heights)
    width = pixel_sizes_m(dem)[0][20]

    reach = runout(dem, slope_degrees(dem))[20]

    furthest = np.flatnonzero(reach)[-1]
    assert (furthest - 9) * width == pytest.approx(2 * 400, abs=1.5 * width)
    assert reach[0] == 0  # level ground above the cliff


def test_water_runs_down_a_valley_and_through_a_pit() -> None:
    away = np.abs(np.arange(21) - 10)[None, :] * 5.0
    heights = away + np.arange(30)[::-1, None] * 1.0
    heights[12, 10] -= 8  # a pit on the valley floor
    dem = a_raster(heights)

    drainage = drain(dem)
    upstream = upstream_km2(drainage, (30, 21))

    assert len(drainage.order) == heights.size
    assert upstream[29, 10] > 0.5 * drainage.pixel_km2.sum()
    assert np.all(np.diff(upstream[2:, 10]) > 0)
    outlets = drainage.downstream < 0
    assert upstream.reshape(-1)[outlets].sum() == pytest.approx(drainage.pixel_km2.sum())


def test_height_above_the_river_follows_the_water() -> None:
    away = np.abs(np.arange(21) - 10)[None, :] * 5.0
    dem = a_raster(away + np.arange(30)[::-1, None] * 0.5)
    lon = dem.west + 10.5 * dem.step_lon
    river = lines([(lon, dem.north), (lon, dem.north - 30 * dem.step_lat)])
    drainage = drain(dem)

    hand = height_above_river(dem, drainage, river)

    assert river_pixels(dem, river)[:, 10].all()
    assert hand[:, 10] == pytest.approx(0)
    assert hand[15, 5] == pytest.approx(25, abs=3)
    assert np.isnan(height_above_river(dem, drainage, river[:0])).all()


def test_the_catchment_mean_is_the_mean_of_everything_upstream() -> None:
    heights = np.abs(np.arange(21) - 10)[None, :] * 5.0 + np.arange(30)[::-1, None]
    drainage = drain(a_raster(heights))
    rain = RNG.uniform(0, 100, (30, 21))
    rain[3, 3] = np.nan

    mean = catchment_mean(drainage, rain)

    target = 29 * 21 + 10
    members = []
    for pixel in range(30 * 21):
        walker = pixel
        while walker not in {-1, target}:
            walker = int(drainage.downstream[walker])
        if walker == target and not np.isnan(rain.reshape(-1)[pixel]):
            members.append(pixel)
    weights = drainage.pixel_km2[members]
    expected = np.average(rain.reshape(-1)[members], weights=weights)
    assert mean.reshape(-1)[target] == pytest.approx(expected, rel=1e-12)


def test_a_diagonal_river_leaves_no_gap_for_water_to_slip_through() -> None:
    dem = a_raster(np.zeros((20, 20)))
    river = lines(
        [(dem.west, dem.north), (dem.west + 20 * dem.step_lon, dem.north - 20 * dem.step_lat)]
    )

    marked = river_pixels(dem, river)

    for row in range(1, 20):
        for column in range(1, 20):
            if marked[row, column] and marked[row - 1, column - 1]:
                assert marked[row - 1, column] or marked[row, column - 1]


def test_a_county_in_two_parts_has_the_cells_of_both() -> None:
    far = shapely.Point(106.5, 32.3).buffer(0.01)

    grid = build_grid(shapely.MultiPolygon([COUNTY, far]), 9)

    expected = {*GRID.cells.tolist(), *build_grid(far, 9).cells.tolist()}
    assert set(grid.cells.tolist()) == expected
