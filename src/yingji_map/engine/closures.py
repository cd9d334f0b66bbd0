"""Stretches of road that may not be used, and who closed them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from yingji_map.engine.graph import Flags, Floats, Ints

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRoads:
    """Closed stretches of edges, for one road graph and any profile.

    A closed stretch belongs to the closure with both of its ends. An edge with one cannot be
    travelled from end to end, but on either side of it to and from its own end.

    Attributes
    ----------
    mask
        `(n_edges,)` non-zero where an edge has a closed stretch; empty when nothing is closed.
    edge, from_m, to_m
        `(n_stretches,)` edge, and metres from its tail; ascending by edge, then by `from_m`.
    owner
        `(n_stretches,)` number of the closure; stretches of different closures may overlap.
    """

    mask: Bytes
    edge: Ints
    from_m: Floats
    to_m: Floats
    owner: Ints

    @property
    def is_empty(self) -> bool:
        """True when every road is open."""
        return len(self.edge) == 0

    def blocks(self, edge: Ints, one_m: Floats, other_m: Floats) -> Flags:
        """Return whether anything is closed between two points of an edge, `(n,)`.

        Parameters
        ----------
        edge
            `(n,)` edges; -1 is on no road and never closed.
        one_m, other_m
            `(n,)` metres from the tail, in any order.
        """
        if self.is_empty or len(edge) == 0:
            return np.zeros(len(edge), dtype=bool)
        return np.asarray(_blocks(self, (edge, one_m, other_m)), dtype=bool)

    def owners_between(self, edge: int, one_m: float, other_m: float) -> set[int]:
        """Return the closures that lie between two points of an edge."""
        low, high = sorted((one_m, other_m))
        rows = slice(*np.searchsorted(self.edge, [edge, edge + 1]))
        met = (self.from_m[rows] <= high) & (self.to_m[rows] >= low)
        return set(self.owner[rows][met].tolist())


ALL_OPEN = ClosedRoads(
    mask=np.zeros(0, dtype=np.uint8),
    edge=np.zeros(0, dtype=np.int32),
    from_m=np.zeros(0),
    to_m=np.zeros(0),
    owner=np.zeros(0, dtype=np.int32),
)


def _blocks(closed: ClosedRoads, asked: tuple[Ints, Floats, Floats]) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = _blocks_each(closed.edge, closed.from_m, closed.to_m, *asked)
    return found


@njit(cache=True, nogil=True)
def _blocks_each(  # noqa: PLR0913, PLR0917 - compiled code takes arrays, not dataclasses
    edge: Ints, from_m: Floats, to_m: Floats, asked: Ints, one_m: Floats, other_m: Floats
) -> Flags:
    found = np.zeros(len(asked), dtype=np.bool_)
    for number in range(len(asked)):
        low = min(one_m[number], other_m[number])
        high = max(one_m[number], other_m[number])
        row = np.searchsorted(edge, asked[number])
        while row < len(edge) and edge[row] == asked[number]:
            if from_m[row] <= high and to_m[row] >= low:
                found[number] = True
                break
            row += 1
    return found
