"""Features on cells: distances, class means, densities, nearest values, known points.

Every value of a cell comes from that cell's own geometry and the features alone, summed in the
order of the features, so that any subset of cells gets the same bits as all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
GeometryArray = npt.NDArray[np.object_]
Measure = Callable[[GeometryArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Features as the shapes that are searched: lines cut into straight pieces, polygons whole.

    Attributes
    ----------
    shapes
        `(n_pieces,)` two-point lines or polygons, metres.
    feature
        `(n_pieces,)` row of the feature that each piece belongs to, ascending.
    tree
        Index over `shapes`.
    """

    shapes: GeometryArray
    feature: IntArray
    tree: shapely.STRtree


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Which features touch which cells, with an amount each; sorted by cell, then feature."""

    cell: IntArray
    feature: IntArray
    amount: FloatArray


NO_PAIRS = Pairs(cell=np.zeros(0, np.int64), feature=np.zeros(0, np.int64), amount=np.zeros(0))


def cells_of(support: GeometryArray, points: FloatArray) -> Pairs:
    """Return which points `(n, 2)` lie in each cell; a point on an edge lies in both."""
    row, cell = shapely.STRtree(support).query(shapely.points(points), predicate="intersects")
    order = np.lexsort((row, cell))
    cell, row = cell[order].astype(np.int64), row[order].astype(np.int64)
    return Pairs(cell=cell, feature=row, amount=np.ones(len(cell)))


def cut_segments(geometry: GeometryArray) -> Pieces:
    """Cut line features `(n,)` in metres into pieces."""
    lines, line_feature = shapely.get_parts(geometry, return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[:-1] == line[1:])
    pieces = np.asarray(shapely.linestrings(np.stack([points[start], points[start + 1]], axis=1)))
    feature = line_feature[line[start]].astype(np.int64)
    return Pieces(shapes=pieces, feature=feature, tree=shapely.STRtree(pieces))


def whole_shapes(geometry: GeometryArray) -> Pieces:
    """Return points or polygons `(n,)` in metres as pieces of their own."""
    return Pieces(shapes=geometry, feature=np.arange(len(geometry)), tree=shapely.STRtree(geometry))


def min_distance_m(support: GeometryArray, segments: Pieces) -> tuple[FloatArray, IntArray]:
    """Return the distance from each cell to the nearest feature, 0 where one touches it.

    Parameters
    ----------
    support
        `(n_cells,)` polygons in metres.

    Returns
    -------
    tuple
        Distance in metres `(n_cells,)` and the row of the nearest feature `(n_cells,)`.
    """
    distance = np.full(len(support), np.nan)
    feature = np.full(len(support), -1, dtype=np.int64)
    if len(segments.shapes):
        found, metres = segments.tree.query_nearest(
            support, return_distance=True, all_matches=False
        )
        distance[found[0]] = metres
        feature[found[0]] = segments.feature[found[1]]
    return distance, feature


def areas_within(support: GeometryArray, polygons: GeometryArray) -> Pairs:
    """Return the area (m²) of each polygon feature in each cell; geometries in metres."""
    return _measured(support, whole_shapes(polygons), shapely.area)


def lengths_within(support: GeometryArray, segments: Pieces) -> Pairs:
    """Return the length (m) of each line piece in each cell; `feature` numbers the features."""
    return _measured(support, segments, shapely.length)


def weighted_mean(pairs: Pairs, value: FloatArray, n_cells: int) -> FloatArray:
    """Return the mean of the features' values per cell, weighted by amount; NaN where none is.

    Features without a value (NaN) are left out.
    """
    amount = np.where(np.isnan(value[pairs.feature]), 0.0, pairs.amount)
    filled = np.nan_to_num(value[pairs.feature])
    total = np.bincount(pairs.cell, weights=amount * filled, minlength=n_cells)
    weight = np.bincount(pairs.cell, weights=amount, minlength=n_cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def total_amount(pairs: Pairs, weight: FloatArray, n_cells: int) -> FloatArray:
    """Return Σ weight · amount per cell; 0 where nothing touches it."""
    amount = pairs.amount * weight[pairs.feature]
    return np.asarray(np.bincount(pairs.cell, weights=amount, minlength=n_cells), dtype=np.float64)


def nearest_feature(
    anchor: FloatArray, points: FloatArray, limit_m: float
) -> tuple[FloatArray, IntArray]:
    """Return distance and row of the point nearest to each anchor; -1 beyond `limit_m`.

    Parameters
    ----------
    anchor, points
        `(n, 2)` metres.
    """
    if len(points) == 0:
        return np.full(len(anchor), np.nan), np.full(len(anchor), -1, dtype=np.int64)
    distance, row = KDTree(points).query(anchor, distance_upper_bound=limit_m)
    found = np.isfinite(distance)
    return np.where(found, distance, np.nan), np.where(found, row, -1).astype(np.int64)


def pairs_within(support: GeometryArray, points: GeometryArray, radius_m: float) -> Pairs:
    """Return which points lie in each cell or within `radius_m` of it; geometries in metres."""
    found = shapely.STRtree(points).query(support, predicate="dwithin", distance=radius_m)
    order = np.lexsort((found[1], found[0]))
    cell, feature = found[0][order].astype(np.int64), found[1][order].astype(np.int64)
    return Pairs(cell=cell, feature=feature, amount=np.ones(len(cell)))


def known_point_kernel(
    support: GeometryArray, points: GeometryArray, strength: FloatArray, radius_m: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return max over points of `strength · (1 − d/radius)` and the point that gives it.

    d is the distance from the cell's inside part, 0 inside it; the kernel is 0 from the radius on.

    Parameters
    ----------
    support
        `(n_cells,)` polygons in metres.
    points, strength, radius_m
        `(n_points,)`.

    Returns
    -------
    tuple
        Kernel `(n_cells,)` 0..1, and row of the point, -1 where the kernel is 0.
    """
    kernel = np.zeros(len(support))
    point = np.full(len(support), -1, dtype=np.int64)
    if len(points) == 0:
        return kernel, point
    reach = float(radius_m.max())
    cells, rows = shapely.STRtree(points).query(support, predicate="dwithin", distance=reach)
    distance = shapely.distance(support[cells], points[rows])
    value = strength[rows] * np.maximum(0.0, 1.0 - distance / radius_m[rows])
    # Ascending, so that the largest is written last; of equal ones the first feature.
    order = np.lexsort((-rows, value))
    order = order[value[order] > 0]
    kernel[cells[order]] = value[order]
    point[cells[order]] = rows[order]
    return kernel, point


def _measured(support: GeometryArray, segments: Pieces, measure: Measure) -> Pairs:
    shapes = segments.shapes
    cell, row = segments.tree.query(support, predicate="intersects")
    order = np.lexsort((row, cell))
    cell, row = cell[order], row[order]
    shapely.prepare(support)
    is_whole = shapely.contains(support[cell], shapes[row])
    amount = np.empty(len(cell))
    amount[is_whole] = measure(shapes[row[is_whole]])
    rest = ~is_whole
    amount[rest] = measure(shapely.intersection(support[cell[rest]], shapes[row[rest]]))
    return Pairs(cell=cell.astype(np.int64), feature=segments.feature[row], amount=amount)
