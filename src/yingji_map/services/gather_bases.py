"""Where trips start or end: one place, or the usable places of a layer, put on the network."""

from dataclasses import dataclass

import numpy as np
import shapely

from yingji_map.domain.closure import ClosureChoice
from yingji_map.domain.errors import InvalidParameter, LayerNotFound
from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.domain.network import Direction, ProfileId, default_direction
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps
from yingji_map.services.keep_closures import AppliedClosures, KeepClosures
from yingji_map.services.keep_network import KeepNetwork, KeptNetwork
from yingji_map.services.keep_places import KeepPlaces, KeptPlaces
from yingji_map.services.network_access import Place, one_on_network
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A place that trips start from or go to."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Bases on a network under its closures; `outward` is the usual direction, seen from them."""

    bases: tuple[Base, ...]
    snaps: Snaps
    outward: Direction
    network: ProfileNetwork
    kept: KeptNetwork
    applied: AppliedClosures
    is_network_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherBases:
    """Find bases and put them on the network as it is now."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    network: KeepNetwork
    places: KeepPlaces
    closures: KeepClosures

    def run(
        self,
        place: Place | None,
        layer_id: str | None,
        travel: tuple[ProfileId, ClosureChoice],
    ) -> Gathered:
        """Return one place, or the usable places of a layer.

        Raises
        ------
        InvalidParameter
            Neither or both are given, or they make no sense.
        PlaceOutOfReach, PlaceCutOff
            The one place is too far from any road, or all near are closed.
        LayerNotFound, ClosureNotFound, NotReady
            What is asked about does not exist.
        """
        profile, choice = travel
        if (place is None) == (layer_id is None):
            raise InvalidParameter(
                parameter="layer",
                value=layer_id,
                reason_zh="给 lon、lat 或 layer，二者选一",
                reason_en="give either lon and lat, or layer",
            )
        with self.store.read() as tx:
            states = find_layer_states(tx)
            kept = self.network.current(states)
            applied = self.closures.applied(tx, choice, kept)
        network = kept.network.by_profile[profile]
        if layer_id is None:
            found = None
            snaps = one_on_network(network, place or (np.nan, np.nan), applied.closed)
        else:
            found = self.places.current(self.point_layer(layer_id), states)
            pairs = shapely.get_coordinates(found.table.geometry[found.usable])
            snaps = network.snapper.snap(pairs, closed=applied.closed)
        is_coming = layer_id is None or default_direction(layer_id) is Direction.TO
        return Gathered(
            bases=() if found is None else bases_of(found),
            snaps=snaps,
            outward=Direction.FROM if is_coming else Direction.TO,
            network=network,
            kept=kept,
            applied=applied,
            is_network_current=self.network.is_current(kept, states),
        )

    def layer(self, layer_id: str) -> KeptPlaces:
        """Return the features of a layer as they are now.

        Raises
        ------
        NotReady
            It holds nothing.
        """
        with self.store.read() as tx:
            states = find_layer_states(tx)
        return self.places.current(self.catalogue[layer_id], states)

    def point_layer(self, layer_id: str) -> LayerDefinition:
        """Return the definition of a layer of points.

        Raises
        ------
        LayerNotFound, InvalidParameter
            There is none, or it is not one of points.
        """
        definition = self.catalogue.get(layer_id)
        if definition is None:
            raise LayerNotFound(layer=layer_id)
        if definition.geometry is not GeometryType.POINT:
            raise InvalidParameter(
                parameter="layer",
                value=layer_id,
                reason_zh="不是点图层，没有可以前往的地点",
                reason_en="is not a layer of points, so there is nowhere to go",
            )
        return definition


def bases_of(places: KeptPlaces) -> tuple[Base, ...]:
    """Return the usable places of a layer by key and name."""
    return tuple(
        Base(key=places.table.keys[row], name=places.name(int(row))) for row in places.usable
    )
