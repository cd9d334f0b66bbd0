"""A source and a statistic → one number per cell, with the features that made it."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.raster import Raster
from yingji_map.domain.risk_factor import Measure, PointKernel, Statistic
from yingji_map.engine.layer_statistics import HANDLERS, Task, one_each
from yingji_map.engine.overlay import Pairs, known_point_kernel
from yingji_map.engine.world import PreparedLayer, View, World, every_layer, source_key
from yingji_map.engine.zonal import MAX, MEAN, P10, at_points, zonal

FloatArray = npt.NDArray[np.float64]
_ZONAL = {Statistic.MEAN: MEAN, Statistic.MAX: MAX, Statistic.P10: P10}


_MEASURING = set(Measure.model_fields)


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
    also
        The same of further layers that count like the first.
    """

    raw: FloatArray | None
    gap: Gap | None = None
    touched: Pairs | None = None
    table: FeatureTable | None = None
    also: tuple["Measured", ...] = ()


def measure(measure: Measure, world: World, view: View) -> Measured:
    """Measure one factor; each cell depends on the inputs only, never on the other cells asked for.

    Models ask for the same things, people and slopes above all: a view measures each of them once.
    """
    asked = measure.model_dump_json(include=_MEASURING)
    found = view.taken.get(asked)
    if not isinstance(found, Measured):
        found = view.taken[asked] = _measured(measure, world, view)
    return found


def _measured(measure: Measure, world: World, view: View) -> Measured:
    source = measure.source
    if source.layer is None:
        raster = world.terrain.get(source.terrain) if source.terrain else None
        if source.raster is not None:
            raster = world.rasters.get(source.raster)
        if raster is None:
            return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
        return Measured(raw=_of_raster(raster, measure, view))
    parts = [
        _of_layer(measure, world.layers.get(source_key(s)), world, view)
        for s in every_layer(source)
    ]
    if len(parts) == 1 or any(part.raw is None for part in parts):
        return next((part for part in parts if part.raw is None), parts[0])
    return _nearest_of(parts)


def _of_layer(measure: Measure, layer: PreparedLayer | None, world: World, view: View) -> Measured:
    if layer is None:
        return Measured(raw=None, gap=Gap.SOURCE_ABSENT)
    handler = HANDLERS.get(measure.statistic)
    # Models of older runs name a density without its radius.
    is_vague = measure.statistic is Statistic.KERNEL_DENSITY and measure.radius_m is None
    if handler is None or is_vague:
        return Measured(raw=None, gap=Gap.NOT_MEASURED)
    raw, touched = handler(Task(measure=measure, layer=layer, world=world, view=view))
    return Measured(raw=raw, touched=touched, table=layer.table)


def _nearest_of(parts: list[Measured]) -> Measured:
    """Join distances to several layers: the least, and behind it the features of its own layer."""
    distances = np.stack([part.raw for part in parts if part.raw is not None])
    raw = np.fmin.reduce(distances)
    nearest = np.argmin(np.where(np.isnan(distances), np.inf, distances), axis=0)
    kept = [_only(part, nearest == number) for number, part in enumerate(parts)]
    return replace(kept[0], raw=raw, also=tuple(kept[1:]))


def _only(part: Measured, cells: npt.NDArray[np.bool_]) -> Measured:
    assert part.touched is not None  # noqa: S101 - every layer's statistic names its features
    mine = cells[part.touched.cell]
    touched = Pairs(
        cell=part.touched.cell[mine],
        feature=part.touched.feature[mine],
        amount=part.touched.amount[mine],
    )
    return replace(part, touched=touched)


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
    return Measured(raw=raw, touched=one_each(row), table=layer.table)


def _of_raster(raster: Raster, measure: Measure, view: View) -> FloatArray:
    if measure.statistic is Statistic.AT_CENTRE:
        return at_points(raster, view.grid.anchor)
    if measure.between is not None:
        return zonal(_marked(raster, measure.between), view.outlines, view.grid.anchor, MEAN)
    return zonal(raster, view.outlines, view.grid.anchor, _ZONAL[measure.statistic])


def _marked(raster: Raster, between: tuple[float, float]) -> Raster:
    values = marked(raster.values.astype(np.float64), between)
    return replace(raster, values=values.astype(np.float32))


def marked(values: FloatArray, between: tuple[float, float]) -> FloatArray:
    """Return 1 for values from the first bound to below the second, else 0; NaN stays NaN.

    Bounds that fall are directions: from the first over 360 to the second.
    """
    low, high = between
    with np.errstate(invalid="ignore"):
        above, below = values >= low, values < high
        # Level ground (FLAT) lies on no side of a circle.
        inside = above & below if low < high else above | (below & (values >= 0))
    return np.where(np.isnan(values), np.nan, inside * 1.0)
