"""A county of ten by twelve kilometres with everything that the risk models read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.transform import from_origin

from yingji_map.bootstrap import Application
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.services.import_raster import RasterImportRequest
from yingji_map.store.features import write_features

WEST, SOUTH, EAST, NORTH = 106.20, 32.15, 106.32, 32.25
RAIN_AT = datetime(2026, 7, 10, 0, 0, tzinfo=UTC)
STEP = 1 / 1200  # about 90 m
Row = tuple[shapely.Geometry, Mapping[str, object]]


def put_county(application: Application, folder: Path, *, seed: int = 1) -> None:
    """Store the county: layers, background rasters, and rain for one instant and the day before."""
    application.apply_layers.run()
    for layer_id, rows in features(seed).items():
        put(application, layer_id, rows)
    for layer_id, values in rasters(seed).items():
        path = folder / f"{layer_id}.tif"
        write_raster(path, values)
        application.import_raster.run(RasterImportRequest(path=path, layer_id=layer_id))
    for days, peak in ((0, 180.0), (1, 60.0)):
        path = folder / f"rain_{days}.tif"
        write_raster(path, _bump(peak))
        at = RAIN_AT - timedelta(days=days)
        application.import_raster.run(
            RasterImportRequest(path=path, layer_id="rainfall_24h", valid_at=at)
        )


def put(application: Application, layer_id: str, rows: Mapping[str, Row]) -> int:
    """Write features by key; fields that a row leaves out are empty."""
    definition = application.catalogue[layer_id]
    with application.store.transaction() as tx:
        return write_features(tx, definition, a_table(definition, rows)).version


def a_table(definition: LayerDefinition, rows: Mapping[str, Row]) -> FeatureTable:
    """Return rows as a table of the layer."""
    keys = sorted(rows)
    geometry = np.empty(len(keys), dtype=object)
    geometry[:] = [rows[key][0] for key in keys]
    columns = {}
    for field in definition.fields:
        values = np.empty(len(keys), dtype=object)
        values[:] = [
            key if field.name == definition.key else rows[key][1].get(field.name) for key in keys
        ]
        columns[field.name] = values
    return FeatureTable(
        layer_id=definition.id,
        keys=tuple(keys),
        row_ids=np.zeros(len(keys), dtype=np.int64),
        geometry=geometry,
        columns=columns,
    )


def features(seed: int) -> dict[str, dict[str, Row]]:
    """Return the rows of every layer by key."""
    rng = np.random.default_rng(seed)
    county = shapely.MultiPolygon([_outline()])
    middle = (WEST + EAST) / 2
    halves = {
        "510821101": shapely.intersection(
            county, shapely.box(WEST - 1, SOUTH - 1, middle, NORTH + 1)
        ),
        "510821102": shapely.intersection(
            county, shapely.box(middle, SOUTH - 1, EAST + 1, NORTH + 1)
        ),
    }
    rocks = ("坚硬层状", "软硬互层", "软弱")
    edges = np.linspace(WEST - 0.02, EAST + 0.02, 4)
    return {
        "county": {"510821": (county, {"name": "旺苍县"})},
        "township": {
            code: (_multi(shape), {"name": f"{code[-1]}镇", "county_code": "510821"})
            for code, shape in halves.items()
        },
        "river": {"R1": (_line(_river()), {"stream_order": 3, "catchment_km2": 80.0})},
        "road": {
            "L1": (
                _line([(x, y + 0.002) for x, y in _river()]),
                {"road_class": "省道", "speed_km_h": 60.0},
            ),
            "L2": (
                _line([(middle, SOUTH), (middle + 0.01, NORTH)]),
                {"road_class": "村道", "speed_km_h": 20.0},
            ),
        },
        "fault_line": {"F1": (_line([(WEST, NORTH), (EAST, SOUTH + 0.03)]), {"name": "断层"})},
        "lithology": {
            f"G{i}": (
                _multi(shapely.box(edges[i], SOUTH - 0.02, edges[i + 1], NORTH + 0.02)),
                {"name": rock, "rock_class": rock, "susceptibility_ratio": 0.5},
            )
            for i, rock in enumerate(rocks)
        },
        "settlement": {f"S{i:02d}": _settlement(rng) for i in range(25)},
        "geohazard_point": {f"H{i:02d}": _geohazard(rng) for i in range(12)},
        "shelter": {"B1": (shapely.Point(middle, 32.2), {"name": "学校操场"})},
    }


def rasters(seed: int) -> dict[str, npt.NDArray[np.float32]]:
    """Return the background rasters: a valley between two ridges, and rain normals."""
    lon, lat = _pixel_centres()
    rng = np.random.default_rng(seed)
    valley = np.interp(lon[0], [x for x, _ in _river()], [y for _, y in _river()])
    away = np.abs(lat - valley[None, :])
    dem = 500 + 9000 * away + 400 * (EAST - lon) + rng.normal(0, 3, lon.shape)
    return {
        "dem": dem.astype(np.float32),
        "rain_normal_annual": (1000 + 1500 * (lat - SOUTH)).astype(np.float32),
        "rain_normal_24h": (90 + 400 * (lon - WEST)).astype(np.float32),
    }


def write_raster(path: Path, values: npt.NDArray[np.float32]) -> None:
    """Write a GeoTIFF in EPSG:4490 on the county's pixels."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype="float32",
        crs="EPSG:4490",
        transform=from_origin(WEST - 0.02, NORTH + 0.02, STEP, STEP),
        nodata=-9999.0,
    ) as dataset:
        dataset.write(values, 1)


