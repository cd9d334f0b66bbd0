"""Villages kept together: the best assignment changed so that fewer groups are split, at a stated price."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.engine.assignment import FORBIDDEN, Assignment, assign_people

Longs = npt.NDArray[np.int64]

_MOST_SOLVES = 60  # of tens of milliseconds each on a county


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """An assignment with fewer groups split; `cost` is at most so much above the best one's."""

    flow: Longs
    unplaced: Longs
    cost: int
    best: Assignment

    @property
    def split_groups(self) -> int:
        """How many groups go to more than one shelter."""
        return split_count(self.flow)


def split_count(flow: Longs) -> int:
    """Return how many groups go to more than one shelter."""
    return int((np.count_nonzero(flow, axis=1) > 1).sum())


def keep_together(
    times: Longs, people: Longs, places: Longs, best: Assignment, most_extra_ratio: float
) -> Together:
    """Return an assignment that places as many people and splits fewer groups.

    One split group after the other, the largest first, is sent to a single shelter and the rest
    assigned anew; that stays when as many are placed, fewer groups are split, and the sum of
    travel times is within its limit. Not the least number of splits possible: finding that is
    NP-hard (it contains bin packing); `best` tells what each step is measured against.

    Parameters
    ----------
    most_extra_ratio
        By how much of the best sum the sum may grow, such as 0.05.
    """
    most_cost = int(best.cost * (1 + most_extra_ratio))
    now, fixed = best, times
    tried: set[int] = set()
    solves = 0
    while solves < _MOST_SOLVES:
        split = np.flatnonzero((np.count_nonzero(now.flow, axis=1) > 1) & (now.unplaced == 0))
        waiting = [int(group) for group in split if int(group) not in tried]
        if not waiting:
            break
        group = max(waiting, key=lambda one: (people[one], -one))
        tried.add(group)
        for shelter in _candidates(now.flow[group], fixed[group], people[group], places):
            solves += 1
            trial = fixed.copy()
            trial[group] = FORBIDDEN
            trial[group, shelter] = times[group, shelter]
            found = assign_people(trial, people, places)
            is_as_full = found.unplaced.sum() == best.unplaced.sum()
            is_fewer = split_count(found.flow) < split_count(now.flow)
            if is_as_full and is_fewer and found.cost <= most_cost:
                now, fixed = found, trial
                break
    return Together(flow=now.flow, unplaced=now.unplaced, cost=now.cost, best=best)


def _candidates(flow: Longs, times: Longs, persons: int, places: Longs) -> list[int]:
    """Return where a group could go whole, those first that take most of it, then the nearest."""
    able = np.flatnonzero((places >= persons) & (times != FORBIDDEN))
    order = np.lexsort((times[able], -flow[able]))
    taking = int(np.count_nonzero(flow[able]))
    return [int(shelter) for shelter in able[order][: taking + 1]]
