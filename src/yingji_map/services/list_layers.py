"""The catalogue together with what the store holds of it."""

from dataclasses import dataclass

from yingji_map.domain.errors import LayerNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.database import Store
from yingji_map.store.layers import LayerState, find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerListing:
    """One declared layer and its state; None before `yingji layer apply`."""

    definition: LayerDefinition
    state: LayerState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLayers:
    """Answer which layers there are and how many features they hold now."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self) -> list[LayerListing]:
        """Return every layer in catalogue order."""
        with self.store.read() as tx:
            states = find_layer_states(tx)
        return [
            LayerListing(definition=definition, state=states.get(layer_id))
            for layer_id, definition in self.catalogue.items()
        ]

    def one(self, layer_id: str) -> LayerListing:
        """Return one layer.

        Raises
        ------
        LayerNotFound
            It is not declared.
        """
        definition = self.catalogue.get(layer_id)
        if definition is None:
            raise LayerNotFound(layer=layer_id)
        with self.store.read() as tx:
            return LayerListing(definition=definition, state=find_layer_states(tx).get(layer_id))
