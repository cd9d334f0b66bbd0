"""People to shelters at the least travel time: a minimum-cost flow, and the proof that it is least."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FORBIDDEN = np.int64(-1)
_FAR = np.int64(2**61)
_FIRST_ARCS, _ARCS_A_ROUND, _MOST_ROUNDS = 12, 8, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who goes where, and the numbers that prove it the best.

    As many people as possible are placed, and these at the least sum of travel times.

    Attributes
    ----------
    flow
        `(n_groups, n_shelters)` whole persons.
    unplaced
        `(n_groups,)` persons for whom there is no place within reach.
    cost
        Sum of persons times travel time of those placed.
    price
        `(n_shelters,)` by how much the sum would fall for one place more; 0 where places are left.
    bound
        No assignment costs less, counting each person unplaced as `penalty`; equal to the cost of
        this one, or it would not have been returned.
    penalty
        More than any rearrangement to place one person more can cost.
    """

    flow: Longs
    unplaced: Longs
    cost: int
    price: Longs
    bound: int
    penalty: int

    @property
    def is_proven(self) -> bool:
        """True when no assignment can be better: cost and bound agree to the last unit."""
        return self.cost + self.penalty * int(self.unplaced.sum()) == self.bound


@dataclass(frozen=True, slots=True)
class _Problem:
    times: Longs
    people: Longs
    places: Longs
    penalty: int


def assign_people(times: Longs, people: Longs, places: Longs) -> Assignment:
    """Return the best assignment.

    Only the nearest shelters of each group are looked at first; the prices of the shelters then
    tell which others could help, until they prove that none can.

    Parameters
    ----------
    times
        `(n_groups, n_shelters)` whole units; `FORBIDDEN` where a group cannot go.
    people, places
        `(n_groups,)` and `(n_shelters,)` persons.

    References
    ----------
    Complementary slackness: Ahuja, Magnanti, Orlin 1993, Network Flows, theorem 9.4.
    """
    longest = int(times.max(initial=0))
    problem = _Problem(times, people, places, (len(places) + 1) * longest + 1)
    allowed = times != FORBIDDEN
    used = _nearest(times, allowed)
    rounds = 0
    while True:
        flow, unplaced = _solved(problem, used)
        price = _prices(problem, used, flow, unplaced)
        worth = _worth(problem, flow, unplaced, price)
        gain = np.where(allowed & ~used, times + price - worth[:, None], 0)
        if not (gain < 0).any():
            break
        rounds += 1
        used |= _most_helpful(gain) if rounds < _MOST_ROUNDS else allowed
    return Assignment(
        flow=flow,
        unplaced=unplaced,
        cost=int((np.where(allowed, times, 0) * flow).sum()),
        price=price,
        bound=_bound(problem, allowed, price),
        penalty=problem.penalty,
    )


def _nearest(times: Longs, allowed: Flags) -> Flags:
    most = min(_FIRST_ARCS, times.shape[1])
    used = np.zeros(times.shape, dtype=bool)
    if most:
        masked = np.where(allowed, times, _FAR)
        near = np.argpartition(masked, most - 1, axis=1)[:, :most]
        np.put_along_axis(used, near, values=True, axis=1)
    return used & allowed


def _most_helpful(gain: Longs) -> Flags:
    most = min(_ARCS_A_ROUND, gain.shape[1])
    best = np.argpartition(gain, most - 1, axis=1)[:, :most]
    chosen = np.zeros(gain.shape, dtype=bool)
    np.put_along_axis(chosen, best, values=True, axis=1)
    return chosen & (gain < 0)


def _solved(problem: _Problem, used: Flags) -> tuple[Longs, Longs]:
    """Return the flow over some arcs only, and who is left over."""
    groups, shelters = used.shape
    sink = groups + shelters
    group, shelter = np.nonzero(used)
    network = SimpleMinCostFlow()
    most = np.minimum(problem.people[group], problem.places[shelter])
    cost = problem.times[group, shelter]
    arcs = network.add_arcs_with_capacity_and_unit_cost(group, groups + shelter, most, cost)
    network.add_arcs_with_capacity_and_unit_cost(
        groups + np.arange(shelters),
        np.full(shelters, sink),
        problem.places,
        np.zeros(shelters, dtype=np.int64),
    )
    left = network.add_arcs_with_capacity_and_unit_cost(
        np.arange(groups),
        np.full(groups, sink),
        problem.people,
        np.full(groups, problem.penalty, dtype=np.int64),
    )
    supply = np.concatenate((problem.people, np.zeros(shelters, np.int64), [-problem.people.sum()]))
    network.set_nodes_supplies(np.arange(sink + 1), supply)
    status = network.solve()
    if status != network.OPTIMAL:  # everyone may stay unplaced, so there always is a solution
        message = f"minimum-cost flow ended with {status}"
        raise ArithmeticError(message)
    flow = np.zeros(used.shape, dtype=np.int64)
    flow[group, shelter] = network.flows(arcs)
    return flow, np.asarray(network.flows(left), dtype=np.int64)


def _prices(problem: _Problem, used: Flags, flow: Longs, unplaced: Longs) -> Longs:
    """Return what freeing one place at each shelter is worth: shortest ways of moving people on.

    The last row and column stand for being unplaced.
    """
    shelters = len(problem.places)
    move = np.full((shelters + 1, shelters + 1), _FAR, dtype=np.int64)
    for shelter in np.flatnonzero(flow.any(axis=0)).tolist():
        there = np.flatnonzero(flow[:, shelter])
        here = problem.times[there, shelter]
        onward = np.where(used[there], problem.times[there] - here[:, None], _FAR)
        move[shelter, :shelters] = onward.min(axis=0)
        move[shelter, shelters] = (problem.penalty - here).min()
    waiting = np.flatnonzero(unplaced)
    if len(waiting):
        taken = np.where(used[waiting], problem.times[waiting] - problem.penalty, _FAR)
        move[shelters, :shelters] = taken.min(axis=0)
    has_room = flow.sum(axis=0) < problem.places
    price = np.where(np.append(has_room, True), 0, _FAR).astype(np.int64)
    for _ in range(shelters + 1):
        passed_on = np.minimum(move, _FAR) + price[None, :]
        better = np.minimum(price, passed_on.min(axis=1))
        if (better == price).all():
            break
        price = better
    return np.clip(price[:shelters], 0, problem.penalty)


def _worth(problem: _Problem, flow: Longs, unplaced: Longs, price: Longs) -> Longs:
    """Return what each group's person pays at these prices, travel and place together."""
    paid = np.where(flow > 0, problem.times + price, _FAR).min(axis=1, initial=_FAR)
    worth = np.where(unplaced > 0, np.minimum(paid, problem.penalty), paid)
    return np.asarray(np.where(worth == _FAR, 0, worth), dtype=np.int64)


def _bound(problem: _Problem, allowed: Flags, price: Longs) -> int:
    """Return the dual objective: at these prices nobody can do better, so no sum is less."""
    paid = np.where(allowed, problem.times + price, problem.penalty)
    worth = np.minimum(paid.min(axis=1, initial=problem.penalty), problem.penalty)
    return int((problem.people * worth).sum() - (problem.places * price).sum())
