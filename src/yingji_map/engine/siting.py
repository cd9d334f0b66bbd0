"""The best sites for so many more bases: maximal covering, with a bound that proves it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_EFFORT = 20.0  # the solver's own measure, about seconds; independent of the machine's load


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
    greedy, _ = _in_order(covers, people, list(range(len(covers))), most)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"site{row}") for row in range(len(covers))]
    worth = np.flatnonzero(covers.any(axis=0) & (people > 0))
    served = [model.new_bool_var(f"group{group}") for group in worth]
    for group, is_served in zip(worth, served, strict=True):
        able = np.flatnonzero(covers[:, group])
        model.add(sum(chosen[row] for row in able) >= is_served)
    model.add(sum(chosen) <= most)
    model.maximize(sum(int(people[g]) * one for g, one in zip(worth, served, strict=True)))
    for row, variable in enumerate(chosen):
        model.add_hint(variable, row in greedy)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # the same question always has the same answer
    solver.parameters.max_deterministic_time = _EFFORT
    status = solver.solve(model)
    picked = list(greedy)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        picked = [row for row, variable in enumerate(chosen) if solver.value(variable)]
    sites, gains = _in_order(covers, people, picked, most)
    return Siting(
        sites=tuple(sites),
        gains=tuple(gains),
        covered=sum(gains),
        bound=int(solver.best_objective_bound),
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
