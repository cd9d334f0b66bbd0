"""Statistics of a layer on cells, by name, each with the features that made it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.risk_factor import Measure, Statistic
from yingji_map.engine.curves import piecewise
from yingji_map.engine.events import is_recent, polygon_at, relative_density
from yingji_map.engine.intensity import Attenuation, felt_intensity
from yingji_map.engine.overlay import (
    NO_PAIRS,
    Pairs,
    areas_within,
    lengths_within,
    min_distance_m,
    nearest_feature,
    pairs_within,
    total_amount,
    weighted_mean,
)
from yingji_map.engine.people import spread_people
from yingji_map.engine.world import DEM, PreparedLayer, View, World
from yingji_map.engine.zonal import MEAN, zonal

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A measure of a layer on the cells of a view."""

    measure: Measure
    layer: PreparedLayer
    world: World
    view: View

    @property
    def n_cells(self) -> int:
        """Return how many cells are asked for."""
        return len(self.view.grid)

    @property
    def radius_m(self) -> float:
        """Return the reach of the measure, endless without one."""
        return self.measure.radius_m.value if self.measure.radius_m else np.inf


def _min_distance(task: Task) -> tuple[FloatArray, Pairs]:
    distance, row = min_distance_m(task.view.grid.support_metric, task.layer.pieces)
    return distance, one_each(row)


def _class_mean(task: Task) -> tuple[FloatArray, Pairs]:
    pairs = areas_within(task.view.grid.support_metric, task.layer.geometry)
    value = _class_values(task)
    mean = weighted_mean(pairs, value, task.n_cells)
    elsewhere = task.measure.elsewhere
    if elsewhere is None:
        return mean, pairs
    whole_m2 = task.view.grid.area_km2 * 1e6
    covered_m2 = np.minimum(total_amount(pairs, ~np.isnan(value) * 1.0, task.n_cells), whole_m2)
    inside = np.nan_to_num(mean) * covered_m2
    return (inside + elsewhere.value * (whole_m2 - covered_m2)) / whole_m2, pairs


def _area_share(task: Task) -> tuple[FloatArray, Pairs]:
    pairs = areas_within(task.view.grid.support_metric, task.layer.geometry)
    covered_m2 = total_amount(pairs, np.ones(len(task.layer.table)), task.n_cells)
    return covered_m2 / (task.view.grid.area_km2 * 1e6), pairs


def _line_density(task: Task) -> tuple[FloatArray, Pairs]:
    pairs = lengths_within(task.view.grid.support_metric, task.layer.pieces)
    weight = np.nan_to_num(_class_values(task))
    return total_amount(pairs, weight, task.n_cells) / 1000 / task.view.grid.area_km2, pairs


def _people_density(task: Task) -> tuple[FloatArray, Pairs]:
    persons = np.nan_to_num(task.layer.table.numbers(task.measure.field or "")).astype(np.int64)
    spread = spread_people(task.world.grid, _points(task.layer), persons, task.radius_m)
    position = np.full(len(task.world.grid), -1, dtype=np.int64)
    position[task.view.rows] = np.arange(task.n_cells)
    kept = (position[spread.cell] >= 0) & (spread.persons > 0)
    pairs = Pairs(
        cell=position[spread.cell[kept]],
        feature=spread.settlement[kept],
        amount=spread.persons[kept].astype(np.float64),
    )
    inside = spread.per_cell(len(task.world.grid))[task.view.rows]
    return inside / task.view.grid.area_km2, pairs


def _nearest_value(task: Task) -> tuple[FloatArray, Pairs]:
    value = _own_values(task)
    known = np.flatnonzero(~np.isnan(value))
    anchor = task.view.grid.anchor_metric
    _, found = nearest_feature(anchor, _points(task.layer)[known], task.radius_m)
    row = np.where(found >= 0, np.append(known, -1)[found], -1)
    return np.append(value, np.nan)[row] + _lapse(task, row), one_each(row)


def _lapse(task: Task, row: npt.NDArray[np.int64]) -> FloatArray | float:
    """Return what the cell's height adds to the value of the station in each row."""
    lapse = task.measure.lapse
    if lapse is None:
        return 0.0
    dem = task.world.rasters.get(DEM)
    if dem is None:
        return np.nan
    height = zonal(dem, task.view.outlines, task.view.grid.anchor, MEAN)
    station = np.append(task.layer.table.numbers(lapse.elevation_field), np.nan)[row]
    shift: FloatArray = lapse.per_km * (height - station) / 1000
    return shift


