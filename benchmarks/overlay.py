"""Landslide risk of a county against the usual geopandas way: same inputs, same scores, one run.

usage: python benchmarks/overlay.py [radius_km]   (8 gives about 2,000 cells, 30 a county's 27,000)
"""

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.raster import Raster
from yingji_map.domain.risk_factor import Terrain
from yingji_map.domain.risk_model import RiskModel
from yingji_map.engine.assess import Assessment, assess, model_sources
from yingji_map.engine.grid import CellGrid, build_grid
from yingji_map.engine.world import World, WorldInputs, build_world, view_of
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.ingest.models import read_models

Value = TypeVar("Value")
ROOT = Path(__file__).parents[1]
LON, LAT = 106.3, 32.2
STEP = 1 / 1200
ROCKS = ("坚硬层状", "软硬互层", "软弱")


def main(radius_km: float) -> None:
    models = read_models(ROOT / "layers", read_catalogue(ROOT / "layers"))
    model = next(m for m in models.hazards if m.id == "landslide")
    county = shapely.Point(LON, LAT).buffer(radius_km / 100, quad_segs=64)
    inputs = an_input(radius_km / 100)
    grid = build_grid(county, 9)
    world = build_world(grid, inputs, model_sources(model))
    assess(model, world, view_of(world))  # compiles the kernels
    ours, ours_s = timed(lambda: assess(model, world, view_of(world)))
    theirs, theirs_s = timed(lambda: the_usual_way(model, grid, inputs, world))
    agree(ours, theirs)
    print(f"{len(grid):,} cells; factors and score, terrain and grid ready in both")
    print(f"ours {ours_s:.2f} s, geopandas {theirs_s:.2f} s: {theirs_s / ours_s:.1f} times as long")


def the_usual_way(
    model: RiskModel, grid: CellGrid, inputs: WorldInputs, world: World
) -> gpd.GeoDataFrame:
    """Hazard factors by spatial joins, overlays and `apply`, as it is commonly written."""
    cells = gpd.GeoDataFrame({"cell": np.arange(len(grid))}, geometry=grid.support_metric)
    metric = {
        name: gpd.GeoDataFrame(
            dict(table.columns), geometry=gpd.GeoSeries(table.geometry, crs=4490).to_crs(grid.srid)
        ).set_crs(None, allow_override=True)
        for name, table in inputs.layers.items()
    }
    for name in ("river", "road", "fault_line"):
        everything = metric[name].union_all()
        cells[name] = cells.geometry.apply(everything.distance)
    classes = model.blocks.hazard.factors[0].classes
    assert classes is not None
    parts = gpd.overlay(cells[["cell", "geometry"]], metric["lithology"], how="intersection")
    parts["area"] = parts.area
    parts["weighted"] = parts["area"] * parts["rock_class"].map(classes.values)
    sums = parts.groupby("cell")[["area", "weighted"]].sum()
    cells["lithology"] = cells["cell"].map(sums["weighted"] / sums["area"])
    roads = gpd.overlay(
        cells[["cell", "geometry"]], metric["road"], how="intersection", keep_geom_type=False
    )
    lengths = roads.assign(length=roads.length).groupby("cell")["length"].sum()
    cells["road_km"] = cells["cell"].map(lengths).fillna(0) / 1000
    slope = world.terrain[Terrain.SLOPE]
    cells["slope"] = [
        pixel_mean(slope, shape, grid.anchor[i]) for i, shape in enumerate(grid.support)
    ]
    for factor, column in (
        ("slope", "slope"),
        ("fault", "fault_line"),
        ("river", "river"),
        ("road", "road"),
    ):
        found = next(f for f in model.blocks.hazard.factors if f.id == factor)
        values, scores = zip(*found.curve.points, strict=True)
        cells[f"n_{factor}"] = cells[column].apply(
            lambda value, v=values, s=scores: float(np.interp(value, v, s))
        )
    return cells


