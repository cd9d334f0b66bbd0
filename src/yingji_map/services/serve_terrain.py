"""Terrain tiles for relief shading, from the elevation model in force."""

from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.errors import NotReady, UnreadableFile
from yingji_map.domain.tile import TileAddress
from yingji_map.engine.hillshade import hillshade_on_tile
from yingji_map.engine.terrain import Terrain, build_terrain, heights_on_tile, terrarium
from yingji_map.ingest.raster import read_raster
from yingji_map.publish.png import png_bytes
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Store
from yingji_map.store.raster_files import raster_path
from yingji_map.store.rasters import find_rasters

LAYER = "dem"
# Part of every tag: a change of the encoding or of the light must reach the clients.
_METHOD, _SHADE_METHOD = "terrarium-2", "hillshade-1"

_MAX_SIDE = 8192  # pixels; a larger model is averaged down to it, which keeps it under 350 MiB


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeTerrain:
    """Make terrain tiles once per elevation model; a newly imported one shows at once."""

    store: Store
    data_dir: Path
    terrains: SingleFlightCache[str, Terrain]
    cache: SingleFlightCache[tuple[str, TileAddress], bytes]
    shades: SingleFlightCache[tuple[str, TileAddress], bytes]

    def in_force(self) -> str:
        """Return the hash of the elevation model in force.

        Raises
        ------
        NotReady
            None was imported yet.
        """
        with self.store.read() as tx:
            records = find_rasters(tx, LAYER)
        if not records:
            raise _no_terrain()
        return records[-1].sha256

    def tag(self, sha256: str) -> str:
        """Return the tag that all tiles of an elevation model have for ever."""
        return f"{_METHOD}-{sha256[:24]}"

    def terrain(self, sha256: str) -> Terrain:
        """Return an elevation model, read once.

        Raises
        ------
        NotReady
            Its file is gone from the data folder.
        """
        return self.terrains.get(sha256, lambda: self._read(sha256))

    def tile(self, sha256: str, tile: TileAddress) -> bytes:
        """Return one tile as PNG."""

        def make() -> bytes:
            return png_bytes(terrarium(heights_on_tile(self.terrain(sha256), tile)))

        return self.cache.get((sha256, tile), make)

    def shade_tag(self, sha256: str) -> str:
        """Return the tag that all shaded tiles of an elevation model have for ever."""
        return f"{_SHADE_METHOD}-{sha256[:24]}"

    def shade(self, sha256: str, tile: TileAddress) -> bytes:
        """Return the shaded relief of one tile as PNG, transparent where nothing is known."""

        def make() -> bytes:
            return png_bytes(hillshade_on_tile(self.terrain(sha256), tile))

        return self.shades.get((sha256, tile), make)

    def _read(self, sha256: str) -> Terrain:
        try:
            path = raster_path(self.data_dir, sha256)
            raster = read_raster(path, sha256=sha256, max_side=_MAX_SIDE)
        except UnreadableFile as error:
            raise _no_terrain() from error
        return build_terrain(raster)


def _no_terrain() -> NotReady:
    return NotReady(
        what_zh="可用的高程栅格",
        what_en="usable elevation raster",
        fix=f"yingji raster import --layer {LAYER} FILE",
    )
