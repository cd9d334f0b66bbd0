"""Whether everything a client will ask for can be answered right now."""

from dataclasses import dataclass

from yingji_map.domain.errors import StoreUnavailable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Which parts answer; ready only when all of them do."""

    parts: dict[str, bool]

    @property
    def is_ready(self) -> bool:
        """True when every part answers."""
        return all(self.parts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReadiness:
    """Look at the store and the catalogue without computing anything."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self) -> Readiness:
        """Return the state of each part."""
        try:
            with self.store.read() as tx:
                states = find_layer_states(tx)
        except StoreUnavailable:
            return Readiness(parts={"store": False, "layers": False})
        return Readiness(parts={"store": True, "layers": set(self.catalogue) <= set(states)})
