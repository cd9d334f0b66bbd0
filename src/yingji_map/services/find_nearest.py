"""Which places of a layer are nearest by travel time, and the way there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter, LayerNotFound
from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.domain.network import (
    MAX_NEAREST,
    Direction,
    ProfileId,
    Trip,
    default_direction,
)
from yingji_map.domain.shapes import check_position
from yingji_map.engine.closures import ClosedRoads
from yingji_map.engine.detours import closures_met, open_trips
from yingji_map.engine.nearest import NearestTargets, find_nearest
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import TargetSet
from yingji_map.services.keep_closures import AppliedClosures, KeepClosures
from yingji_map.services.keep_network import KeepNetwork
from yingji_map.services.keep_places import KeepPlaces, KeptPlaces
from yingji_map.services.network_access import one_on_network
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestQuery:
    """The question; `direction` None takes what is usual for the layer."""

    layer_id: str
    lon: float
    lat: float
    k: int = 3
    profile: ProfileId = ProfileId.CAR
    direction: Direction | None = None
    closures: ClosureChoice = THOSE_IN_FORCE


class Exclusion(StrEnum):
    """Why a place is not among the answers whatever its distance."""

    CLOSED = "closed"
    CUT_OFF = "cut_off"
    NO_ROUTE = "no_route"
    OFF_NETWORK = "off_network"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedPlace:
    """A place that was left out, and why; `closures` lie on the way to one that is cut off."""

    key: str
    name: str
    reason: Exclusion
    closures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearPlace:
    """A place that was found, and the trip that connects it with the point asked about."""

    rank: int
    key: str
    name: str
    lon: float
    lat: float
    properties: dict[str, object]
    snap_distance_m: float
    trip: Trip


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestAnswer:
    """The answer, and what it rests on.

    Attributes
    ----------
    results
        By travel time, then by key.
    excluded
        All places that are closed or out of reach; the latter are `unreachable` in number.
    is_network_current
        False while a network with newer roads is being built.
    is_origin_moved
        True when the road nearest to the point is closed there.
    applied
        The closures reckoned with.
    mattered
        Those that lie on the ways there would be without closures, hence changed the answer.
    """

    query: NearestQuery
    direction: Direction
    origin_snap_distance_m: float
    results: tuple[NearPlace, ...]
    excluded: tuple[ExcludedPlace, ...]
    layer_version: int
    road_version: int
    is_network_current: bool
    is_origin_moved: bool
    applied: AppliedClosures
    mattered: tuple[str, ...]

    @property
    def unreachable(self) -> int:
        """How many usable places cannot be reached at all."""
        return sum(place.reason is not Exclusion.CLOSED for place in self.excluded)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """Which closures changed the answer, and which cut off each target that is."""

    mattered: frozenset[int] = frozenset()
    cut_off: Mapping[int, frozenset[int]] = field(default_factory=dict)


_NO_EFFECT = _Effect()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindNearest:
    """Answer which places of a point layer are nearest by travel time."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    network: KeepNetwork
    places: KeepPlaces
    closures: KeepClosures

    def run(self, query: NearestQuery) -> NearestAnswer:
        """Return the `k` nearest places.

        Raises
        ------
        InvalidParameter
            The position, `k` or the layer's geometry makes no sense.
        LayerNotFound
            It is not declared.
        ClosureNotFound
            A closure asked for does not exist.
        PlaceOutOfReach, PlaceCutOff
            The point is too far from any road that the profile may use, or all near are closed.
        NotReady
            There are no roads, or the layer holds nothing.
        """
        definition = self._checked(query)
        with self.store.read() as tx:
            states = find_layer_states(tx)
            kept = self.network.current(states)
            applied = self.closures.applied(tx, query.closures, kept)
        places = self.places.current(definition, states)
        network = kept.network.by_profile[query.profile]
        direction = query.direction or default_direction(query.layer_id)
        origin = one_on_network(network, (query.lon, query.lat), applied.closed)
        targets = places.targets(kept, query.profile, direction, applied)
        nearest = find_nearest(network, origin, targets, query.k)
        effect = _NO_EFFECT
        if not applied.closed.is_empty:
            open_targets = places.targets(kept, query.profile, direction)
            effect = _effect(network, open_targets, (origin, nearest, query.k), applied.closed)
        return NearestAnswer(
            query=query,
            direction=direction,
            origin_snap_distance_m=float(origin.distance_m[0]),
            results=_results(places, targets, nearest),
            excluded=_excluded(places, nearest, (targets, effect, applied)),
            layer_version=places.version,
            road_version=kept.version,
            is_network_current=self.network.is_current(kept, states),
            is_origin_moved=bool(origin.is_moved[0]),
            applied=applied,
            mattered=applied.named(effect.mattered),
        )

    def _checked(self, query: NearestQuery) -> LayerDefinition:
        check_position(query.lon, query.lat)
        if not 1 <= query.k <= MAX_NEAREST:
            raise InvalidParameter(
                parameter="k",
                value=query.k,
                reason_zh=f"应在 1 到 {MAX_NEAREST} 之间",
                reason_en=f"must be between 1 and {MAX_NEAREST}",
            )
        definition = self.catalogue.get(query.layer_id)
        if definition is None:
            raise LayerNotFound(layer=query.layer_id)
        if definition.geometry is not GeometryType.POINT:
            raise InvalidParameter(
                parameter="layer",
                value=query.layer_id,
                reason_zh="不是点图层，没有可以前往的地点",
                reason_en="is not a layer of points, so there is nowhere to go",
            )
        return definition


