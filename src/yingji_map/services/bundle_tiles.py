"""The tile archives of an offline bundle: all layers in one, each hazard in one, the heights."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.tile import TileAddress, tile_holding
from yingji_map.engine.risk_tiles import PROPERTIES, SOURCE_LAYER
from yingji_map.publish.pmtiles_file import TileArchive, write_pmtiles
from yingji_map.services.serve_layer_tiles import ServeLayerTiles
from yingji_map.services.serve_risk_tiles import ServeRiskTiles
from yingji_map.services.serve_terrain import ServeTerrain

Bounds = tuple[float, float, float, float]
MAX_ZOOM = 12
_MIN_ZOOM = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleTiles:
    """Take tiles as the service hands them out, so that the laptop sees the same map."""

    layer_tiles: ServeLayerTiles
    risk_tiles: ServeRiskTiles
    terrain: ServeTerrain

    def write_layers(
        self, path: Path, layers: list[str], bounds: Bounds, is_wanted: Callable[[], bool]
    ) -> int:
        """Write one archive whose tiles hold every layer; returns how many tiles."""
        tags = {layer: self.layer_tiles.tag(layer) for layer in layers}
        described = [self.layer_tiles.tileset(layer) for layer in layers]

        def tile(address: TileAddress) -> bytes:
            if not is_wanted():
                return b""
            parts = [
                self.layer_tiles.tile(layer, address, tags[layer]).plain()
                for layer in layers
                if address.z >= self.layer_tiles.definition(layer).tiles.minzoom
            ]
            whole = b"".join(parts)  # the layers of a tile stand one after the other
            return gzip.compress(whole, mtime=0) if whole else b""

        metadata = {
            "name": "应急一张图",
            "format": "pbf",
            "vector_layers": [
                {
                    "id": each.definition.id,
                    "description": each.definition.title.zh,
                    "fields": dict.fromkeys(each.properties, "String"),
                }
                for each in described
            ],
        }
        archive = TileArchive(bounds=bounds, is_vector=True, is_gzipped=True, metadata=metadata)
        return write_pmtiles(path, archive, tiles_of(bounds), tile)

    def write_risk(self, path: Path, run_id: str, hazard: str, bounds: Bounds) -> int:
        """Write the cells of a hazard; returns how many tiles."""
        fields = dict.fromkeys(PROPERTIES, "String")
        metadata = {
            "name": hazard,
            "format": "pbf",
            "vector_layers": [{"id": SOURCE_LAYER, "fields": fields}],
        }
        archive = TileArchive(bounds=bounds, is_vector=True, is_gzipped=True, metadata=metadata)
        return write_pmtiles(
            path,
            archive,
            tiles_of(bounds),
            lambda address: self.risk_tiles.tile(run_id, hazard, address).gzipped,
        )

    def write_heights(self, path: Path, sha256: str, bounds: Bounds) -> int:
        """Write the heights as pictures (Terrarium); returns how many tiles."""
        metadata = {"name": "地形", "format": "png", "encoding": "terrarium"}
        archive = TileArchive(bounds=bounds, is_vector=False, is_gzipped=False, metadata=metadata)
        return write_pmtiles(
            path, archive, tiles_of(bounds), lambda address: self.terrain.tile(sha256, address)
        )


def tiles_of(
    bounds: Bounds, min_zoom: int = _MIN_ZOOM, max_zoom: int = MAX_ZOOM
) -> list[TileAddress]:
    """Return every tile that touches a box, from the coarsest zoom to the finest."""
    west, south, east, north = bounds
    found: list[TileAddress] = []
    for z in range(min_zoom, max_zoom + 1):
        first, last = tile_holding(west, north, z), tile_holding(east, south, z)
        found += [
            TileAddress(z, x, y)
            for x in range(first.x, last.x + 1)
            for y in range(first.y, last.y + 1)
        ]
    return found
