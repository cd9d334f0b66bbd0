"""Factors of gullies, and the gully that decides each cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import STORAGE_SRID, transformer
from yingji_map.domain.risk_factor import Factor, Measure, Statistic
from yingji_map.domain.risk_model import Block
from yingji_map.engine.curves import piecewise
from yingji_map.engine.gullies import Gullies
from yingji_map.engine.measure import Gap, Measured, marked
from yingji_map.engine.overlay import Pairs
from yingji_map.engine.score import score_block
from yingji_map.engine.world import View, World, source_key
from yingji_map.engine.zonal import at_points, pixel_centres

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What gullies bring to cells.

    Attributes
    ----------
    factors
        By factor id, on cells: the value of the gully that decides the cell.
    reach_ratio
        `(n_cells,)` distance from the gully's head over its travel distance; infinite where no
        gully reaches.
    """

    factors: dict[str, Measured]
    reach_ratio: FloatArray


def carry_gullies(block: Block, reach: Factor, world: World, view: View) -> Carried:
    """Measure a block on gullies and give each cell the gully with the largest S · P(d/L).

    Of equal ones the first gully decides, at its shortest distance.
    """
    gullies = world.gullies
    if gullies is None:
        nothing = Measured(raw=None, gap=Gap.SOURCE_ABSENT)
        unknown = np.full(len(view.grid), np.nan)
        return Carried(factors={f.id: nothing for f in block.factors}, reach_ratio=unknown)
    found = {f.id: _of_gullies(f, world, gullies) for f in block.factors}
    score = _scores(block, found, len(gullies))
    pairs = _pairs_of(world, view)
    gully = gullies.path_gully[pairs.feature]
    ratio = gullies.path_m[pairs.feature] / gullies.runout_m[gully]
    strength = np.nan_to_num(score[gully], nan=-1.0) * piecewise(ratio, reach.curve.points)
    # Ascending, so that the strongest is written last.
    order = np.lexsort((-ratio, -gully, strength))
    decides = np.full(len(view.grid), _NONE, dtype=np.int64)
    reach_ratio = np.full(len(view.grid), np.inf)
    decides[pairs.cell[order]] = gully[order]
    reach_ratio[pairs.cell[order]] = ratio[order]
    factors = {name: _on_cells(measured, decides) for name, measured in found.items()}
    return Carried(factors=factors, reach_ratio=reach_ratio)


def _scores(block: Block, found: dict[str, Measured], count: int) -> FloatArray:
    rows: Sequence[FloatArray] = [
        np.full(count, np.nan)
        if (raw := found[f.id].raw) is None
        else piecewise(raw, f.curve.points)
        for f in block.factors
    ]
    return score_block(np.stack(rows), block.weights).score


def _pairs_of(world: World, view: View) -> Pairs:
    """Return the cells of the view with the path pairs that lie in them."""
    wanted = np.full(len(world.grid), _NONE, dtype=np.int64)
    wanted[view.rows] = np.arange(len(view.rows))
    cell = wanted[world.path_cells.cell]
    mine = cell != _NONE
    return Pairs(
        cell=cell[mine],
        feature=world.path_cells.feature[mine],
        amount=world.path_cells.amount[mine],
    )


def _on_cells(measured: Measured, decides: IntArray) -> Measured:
    if measured.raw is None:
        return measured
    raw = np.append(measured.raw, np.nan)[decides]
    if measured.touched is None:
        return Measured(raw=raw)
    nearest = np.full(len(measured.raw) + 1, _NONE, dtype=np.int64)
    nearest[measured.touched.cell] = measured.touched.feature
    feature = nearest[decides]
    cell = np.flatnonzero(feature != _NONE)
    touched = Pairs(cell=cell, feature=feature[cell], amount=np.ones(len(cell)))
    return Measured(raw=raw, touched=touched, table=measured.table)


def _of_gullies(measure: Measure, world: World, gullies: Gullies) -> Measured:
    asked = measure.model_dump_json()
    found = world.taken.get(asked)
    if not isinstance(found, Measured):
        found = world.taken[asked] = _measured(measure, world, gullies)
    return found


def _measured(measure: Measure, world: World, gullies: Gullies) -> Measured:
    if measure.statistic is Statistic.GULLY_VALUE:
        return Measured(raw=np.asarray(getattr(gullies, measure.field or "")))
    if measure.source.layer is not None:
        return _channel_distance(measure, world, gullies)
    raster = world.terrain.get(measure.source.terrain) if measure.source.terrain else None
    if measure.source.raster is not None:
        raster = world.rasters.get(measure.source.raster)
    dem = world.dem
    if raster is None or dem is None:
        return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
    pixels = np.flatnonzero(gullies.label != _NONE)
    values = at_points(raster, pixel_centres(dem, pixels))
    if measure.between is not None:
        values = marked(values, measure.between)
    if measure.inside is not None:
        layer = world.layers.get(source_key(measure.inside))
        if layer is None:
            return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
        some = np.flatnonzero(values > 0)
        outside = ~_inside(layer.geometry, _metric(pixel_centres(dem, pixels[some]), world))
        values[some[outside]] = 0.0
    return Measured(raw=_mean_by(gullies.label[pixels], values, len(gullies)))


def _channel_distance(measure: Measure, world: World, gullies: Gullies) -> Measured:
    layer, dem = world.layers.get(source_key(measure.source)), world.dem
    if layer is None or dem is None:
        return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
    distance = np.full(len(gullies), np.nan)
    feature = np.full(len(gullies), _NONE, dtype=np.int64)
    if len(layer.pieces.shapes):
        mine = np.flatnonzero(gullies.in_channel)
        points = shapely.points(_metric(pixel_centres(dem, gullies.path_pixel[mine]), world))
        near, away = layer.pieces.tree.query_nearest(
            points, return_distance=True, all_matches=False
        )
        gully = gullies.path_gully[mine[near[0]]]
        # Descending, so that the nearest is written last.
        order = np.lexsort((-layer.pieces.feature[near[1]], -away))
        distance[gully[order]] = away[order]
        feature[gully[order]] = layer.pieces.feature[near[1]][order]
    cell = np.flatnonzero(feature != _NONE)
    touched = Pairs(cell=cell, feature=feature[cell], amount=np.ones(len(cell)))
    return Measured(raw=distance, touched=touched, table=layer.table)


def _mean_by(label: IntArray, values: FloatArray, count: int) -> FloatArray:
    known = ~np.isnan(values)
    total = np.bincount(label[known], weights=values[known], minlength=count)
    number = np.bincount(label[known], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(number > 0, total / number, np.nan)


def _inside(polygons: npt.NDArray[np.object_], points: FloatArray) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(points), dtype=np.bool_)
    for polygon in polygons:
        west, south, east, north = polygon.bounds
        x, y = points.T
        near = np.flatnonzero(~found & (x >= west) & (x <= east) & (y >= south) & (y <= north))
        shapely.prepare(polygon)
        found[near] = shapely.intersects_xy(polygon, points[near])
    return found


def _metric(points: FloatArray, world: World) -> FloatArray:
    project = transformer(STORAGE_SRID, world.grid.srid).transform
    return np.column_stack(project(points[:, 0], points[:, 1]))
