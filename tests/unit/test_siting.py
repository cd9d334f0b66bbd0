"""The best sites: equal to trying every choice, and better than taking the best one by one."""

from itertools import combinations

import numpy as np
import pytest

from yingji_map.engine.siting import choose_sites


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_choice_of_as_many_covers_more(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    covers = rng.random((8, 12)) < 0.25
    people = rng.integers(0, 500, 12).astype(np.int64)

    found = choose_sites(covers, people, most)

    best = max(
        int(people[covers[list(rows)].any(axis=0)].sum()) for rows in combinations(range(8), most)
    )
    assert found.covered == best == found.bound
    assert found.covered == int(people[covers[list(found.sites)].any(axis=0)].sum())
    assert sum(found.gains) == found.covered


def test_the_best_one_first_is_not_always_among_the_best_two() -> None:
    covers = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 0], [0, 0, 1, 1, 0, 1]], dtype=bool)
    people = np.array([10, 10, 10, 10, 9, 9], dtype=np.int64)

    found = choose_sites(covers, people, 2)

    assert sorted(found.sites) == [1, 2]
    assert found.covered == 58


def test_sites_that_add_nobody_are_not_proposed() -> None:
    found = choose_sites(np.ones((3, 2), dtype=bool), np.array([5, 0], dtype=np.int64), 3)

    assert found.sites == (0,)
    assert found.is_proven
