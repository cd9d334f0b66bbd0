"""People to shelters, proven best, against one flow over every pair: the same sum, one run.

usage: python benchmarks/evacuation.py [groups] [shelters]
"""

import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.engine.assignment import assign_people

Longs = npt.NDArray[np.int64]
TOWNS, COUNTY_KM, DS_PER_KM = 12, 80.0, 900


def main(groups: int, shelters: int) -> None:
    times, people, places = a_county(groups, shelters)
    for share, name in ((1.15, "places for all"), (0.9, "a tenth too few")):
        some = np.ceil(places * share).astype(np.int64)
        started = time.process_time()
        found = assign_people(times, people, some)
        ours_s = time.process_time() - started
        started = time.process_time()
        total = over_every_pair(times, people, some, found.penalty)
        theirs_s = time.process_time() - started
        assert found.is_proven
        assert total == found.bound, "the sums differ"
        print(
            f"{groups} × {shelters}, {name}: {ours_s * 1000:7.0f} ms, proven, "
            f"{int(found.unplaced.sum())} of {int(people.sum())} unplaced   "
            f"every pair {theirs_s * 1000:7.0f} ms, not proven   ratio {theirs_s / ours_s:.1f}"
        )


def a_county(groups: int, shelters: int) -> tuple[Longs, Longs, Longs]:
    """Return times in deciseconds, people crowded in towns, and shelters less so."""
    rng = np.random.default_rng(4)
    home, refuge = (rng.random((count, 2)) * COUNTY_KM for count in (groups, shelters))
    towns = rng.random((TOWNS, 2)) * COUNTY_KM
    urban = rng.random(groups) < 0.7
    home[urban] = towns[rng.integers(0, TOWNS, urban.sum())] + rng.normal(0, 4, (urban.sum(), 2))
    gap = np.hypot(*(home[:, None] - refuge[None]).transpose(2, 0, 1))
    times = np.rint(gap * DS_PER_KM * rng.uniform(0.9, 1.4, gap.shape)).astype(np.int64)
    people = np.maximum(1, rng.pareto(1.4, groups) * 20).astype(np.int64)
    share = rng.pareto(1.6, shelters) + 0.3
    return times, people, (share / share.sum() * people.sum()).astype(np.int64)


def over_every_pair(times: Longs, people: Longs, places: Longs, penalty: int) -> int:
    groups, shelters = times.shape
    sink = groups + shelters
    network = SimpleMinCostFlow()
    group, shelter = np.repeat(np.arange(groups), shelters), np.tile(np.arange(shelters), groups)
    most = np.minimum(people[group], places[shelter])
    network.add_arcs_with_capacity_and_unit_cost(group, groups + shelter, most, times.ravel())
    free = np.zeros(shelters, dtype=np.int64)
    ends = groups + np.arange(shelters)
    network.add_arcs_with_capacity_and_unit_cost(ends, np.full(shelters, sink), places, free)
    dear = np.full(groups, penalty, dtype=np.int64)
    network.add_arcs_with_capacity_and_unit_cost(
        np.arange(groups), np.full(groups, sink), people, dear
    )
    supply = np.concatenate((people, np.zeros(shelters, np.int64), [-people.sum()]))
    network.set_nodes_supplies(np.arange(sink + 1), supply)
    assert network.solve() == network.OPTIMAL
    return int(network.optimal_cost())


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:3]) if len(sys.argv) > 2 else (5000, 200))
