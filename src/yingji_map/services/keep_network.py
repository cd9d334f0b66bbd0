"""The road network in memory: built once per version of the road layer, replaced when it changes."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread

from yingji_map.domain.errors import NotReady
from yingji_map.domain.layer import LayerDefinition
from yingji_map.engine.graph import ROAD_COLUMNS, build_graph
from yingji_map.engine.profile_network import RoadNetwork, build_network
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.layers import LayerState, find_layer_states
from yingji_map.store.validity import find_next_change

ROAD_LAYER = "road"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNetwork:
    """A network, the road version it was built from, and when it stops being right by itself."""

    network: RoadNetwork
    version: int
    good_until: datetime | None
    build_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReadiness:
    """Whether trips can be answered, from which road version, and whether that is the newest."""

    is_ready: bool
    version: int | None
    is_current: bool
    is_building: bool


class KeepNetwork:
    """Hands out the road network.

    The first to ask waits until it is built; when the roads change, the old network answers until
    the new one is ready. However many ask, one builds.
    """

    def __init__(
        self, *, store: Store, catalogue: dict[str, LayerDefinition], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._kept: KeptNetwork | None = None
        self._building = Lock()
        self._starting = Lock()
        self._thread: Thread | None = None

    def current(self, states: Mapping[str, LayerState]) -> KeptNetwork:
        """Return the network for the road version that `states` tells of, or the one before it.

        Raises
        ------
        NotReady
            There are no roads.
        """
        wanted = _wanted(states)
        kept = self._kept
        if kept is None:
            return self._build(wanted)
        if not self._is_good(kept, wanted):
            self._build_in_background(wanted)
        return kept

    def rebuilt(self) -> KeptNetwork:
        """Return the network of the newest road version, waiting for it."""
        with self._store.read() as tx:
            return self._build(_wanted(find_layer_states(tx)))

    def readiness(self) -> NetworkReadiness:
        """Tell whether trips can be answered; starts building when nothing is built yet."""
        with self._store.read() as tx:
            states = find_layer_states(tx)
        kept = self._kept
        try:
            wanted = _wanted(states)
        except NotReady:
            return NetworkReadiness(
                is_ready=False, version=None, is_current=False, is_building=False
            )
        is_current = kept is not None and self._is_good(kept, wanted)
        if not is_current:
            self._build_in_background(wanted)
        return NetworkReadiness(
            is_ready=kept is not None,
            version=kept.version if kept else None,
            is_current=is_current,
            is_building=self._thread is not None and self._thread.is_alive(),
        )

    def is_current(self, kept: KeptNetwork, states: Mapping[str, LayerState]) -> bool:
        """Return whether a network tells of the roads as they are now."""
        return self._is_good(kept, _wanted(states))

    def close(self) -> None:
        """Wait for a build that runs."""
        with self._starting:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _is_good(self, kept: KeptNetwork, wanted: int) -> bool:
        is_valid = kept.good_until is None or self._clock() < kept.good_until
        return kept.version >= wanted and is_valid

    def _build(self, wanted: int) -> KeptNetwork:
        with self._building:
            if self._kept is None or not self._is_good(self._kept, wanted):
                self._kept = self._built()
            return self._kept

    def _build_in_background(self, wanted: int) -> None:
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = Thread(
                target=self._build_or_log, args=(wanted,), name="network-build", daemon=True
            )
            self._thread.start()

    def _build_or_log(self, wanted: int) -> None:
        try:
            self._build(wanted)
        except Exception:  # noqa: BLE001 - the outermost loop of this thread
            _log.exception("network.build_failed version=%d", wanted)

    def _built(self) -> KeptNetwork:
        started = time.perf_counter()
        definition = self._catalogue[ROAD_LAYER]
        with self._store.read() as tx:
            version = _wanted(find_layer_states(tx))
            roads = read_features(tx, definition, columns=ROAD_COLUMNS)
            good_until = find_next_change(tx, definition)
        if len(roads) == 0:
            raise _no_roads()
        network = build_network(build_graph(roads))
        build_s = time.perf_counter() - started
        _log.info(
            "network.built version=%d edges=%d duration_s=%.3f",
            version,
            network.graph.edge_count,
            build_s,
        )
        return KeptNetwork(network=network, version=version, good_until=good_until, build_s=build_s)


def _wanted(states: Mapping[str, LayerState]) -> int:
    state = states.get(ROAD_LAYER)
    if state is None or state.row_count == 0:
        raise _no_roads()
    return state.version


def _no_roads() -> NotReady:
    return NotReady(
        what_zh="道路数据", what_en="roads", fix="yingji layer import <file> --layer road"
    )
