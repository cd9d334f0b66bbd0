"""Cells of one kind that hang together, and small patches given to a more dangerous neighbour."""

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

IntArray = npt.NDArray[np.int64]
_MAX_PASSES = 100


def adjacent_rows(cells: npt.NDArray[np.uint64]) -> IntArray:
    """Return the pairs of rows `(n_pairs, 2)` of cells that share an edge, each pair once."""
    disks = [np.asarray(h3.grid_disk(cell, 1), dtype=np.uint64) for cell in cells]  # type: ignore[no-untyped-call]  # h3 has no types
    if not disks:
        return np.zeros((0, 2), dtype=np.int64)
    owner = np.repeat(np.arange(len(cells)), [len(disk) for disk in disks])
    near = np.concatenate(disks)
    row = np.searchsorted(cells, near)
    row[row == len(cells)] = 0
    is_pair = (cells[row] == near) & (owner < row)
    return np.column_stack([owner[is_pair], row[is_pair]])


def label_patches(kind: IntArray, pairs: IntArray) -> IntArray:
    """Return the number of the patch of each cell `(n_cells,)`: connected cells of one kind."""
    same = pairs[kind[pairs[:, 0]] == kind[pairs[:, 1]]]
    graph = coo_array(
        (np.ones(len(same), dtype=np.int8), (same[:, 0], same[:, 1])), shape=(len(kind), len(kind))
    )
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def sieve(
    kind: IntArray, pairs: IntArray, area_m2: IntArray, limits: tuple[float, int]
) -> IntArray:
    """Return kinds after small coloured patches took the kind of a more dangerous neighbour.

    A patch takes the more dangerous colour it shares most edges with (of equal ones the less
    dangerous). One that is more dangerous than all around it stays, however small it is: a zoning
    must not look safer than its cells. Kinds without a colour neither grow nor shrink.

    Parameters
    ----------
    kind
        `(n_cells,)` positions in KINDS: the most dangerous colour is 0.
    limits
        Patches below this area (m²) are small; kinds below this number are colours.
    """
    least_m2, n_colours = limits
    kind = kind.copy()
    for _ in range(_MAX_PASSES):
        patch = label_patches(kind, pairs)
        area = np.bincount(patch, weights=area_m2, minlength=patch.max(initial=-1) + 1)
        both = np.concatenate([pairs, pairs[:, ::-1]])
        mine, theirs = kind[both[:, 0]], kind[both[:, 1]]
        rises = (theirs < mine) & (mine < n_colours) & (area[patch[both[:, 0]]] < least_m2)
        if not rises.any():
            break
        edges = np.zeros((len(area), n_colours), dtype=np.int64)
        np.add.at(edges, (patch[both[rises, 0]], theirs[rises]), 1)
        # Of equal counts the last, that is the less dangerous colour.
        best = n_colours - 1 - np.argmax(edges[:, ::-1], axis=1)
        moved = (edges.sum(axis=1) > 0)[patch]
        kind[moved] = best[patch[moved]]
    return kind
