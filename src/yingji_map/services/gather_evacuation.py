"""What an evacuation plan is made from: who must leave, which shelters are safe, how far they are apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.evacuation import (
    MAX_MINUTES,
    AvoidedRisk,
    PlanRequest,
    ShelterState,
)
from yingji_map.domain.layer import LayerDefinition
from yingji_map.engine.danger import in_danger
from yingji_map.engine.graph import Flags, Ints
from yingji_map.engine.matrix import travel_times_ds
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps
from yingji_map.services.keep_closures import AppliedClosures, KeepClosures
from yingji_map.services.keep_network import ROAD_LAYER, KeepNetwork
from yingji_map.services.keep_places import KeepPlaces, KeptPlaces
from yingji_map.services.reach_settlements import SETTLEMENT_LAYER, population
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states
from yingji_map.store.runs import find_run, load_surface
from yingji_map.store.warnings import find_warning

SHELTER_LAYER = "shelter"
_MAX_SETTLEMENTS = 5000
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Settlements that must leave and all shelters, on the network under its closures.

    Attributes
    ----------
    rows
        `(n,)` rows of `settlements` that must leave.
    people
        `(n,)` persons in them.
    states, capacity
        `(m,)` of each shelter.
    times_ds, open_times_ds
        `(n, m)` deciseconds with the closures and without any; `UNREACHED` where there is no way.
    is_near_road
        `(n,)` False where no road is within the limit, closed or not.
    """

    zone: BaseGeometry | None
    settlements: KeptPlaces
    rows: Longs
    people: Longs
    snaps: Snaps
    is_near_road: Flags
    shelters: KeptPlaces
    shelter_snaps: Snaps
    states: tuple[ShelterState, ...]
    capacity: Longs
    times_ds: Ints
    open_times_ds: Ints
    network: ProfileNetwork
    applied: AppliedClosures
    versions: Mapping[str, int]
    run_id: str | None

    @property
    def zone_document(self) -> Mapping[str, object] | None:
        """Return the zone as GeoJSON."""
        return None if self.zone is None else json.loads(shapely.to_geojson(self.zone))

    @property
    def is_usable(self) -> Flags:
        """Return whether each shelter may take people."""
        return np.array([state is ShelterState.USABLE for state in self.states], dtype=bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherEvacuation:
    """Find out who must leave and where they could go, as things are now."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    network: KeepNetwork
    places: KeepPlaces
    closures: KeepClosures

    def run(self, request: PlanRequest) -> Situation:
        """Return the situation that a request is about.

        Raises
        ------
        InvalidParameter
            Nobody or too many are asked for, or a number makes no sense.
        WarningNotFound, ClosureNotFound, RunNotFound, HazardNotFound
            What is referred to does not exist.
        NotReady
            There are no roads, settlements or shelters.
        """
        _check(request)
        with self.store.read() as tx:
            states = find_layer_states(tx)
            kept = self.network.current(states)
            applied = self.closures.applied(tx, request.closures, kept)
            zone = request.zone
            if request.warning_id is not None:
                zone = find_warning(tx, request.warning_id).zone
            run_id = None if request.avoid is None else find_run(tx).run_id
        settlements = self.places.current(self.catalogue[SETTLEMENT_LAYER], states)
        shelters = self.places.current(self.catalogue[SHELTER_LAYER], states)
        network, closed = kept.network.by_profile[request.profile], applied.closed
        rows = _who(request, zone, settlements)
        points = shapely.get_coordinates(settlements.table.geometry[rows])
        there = shapely.get_coordinates(shelters.table.geometry)
        open_snaps, open_there = network.snapper.snap(points), network.snapper.snap(there)
        snaps = network.snapper.moved(open_snaps, closed)
        shelter_snaps = network.snapper.moved(open_there, closed)
        times = travel_times_ds(network, snaps, shelter_snaps, closed)
        without = times if closed.is_empty else travel_times_ds(network, open_snaps, open_there)
        risky = self._risky(there, run_id, request.avoid)
        return Situation(
            zone=zone,
            settlements=settlements,
            rows=rows,
            people=population(settlements)[rows],
            snaps=snaps,
            is_near_road=open_snaps.edge >= 0,
            shelters=shelters,
            shelter_snaps=shelter_snaps,
            states=_states(shelters, zone, risky, open_there),
            capacity=np.nan_to_num(shelters.table.numbers("capacity_persons")).astype(np.int64),
            times_ds=times,
            open_times_ds=without,
            network=network,
            applied=applied,
            versions={
                ROAD_LAYER: kept.version,
                SETTLEMENT_LAYER: settlements.version,
                SHELTER_LAYER: shelters.version,
            },
            run_id=run_id,
        )

    def _risky(
        self, places: npt.NDArray[np.float64], run_id: str | None, avoid: AvoidedRisk | None
    ) -> Flags:
        if avoid is None or run_id is None:
            return np.zeros(len(places), dtype=bool)
        with self.store.read() as tx:
            surface = load_surface(tx, run_id, avoid.hazard)
        return in_danger(surface, places, avoid.level)


def _who(request: PlanRequest, zone: BaseGeometry | None, settlements: KeptPlaces) -> Longs:
    if request.settlement_keys:
        row_of = {key: row for row, key in enumerate(settlements.table.keys)}
        unknown = [key for key in request.settlement_keys if key not in row_of]
        if unknown:
            raise _refused(
                parameter="settlements",
                value="、".join(unknown[:5]),
                zh="没有这样的村社编号",
                en="no settlement has this code",
            )
        rows = np.array(sorted({row_of[key] for key in request.settlement_keys}), dtype=np.int64)
    elif request.everybody:
        rows = np.arange(len(settlements.table))
    else:
        rows = np.flatnonzero(shapely.intersects(settlements.table.geometry, zone))
    if not 1 <= len(rows) <= _MAX_SETTLEMENTS:
        raise _refused(
            parameter="zone",
            value=len(rows),
            zh=f"范围里要有 1 到 {_MAX_SETTLEMENTS} 个村社",
            en=f"must hold 1 to {_MAX_SETTLEMENTS} settlements",
        )
    return np.asarray(rows, dtype=np.int64)


def _states(
    shelters: KeptPlaces, zone: BaseGeometry | None, risky: Flags, snaps: Snaps
) -> tuple[ShelterState, ...]:
    points = shelters.table.geometry
    inside = np.zeros(len(points), bool) if zone is None else shapely.intersects(points, zone)
    capacity = np.nan_to_num(shelters.table.numbers("capacity_persons"))
    is_closed = np.isin(np.arange(len(points)), shelters.closed)
    # The first that applies is told: danger matters more than room.
    why_not = (
        (ShelterState.IN_ZONE, inside),
        (ShelterState.IN_RISK_CELL, risky),
        (ShelterState.CLOSED, is_closed),
        (ShelterState.OFF_NETWORK, snaps.edge < 0),
        (ShelterState.NO_CAPACITY, capacity <= 0),
    )
    return tuple(
        next((state for state, applies in why_not if applies[row]), ShelterState.USABLE)
        for row in range(len(points))
    )


def _check(request: PlanRequest) -> None:
    given = (request.zone, request.warning_id, request.settlement_keys or None)
    if sum(one is not None for one in given) + request.everybody != 1:
        raise _refused(
            parameter="zone",
            value=None,
            zh="zone、warning、settlements 三选一",
            en="give one of zone, warning, settlements",
        )
    if not 1 <= request.minutes <= MAX_MINUTES:
        raise _refused(
            parameter="minutes",
            value=request.minutes,
            zh=f"应在 1 到 {MAX_MINUTES} 之间",
            en=f"must be 1 to {MAX_MINUTES}",
        )
    if not 0 <= request.together_ratio <= 1:
        raise _refused(
            parameter="together_ratio",
            value=request.together_ratio,
            zh="应在 0 到 1 之间",
            en="must be 0 to 1",
        )


def _refused(*, parameter: str, value: object, zh: str, en: str) -> InvalidParameter:
    return InvalidParameter(parameter=parameter, value=value, reason_zh=zh, reason_en=en)
