"""Whether everything a client will ask for can be answered right now."""

from dataclasses import dataclass

from yingji_map.domain.errors import StoreUnavailable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.services.keep_network import KeepNetwork
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states
from yingji_map.store.runs import find_runs


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
    """Look at the parts without computing anything, but let the road graph begin to be built."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    network: KeepNetwork

    def run(self) -> Readiness:
        """Return the state of each part; `run` is whether there is a risk run to serve."""
        parts = dict.fromkeys(("store", "layers", "network", "run"), False)
        try:
            with self.store.read() as tx:
                parts["store"] = True
                parts["layers"] = set(self.catalogue) <= set(find_layer_states(tx))
                parts["run"] = bool(find_runs(tx, limit=1))
            parts["network"] = self.network.readiness().is_ready
        except StoreUnavailable:
            return Readiness(parts=dict.fromkeys(parts, False))
        return Readiness(parts=parts)