def _count_within(task: Task) -> tuple[FloatArray, Pairs]:
    rows = _recent_rows(task)
    support, points = task.view.grid.support_metric, task.layer.geometry[rows]
    pairs = pairs_within(support, points, task.radius_m)
    count = np.bincount(pairs.cell, minlength=task.n_cells).astype(np.float64)
    return count, Pairs(cell=pairs.cell, feature=rows[pairs.feature], amount=pairs.amount)


def _felt_intensity(task: Task) -> tuple[FloatArray, Pairs]:
    declared = task.measure.attenuation
    assert declared is not None  # noqa: S101 - checked with the model
    attenuation = Attenuation(a=declared.a, b=declared.b, c=declared.c, r0=declared.r0)
    magnitude = _own_values(task)
    felt, row = felt_intensity(
        task.view.grid.anchor_metric, _points(task.layer), magnitude, attenuation
    )
    # An inventory without a quake says: nothing was felt.
    return np.nan_to_num(felt), one_each(row)


def _kernel_density(task: Task) -> tuple[FloatArray, Pairs]:
    # Relative to the whole county's densest cell, whichever cells are asked for.
    points = _points(task.layer)[_recent_rows(task)]
    density = relative_density(task.world.grid.anchor_metric, points, task.radius_m)
    return density[task.view.rows], NO_PAIRS


def _at_centre(task: Task) -> tuple[FloatArray, Pairs]:
    row = polygon_at(task.view.grid.anchor_metric, task.layer.geometry)
    own = _class_values(task) if task.measure.classes else _own_values(task)
    value = np.append(own, np.nan)[row]
    if task.measure.elsewhere is not None:
        value[row < 0] = task.measure.elsewhere.value
    site = task.measure.site
    if site is not None:
        ground = np.array([*task.layer.table.columns[site.field], None], dtype=object)[row]
        for name, curve in site.curves.items():
            mine = ground == name
            value[mine] = value[mine] * piecewise(value[mine], curve)
    return value, one_each(row)


def _recent_rows(task: Task) -> npt.NDArray[np.int64]:
    recent = task.measure.recent
    if recent is None:
        return np.arange(len(task.layer.table))
    dates, all_dates = (t.columns[recent.field] for t in (task.layer.table, task.layer.whole))
    return np.flatnonzero(is_recent(dates, all_dates, recent.years))


HANDLERS: dict[Statistic, Callable[[Task], tuple[FloatArray, Pairs]]] = {
    Statistic.MIN_DISTANCE: _min_distance,
    Statistic.CLASS_MEAN: _class_mean,
    Statistic.AREA_SHARE: _area_share,
    Statistic.LINE_DENSITY: _line_density,
    Statistic.PEOPLE_DENSITY: _people_density,
    Statistic.NEAREST_VALUE: _nearest_value,
    Statistic.COUNT_WITHIN: _count_within,
    Statistic.FELT_INTENSITY: _felt_intensity,
    Statistic.KERNEL_DENSITY: _kernel_density,
    Statistic.AT_CENTRE: _at_centre,
}


def _class_values(task: Task) -> FloatArray:
    names = task.layer.table.columns[task.measure.field or ""]
    values = task.measure.classes.values if task.measure.classes else {}
    return np.array([values.get(name, np.nan) for name in names], dtype=np.float64)


def _own_values(task: Task) -> FloatArray:
    table, shares = task.layer.table, task.measure.shares
    if shares is None:
        return table.numbers(task.measure.field or "")
    total, value = np.zeros(len(table)), np.zeros(len(table))
    for name, score in shares.values.items():
        share = np.nan_to_num(table.numbers(name))
        total = total + share
        value = value + share * score
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, value / total, np.nan)


def _points(layer: PreparedLayer) -> FloatArray:
    return np.column_stack([shapely.get_x(layer.geometry), shapely.get_y(layer.geometry)])


def one_each(row: npt.NDArray[np.int64]) -> Pairs:
    """Return the pairs of cells with one feature each; -1 is none."""
    cell = np.flatnonzero(row >= 0)
    return Pairs(cell=cell, feature=row[cell], amount=np.ones(len(cell)))