def _pixel_centres() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    width = round((EAST - WEST + 0.04) / STEP)
    height = round((NORTH - SOUTH + 0.04) / STEP)
    lon = WEST - 0.02 + (np.arange(width) + 0.5) * STEP
    lat = NORTH + 0.02 - (np.arange(height) + 0.5) * STEP
    grid = np.meshgrid(lon, lat)
    return grid[0], grid[1]


def _bump(peak: float) -> npt.NDArray[np.float32]:
    lon, lat = _pixel_centres()
    away = np.hypot(lon - 106.25, lat - 32.2)
    return np.asarray(peak * np.exp(-((away / 0.05) ** 2)), dtype=np.float32)


def _outline() -> shapely.Polygon:
    around = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = 1 + 0.08 * np.sin(5 * around)
    x = (WEST + EAST) / 2 + (EAST - WEST) / 2.2 * radius * np.cos(around)
    y = (SOUTH + NORTH) / 2 + (NORTH - SOUTH) / 2.2 * radius * np.sin(around)
    return shapely.Polygon(np.column_stack([x, y]))


def _river() -> list[tuple[float, float]]:
    x = np.linspace(WEST - 0.02, EAST + 0.02, 40)
    y = 32.2 + 0.012 * np.sin((x - WEST) * 60)
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _place(rng: np.random.Generator) -> shapely.Point:
    outline = _outline()
    while True:
        point = shapely.Point(rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH))
        if outline.contains(point):
            return point


def _settlement(rng: np.random.Generator) -> Row:
    shares = rng.dirichlet(np.ones(5))
    names = ("reinforced_concrete", "brick_concrete", "brick_wood", "earth_wood", "timber_frame")
    return _place(rng), {
        "name": "村",
        "population_persons": int(rng.integers(50, 3000)),
        "households": 20,
        "dependent_ratio": float(rng.uniform(0.2, 0.5)),
        "township_code": "510821101",
        **{f"{name}_ratio": float(share) for name, share in zip(names, shares, strict=True)},
    }


def _geohazard(rng: np.random.Generator) -> Row:
    return _place(rng), {
        "name": "隐患点",
        "hazard_type": str(rng.choice(["滑坡", "崩塌", "泥石流"])),
        "scale": str(rng.choice(["小型", "中型", "大型"])),
        "measure": str(rng.choice(["避让", "治理"])),
        "threatened_persons": 30,
    }


def _line(points: list[tuple[float, float]]) -> shapely.MultiLineString:
    return shapely.MultiLineString([points])


def _multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts(shape) if part.area > 0]
    return shapely.MultiPolygon(parts)
