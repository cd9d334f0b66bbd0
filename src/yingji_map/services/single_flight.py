"""A bounded memory of expensive values: each made once, however many ask at the same time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SingleFlightCache(Generic[K, V]):
    """Thread-safe, least recently used goes first; a value that failed is not kept.

    Parameters
    ----------
    budget
        Sum of weights that may stay.
    weigh
        Weight of a value, for instance its bytes; 1 each by default.
    """

    def __init__(self, budget: int, weigh: Callable[[V], int] = lambda _value: 1) -> None:
        self._budget = budget
        self._weigh = weigh
        self._lock = Lock()
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._making: dict[K, Future[V]] = {}
        self._weight = 0

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of `key`; the first to ask makes it, the others wait for the same."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept[0]
            flight = self._making.get(key)
            is_mine = flight is None
            if flight is None:
                flight = self._making[key] = Future()
        if not is_mine:
            return flight.result()
        return self._make(key, make, flight)

    @property
    def weight(self) -> int:
        """Return the sum of the weights kept now."""
        return self._weight

    def _make(self, key: K, make: Callable[[], V], flight: "Future[V]") -> V:
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._making[key]
            flight.set_exception(error)
            raise
        with self._lock:
            self._keep(key, value)
            del self._making[key]
        flight.set_result(value)
        return value

    def _keep(self, key: K, value: V) -> None:
        weight = self._weigh(value)
        if weight > self._budget:
            return
        self._kept[key] = (value, weight)
        self._weight += weight
        while self._weight > self._budget:
            _, (_, gone) = self._kept.popitem(last=False)
            self._weight -= gone
