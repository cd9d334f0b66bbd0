"""Past events and mapped zones on cells: how dense, how recent, and which zone lies at a point."""

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
GeometryArray = npt.NDArray[np.object_]


def relative_density(anchor: FloatArray, points: FloatArray, radius_m: float) -> FloatArray:
    """Return the density of points at each anchor, relative to the densest anchor.

    Biweight kernel `(1 − (d/radius)²)²`, exactly 0 from the radius on; all zeros when no point is
    near any anchor.

    Parameters
    ----------
    anchor, points
        `(n, 2)` metres.
    """
    density = np.zeros(len(anchor))
    if len(points) == 0:
        return density
    tree = KDTree(anchor)
    for row, near in enumerate(tree.query_ball_point(points, radius_m, return_sorted=True)):
        rows = np.array(near, dtype=np.int64)
        squared = ((anchor[rows] - points[row]) ** 2).sum(axis=1) / radius_m**2
        density[rows] += np.maximum(0.0, 1.0 - squared) ** 2
    peak = density.max(initial=0.0)
    return density / peak if peak > 0 else density


def polygon_at(anchor: FloatArray, polygons: GeometryArray) -> IntArray:
    """Return the row of the first polygon at each anchor, -1 where there is none.

    Parameters
    ----------
    anchor
        `(n_cells, 2)` metres.
    polygons
        `(n_polygons,)` in metres.
    """
    found = np.full(len(anchor), -1, dtype=np.int64)
    cell, row = shapely.STRtree(polygons).query(shapely.points(anchor), predicate="intersects")
    order = np.argsort(-row, kind="stable")  # the first polygon is written last
    found[cell[order]] = row[order]
    return found


def is_recent(
    dates: npt.NDArray[np.object_], newest_of: npt.NDArray[np.object_], years: int
) -> npt.NDArray[np.bool_]:
    """Return which dates lie in the years up to the newest of all; an unstated date does not.

    Parameters
    ----------
    dates
        `(n,)` dates or None.
    newest_of
        Dates among which the newest is looked for.
    """
    known = [day for day in newest_of if day is not None]
    if not known:
        return np.zeros(len(dates), dtype=np.bool_)
    newest = max(known)
    first = (newest.year - years, newest.month, newest.day)
    return np.array(
        [day is not None and (day.year, day.month, day.day) > first for day in dates],
        dtype=np.bool_,
    )
