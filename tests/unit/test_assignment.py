"""People to shelters: equal to a linear program, and proven by its own prices."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from yingji_map.engine.assignment import FORBIDDEN, Assignment, assign_people
from yingji_map.engine.together import keep_together, split_count

Longs = npt.NDArray[np.int64]
Case = tuple[Longs, Longs, Longs]


def a_case(seed: int) -> Case:
    """Return times with gaps, people and places: now too few places, now too many."""
    rng = np.random.default_rng(seed)
    groups, shelters = rng.integers(1, 25), rng.integers(1, 18)
    times = rng.integers(1, 1000, (groups, shelters))
    times[rng.random(times.shape) < rng.choice([0.0, 0.3, 0.8])] = FORBIDDEN
    people = rng.integers(0, 40, groups)
    most = int(people.sum() * rng.choice([1, 2, 4]) / shelters) + 1
    places = rng.integers(0, most + 1, shelters)
    return times.astype(np.int64), people.astype(np.int64), places.astype(np.int64)


def least_by_linear_program(case: Case, penalty: int) -> float:
    times, people, places = case
    group, shelter = np.nonzero(times != FORBIDDEN)
    groups, arcs = len(people), len(group)
    cost = np.concatenate((times[group, shelter], np.full(groups, penalty)))
    leaves = csr_array(
        (
            np.ones(arcs + groups),
            (np.concatenate((group, np.arange(groups))), np.arange(arcs + groups)),
        ),
        shape=(groups, arcs + groups),
    )
    enters = csr_array(
        (np.ones(arcs), (shelter, np.arange(arcs))), shape=(len(places), arcs + groups)
    )
    solution = linprog(cost, A_ub=enters, b_ub=places, A_eq=leaves, b_eq=people, method="highs")
    return float(solution.fun)


def check_it_is_a_plan(case: Case, found: Assignment) -> None:
    times, people, places = case
    assert (found.flow >= 0).all()
    assert (found.flow[times == FORBIDDEN] == 0).all()
    assert (found.flow.sum(axis=1) + found.unplaced == people).all()
    assert (found.flow.sum(axis=0) <= places).all()


@pytest.mark.parametrize("seed", range(60))
def test_no_linear_program_finds_a_better_assignment(seed: int) -> None:
    case = a_case(seed)

    found = assign_people(*case)

    check_it_is_a_plan(case, found)
    total = found.cost + found.penalty * int(found.unplaced.sum())
    assert total == pytest.approx(least_by_linear_program(case, found.penalty), rel=1e-9)
    assert found.is_proven


@pytest.mark.parametrize("seed", range(20))
def test_nobody_is_left_over_who_could_be_placed(seed: int) -> None:
    case = a_case(seed)
    times, people, places = case

    found = assign_people(*case)

    anywhere = np.where(times == FORBIDDEN, FORBIDDEN, 0)
    most_left = assign_people(anywhere, people, places).unplaced.sum()
    assert found.unplaced.sum() == most_left


def test_more_shelters_than_are_looked_at_first_are_all_considered() -> None:
    # The twenty nearest shelters hold one person each; only the farthest has room.
    times = np.arange(1, 22, dtype=np.int64)[None, :].repeat(3, axis=0)
    places = np.array([1] * 20 + [1000], dtype=np.int64)
    people = np.array([100, 50, 10], dtype=np.int64)

    found = assign_people(times, people, places)

    assert found.is_proven
    assert found.unplaced.sum() == 0
    assert found.cost == sum(range(1, 21)) + 140 * 21


def test_a_worse_assignment_is_not_taken_for_proven() -> None:
    found = assign_people(*a_case(3))
    worse = Assignment(
        flow=found.flow,
        unplaced=found.unplaced,
        cost=found.cost + 1,
        price=found.price,
        bound=found.bound,
        penalty=found.penalty,
    )

    assert found.is_proven
    assert not worse.is_proven


def test_a_village_stays_together_where_there_is_room() -> None:
    # Best is to split A between the near shelter and the far one; one of the far places more
    # keeps it together.
    times = np.array([[10, 12], [10, 40]], dtype=np.int64)
    people, places = np.array([10, 8], dtype=np.int64), np.array([12, 30], dtype=np.int64)
    best = assign_people(times, people, places)

    together = keep_together(times, people, places, best, most_extra_ratio=0.10)

    assert split_count(best.flow) == 1
    assert together.split_groups == 0
    assert together.flow.tolist() == [[0, 10], [8, 0]]
    assert best.cost < together.cost <= best.cost * 1.10


def test_keeping_together_costs_no_more_than_allowed_and_leaves_nobody_out() -> None:
    for seed in range(25):
        case = a_case(seed)
        best = assign_people(*case)

        together = keep_together(*case, best, most_extra_ratio=0.05)

        assert together.cost <= best.cost * 1.05
        assert together.unplaced.sum() == best.unplaced.sum()
        assert together.split_groups <= split_count(best.flow)