def pixel_mean(raster: Raster, shape: shapely.Geometry, anchor: np.ndarray) -> float:
    """Mean of the pixels whose centre is in a polygon, by its window."""
    west, south, east, north = shape.bounds
    first = (
        int((west - raster.west) / raster.step_lon),
        int((raster.north - north) / raster.step_lat),
    )
    last = (
        int((east - raster.west) / raster.step_lon),
        int((raster.north - south) / raster.step_lat),
    )
    columns, rows = np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1)
    lon = raster.west + (columns + 0.5) * raster.step_lon
    lat = raster.north - (rows + 0.5) * raster.step_lat
    x, y = np.meshgrid(lon, lat)
    window = raster.values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = shapely.contains_xy(shape, x, y)
    if inside.any():
        return float(window[inside].mean(dtype=np.float64))
    row = int((raster.north - anchor[1]) / raster.step_lat)
    return float(raster.values[row, int((anchor[0] - raster.west) / raster.step_lon)])


def agree(ours: Assessment, theirs: gpd.GeoDataFrame) -> None:
    for factor in ("slope", "fault", "river", "road"):
        difference = np.abs(ours.result.normalised[factor] - theirs[f"n_{factor}"].to_numpy())
        assert difference.max() < 1e-6, (factor, difference.max())
    raw = ours.measured["lithology"].raw
    assert raw is not None
    assert np.abs(raw - theirs["lithology"].to_numpy()).max() < 1e-6


def an_input(reach: float) -> WorldInputs:
    """Layers and terrain around the middle, `reach` degrees wide to each side."""
    rng = np.random.default_rng(1)
    side = reach + 0.03
    size = round(2 * side / STEP)
    away = np.linspace(-1, 1, size)
    heights = 800 + 400 * np.sin(9 * away)[:, None] * np.cos(7 * away)[None, :]
    dem = Raster(
        values=(heights + rng.normal(0, 4, (size, size))).astype(np.float32),
        west=LON - side,
        north=LAT + side,
        step_lon=STEP,
        step_lat=STEP,
        sha256="benchmark",
    )
    edges = np.linspace(LON - side, LON + side, len(ROCKS) + 1)
    rocks = [shapely.box(a, LAT - side, b, LAT + side) for a, b in pairwise(edges)]
    layers = {
        "river": a_table("river", walks(rng, side, 30)),
        "road": a_table("road", walks(rng, side, 200), road_class="村道"),
        "fault_line": a_table("fault_line", walks(rng, side, 4)),
        "lithology": a_table("lithology", rocks, rock_class=ROCKS),
        "settlement": a_table(
            "settlement",
            [
                shapely.Point(*place)
                for place in np.add(rng.uniform(-reach, reach, (60, 2)), (LON, LAT))
            ],
            population_persons=500,
            dependent_ratio=0.3,
            reinforced_concrete_ratio=1.0,
            brick_concrete_ratio=0.0,
            brick_wood_ratio=0.0,
            earth_wood_ratio=0.0,
            timber_frame_ratio=0.0,
        ),
    }
    return WorldInputs(layers=layers, rasters={"dem": dem})


def walks(rng: np.random.Generator, side: float, count: int) -> list[shapely.Geometry]:
    """Wandering lines of 120 vertices."""
    found = []
    for _ in range(count):
        steps = rng.normal(0, side / 60, (120, 2)).cumsum(axis=0)
        found.append(shapely.LineString(np.add(rng.uniform(-side, side, 2), (LON, LAT)) + steps))
    return found


def a_table(layer_id: str, shapes: list[shapely.Geometry], **columns: object) -> FeatureTable:
    """Features with constant columns, or one value each where a tuple is given."""
    size = len(shapes)
    filled = {}
    for name, value in columns.items():
        filled[name] = np.empty(size, dtype=object)
        filled[name][:] = value if isinstance(value, tuple) else [value] * size
    geometry = np.empty(size, dtype=object)
    geometry[:] = shapes
    return FeatureTable(
        layer_id=layer_id,
        keys=tuple(f"{i:05d}" for i in range(size)),
        row_ids=np.arange(size, dtype=np.int64),
        geometry=geometry,
        columns=filled,
    )


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    start = time.process_time()
    value = work()
    return value, time.process_time() - start


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 8.0)
