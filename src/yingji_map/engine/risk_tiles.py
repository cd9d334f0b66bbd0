"""Vector tiles of risk cells straight from resident arrays: whole cells, never cut at an edge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface
from yingji_map.domain.tile import BUFFER, EXTENT, TileAddress
from yingji_map.engine.cell_rings import CellRings, bounds_in_degrees, cell_rings
from yingji_map.engine.mvt import (
    count_value,
    layer_message,
    number_values,
    text_value,
    varint_lengths,
    write_varints,
    zigzag,
)

SOURCE_LAYER = "risk"
PROPERTIES = ("cell", "level", "state", "confidence", "score")
MIN_ZOOM = 4
MAX_ZOOM = 14
# Source: ui design §6, a cell should measure 9 to 24 px across its radius.
_RESOLUTIONS = ((12, 9), (10, 8), (9, 7), (0, 6))
_STATE_NAMES = tuple(state.name.lower() for state in CellState)
_THOUSANDTHS = 1000
_FIXED = 6  # feature tag, its length, id tag, id, tags tag, their length
_HEX_DIGITS = 15  # the leading hex digit of a cell is always zero and not written
_MIN_VERTICES = 3
TagTable = Callable[
    [npt.NDArray[np.intp]], tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_], bytes]
]


def resolution_for_zoom(z: int) -> int:
    """Return the H3 resolution that tiles of zoom `z` show."""
    return next(resolution for zoom, resolution in _RESOLUTIONS if z >= zoom)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTileLayer:
    """A surface with the outlines of its cells, ready to be cut into tiles."""

    surface: RiskSurface
    rings: CellRings

    @property
    def size_bytes(self) -> int:
        """Return the memory that the arrays take."""
        surface, rings = self.surface, self.rings
        arrays = (surface.cells, surface.score_ratio, surface.confidence_ratio, rings.vertices)
        return sum(array.nbytes for array in arrays) + len(surface) * 48

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of all cells in degrees; None when there are none."""
        return bounds_in_degrees(self.rings)

    def encode(self, tile: TileAddress) -> bytes:
        """Return one tile; empty bytes where no cell touches it or its margin.

        Features are whole cells in the order of their rows; the id is the row. Cells too small to
        enclose anything on the tile's grid are left out, as the specification demands.
        """
        return encode_cells(self.rings, tile, (SOURCE_LAYER, PROPERTIES), self._tags)

    def _tags(
        self, rows: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_], bytes]:
        """Return key and value numbers `(n_rows, 2 * n_properties)`, which are there, and values.

        Values in order: cells, levels, states, then the thousandths in use.
        """
        surface, n_rows = self.surface, len(rows)
        score = surface.score_ratio[rows]
        has_score = ~np.isnan(score)
        shares = np.stack([surface.confidence_ratio[rows], np.where(has_score, score, 0.0)], axis=1)
        used, share_number = np.unique(np.rint(shares * _THOUSANDTHS), return_inverse=True)
        first_level = n_rows
        first_state = first_level + len(RiskLevel)
        first_share = first_state + len(CellState)
        numbers = np.column_stack(
            [
                np.arange(n_rows),
                first_level + surface.level[rows].astype(np.int64),
                first_state + surface.state[rows].astype(np.int64),
                first_share + share_number.reshape(n_rows, 2),
            ]
        )
        tags = np.empty((n_rows, 2 * len(PROPERTIES)), dtype=np.uint64)
        tags[:, 0::2] = np.arange(len(PROPERTIES))
        tags[:, 1::2] = numbers
        has_tag = np.ones(tags.shape, dtype=np.bool_)
        has_tag[:, -2:] = has_score[:, None]
        values = [
            cell_values(surface.cells[rows]),
            *(count_value(level) for level in RiskLevel),
            *(text_value(name) for name in _STATE_NAMES),
            number_values(used / _THOUSANDTHS),
        ]
        return tags, has_tag, b"".join(values)


def encode_cells(
    rings: CellRings, tile: TileAddress, named: tuple[str, Sequence[str]], tags_of: TagTable
) -> bytes:
    """Return one tile of whole cells; see `RiskTileLayer.encode`.

    Parameters
    ----------
    named
        The source layer and its properties in the order of the tags.
    tags_of
        Key and value numbers `(n_rows, 2 * n_properties)` of some rows, which of them are there,
        and the values.
    """
    rows = _rows(rings, tile)
    scale = float(EXTENT * (1 << tile.z))
    corner = np.array([tile.x, tile.y], dtype=np.float64) * EXTENT
    grid = np.rint(rings.vertices[rows] * scale - corner).astype(np.int64)
    is_kept = _distinct(grid)
    encloses = (is_kept.sum(axis=1) >= _MIN_VERTICES) & (_doubled_area(grid) > 0)
    rows, grid, is_kept = rows[encloses], grid[encloses], is_kept[encloses]
    if len(rows) == 0:
        return b""
    tags, has_tag, values = tags_of(rows)
    features = _features(rows, (tags, has_tag), (grid, is_kept))
    return layer_message(named[0], tuple(named[1]), features, values)


