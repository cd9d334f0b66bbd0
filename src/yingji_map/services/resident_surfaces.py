"""Risk surfaces kept in memory, loaded once and shared by every request."""

from dataclasses import dataclass

from yingji_map.domain.errors import HazardNotFound
from yingji_map.domain.risk import RiskSurface
from yingji_map.domain.run import RunRecord
from yingji_map.engine.risk_tiles import RiskTileLayer, risk_tile_layer
from yingji_map.engine.roll_up import roll_up
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Store
from yingji_map.store.runs import find_run, load_surface

_BYTES_PER_CELL = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentSurfaces:
    """The surfaces of the runs in use; runs never change, so nothing here ever goes stale."""

    store: Store
    surfaces: SingleFlightCache[tuple[str, str], RiskSurface]
    layers: SingleFlightCache[tuple[str, str, int], RiskTileLayer]

    def find(self, run_id: str | None, hazard: str) -> RunRecord:
        """Return the run that answers for a hazard; None means the latest.

        Raises
        ------
        RunNotFound, NotReady
            No such run, or none at all yet.
        HazardNotFound
            The run does not hold this hazard.
        """
        with self.store.read() as tx:
            record = find_run(tx, run_id)
        if all(summary.hazard != hazard for summary in record.hazards):
            raise HazardNotFound(hazard=hazard, run=record.run_id)
        return record

    def surface(self, run_id: str, hazard: str) -> RiskSurface:
        """Return a surface on its own cells."""
        return self.surfaces.get((run_id, hazard), lambda: self._load(run_id, hazard))

    def layer(self, run_id: str, hazard: str, resolution: int) -> RiskTileLayer:
        """Return a surface on cells of `resolution` (or its own, when that is coarser) for tiles."""
        return self.layers.get(
            (run_id, hazard, resolution),
            lambda: risk_tile_layer(roll_up(self.surface(run_id, hazard), resolution)),
        )

    def _load(self, run_id: str, hazard: str) -> RiskSurface:
        with self.store.read() as tx:
            return load_surface(tx, run_id, hazard)


def resident_surfaces(store: Store, budget_bytes: int) -> ResidentSurfaces:
    """Return an empty memory that may grow to about `budget_bytes`."""
    return ResidentSurfaces(
        store=store,
        surfaces=SingleFlightCache(budget_bytes // 4, lambda s: len(s) * _BYTES_PER_CELL + 1024),
        layers=SingleFlightCache(budget_bytes * 3 // 4, lambda layer: layer.size_bytes + 1024),
    )
