"""A tile of the difference of two runs as compressed bytes."""

import hashlib
from dataclasses import dataclass

from yingji_map.domain.run import RunRecord
from yingji_map.domain.tile import TileAddress
from yingji_map.engine.diff_tiles import DiffTileLayer, diff_tile_layer
from yingji_map.engine.risk_tiles import resolution_for_zoom
from yingji_map.engine.roll_up import roll_up
from yingji_map.engine.run_diff import compare_surfaces
from yingji_map.services.compressed import CompressedBody, compress
from yingji_map.services.diff_runs import DiffRuns
from yingji_map.services.single_flight import SingleFlightCache

_METHOD = "diff-tile-1"  # part of every tag: a change of the encoding must reach the clients


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeDiffTiles:
    """Make the tiles of a difference once; from afar, the difference of what the two maps show."""

    diffs: DiffRuns
    layers: SingleFlightCache[tuple[str, str, str, int], DiffTileLayer]
    cache: SingleFlightCache[tuple[str, TileAddress], CompressedBody]

    def tag(self, origin: RunRecord, target: RunRecord, hazard: str) -> str:
        """Return the tag that all tiles of a difference have for ever."""
        facts = repr((_METHOD, origin.run_id, target.run_id, hazard))
        return hashlib.blake2b(facts.encode(), digest_size=12).hexdigest()

    def tile(
        self, origin: RunRecord, target: RunRecord, hazard: str, tile: TileAddress
    ) -> CompressedBody:
        """Return one tile of two runs that `DiffRuns.find` answered."""
        tag = self.tag(origin, target, hazard)

        def make() -> CompressedBody:
            layer = self.layer(origin, target, hazard, resolution_for_zoom(tile.z))
            return compress(tag, layer.encode(tile))

        return self.cache.get((tag, tile), make)

    def layer(
        self, origin: RunRecord, target: RunRecord, hazard: str, resolution: int
    ) -> DiffTileLayer:
        """Return the changed cells at `resolution`, or at the runs' own when that is coarser."""

        def make() -> DiffTileLayer:
            if resolution >= target.resolution:
                return diff_tile_layer(self.diffs.surface(origin, target, hazard))
            both = (self.diffs.resident.surface(r.run_id, hazard) for r in (origin, target))
            return diff_tile_layer(compare_surfaces(*(roll_up(s, resolution) for s in both)))

        key = (origin.run_id, target.run_id, hazard, resolution)
        return self.layers.get(key, make)
