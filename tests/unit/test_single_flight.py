"""Values are made once, kept within a budget, and failures are not kept."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from yingji_map.services.single_flight import SingleFlightCache


def test_many_who_ask_at_once_wait_for_one_making() -> None:
    cache: SingleFlightCache[str, object] = SingleFlightCache(10)
    start, release, made = Barrier(8), Event(), []

    def make() -> object:
        made.append(1)
        release.wait(5)
        return object()

    def ask(number: int) -> object:
        start.wait()
        if number == 0:
            release.set()
        return cache.get("key", make)

    with ThreadPoolExecutor(8) as threads:
        values = set(threads.map(ask, range(8)))

    assert (len(values), len(made)) == (1, 1)


def test_a_failure_reaches_everybody_and_is_tried_again() -> None:
    cache: SingleFlightCache[str, int] = SingleFlightCache(10)

    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0)

    assert cache.get("key", lambda: 7) == 7


def test_the_least_recently_used_goes_first() -> None:
    cache: SingleFlightCache[str, int] = SingleFlightCache(10, weigh=lambda value: value)
    for key in ("old", "used", "old"):
        cache.get(key, lambda: 5)

    cache.get("new", lambda: 5)

    assert cache.get("old", lambda: 1) == 5
    assert cache.get("used", lambda: 2) == 2
    assert cache.weight <= 10


def test_what_is_heavier_than_the_budget_is_answered_but_not_kept() -> None:
    cache: SingleFlightCache[str, int] = SingleFlightCache(10, weigh=lambda value: value)

    assert cache.get("key", lambda: 11) == 11
    assert cache.weight == 0
