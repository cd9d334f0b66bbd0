"""The quickest way between two places, and travel times between many."""

from dataclasses import dataclass

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.network import MAX_MATRIX_CELLS, Direction, ProfileId, Trip
from yingji_map.engine.graph import Ints
from yingji_map.engine.matrix import travel_times_ds
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.targets import prepare_targets
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteAnswer:
    """The quickest trip, None when no road leads there; where both ends met the road."""

    query: RouteQuery
    trip: Trip | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixAnswer:
    """Travel times `(n_origins, n_destinations)` in deciseconds, `UNREACHED` without a way."""

    query: MatrixQuery
    times_ds: Ints
    origins: Snaps
    destinations: Snaps
    road_version: int
    is_network_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRoute:
    """Answer how to get from one place to another, or how long from many to many."""

    store: Store
    network: KeepNetwork

    def run(self, query: RouteQuery) -> RouteAnswer:
        """Return the quickest trip.

        Raises
        ------
        InvalidParameter
            A position makes no sense.
        PlaceOutOfReach
            A place is too far from any road that the profile may use.
        NotReady
            There are no roads.
        """
        with self.store.read() as tx:
            states = find_layer_states(tx)
        kept = self.network.current(states)
        network = kept.network.by_profile[query.profile]
        start = one_on_network(network, query.start)
        end = one_on_network(network, query.end)
        found = find_nearest(network, start, prepare_targets(network, Direction.FROM, end), k=1)
        return RouteAnswer(
            query=query,
            trip=found.found[0].trip if found.found else None,
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
        network = kept.network.by_profile[query.profile]
        origins = on_network(network, query.origins)
        destinations = on_network(network, query.destinations)
        return MatrixAnswer(
            query=query,
            times_ds=travel_times_ds(network, origins, destinations),
            origins=origins,
            destinations=destinations,
            road_version=kept.version,
            is_network_current=self.network.is_current(kept, states),
        )


def _check_size(query: MatrixQuery) -> None:
    asked = len(query.origins) * len(query.destinations)
    if not 1 <= asked <= MAX_MATRIX_CELLS:
        raise InvalidParameter(
            parameter="origins",
            value=f"{len(query.origins)} × {len(query.destinations)}",
            reason_zh=f"两边都要有点，相乘不超过 {MAX_MATRIX_CELLS}",
            reason_en=f"both sides need places, at most {MAX_MATRIX_CELLS} pairs",
        )
