"""A square of the web map (WebMercatorQuad): its address, its grid and the ground it covers."""

import math
from dataclasses import dataclass

from yingji_map.domain.errors import InvalidParameter

EXTENT = 4096  # grid units along a tile's side, the value that every client assumes
BUFFER = 64  # grid units drawn beyond each side, so that symbols and outlines show no seams
MAX_ZOOM = 22
HALF_WORLD_M = 20037508.342789244  # Source: EPSG:3857, π times the radius 6378137 m


@dataclass(frozen=True, slots=True)
class TileAddress:
    """Zoom, column from the west and row from the north."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise _outside(name="z", value=self.z, last=MAX_ZOOM)
        last = (1 << self.z) - 1
        for name, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value <= last:
                raise _outside(name=name, value=value, last=last)

    @property
    def side_m(self) -> float:
        """Return the side in metres of EPSG:3857."""
        return 2 * HALF_WORLD_M / (1 << self.z)

    @property
    def buffer_m(self) -> float:
        """Return the width of the drawn margin in metres of EPSG:3857."""
        return self.side_m * BUFFER / EXTENT

    @property
    def corner_m(self) -> tuple[float, float]:
        """Return the north-western corner in EPSG:3857, x then y."""
        return self.x * self.side_m - HALF_WORLD_M, HALF_WORLD_M - self.y * self.side_m


def tile_holding(lon: float, lat: float, z: int) -> TileAddress:
    """Return the tile of zoom `z` that holds a place in degrees (within the Mercator square)."""
    count = 1 << z
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    last = count - 1
    return TileAddress(
        z, min(max(int(across * count), 0), last), min(max(int(down * count), 0), last)
    )


def _outside(*, name: str, value: int, last: int) -> InvalidParameter:
    return InvalidParameter(
        parameter=name,
        value=value,
        reason_zh=f"瓦片编号应在 0 到 {last} 之间",
        reason_en=f"tile numbers here go from 0 to {last}",
    )
