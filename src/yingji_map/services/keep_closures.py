"""The closures that a question reckons with, laid on the road graph and kept as long as they last."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import shapely

from yingji_map.domain.closure import ROAD_PREFIX, ClosedPlace, ClosureChoice
from yingji_map.domain.errors import ClosureNotFound, InvalidParameter
from yingji_map.engine.closing import close_roads
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.services.keep_network import KeptNetwork
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.closures import find_in_force, read_closures
from yingji_map.store.database import Transaction

_SETS_KEPT = 64
OWN_SHAPE = "request"
ClosureKey = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedClosures:
    """Closed roads of one network, and what closed them.

    Attributes
    ----------
    key
        Equal for equal closures on the same network.
    names
        Ids of the closures by their number in `closed`; what a request closes itself is
        `request` or `road:<code>`.
    """

    key: ClosureKey
    names: tuple[str, ...]
    reasons: tuple[str | None, ...]
    closed: ClosedRoads

    def named(self, owners: Iterable[int]) -> tuple[str, ...]:
        """Return the names of closures by number, in their order."""
        return tuple(self.names[owner] for owner in sorted(set(owners)))


NO_CLOSURES = AppliedClosures(key=(), names=(), reasons=(), closed=ALL_OPEN)


class KeepClosures:
    """Lays closures on a network: once for each set of them, however many ask.

    What is in force is asked of the store every time, so a closure acts on the next answer of
    every worker; only its way onto the graph is remembered.
    """

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._sets: SingleFlightCache[ClosureKey, AppliedClosures] = SingleFlightCache(_SETS_KEPT)

    def applied(self, tx: Transaction, choice: ClosureChoice, kept: KeptNetwork) -> AppliedClosures:
        """Return the closures of a choice on a network.

        Raises
        ------
        ClosureNotFound
            An id stands for nothing.
        InvalidParameter
            A road code stands for nothing.
        """
        in_force = find_in_force(tx, self._clock()) if choice.with_in_force else ()
        ids = tuple(sorted({*in_force, *choice.ids}))
        shape, codes = choice.place.shape, choice.place.road_codes
        if not ids and not codes and shape is None:
            return NO_CLOSURES
        check_codes(kept, codes)
        own = b"" if shape is None else shapely.to_wkb(shape)
        key = (kept.version, kept.good_until, ids, codes, own)
        return self._sets.get(key, lambda: self._lay(tx, key, (ids, choice.place), kept))

    @staticmethod
    def _lay(
        tx: Transaction,
        key: ClosureKey,
        asked: tuple[tuple[int, ...], ClosedPlace],
        kept: KeptNetwork,
    ) -> AppliedClosures:
        ids, own = asked
        saved = read_closures(tx, ids)
        if len(saved) < len(ids):
            known = {closure.closure_id for closure in saved}
            raise ClosureNotFound(closure=next(one for one in ids if one not in known))
        places = [closure.place for closure in saved]
        names: list[str] = [str(closure.closure_id) for closure in saved]
        reasons: list[str | None] = [closure.reason for closure in saved]
        places += [ClosedPlace(road_codes=(code,)) for code in own.road_codes]
        names += [f"{ROAD_PREFIX}{code}" for code in own.road_codes]
        if own.shape is not None:
            places.append(ClosedPlace(shape=own.shape))
            names.append(OWN_SHAPE)
        reasons += [None] * (len(names) - len(reasons))
        return AppliedClosures(
            key=key,
            names=tuple(names),
            reasons=tuple(reasons),
            closed=close_roads(kept.network, places),
        )


def check_codes(kept: KeptNetwork, codes: Iterable[str]) -> None:
    """Refuse codes that no road has.

    Raises
    ------
    InvalidParameter
        There is one.
    """
    unknown = sorted(set(codes) - set(kept.network.graph.road_keys)) if codes else []
    if unknown:
        raise InvalidParameter(
            parameter="road_codes",
            value="、".join(unknown[:5]),
            reason_zh="没有这样的路段编号",
            reason_en="no road has this code",
        )
