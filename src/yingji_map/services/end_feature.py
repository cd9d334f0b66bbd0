"""A feature of a layer ends: closed shelter, filled-in pond, village that moved."""

from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.errors import FeatureNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.services.layer_moment import require_zone, vector_layer
from yingji_map.store.database import Store
from yingji_map.store.endings import EndSummary, end_feature, is_known
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFeature:
    """Say until when a feature held; what it was before stays readable."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self, layer_id: str, key: str, since: datetime | None = None) -> EndSummary:
        """End a feature at `since`, None for now; one that had ended before changes nothing.

        Raises
        ------
        LayerNotFound, InvalidParameter
            There is no such vector layer; the instant lacks its zone.
        FeatureNotFound
            The layer never had this feature.
        """
        definition = vector_layer(self.catalogue, layer_id)
        if since is not None:
            require_zone("since", since)
        with self.store.transaction() as tx:
            is_applied = layer_id in find_layer_states(tx)
            if not is_applied or not is_known(tx, definition, key):
                raise FeatureNotFound(layer=layer_id, feature=key)
            return end_feature(tx, definition, key, since)
