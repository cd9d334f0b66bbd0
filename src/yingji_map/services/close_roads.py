"""Close roads for everybody, lift closures, and tell what each closes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.closure import Closure, ClosureRequest, ClosureState
from yingji_map.domain.errors import IdempotencyKeyReused, InvalidParameter
from yingji_map.domain.idempotency import check_key
from yingji_map.engine.closing import close_roads, closed_length_m
from yingji_map.engine.closures import ClosedRoads
from yingji_map.engine.graph import RoadGraph
from yingji_map.services.keep_closures import check_codes
from yingji_map.services.keep_network import KeepNetwork
from yingji_map.store.closures import find_closure, find_closures, lift_closure, save_closure
from yingji_map.store.database import Store, Transaction
from yingji_map.store.idempotency import KeyUse, claim_key, find_key
from yingji_map.store.layers import LayerState, find_layer_states

_OPERATION = "close_roads"
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureReport:
    """A closure with its state now, and what it closes on the roads of now."""

    closure: Closure
    state: ClosureState
    closed_length_m: float
    road_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRoads:
    """Keep the closures that every answer about travel reckons with."""

    store: Store
    network: KeepNetwork
    clock: Callable[[], datetime]

    def run(
        self, request: ClosureRequest, *, via: str, idempotency_key: str | None = None
    ) -> ClosureReport:
        """Save a closure; the same key and content again give the same one, not a second.

        Raises
        ------
        InvalidInput
            It closes nothing, ends before it begins, gives no reason, or names an unknown road.
        IdempotencyKeyReused
            The key was used with other content.
        NotReady
            There are no roads to close.
        """
        now = self.clock()
        _check(request, now)
        with self.store.read() as tx:
            check_codes(self.network.current(find_layer_states(tx)), request.place.road_codes)
        if idempotency_key is None:
            with self.store.transaction() as tx:
                return self.one(save_closure(tx, request, now, via), tx)
        try:
            return self._once(request, check_key(idempotency_key), now, via)
        except _CameTwice:
            return self._once(request, idempotency_key, now, via)

    def _once(self, request: ClosureRequest, key: str, now: datetime, via: str) -> ClosureReport:
        with self.store.transaction() as tx:
            earlier = find_key(tx, _OPERATION, key)
            if earlier is not None and earlier.body_hash != request.digest():
                raise IdempotencyKeyReused(key=key)
            if earlier is not None:
                return self.one(int(earlier.result_id), tx)
            closure_id = save_closure(tx, request, now, via)
            use = KeyUse(key=key, body_hash=request.digest(), result_id=str(closure_id))
            if claim_key(tx, _OPERATION, use) != use:
                raise _CameTwice  # and what was saved here is taken back
            return self.one(closure_id, tx)

    def lift(self, closure_id: int, *, via: str) -> ClosureReport:
        """Lift a closure from now on; its history stays.

        Raises
        ------
        ClosureNotFound
            There is none.
        """
        with self.store.transaction() as tx:
            find_closure(tx, closure_id)
            lift_closure(tx, closure_id, self.clock(), via)
            return self.one(closure_id, tx)

    def one(self, closure_id: int, tx: Transaction | None = None) -> ClosureReport:
        """Return one closure, whatever became of it; inside a transaction when one is given.

        Raises
        ------
        ClosureNotFound
            There is none.
        """
        if tx is None:
            with self.store.read() as fresh:
                return self.one(closure_id, fresh)
        return self._report(find_closure(tx, closure_id), find_layer_states(tx))

    def all(self, *, limit: int, before: int | None = None) -> list[ClosureReport]:
        """Return closures of any state, the newest first."""
        with self.store.read() as tx:
            states = find_layer_states(tx)
            found = find_closures(tx, limit=limit, before=before)
        return [self._report(closure, states) for closure in found]

    def _report(self, closure: Closure, states: Mapping[str, LayerState]) -> ClosureReport:
        network = self.network.current(states).network
        closed = close_roads(network, [closure.place])
        return ClosureReport(
            closure=closure,
            state=closure.state_at(self.clock()),
            closed_length_m=closed_length_m(closed),
            road_codes=_codes(network.graph, closed),
        )


class _CameTwice(Exception):
    """The same request was being saved at the same time."""


def _codes(graph: RoadGraph, closed: ClosedRoads) -> tuple[str, ...]:
    return tuple(sorted({graph.road_keys[row] for row in graph.feature[closed.edge]}))


def _check(request: ClosureRequest, now: datetime) -> None:
    if request.place.shape is None and not request.place.road_codes:
        raise _refused(
            parameter="geometry",
            value=None,
            reason_zh="要给图形或路段编号",
            reason_en="give a geometry or road codes",
        )
    if not 0 < len(request.reason.strip()) <= _MAX_TEXT:
        raise _refused(
            parameter="reason",
            value=request.reason[:80],
            reason_zh=f"1 到 {_MAX_TEXT} 个字",
            reason_en=f"1 to {_MAX_TEXT} characters",
        )
    if request.valid_until is not None and request.valid_until <= (request.valid_from or now):
        raise _refused(
            parameter="valid_until",
            value=request.valid_until,
            reason_zh="应晚于开始时间",
            reason_en="must be after the beginning",
        )


def _refused(*, parameter: str, value: object, reason_zh: str, reason_en: str) -> InvalidParameter:
    return InvalidParameter(
        parameter=parameter, value=value, reason_zh=reason_zh, reason_en=reason_en
    )
