"""A source and a statistic → one number per cell, with the features that made it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.raster import Raster
from yingji_map.domain.risk_factor import Measure, PointKernel, Statistic
from yingji_map.engine.overlay import (
    Pairs,
    areas_within,
    count_within,
    known_point_kernel,
    lengths_within,
    min_distance_m,
    nearest_feature,
    total_amount,
    weighted_mean,
)
from yingji_map.engine.people import spread_people
from yingji_map.engine.world import PreparedLayer, View, World, source_key
from yingji_map.engine.zonal import MAX, MEAN, P10, at_points, zonal

FloatArray = npt.NDArray[np.float64]
_ZONAL = {Statistic.MEAN: MEAN, Statistic.MAX: MAX, Statistic.P10: P10}


class Gap(StrEnum):
    """Why a factor has no data anywhere."""

    SOURCE_ABSENT = "source_absent"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure on the cells of a view.

    Attributes
    ----------
    raw
        `(n_cells,)`, NaN where there is no value; None when there is none anywhere (see `gap`).
    touched
        The features behind each value: rows of `table`.
    table
        The features that `touched` numbers; None for rasters.
    """

    raw: FloatArray | None
    gap: Gap | None = None
    touched: Pairs | None = None
    table: FeatureTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    measure: Measure
    layer: PreparedLayer
    world: World
    view: View

    @property
    def n_cells(self) -> int:
        return len(self.view.grid)

    @property
    def radius_m(self) -> float:
        return self.measure.radius_m.value if self.measure.radius_m else np.inf


def measure(measure: Measure, world: World, view: View) -> Measured:
    """Measure one factor; each cell depends on the inputs only, never on the other cells asked for."""
    source = measure.source
    if source.layer is None:
        raster = world.terrain.get(source.terrain) if source.terrain else None
        if source.raster is not None:
            raster = world.rasters.get(source.raster)
        if raster is None:
            return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
        return Measured(raw=_of_raster(raster, measure.statistic, view))
    layer = world.layers.get(source_key(source))
    if layer is None:
        return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
    handler = _HANDLERS.get(measure.statistic)
    if handler is None:
        return Measured(raw=None, gap=Gap.NOT_MEASURED)
    raw, touched = handler(_Task(measure=measure, layer=layer, world=world, view=view))
    return Measured(raw=raw, touched=touched, table=layer.table)


def measure_known_points(kernel: PointKernel, world: World, view: View) -> Measured:
    """Measure the kernel of known points; an unstated measure counts as none taken."""
    layer = world.layers.get(source_key(kernel.source))
    if layer is None:
        return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
    columns = layer.table.columns
    scale = columns[kernel.scale_field]
    left = columns[kernel.measure_field]
    worst = max(kernel.measure.values.values())
    strength = np.array(
        [
            kernel.scale.values.get(s, 0.0) * kernel.measure.values.get(m, worst)
            for s, m in zip(scale, left, strict=True)
        ],
        dtype=np.float64,
    )
    smallest = min(kernel.radius_m.values.values())
    radius = np.array([kernel.radius_m.values.get(s, smallest) for s in scale], dtype=np.float64)
    raw, row = known_point_kernel(view.grid.support_metric, layer.geometry, strength, radius)
    return Measured(raw=raw, touched=_one_each(row), table=layer.table)


def _of_raster(raster: Raster, statistic: Statistic, view: View) -> FloatArray:
    if statistic is Statistic.AT_CENTRE:
        return at_points(raster, view.grid.anchor)
    return zonal(raster, view.outlines, view.grid.anchor, _ZONAL[statistic])


def _min_distance(task: _Task) -> tuple[FloatArray, Pairs]:
    assert task.layer.segments is not None  # noqa: S101 - checked with the model
    distance, row = min_distance_m(task.view.grid.support_metric, task.layer.segments)
    return distance, _one_each(row)


def _class_mean(task: _Task) -> tuple[FloatArray, Pairs]:
    pairs = areas_within(task.view.grid.support_metric, task.layer.geometry)
    return weighted_mean(pairs, _class_values(task), task.n_cells), pairs


def _area_share(task: _Task) -> tuple[FloatArray, Pairs]:
    pairs = areas_within(task.view.grid.support_metric, task.layer.geometry)
    covered_m2 = total_amount(pairs, np.ones(len(task.layer.table)), task.n_cells)
    return covered_m2 / (task.view.grid.area_km2 * 1e6), pairs


def _line_density(task: _Task) -> tuple[FloatArray, Pairs]:
    assert task.layer.segments is not None  # noqa: S101 - checked with the model
    pairs = lengths_within(task.view.grid.support_metric, task.layer.segments)
    weight = np.nan_to_num(_class_values(task))
    return total_amount(pairs, weight, task.n_cells) / 1000 / task.view.grid.area_km2, pairs


def _people_density(task: _Task) -> tuple[FloatArray, Pairs]:
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


def _nearest_value(task: _Task) -> tuple[FloatArray, Pairs]:
    value = _own_values(task)
    known = np.flatnonzero(~np.isnan(value))
    anchor = task.view.grid.anchor_metric
    _, found = nearest_feature(anchor, _points(task.layer)[known], task.radius_m)
    row = np.where(found >= 0, np.append(known, -1)[found], -1)
    return np.append(value, np.nan)[row], _one_each(row)


def _count_within(task: _Task) -> tuple[FloatArray, Pairs]:
    support, points = task.view.grid.support_metric, task.layer.geometry
    return count_within(support, points, task.radius_m), Pairs(
        cell=np.zeros(0, np.int64), feature=np.zeros(0, np.int64), amount=np.zeros(0)
    )


_HANDLERS: dict[Statistic, Callable[[_Task], tuple[FloatArray, Pairs]]] = {
    Statistic.MIN_DISTANCE: _min_distance,
    Statistic.CLASS_MEAN: _class_mean,
    Statistic.AREA_SHARE: _area_share,
    Statistic.LINE_DENSITY: _line_density,
    Statistic.PEOPLE_DENSITY: _people_density,
    Statistic.NEAREST_VALUE: _nearest_value,
    Statistic.COUNT_WITHIN: _count_within,
}


def _class_values(task: _Task) -> FloatArray:
    names = task.layer.table.columns[task.measure.field or ""]
    values = task.measure.classes.values if task.measure.classes else {}
    return np.array([values.get(name, np.nan) for name in names], dtype=np.float64)


def _own_values(task: _Task) -> FloatArray:
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


def _one_each(row: npt.NDArray[np.int64]) -> Pairs:
    cell = np.flatnonzero(row >= 0)
    return Pairs(cell=cell, feature=row[cell], amount=np.ones(len(cell)))
