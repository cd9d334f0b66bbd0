"""Layers as collections of features: which there are, and what a query finds in one."""

from dataclasses import dataclass

from yingji_map.domain.crs import ServedCrs, local_systems
from yingji_map.domain.errors import FeatureNotFound, LayerNotFound, NotReady
from yingji_map.domain.layer import Access, LayerDefinition
from yingji_map.domain.query import FeatureQuery
from yingji_map.services.list_layers import LayerListing
from yingji_map.store.collections import FeaturePage, FoundFeature, find_feature, find_page
from yingji_map.store.database import Store
from yingji_map.store.layers import LayerState, find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFeatures:
    """Answer questions about the features of vector layers.

    A `restricted` layer is as if it were not there: nobody has proved a right to it.
    """

    store: Store
    catalogue: dict[str, LayerDefinition]

    def collections(self) -> list[LayerListing]:
        """Return every vector layer that the store is ready for, in catalogue order."""
        with self.store.read() as tx:
            states = find_layer_states(tx)
        return [
            LayerListing(definition=definition, state=states[definition.id])
            for definition in self.catalogue.values()
            if is_served(definition) and definition.id in states
        ]

    def collection(self, layer_id: str) -> LayerListing:
        """Return one vector layer.

        Raises
        ------
        LayerNotFound
            There is no such vector layer.
        NotReady
            It is declared, but the store has not been told.
        """
        definition = served_layer(self.catalogue, layer_id)
        with self.store.read() as tx:
            state = find_layer_states(tx).get(layer_id)
        return LayerListing(definition=definition, state=ready(definition, state))

    def local_systems(self) -> tuple[ServedCrs, ...]:
        """Return the coordinate systems of the place that the layers lie in."""
        return local_systems(
            listing.state.bounds
            for listing in self.collections()
            if listing.state is not None and listing.state.bounds is not None
        )

    def definition(self, layer_id: str) -> LayerDefinition:
        """Return the definition of a vector layer, or refuse with `LayerNotFound`."""
        return served_layer(self.catalogue, layer_id)

    def page(self, layer_id: str, query: FeatureQuery) -> FeaturePage:
        """Return the features a query asks for; raises as `collection`."""
        definition = served_layer(self.catalogue, layer_id)
        with self.store.read() as tx:
            ready(definition, find_layer_states(tx).get(layer_id))
            return find_page(tx, definition, query)

    def feature(self, layer_id: str, key: str, query: FeatureQuery) -> FoundFeature:
        """Return one feature; raises as `collection`.

        Raises
        ------
        FeatureNotFound
            No feature has this key at the time asked for.
        """
        definition = served_layer(self.catalogue, layer_id)
        with self.store.read() as tx:
            ready(definition, find_layer_states(tx).get(layer_id))
            # PostgreSQL text holds no NUL, so no key does.
            found = None if "\x00" in key else find_feature(tx, definition, key, query)
        if found is None:
            raise FeatureNotFound(layer=layer_id, feature=key)
        return found


def is_served(definition: LayerDefinition) -> bool:
    """Return whether a layer's features may be asked for."""
    return not definition.is_raster and definition.access is not Access.RESTRICTED


def served_layer(catalogue: dict[str, LayerDefinition], layer_id: str) -> LayerDefinition:
    """Return the vector layer with this id, or refuse with `LayerNotFound`."""
    definition = catalogue.get(layer_id)
    if definition is None or not is_served(definition):
        raise LayerNotFound(layer=layer_id)
    return definition


def ready(definition: LayerDefinition, state: LayerState | None) -> LayerState:
    """Return the state of a layer, or refuse with `NotReady` where there is none."""
    if state is None:
        raise NotReady(
            what_zh=f"图层 {definition.id} 的数据表",
            what_en=f"table of layer {definition.id}",
            fix="yingji layer apply",
        )
    return state
