"""The layers that a risk census adds, each drawn from a random stream of its own."""

import shapely

from .climate import climate
from .drainage import catchments, flood_zones
from .events import burnt_areas, historical_events
from .features import Feature
from .houses import build_houses, building_blocks
from .land import forest_fuel, land_cover, people_grid, vegetation
from .lifelines import pipelines, power_lines
from .output import Folder
from .public_places import hospitals, key_facilities, schools
from .seismic import seismic_zones
from .sites import chemical_sites, coal_mines
from .stations import stations
from .support import experts, helipads, loudspeakers, water_points
from .weather import weather_stations
from .world import World


def write_census(folder: Folder, world: World) -> None:
    """Write them after the first layers, so that those keep their bytes."""
    houses = build_houses(world)
    cover = land_cover(world, houses)
    events = historical_events(world, cover)
    points = {
        "hazardous_chemical_site": chemical_sites(world, houses),
        "coal_mine": coal_mines(world),
        "school": schools(world),
        "hospital": hospitals(world),
        "key_facility": key_facilities(world),
        "expert": experts(world),
        "helipad": helipads(world),
        "water_point": water_points(world),
        "station": stations(world),
        "weather_station": weather_stations(world),
    }
    for layer, features in points.items():
        folder.geojson(layer, [_row(feature) for feature in features])
    folder.geojson("historical_event", events)
    folder.geojson("burnt_area", burnt_areas(world, events))
    folder.geojson("building_block", building_blocks(world, houses))
    folder.geojson("pipeline", pipelines(world, houses))
    folder.geojson("power_line", power_lines(world))
    folder.geojson("loudspeaker", loudspeakers(world))
    folder.geojson("flood_zone", flood_zones(world))
    folder.geojson("catchment", catchments(world))
    folder.geojson("seismic_zone", seismic_zones(world))
    folder.geojson("forest_fuel", forest_fuel(world, cover))
    walking = world.terrain.grid.coarser(2)
    folder.raster("landcover", walking, cover)
    folder.raster("ndvi", walking, vegetation(world, cover))
    folder.raster("population", *people_grid(world, houses))
    grid, normals = climate(world)
    for layer, values in normals.items():
        folder.raster(layer, grid, values)


def _row(feature: Feature) -> tuple[shapely.Geometry, dict]:
    return shapely.Point(feature.point), feature.properties