def _rows(rings: CellRings, tile: TileAddress) -> npt.NDArray[np.intp]:
    count = 1 << tile.z
    margin = BUFFER / EXTENT
    return rings.touching(
        ((tile.x - margin) / count, (tile.y - margin) / count),
        ((tile.x + 1 + margin) / count, (tile.y + 1 + margin) / count),
    )


def risk_tile_layer(surface: RiskSurface) -> RiskTileLayer:
    """Make a surface ready to be cut into tiles."""
    return RiskTileLayer(surface=surface, rings=cell_rings(surface.cells))


def _features(
    rows: npt.NDArray[np.intp],
    tags: tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]],
    rings: tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]],
) -> bytes:
    """Write features as protobuf: id, tags and one closed ring each."""
    (numbers, has_tag), (grid, is_kept) = tags, rings
    n_vertices = grid.shape[1]
    shape_at = _FIXED + numbers.shape[1]  # type tag, type, geometry tag, its length
    ring_at = shape_at + 4  # MoveTo, x, y, LineTo, further vertices, ClosePath
    tokens = np.zeros((len(rows), ring_at + 2 * n_vertices + 3), dtype=np.uint64)
    tokens[:, [0, 2, 4]] = 0x12, 0x08, 0x12
    tokens[:, 3] = rows
    tokens[:, _FIXED:shape_at] = numbers
    tokens[:, [shape_at, shape_at + 1, shape_at + 2]] = 0x18, 3, 0x22
    steps = zigzag(np.diff(grid, axis=1, prepend=np.zeros((len(rows), 1, 2), dtype=np.int64)))
    tokens[:, ring_at] = 1 << 3 | 1
    tokens[:, ring_at + 1 : ring_at + 3] = steps[:, 0]
    tokens[:, ring_at + 3] = (is_kept.sum(axis=1) - 1) << 3 | 2
    tokens[:, ring_at + 4 : -1] = steps[:, 1:].reshape(len(rows), -1)
    tokens[:, -1] = 1 << 3 | 7
    lengths = varint_lengths(tokens)
    lengths[:, _FIXED:shape_at][~has_tag] = 0
    lengths[:, ring_at + 4 : -1][~np.repeat(is_kept[:, 1:], 2, axis=1)] = 0
    for at, first, last in (
        (5, _FIXED, shape_at),
        (shape_at + 3, ring_at, tokens.shape[1]),
        (1, 2, tokens.shape[1]),
    ):
        tokens[:, at] = lengths[:, first:last].sum(axis=1, dtype=np.uint64)
        lengths[:, at] = varint_lengths(tokens[:, at])
    return write_varints(tokens, lengths)


def _distinct(grid: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which vertices `(n_rows, n_vertices)` differ from the one before and close nothing."""
    is_kept = np.ones(grid.shape[:2], dtype=np.bool_)
    is_kept[:, 1:] = (grid[:, 1:] != grid[:, :-1]).any(axis=2)
    closes = np.ones(len(grid), dtype=np.bool_)
    for vertex in range(grid.shape[1] - 1, 0, -1):
        closes &= (grid[:, vertex] == grid[:, 0]).all(axis=1)
        is_kept[closes, vertex] = False
    return is_kept


def _doubled_area(grid: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    x, y = grid[..., 0], grid[..., 1]
    after_x, after_y = np.roll(x, -1, axis=1), np.roll(y, -1, axis=1)
    return np.asarray((x * after_y - after_x * y).sum(axis=1))


def cell_values(cells: npt.NDArray[np.uint64]) -> bytes:
    """Return the hex texts of cells as entries of a layer's values."""
    shifts = np.arange(4 * (_HEX_DIGITS - 1), -1, -4, dtype=np.uint64)
    digits = (cells[:, None] >> shifts) & np.uint64(0xF)
    entries = np.empty((len(cells), 4 + _HEX_DIGITS), dtype=np.uint8)
    entries[:, :4] = 0x22, 2 + _HEX_DIGITS, 0x0A, _HEX_DIGITS
    entries[:, 4:] = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)[digits]
    return entries.tobytes()