def _results(
    places: KeptPlaces, targets: TargetSet, nearest: NearestTargets
) -> tuple[NearPlace, ...]:
    results = []
    for rank, found in enumerate(nearest.found, start=1):
        row = int(places.usable[found.target])
        lon, lat = targets.snaps.places[found.target]
        results.append(
            NearPlace(
                rank=rank,
                key=places.table.keys[row],
                name=places.name(row),
                lon=float(lon),
                lat=float(lat),
                properties={
                    field.name: places.table.columns[field.name][row]
                    for field in places.definition.public_fields
                },
                snap_distance_m=float(targets.snaps.distance_m[found.target]),
                trip=found.trip,
            )
        )
    return tuple(results)


def _effect(
    network: ProfileNetwork,
    open_targets: TargetSet,
    asked: tuple[Snaps, NearestTargets, int],
    closed: ClosedRoads,
) -> _Effect:
    """Return what the closures did: compared with the same question without them."""
    origin, nearest, k = asked
    start = network.snapper.snap(origin.places)
    without = find_nearest(network, start, open_targets, k)
    lost = np.setdiff1d(nearest.unreachable, without.unreachable)
    trips = open_trips(network, start, open_targets, lost)
    met = {target: closures_met([trip], closed) for target, trip in trips.items()}
    return _Effect(
        mattered=frozenset(closures_met(without.found, closed).union(*met.values())),
        cut_off={target: frozenset(owners) for target, owners in met.items()},
    )


def _excluded(
    places: KeptPlaces,
    nearest: NearestTargets,
    world: tuple[TargetSet, _Effect, AppliedClosures],
) -> tuple[ExcludedPlace, ...]:
    targets, effect, applied = world
    is_shut: tuple[Exclusion, tuple[str, ...]] = (Exclusion.CLOSED, ())
    reasons = dict.fromkeys(places.closed.tolist(), is_shut)
    for target in nearest.unreachable.tolist():
        row = int(places.usable[target])
        if target in effect.cut_off:
            reasons[row] = (Exclusion.CUT_OFF, applied.named(effect.cut_off[target]))
        else:
            is_off = targets.snaps.edge[target] < 0
            reasons[row] = (Exclusion.OFF_NETWORK if is_off else Exclusion.NO_ROUTE, ())
    return tuple(
        ExcludedPlace(
            key=places.table.keys[row], name=places.name(row), reason=reason, closures=closures
        )
        for row, (reason, closures) in sorted(reasons.items())
    )
