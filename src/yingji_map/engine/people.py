"""People of settlement points, spread over the cells around them without losing one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from yingji_map.engine.grid import CellGrid

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Whole persons of each settlement in each cell; sorted by settlement, then cell.

    Attributes
    ----------
    cell, settlement
        `(n_pairs,)` rows of the grid and of the settlements.
    persons
        `(n_pairs,)` int64; the sum over a settlement's cells is its population.
    """

    cell: npt.NDArray[np.int64]
    settlement: npt.NDArray[np.int64]
    persons: npt.NDArray[np.int64]

    def per_cell(self, n_cells: int) -> FloatArray:
        """Return persons per cell `(n_cells,)`."""
        persons = np.bincount(self.cell, weights=self.persons, minlength=n_cells)
        return np.asarray(persons, dtype=np.float64)


def spread_people(
    grid: CellGrid, points: FloatArray, persons: npt.NDArray[np.int64], radius_m: float
) -> Spread:
    """Spread each settlement's people over the county's cells around it.

    Shares follow `(1 − (d/radius)²)² · inside area` (biweight kernel, exactly 0 at the radius) and
    are rounded to whole persons by largest remainders, so that the county's sum stays exact. A
    settlement with no cell centre in reach gives all its people to the nearest cell.

    Parameters
    ----------
    grid
        The whole county: shares depend on which cells exist, never on which are asked for.
    points
        `(n_settlements, 2)` metres.
    persons
        `(n_settlements,)`.
    """
    tree = KDTree(grid.anchor_metric)
    cells, settlements, counts = [], [], []
    for row, near in enumerate(tree.query_ball_point(points, radius_m, return_sorted=True)):
        rows = np.array(near, dtype=np.int64)
        share = _shares(grid, rows, points[row], radius_m)
        if not share.sum() > 0:
            rows, share = np.array([tree.query(points[row])[1]], dtype=np.int64), np.ones(1)
        cells.append(rows)
        settlements.append(np.full(len(rows), row))
        counts.append(_apportion(int(persons[row]), share))
    empty = [np.zeros(0, dtype=np.int64)]
    return Spread(
        cell=np.concatenate(cells or empty),
        settlement=np.concatenate(settlements or empty),
        persons=np.concatenate(counts or empty),
    )


def _shares(
    grid: CellGrid, rows: npt.NDArray[np.int64], point: FloatArray, radius_m: float
) -> FloatArray:
    offset = grid.anchor_metric[rows] - point
    squared = (offset[:, 0] ** 2 + offset[:, 1] ** 2) / radius_m**2
    return np.asarray(np.maximum(0.0, 1.0 - squared) ** 2 * grid.area_km2[rows])


def _apportion(persons: int, share: FloatArray) -> npt.NDArray[np.int64]:
    exact = persons * (share / share.sum())
    whole: npt.NDArray[np.int64] = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")  # largest remainder first, then lowest cell
    whole[order[: persons - int(whole.sum())]] += 1
    return whole
