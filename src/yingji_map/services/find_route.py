"""The quickest way between two places, and travel times between many."""

from dataclasses import dataclass

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import MAX_MATRIX_CELLS, Direction, ProfileId, Trip
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.detours import closures_met
from yingji_map.engine.graph import Ints
from yingji_map.engine.matrix import travel_times_ds
from yingji_map.engine.nearest import Found, find_nearest
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import prepare_targets
from yingji_map.services.keep_closures import AppliedClosures, KeepClosures
from yingji_map.services.keep_network import KeepNetwork
from yingji_map.services.network_access import Place, on_network, one_on_network
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteQuery:
    """From where to where (longitude, latitude), and by what."""

    start: Place
    end: Place
    profile: ProfileId = ProfileId.CAR
    closures: ClosureChoice = THOSE_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteAnswer:
    """The quickest trip, None when no road leads there; where both ends met the road.

    Attributes
    ----------
    mattered
        Closures on the way there would be without them; none leaves the way as it is.
    delay_s
        How much longer the trip takes for the closures; None without a trip.
    is_cut_off
        True when only closures keep the trip from being made.
    """

    query: RouteQuery
    trip: Trip | None
    applied: AppliedClosures
    mattered: tuple[str, ...]
    delay_s: float | None
    is_cut_off: bool
    start: Snaps
    end: Snaps
    road_version: int
    is_network_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixQuery:
    """Many places (longitude, latitude) each way."""

    origins: tuple[Place, ...]
    destinations: tuple[Place, ...]
    profile: ProfileId = ProfileId.CAR
    closures: ClosureChoice = THOSE_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixAnswer:
    """Travel times `(n_origins, n_destinations)` in deciseconds, `UNREACHED` without a way.

    `cut_off` pairs have a way only without the closures.
    """

    query: MatrixQuery
    times_ds: Ints
    applied: AppliedClosures
    cut_off: int
    origins: Snaps
    destinations: Snaps
    road_version: int
    is_network_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRoute:
    """Answer how to get from one place to another, or how long from many to many."""

    store: Store
    network: KeepNetwork
    closures: KeepClosures

    def run(self, query: RouteQuery) -> RouteAnswer:
        """Return the quickest trip.

        Raises
        ------
        InvalidParameter
            A position makes no sense.
        ClosureNotFound
            A closure asked for does not exist.
        PlaceOutOfReach, PlaceCutOff
            A place is too far from any road that the profile may use, or all near are closed.
        NotReady
            There are no roads.
        """
        with self.store.read() as tx:
            states = find_layer_states(tx)
            kept = self.network.current(states)
            applied = self.closures.applied(tx, query.closures, kept)
        network = kept.network.by_profile[query.profile]
        start = one_on_network(network, query.start, applied.closed)
        end = one_on_network(network, query.end, applied.closed)
        found = _trip(network, start, end, applied.closed)
        without = found
        if not applied.closed.is_empty:
            open_start = one_on_network(network, query.start)
            without = _trip(network, open_start, one_on_network(network, query.end))
        met = closures_met([without] if without else [], applied.closed)
        return RouteAnswer(
            query=query,
            trip=found.trip if found else None,
            applied=applied,
            mattered=applied.named(met),
            delay_s=(found.cost_ds - without.cost_ds) / 10 if found and without else None,
            is_cut_off=found is None and without is not None,
            start=start,
            end=end,
            road_version=kept.version,
            is_network_current=self.network.is_current(kept, states),
        )

    def matrix(self, query: MatrixQuery) -> MatrixAnswer:
        """Return all travel times; places off the network have none.

        Raises
        ------
        InvalidParameter
            A position makes no sense, there are none, or there are too many.
        NotReady
            There are no roads.
        """
        _check_size(query)
        with self.store.read() as tx:
            states = find_layer_states(tx)
            kept = self.network.current(states)
            applied = self.closures.applied(tx, query.closures, kept)
        network = kept.network.by_profile[query.profile]
        origins = on_network(network, query.origins, applied.closed)
        destinations = on_network(network, query.destinations, applied.closed)
        times_ds = travel_times_ds(network, origins, destinations, applied.closed)
        cut_off = 0
        if not applied.closed.is_empty:
            ends = (on_network(network, query.origins), on_network(network, query.destinations))
            is_open = travel_times_ds(network, *ends) < UNREACHED
            cut_off = int((is_open & (times_ds == UNREACHED)).sum())
        return MatrixAnswer(
            query=query,
            times_ds=times_ds,
            applied=applied,
            cut_off=cut_off,
            origins=origins,
            destinations=destinations,
            road_version=kept.version,
            is_network_current=self.network.is_current(kept, states),
        )


def _trip(
    network: ProfileNetwork, start: Snaps, end: Snaps, closed: ClosedRoads = ALL_OPEN
) -> Found | None:
    targets = prepare_targets(network, Direction.FROM, end, closed)
    found = find_nearest(network, start, targets, k=1).found
    return found[0] if found else None


def _check_size(query: MatrixQuery) -> None:
    asked = len(query.origins) * len(query.destinations)
    if not 1 <= asked <= MAX_MATRIX_CELLS:
        raise InvalidParameter(
            parameter="origins",
            value=f"{len(query.origins)} × {len(query.destinations)}",
            reason_zh=f"两边都要有点，相乘不超过 {MAX_MATRIX_CELLS}",
            reason_en=f"both sides need places, at most {MAX_MATRIX_CELLS} pairs",
        )
