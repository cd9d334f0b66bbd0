"""Layer definitions → typed tables in the store."""

from dataclasses import dataclass

from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.database import Store
from yingji_map.store.layers import apply_layer


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyLayers:
    """Make the store ready for every declared layer, all of them or none."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self) -> dict[str, tuple[str, ...]]:
        """Apply the catalogue; applying it twice changes nothing.

        Returns
        -------
        dict
            What was done to each layer; an empty tuple where nothing had to change.

        Raises
        ------
        DestructiveChange
            A definition would lose stored data; no table was changed.
        """
        with self.store.transaction() as tx:
            return {layer_id: apply_layer(tx, d) for layer_id, d in self.catalogue.items()}
