"""A tile of a risk run as compressed bytes, from surfaces kept in memory."""

import hashlib
from dataclasses import dataclass

from yingji_map.domain.run import RunRecord
from yingji_map.domain.tile import TileAddress
from yingji_map.engine.risk_tiles import MAX_ZOOM, resolution_for_zoom
from yingji_map.services.compressed import CompressedBody, compress
from yingji_map.services.resident_surfaces import ResidentSurfaces
from yingji_map.services.single_flight import SingleFlightCache

_METHOD = "risk-tile-1"  # part of every tag: a change of the encoding must reach the clients


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTileset:
    """What a client must know before it asks for tiles; `bounds` is None for an empty run."""

    run: RunRecord
    hazard: str
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRiskTiles:
    """Make the tiles of a run once; without a run, those of the latest one.

    Which run is the latest is looked up per request, so that a new run shows at once.
    """

    resident: ResidentSurfaces
    cache: SingleFlightCache[tuple[str, TileAddress], CompressedBody]

    def tileset(self, run_id: str | None, hazard: str) -> RiskTileset:
        """Describe the tiles of a hazard.

        Raises
        ------
        RunNotFound, NotReady, HazardNotFound
            See `ResidentSurfaces.find`.
        """
        run = self.resident.find(run_id, hazard)
        layer = self.resident.layer(run.run_id, hazard, resolution_for_zoom(MAX_ZOOM))
        return RiskTileset(run=run, hazard=hazard, bounds=layer.bounds)

    def tag(self, run_id: str, hazard: str) -> str:
        """Return the tag that all tiles of a hazard of a run have for ever."""
        facts = repr((_METHOD, run_id, hazard))
        return hashlib.blake2b(facts.encode(), digest_size=12).hexdigest()

    def tile(self, run_id: str, hazard: str, tile: TileAddress) -> CompressedBody:
        """Return one tile of a run that `ResidentSurfaces.find` answered."""
        tag = self.tag(run_id, hazard)

        def make() -> CompressedBody:
            layer = self.resident.layer(run_id, hazard, resolution_for_zoom(tile.z))
            return compress(tag, layer.encode(tile))

        return self.cache.get((tag, tile), make)
