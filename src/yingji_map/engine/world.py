"""Everything a run measures with: the county's cells, its layers in metres, its rasters and terrain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.raster import Raster
from yingji_map.domain.risk_factor import Source, Terrain
from yingji_map.domain.risk_numbers import GullyRules
from yingji_map.engine.drainage import (
    Drainage,
    catchment_mean,
    drain,
    height_above_river,
    upstream_km2,
)
from yingji_map.engine.grid import CellGrid, to_metric
from yingji_map.engine.gullies import Gullies, trace_gullies
from yingji_map.engine.overlay import NO_PAIRS, Pairs, Pieces, cells_of, cut_segments, whole_shapes
from yingji_map.engine.relief import GridArray, aspect_degrees, runout, slope_degrees
from yingji_map.engine.zonal import Outline, at_points, outline, pixel_centres

DEM, RIVER = "dem", "river"
SourceKey = tuple[str, tuple[tuple[str, tuple[str | bool, ...]], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLayer:
    """The features of a source that its filter lets through, sorted by key, in metres.

    Attributes
    ----------
    whole
        All features of the layer, whatever the filter.
    pieces
        What distances are measured to: lines cut into straight pieces, other shapes whole.
    """

    table: FeatureTable
    whole: FeatureTable
    geometry: npt.NDArray[np.object_]
    pieces: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The inputs of one run, prepared once; a layer or raster that is not here has no data.

    Attributes
    ----------
    layers
        By `source_key`.
    rasters
        By layer id.
    terrain
        Derived grids on the DEM's pixels.
    rain
        24-hour rain of the run's instant and of the days before, newest first; None for a day
        without. Empty in a static run.
    catchment_rain
        The same, as the mean over everything upstream of each DEM pixel.
    drainage
        Where water goes on the DEM; None without one.
    gullies
        Debris-flow gullies of the DEM; None without one, or when no model asks for them.
    path_cells
        The cells that the path pixels of gullies lie in; `feature` numbers the pairs of `gullies`.
    taken
        Measures already taken on the gullies, by what was asked: they are the same for any cell.
    """

    grid: CellGrid
    layers: Mapping[SourceKey, PreparedLayer]
    rasters: Mapping[str, Raster]
    terrain: Mapping[Terrain, Raster]
    drainage: Drainage | None
    rain: tuple[Raster | None, ...] = ()
    catchment_rain: tuple[Raster | None, ...] = ()
    gullies: Gullies | None = None
    path_cells: Pairs = NO_PAIRS
    taken: dict[str, object] = field(default_factory=dict)

    @property
    def dem(self) -> Raster | None:
        """Return the elevation model."""
        return self.rasters.get(DEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The cells that are asked for: rows of one world's grid, and their geometry.

    Attributes
    ----------
    taken
        Measures already taken on these cells, by what was asked.
    """

    rows: npt.NDArray[np.intp]
    grid: CellGrid
    outlines: Outline
    taken: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldInputs:
    """What a world is made of.

    Attributes
    ----------
    layers
        Features by layer id; layers without features are left out.
    rain
        See World.
    """

    layers: Mapping[str, FeatureTable]
    rasters: Mapping[str, Raster]
    rain: tuple[Raster | None, ...] = ()


def source_key(source: Source) -> SourceKey:
    """Return what tells one filtered layer from another."""
    return source.name, tuple(sorted(source.where.items()))


def every_layer(source: Source) -> list[Source]:
    """Return a source and those that count like it, one layer each; none for a raster."""
    if source.layer is None:
        return []
    others = [Source(layer=name) for name in source.also]
    return [source.model_copy(update={"also": ()}), *others]


def view_of(world: World, rows: npt.NDArray[np.intp] | None = None) -> View:
    """Return a view of some cells, or of all."""
    chosen = np.arange(len(world.grid)) if rows is None else rows
    grid = world.grid.take(chosen)
    return View(rows=chosen, grid=grid, outlines=outline(grid.support))


def build_world(
    grid: CellGrid,
    inputs: WorldInputs,
    sources: Iterable[Source],
    gully_rules: GullyRules | None = None,
) -> World:
    """Prepare the inputs: filter and project features, derive terrain, trace the rain's catchments."""
    wanted = {source_key(s): s for source in sources for s in every_layer(source)}
    layers = {
        key: _prepared(inputs.layers[source.name], source, grid.srid)
        for key, source in wanted.items()
        if source.name in inputs.layers
    }
    dem = inputs.rasters.get(DEM)
    drainage = drain(dem) if dem is not None else None
    terrain = _terrain(dem, drainage, inputs.layers.get(RIVER)) if dem and drainage else {}
    world = World(
        grid=grid, layers=layers, rasters=inputs.rasters, terrain=terrain, drainage=drainage
    )
    if gully_rules is not None and dem is not None and drainage is not None:
        gullies = trace_gullies(dem, drainage, gully_rules)
        points = pixel_centres(dem, gullies.path_pixel)
        world = replace(world, gullies=gullies, path_cells=cells_of(grid.support, points))
    return with_rain(world, inputs.rain)


def with_rain(world: World, rain: tuple[Raster | None, ...]) -> World:
    """Return the same world with other rain; empty for a static run."""
    dem, drainage = world.rasters.get(DEM), world.drainage
    catchment_rain: tuple[Raster | None, ...] = ()
    if dem is not None and drainage is not None:
        catchment_rain = tuple(_catchment_rain(dem, drainage, day) for day in rain)
    return replace(world, rain=rain, catchment_rain=catchment_rain)


def _prepared(table: FeatureTable, source: Source, srid: int) -> PreparedLayer:
    order = sorted(range(len(table)), key=table.keys.__getitem__)
    kept = [row for row in order if _passes(table, row, source)]
    chosen = FeatureTable(
        layer_id=table.layer_id,
        keys=tuple(table.keys[row] for row in kept),
        row_ids=table.row_ids[kept],
        geometry=table.geometry[kept],
        columns={name: values[kept] for name, values in table.columns.items()},
    )
    geometry = to_metric(chosen.geometry, srid)
    is_line = bool((shapely.get_dimensions(geometry) == 1).all())
    pieces = cut_segments(geometry) if is_line else whole_shapes(geometry)
    return PreparedLayer(table=chosen, whole=table, geometry=geometry, pieces=pieces)


def _passes(table: FeatureTable, row: int, source: Source) -> bool:
    return all(
        name in table.columns and table.columns[name][row] in allowed
        for name, allowed in source.where.items()
    )


def _terrain(dem: Raster, drainage: Drainage, rivers: FeatureTable | None) -> dict[Terrain, Raster]:
    slope = slope_degrees(dem)
    shape = dem.values.shape
    grids = {
        Terrain.SLOPE: slope,
        Terrain.ASPECT: aspect_degrees(dem),
        Terrain.RUNOUT: runout(dem, slope),
        Terrain.UPSTREAM: upstream_km2(drainage, (shape[0], shape[1])),
    }
    if rivers is not None:
        grids[Terrain.HAND] = height_above_river(dem, drainage, rivers.geometry)
    return {name: _on_pixels_of(dem, values) for name, values in grids.items()}


def _catchment_rain(dem: Raster, drainage: Drainage, rain: Raster | None) -> Raster | None:
    if rain is None:
        return None
    points = pixel_centres(dem, np.arange(dem.values.size))
    on_pixels = at_points(rain, points).reshape(dem.values.shape)
    return _on_pixels_of(dem, catchment_mean(drainage, on_pixels))


def _on_pixels_of(dem: Raster, values: GridArray) -> Raster:
    return Raster(
        values=values.astype(np.float32),
        west=dem.west,
        north=dem.north,
        step_lon=dem.step_lon,
        step_lat=dem.step_lat,
        sha256=dem.sha256,
    )
