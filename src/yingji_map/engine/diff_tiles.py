"""Vector tiles of the difference of two runs: whole cells that changed, and how."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.run_diff import SIDES, Change, SurfaceDiff
from yingji_map.domain.tile import TileAddress
from yingji_map.engine.cell_rings import CellRings, bounds_in_degrees, cell_rings
from yingji_map.engine.mvt import number_values, text_value
from yingji_map.engine.risk_tiles import cell_values, encode_cells

SOURCE_LAYER = "risk-diff"
PROPERTIES = ("cell", "change", "from", "to", "delta")
_THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffTileLayer:
    """The changed cells of a difference with their outlines, ready to be cut into tiles."""

    diff: SurfaceDiff
    rings: CellRings

    @property
    def size_bytes(self) -> int:
        """Return the memory that the arrays take."""
        return self.rings.vertices.nbytes + len(self.diff) * 96

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of the changed cells in degrees; None without any."""
        return bounds_in_degrees(self.rings)

    def encode(self, tile: TileAddress) -> bytes:
        """Return one tile; empty bytes where nothing changed."""
        return encode_cells(self.rings, tile, (SOURCE_LAYER, PROPERTIES), self._tags)

    def _tags(
        self, rows: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_], bytes]:
        """Return the tags; values in order: cells, changes, sides, then the differences in use."""
        diff, n_rows = self.diff, len(rows)
        delta = diff.score_to[rows] - diff.score_from[rows]
        has_delta = ~np.isnan(delta)
        used, number = np.unique(
            np.rint(np.where(has_delta, delta, 0.0) * _THOUSANDTHS), return_inverse=True
        )
        first_side = n_rows + len(Change)
        numbers = np.column_stack(
            [
                np.arange(n_rows),
                n_rows + diff.change[rows].astype(np.int64),
                first_side + diff.side_from[rows].astype(np.int64),
                first_side + diff.side_to[rows].astype(np.int64),
                first_side + len(SIDES) + number,
            ]
        )
        tags = np.empty((n_rows, 2 * len(PROPERTIES)), dtype=np.uint64)
        tags[:, 0::2] = np.arange(len(PROPERTIES))
        tags[:, 1::2] = numbers
        has_tag = np.ones(tags.shape, dtype=np.bool_)
        has_tag[:, -2:] = has_delta[:, None]
        values = [
            cell_values(diff.cells[rows]),
            *(text_value(change.name.lower()) for change in Change),
            *(text_value(side) for side in SIDES),
            number_values(used / _THOUSANDTHS),
        ]
        return tags, has_tag, b"".join(values)


def diff_tile_layer(diff: SurfaceDiff) -> DiffTileLayer:
    """Make a difference ready to be cut into tiles; cells that stayed as they were are left out."""
    rows = np.flatnonzero(diff.change != Change.SAME)
    changed = SurfaceDiff(
        cells=diff.cells[rows],
        side_from=diff.side_from[rows],
        side_to=diff.side_to[rows],
        score_from=diff.score_from[rows],
        score_to=diff.score_to[rows],
        change=diff.change[rows],
    )
    return DiffTileLayer(diff=changed, rings=cell_rings(changed.cells))
