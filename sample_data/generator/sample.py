"""The whole sample in the order in which one thing grows out of another."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from . import county
from .capacity import rescue_teams, shelters, supply_depots
from .census import write_census
from .divisions import Townships, found_townships
from .features import Feature, Places
from .geology import SUSCEPTIBILITY, Geology, map_geology
from .habitat import habitability_of
from .hazards import geohazard_points, reservoirs, tailings_ponds
from .output import Folder
from .rain import normals, rain_grid, storm
from .rivers import Rivers, trace_rivers
from .road_network import Segment, cut_segments, title
from .road_plan import plan_roads
from .settlements import Settlements, settle
from .terrain import Terrain, build_terrain
from .world import World

_SETTLEMENT_HEADERS = [
    *("行政村代码", "村名", "常住人口", "户数", "老幼占比", "钢混占比", "砖混占比"),
    *("砖木占比", "土木占比", "穿斗木占比", "乡镇代码", "lon", "lat"),
]


def generate(folder_path: Path, seed: int, tell: Callable[[str], None]) -> Path:
    """Make all layers and return the manifest's path."""
    outline = county.read_outline()
    grid = county.lay_grid(outline)
    inside = county.burn(grid, outline)
    tell("地形 terrain")
    terrain = build_terrain(grid, inside, seed)
    tell("河流与乡镇 rivers, townships")
    rivers = trace_rivers(terrain, inside, seed)
    walking = county.burn(grid.coarser(2), outline)
    habitability = np.where(walking, habitability_of(terrain), 0)
    townships = found_townships(outline, terrain, rivers, habitability)
    geology = map_geology(outline, terrain, seed)
    settlements = settle(grid.coarser(2), habitability, walking, townships, seed)
    tell("道路 roads")
    plan = plan_roads(terrain, inside, (townships, settlements), seed)
    segments = cut_segments(plan, rivers, seed)
    tell("灾害点、力量、降雨 hazards, capacity, rain")
    places = Places(townships, settlements, walking)
    folder = Folder(folder_path, seed)
    _write_divisions(folder, townships, settlements)
    world = World(
        outline=outline,
        terrain=terrain,
        rivers=rivers,
        geology=geology,
        segments=segments,
        places=places,
        geohazards=geohazard_points(terrain, geology, segments, places, seed),
        reservoirs=reservoirs(terrain, rivers, places, seed),
        tailings=tailings_ponds(terrain, places, seed),
        seed=seed,
    )
    _write_points(folder, "geohazard_point", world.geohazards)
    _write_points(folder, "reservoir", world.reservoirs)
    _write_points(folder, "tailings_pond", world.tailings)
    _write_settlements(folder, settlements, townships)
    _write_points(folder, "shelter", shelters(places, seed))
    _write_points(folder, "rescue_team", rescue_teams(places, seed))
    _write_points(folder, "supply_depot", supply_depots(places, seed))
    _write_lines(folder, segments, rivers)
    _write_geology(folder, geology)
    _write_rasters(folder, terrain, outline, seed)
    tell("房屋、设施、监测、覆盖 houses, facilities, stations, land cover")
    write_census(folder, world)
    return folder.finish()


def _write_divisions(folder: Folder, townships: Townships, settlements: Settlements) -> None:
    persons = np.bincount(settlements.township, settlements.persons, len(townships.code)).astype(
        int
    )
    whole = shapely.normalize(shapely.coverage_union_all(townships.area))
    values = {
        "code": county.CODE,
        "name": county.NAME,
        "area_km2": _area_km2(whole),
        "population_persons": int(persons.sum()),
    }
    folder.geojson("county", [(whole, values)])
    rows = [
        (
            area,
            {
                "code": townships.code[i],
                "name": townships.name[i],
                "county_code": county.CODE,
                "area_km2": _area_km2(area),
                "population_persons": int(persons[i]),
            },
        )
        for i, area in enumerate(townships.area)
    ]
    folder.geojson("township", rows)


def _area_km2(area: shapely.Polygon) -> float:
    """Area on the CGCS2000 ellipsoid by the authalic sphere, good to a thousandth."""
    authalic_radius_km, eccentricity_squared = 6371.0072, 0.0066943800
    lon, lat = np.radians(shapely.get_coordinates(area)).T
    sine = np.sin(lat)
    e = np.sqrt(eccentricity_squared)

    def q(s: np.ndarray | float) -> np.ndarray:
        return (1 - e**2) * (s / (1 - e**2 * s**2) + np.arctanh(e * s) / e)

    authalic = q(sine) / q(1.0)
    return round(
        float(
            abs(np.sum(np.diff(lon) * (authalic[1:] + authalic[:-1]) / 2)) * authalic_radius_km**2
        ),
        2,
    )


def _write_points(folder: Folder, layer: str, features: list[Feature]) -> None:
    folder.geojson(layer, [(shapely.Point(f.point), f.properties) for f in features])


def _write_settlements(folder: Folder, settlements: Settlements, townships: Townships) -> None:
    rows = [
        [
            settlements.code[i],
            settlements.name[i],
            int(settlements.persons[i]),
            int(settlements.households[i]),
            f"{settlements.dependent_ratio[i]:.3f}",
            *(f"{share / 1000:.3f}" for share in settlements.structure[i]),
            townships.code[settlements.township[i]],
            f"{settlements.lon[i]:.6f}",
            f"{settlements.lat[i]:.6f}",
        ]
        for i in range(len(settlements.code))
    ]
    folder.table("settlement", _SETTLEMENT_HEADERS, rows)


def _write_lines(folder: Folder, segments: list[Segment], rivers: Rivers) -> None:
    roads = [
        (
            segment.line,
            {
                "code": f"510821LD{i + 1:05d}",
                "name": segment.name,
                "road_class": title(segment),
                "speed_km_h": segment.speed_km_h,
                "structure": segment.structure,
                "is_oneway": segment.is_oneway,
                "width_m": segment.width_m,
            },
        )
        for i, segment in enumerate(segments)
    ]
    folder.geojson("road", roads)
    reaches = [
        (
            line,
            {
                "code": f"510821HD{i + 1:04d}",
                "name": rivers.name[i],
                "stream_order": int(rivers.order[i]),
                "catchment_km2": round(float(rivers.catchment_km2[i]), 2),
            },
        )
        for i, line in enumerate(rivers.lines)
    ]
    folder.geojson("river", reaches)


def _write_geology(folder: Folder, geology: Geology) -> None:
    faults = [
        (line, {"code": f"510821DC{i + 1:02d}", "name": name, "is_active": is_active})
        for i, (name, is_active, line) in enumerate(geology.fault)
    ]
    folder.geojson("fault_line", faults)
    rocks = [
        (
            area,
            {
                "code": f"510821YZ{i + 1:03d}",
                "name": name,
                "rock_class": kind,
                "susceptibility_ratio": SUSCEPTIBILITY[kind],
            },
        )
        for i, (kind, name, area) in enumerate(geology.rock)
    ]
    folder.geojson("lithology", rocks)


def _write_rasters(folder: Folder, terrain: Terrain, outline: shapely.Polygon, seed: int) -> None:
    folder.raster("dem", terrain.grid, terrain.height)
    grid = rain_grid(terrain.grid)
    inside = county.burn(grid, outline)
    annual, heavy = normals(terrain, grid, inside, seed)
    folder.raster("rain_normal_24h", grid, heavy)
    folder.raster("rain_normal_annual", grid, annual)
    for valid_at, values in storm(terrain, grid, inside, seed):
        folder.raster("rainfall_24h", grid, values, valid_at)
