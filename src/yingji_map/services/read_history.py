"""What a feature was, and what was known of it, from its first row on."""

from dataclasses import dataclass

from yingji_map.domain.errors import FeatureNotFound, LayerNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.database import Store
from yingji_map.store.history import FeatureVersion, find_history
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHistory:
    """Answer how one feature came to be what it is."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self, layer_id: str, key: str) -> list[FeatureVersion]:
        """Return every row of a feature, in the order in which they became known.

        Raises
        ------
        LayerNotFound
            There is no such vector layer.
        FeatureNotFound
            No row ever had this key.
        """
        definition = self.catalogue.get(layer_id)
        if definition is None or definition.is_raster:
            raise LayerNotFound(layer=layer_id)
        with self.store.read() as tx:
            is_applied = layer_id in find_layer_states(tx)
            versions = find_history(tx, definition, key) if is_applied else []
        if not versions:
            raise FeatureNotFound(layer=layer_id, feature=key)
        return versions
