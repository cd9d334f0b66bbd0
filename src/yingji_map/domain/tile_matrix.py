"""WebMercatorQuad as a tile matrix set: its scales, and which tiles of it cover a place."""

from dataclasses import dataclass

from yingji_map.domain.tile import HALF_WORLD_M, MAX_ZOOM, tile_holding

WEB_MERCATOR_QUAD = "WebMercatorQuad"
TILE_PIXELS = 256
_PIXEL_M = 0.00028  # Source: OGC 17-083r4, 6.2: the standardised size of a rendering pixel
_MAX_LAT = 85.0511287798066


@dataclass(frozen=True, slots=True)
class TileMatrix:
    """One level: `1 << z` tiles a side, `cell_size_m` metres of EPSG:3857 a pixel."""

    z: int

    @property
    def cell_size_m(self) -> float:
        """Return the side of a pixel in metres of EPSG:3857."""
        return 2 * HALF_WORLD_M / TILE_PIXELS / (1 << self.z)

    @property
    def scale_denominator(self) -> float:
        """Return the scale at the equator as the standard states it."""
        return self.cell_size_m / _PIXEL_M


@dataclass(frozen=True, slots=True, kw_only=True)
class TileLimits:
    """The rows and columns of one level that can hold something, ends included."""

    z: int
    min_row: int
    max_row: int
    min_col: int
    max_col: int


def tile_matrices() -> list[TileMatrix]:
    """Return every level that is served, the coarsest first."""
    return [TileMatrix(z) for z in range(MAX_ZOOM + 1)]


def tile_limits(bounds: tuple[float, float, float, float], z: int) -> TileLimits:
    """Return the tiles of level `z` that a box in degrees (west, south, east, north) touches."""
    west, south, east, north = bounds
    first = tile_holding(west, min(north, _MAX_LAT), z)
    last = tile_holding(east, max(south, -_MAX_LAT), z)
    return TileLimits(z=z, min_row=first.y, max_row=last.y, min_col=first.x, max_col=last.x)
