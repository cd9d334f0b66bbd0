"""Areas that water makes: catchments of the reaches, and land under water along the large rivers."""

from collections.abc import Iterator

import numpy as np
import shapely
from rasterio.features import shapes
from rasterio.transform import from_origin
from scipy import ndimage

from .coverage import tile
from .divisions import basins
from .flow import height_above
from .grid import METRES_PER_DEGREE, Grid
from .world import World, area_km2, clean

Row = tuple[shapely.Geometry, dict]
_SMALLEST_ORDER = 2
_LEAST_SLIVER_CELLS = 120
# Depth over the normal level at 100 km² of catchment; it grows with the fifth root of the area.
_FLOOD_DEPTH_M = {10: 2.2, 20: 3.0, 50: 4.1, 100: 5.0}
_LARGE_KM2 = 150.0
_LEAST_FLOOD_KM2 = 0.02


def catchments(world: World) -> list[Row]:
    """Give each reach from the second order up what drains to it and to its brooks."""
    grid = world.terrain.grid.coarser(2)
    reach = _collecting_reach(world)
    label = np.concatenate([[0], reach + 1])[basins(world.terrain, world.rivers)[1::2, 1::2]]
    label = _without_slivers(label)
    polygons = tile(world.outline, label, grid, 1.6 * grid.step)
    code = {k: f"510821XLY{i + 1:04d}" for i, k in enumerate(sorted(polygons))}
    below = {int(k) + 1: int(_next(world, int(k), reach)) + 1 for k in np.unique(reach) if k >= 0}
    rows = []
    for k, area in polygons.items():
        rows.append(
            (
                area,
                {
                    "code": code[k],
                    "name": _catchment_name(world, k - 1, code[k]),
                    "area_km2": round(area_km2(area, world.lon_scale), 3),
                    **_relief(world, label == k),
                    **_channel(world, k - 1),
                    "downstream_code": code.get(below.get(k, -1)),
                },
            )
        )
    return rows


def _collecting_reach(world: World) -> np.ndarray:
    """Return for each reach the first one downstream that has a catchment of its own."""
    rivers = world.rivers
    found = np.arange(len(rivers.pixels))
    for number in np.argsort(-rivers.catchment_km2, kind="stable"):
        below = rivers.reach_of_pixel[rivers.pixels[number][-1]]
        if rivers.order[number] < _SMALLEST_ORDER and below >= 0:
            found[number] = found[below]
    return found


def _next(world: World, number: int, reach: np.ndarray) -> int:
    below = world.rivers.reach_of_pixel[world.rivers.pixels[number][-1]]
    return int(reach[below]) if below >= 0 else -2


def _without_slivers(label: np.ndarray) -> np.ndarray:
    """Make each piece of unseen drainage an area of its own; tiny ones join a neighbour."""
    pieces, _ = ndimage.label(label == 0)
    size = np.bincount(pieces.ravel())
    large = (pieces > 0) & (size[pieces] >= _LEAST_SLIVER_CELLS)
    merged = np.where(large, label.max() + pieces, label)
    nearest = ndimage.distance_transform_edt(
        merged == 0, return_distances=False, return_indices=True
    )
    return merged[tuple(nearest)]


def _catchment_name(world: World, reach: int, code: str) -> str:
    names = world.rivers.name
    stem = names[reach] if reach < len(names) else None
    return f"{stem or '无名沟'}小流域{int(code[-4:])}"


def _relief(world: World, mask: np.ndarray) -> dict:
    height, slope = world.height[mask], world.slope[mask]
    return {
        "relief_m": round(float(height.max() - height.min()), 1),
        "slope_mean_deg": round(float(slope.mean()), 1),
        "steep_ratio": round(float((slope > 30).mean()), 3),
    }


def _channel(world: World, reach: int) -> dict:
    """Upstream area, order and fall of the reach; border slivers have none."""
    rivers = world.rivers
    if reach >= len(rivers.pixels):
        return {"upstream_km2": None, "stream_order": None, "channel_gradient_permille": None}
    level = world.terrain.height.ravel()[rivers.pixels[reach]]
    steps = np.diff(shapely.get_coordinates(rivers.lines[reach]), axis=0)
    length_m = np.hypot(steps[:, 0] * world.lon_scale, steps[:, 1] * METRES_PER_DEGREE).sum()
    return {
        "upstream_km2": round(float(rivers.catchment_km2[reach]), 2),
        "stream_order": int(rivers.order[reach]),
        "channel_gradient_permille": round(float((level[0] - level[-1]) / length_m * 1000), 1),
    }


def flood_zones(world: World) -> list[Row]:
    """Land lower than the flood of each return period over the large river it drains to."""
    terrain = world.terrain
    large = terrain.area_km2.ravel() > _LARGE_KM2
    hand, anchor = height_above(
        terrain.height.astype(float), terrain.receiver, terrain.order, large
    )
    known = anchor >= 0
    growth = np.where(known, (terrain.area_km2.ravel()[anchor] / 100) ** 0.2, 0)
    reach = np.where(known, world.rivers.reach_of_pixel[anchor], -1)
    names = [*world.rivers.name, None]
    stems = sorted({name for name in names if name})
    stem_number = np.array([stems.index(name) + 1 if name else 0 for name in names])
    stem = np.where(reach >= 0, stem_number[reach], 0).reshape(terrain.grid.shape)
    rows: list[Row] = []
    for period, depth in _FLOOD_DEPTH_M.items():
        wet = (known & (hand < depth * growth)).reshape(terrain.grid.shape)
        for number, area in _areas(np.where(wet, stem, 0), terrain.grid, world):
            deepest = (depth * growth - hand).reshape(terrain.grid.shape)[wet & (stem == number)]
            rows.append(
                (
                    area,
                    {
                        "code": f"510821YM{period:03d}{number:03d}",
                        "name": f"{stems[number - 1]}{period} 年一遇",
                        "return_period_a": period,
                        "depth_max_m": round(float(deepest.max()), 1),
                        "area_km2": round(area_km2(area, world.lon_scale), 3),
                    },
                )
            )
    return rows


def _areas(label: np.ndarray, grid: Grid, world: World) -> Iterator[tuple[int, shapely.Geometry]]:
    """Yield one smoothed area for each label, cut at the county, specks left out."""
    transform = from_origin(grid.west, grid.north, grid.step, grid.step)
    pieces: dict[int, list[shapely.Geometry]] = {}
    for geometry, number in shapes(label.astype(np.int32), mask=label > 0, transform=transform):
        pieces.setdefault(int(number), []).append(shapely.geometry.shape(geometry))
    for number, parts in sorted(pieces.items()):
        large = [p for p in parts if area_km2(p, world.lon_scale) > _LEAST_FLOOD_KM2]
        area = shapely.simplify(shapely.union_all(large), 0.7 * grid.step)
        area = shapely.intersection(shapely.make_valid(area), world.outline)
        if area_km2(area, world.lon_scale) > _LEAST_FLOOD_KM2:
            yield number, clean(area)
