"""Who is reached and who is not, added up: the two always make the whole."""

from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.engine.divisions import division_of

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A sum in two parts."""

    covered: int
    not_covered: int

    @property
    def total(self) -> int:
        """Return the whole."""
        return self.covered + self.not_covered


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionCells:
    """The cells whose centre lies in a division: `(n,)` ascending, and the division of each."""

    cells: npt.NDArray[np.uint64]
    division: Counts


def cells_of_divisions(outlines: npt.NDArray[np.object_], resolution: int) -> DivisionCells:
    """Return the cells of divisions (polygons in degrees), each in exactly one."""
    whole = shapely.union_all(outlines)
    found = h3.geo_to_cells(whole, resolution)  # type: ignore[no-untyped-call]  # h3 has no types
    cells = np.sort(np.asarray(found, dtype=np.uint64))
    centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=np.float64)  # type: ignore[no-untyped-call]  # h3 has no types
    return DivisionCells(cells=cells, division=division_of(centres.reshape(-1, 2), outlines))


def split(is_covered: Flags, weight: Counts) -> Split:
    """Return the sum of weights covered and not."""
    return Split(covered=int(weight[is_covered].sum()), not_covered=int(weight[~is_covered].sum()))


def split_by(division: Counts, count: int, is_covered: Flags, weight: Counts) -> tuple[Split, ...]:
    """Return the same for each of `count` divisions; together they are the whole."""
    sums = np.zeros((count, 2), dtype=np.int64)
    np.add.at(sums, (division, is_covered.astype(np.int64)), weight)
    return tuple(Split(covered=int(yes), not_covered=int(no)) for no, yes in sums)


def among(cells: npt.NDArray[np.uint64], reached: npt.NDArray[np.uint64]) -> Flags:
    """Return whether each of `cells` is one of the `reached`, both ascending."""
    return np.isin(cells, reached, assume_unique=True)
