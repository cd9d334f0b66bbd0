"""The places of a layer that people or teams can go to, in memory as long as they are right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.errors import NotReady
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.network import AVAILABILITY_FIELD, Direction, ProfileId
from yingji_map.engine.targets import TargetSet, prepare_targets
from yingji_map.services.keep_closures import NO_CLOSURES, AppliedClosures, ClosureKey
from yingji_map.services.keep_network import KeptNetwork
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.layers import LayerState, find_layer_states
from yingji_map.store.validity import find_next_change

_Situation = tuple[int, datetime | None, ProfileId, Direction, ClosureKey]
_MOST_SITUATIONS = 32  # directions, profiles, closures; on the old network and the new


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlaces:
    """The places of a layer at one version.

    Attributes
    ----------
    table
        All of them, with the fields that may be shown.
    usable, closed
        Rows of `table` that can be used, and that say they cannot.
    """

    definition: LayerDefinition
    table: FeatureTable
    usable: npt.NDArray[np.int64]
    closed: npt.NDArray[np.int64]
    version: int
    good_until: datetime | None
    _targets: SingleFlightCache[_Situation, TargetSet] = field(
        default_factory=lambda: SingleFlightCache(_MOST_SITUATIONS)
    )

    def name(self, row: int) -> str:
        """Return what people call a place: its label, else its key."""
        names = self.table.columns.get(self.definition.tiles.label or "name")
        value = None if names is None else names[row]
        return self.table.keys[row] if value is None else str(value)

    def targets(
        self,
        kept: KeptNetwork,
        profile: ProfileId,
        direction: Direction,
        applied: AppliedClosures = NO_CLOSURES,
    ) -> TargetSet:
        """Return the usable places on a network; target numbers count in `usable`."""
        network, closed = kept.network.by_profile[profile], applied.closed

        def make() -> TargetSet:
            places = shapely.get_coordinates(self.table.geometry[self.usable])
            snaps = network.snapper.snap(places, closed=closed)
            return prepare_targets(network, direction, snaps, closed)

        key = (kept.version, kept.good_until, profile, direction, applied.key)
        return self._targets.get(key, make)


class KeepPlaces:
    """Reads the places of point layers, again only when they have changed."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[str, KeptPlaces] = {}

    def current(self, definition: LayerDefinition, states: Mapping[str, LayerState]) -> KeptPlaces:
        """Return the places of a layer as they are at the version that `states` tells of.

        Raises
        ------
        NotReady
            The layer holds nothing.
        """
        state = states.get(definition.id)
        if state is None or state.row_count == 0:
            raise NotReady(
                what_zh=f"{definition.title.zh}的数据",
                what_en=f"features in layer {definition.id}",
                fix=f"yingji layer import <file> --layer {definition.id}",
            )
        kept = self._kept.get(definition.id)
        if kept is None or kept.version < state.version or not self._is_valid(kept):
            # Two that read at once read the same; the later one stays.
            kept = self._kept[definition.id] = self._read(definition)
        return kept

    def _is_valid(self, kept: KeptPlaces) -> bool:
        return kept.good_until is None or self._clock() < kept.good_until

    def _read(self, definition: LayerDefinition) -> KeptPlaces:
        columns = [field.name for field in definition.public_fields]
        if definition.field(AVAILABILITY_FIELD) and AVAILABILITY_FIELD not in columns:
            columns.append(AVAILABILITY_FIELD)
        with self._store.read() as tx:
            version = find_layer_states(tx)[definition.id].version
            table = read_features(tx, definition, columns=columns)
            good_until = find_next_change(tx, definition)
        is_closed = np.zeros(len(table), dtype=bool)
        if AVAILABILITY_FIELD in table.columns:
            is_closed = np.array([value is False for value in table.columns[AVAILABILITY_FIELD]])
        return KeptPlaces(
            definition=definition,
            table=table,
            usable=np.flatnonzero(~is_closed),
            closed=np.flatnonzero(is_closed),
            version=version,
            good_until=good_until,
        )
