"""Tiles as one PMTiles 3 archive, which a browser or a field laptop reads without a server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from yingji_map.domain.tile import TileAddress

Bounds = tuple[float, float, float, float]
_E7 = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TileArchive:
    """What the tiles of an archive are; `bounds` in degrees, `metadata` as TileJSON has it."""

    bounds: Bounds
    is_vector: bool
    is_gzipped: bool
    metadata: Mapping[str, object] = field(default_factory=dict)


def write_pmtiles(
    path: Path,
    archive: TileArchive,
    addresses: Sequence[TileAddress],
    tile_of: Callable[[TileAddress], bytes],
) -> int:
    """Write the tiles that are not empty, in the archive's own order, and return how many."""
    written = 0
    with path.open("wb") as stream:
        writer = Writer(stream)  # type: ignore[no-untyped-call]  # pmtiles has no types
        for tile_id, address in sorted((_tile_id(tile), tile) for tile in addresses):
            body = tile_of(address)
            if body:
                writer.write_tile(tile_id, body)  # type: ignore[no-untyped-call]
                written += 1
        if written:
            writer.finalize(_header(archive), dict(archive.metadata))  # type: ignore[no-untyped-call]
    return written


def _tile_id(tile: TileAddress) -> int:
    return int(zxy_to_tileid(tile.z, tile.x, tile.y))


def _header(archive: TileArchive) -> dict[str, object]:
    west, south, east, north = (round(edge * _E7) for edge in archive.bounds)
    return {
        "version": 3,
        "tile_type": TileType.MVT if archive.is_vector else TileType.PNG,
        "tile_compression": Compression.GZIP if archive.is_gzipped else Compression.NONE,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": 10,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
