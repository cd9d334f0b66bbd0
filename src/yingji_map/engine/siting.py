"""The best sites for so many more bases: maximal covering, with a bound that proves it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, hstack

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MOST_NODES = 2_000  # of the search; stopped there, the bound still holds
_DUST = 1e-6  # people are whole; HiGHS reckons in floating point


@dataclass(frozen=True, slots=True, kw_only=True)
class Siting:
    """Chosen sites, the most useful first.

    Attributes
    ----------
    sites
        Rows of candidates.
    gains
        People that each covers beyond those before it.
    covered
        Their sum; no choice of as many sites covers more than `bound`.
    """

    sites: tuple[int, ...]
    gains: tuple[int, ...]
    covered: int
    bound: int

    @property
    def is_proven(self) -> bool:
        """True when no other choice covers more."""
        return self.covered == self.bound


def choose_sites(covers: Flags, people: Longs, most: int) -> Siting:
    """Return up to `most` sites that together cover the most people.

    Parameters
    ----------
    covers
        `(n_sites, n_groups)` whether a site serves a group in time.
    people
        `(n_groups,)` persons not served so far.

    References
    ----------
    Church, ReVelle 1974, The maximal covering location problem, eqs. 1 to 5.
    """
    worth = np.flatnonzero(covers.any(axis=0) & (people > 0))
    kept = _undominated(covers[:, worth])
    found = _chosen(covers[np.ix_(kept, worth)], people[worth], most)
    return replace(found, sites=tuple(int(kept[row]) for row in found.sites))


def _undominated(covers: Flags) -> npt.NDArray[np.intp]:
    """Return the sites that serve something no other one serves too, the first of equal ones."""
    shared = covers.astype(np.int64) @ covers.T.astype(np.int64)
    size = np.diag(shared)
    is_within = shared == size[:, None]
    is_better = (size[None, :] > size[:, None]) | (
        (size[None, :] == size[:, None])
        & (np.arange(len(size))[None] < np.arange(len(size))[:, None])
    )
    return np.flatnonzero(~(is_within & is_better).any(axis=1) & (size > 0))


def _chosen(covers: Flags, people: Longs, most: int) -> Siting:
    sites, groups = covers.shape
    if sites == 0:
        return Siting(sites=(), gains=(), covered=0, bound=0)
    # A group is served by at most as many as are chosen among those that reach it.
    served = LinearConstraint(
        hstack((csc_array(np.eye(groups)), csc_array(-covers.T.astype(np.float64)))), ub=0
    )
    few = LinearConstraint(np.concatenate((np.zeros(groups), np.ones(sites)))[None], ub=most)
    solution = milp(
        np.concatenate((-people.astype(np.float64), np.zeros(sites))),
        integrality=np.concatenate((np.zeros(groups), np.ones(sites))),
        bounds=Bounds(0, 1),
        constraints=[served, few],
        options={"node_limit": _MOST_NODES, "mip_rel_gap": 0.0},
    )
    picked = list(range(sites))
    if solution.x is not None:
        picked = np.flatnonzero(solution.x[groups:] > 0.5).tolist()  # noqa: PLR2004 - 0 or 1
    chosen, gains = _in_order(covers, people, picked, most)
    bound = int(people.sum()) if solution.mip_dual_bound is None else -solution.mip_dual_bound
    return Siting(
        sites=tuple(chosen),
        gains=tuple(gains),
        covered=sum(gains),
        bound=max(int(np.floor(bound + _DUST)), sum(gains)),
    )


def _in_order(
    covers: Flags, people: Longs, rows: list[int], most: int
) -> tuple[list[int], list[int]]:
    """Return sites by what each adds, the lower row first where equal; none that adds nothing."""
    left = people.copy()
    sites: list[int] = []
    gains: list[int] = []
    able = covers[rows]
    while rows and len(sites) < most:
        adds = able @ left
        best = int(adds.argmax())
        if adds[best] <= 0:
            break
        sites.append(rows[best])
        gains.append(int(adds[best]))
        left[able[best]] = 0
    return sites, gains
