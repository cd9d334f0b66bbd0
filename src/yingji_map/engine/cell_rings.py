"""Outlines of H3 cells on the square of the web map, as arrays of equal length."""

from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRings:
    """Outlines of cells on the unit square (0, 0 the north-western corner of EPSG:3857, y down).

    Attributes
    ----------
    vertices
        `(n_cells, n_vertices, 2)` open rings, clockwise on the screen; a ring with fewer vertices
        than the longest repeats its last one.
    low, high
        `(n_cells, 2)` corners of the bounding boxes.
    by_top
        `(n_cells,)` rows in the order of their upper edges `low[:, 1]`.
    tops
        `(n_cells,)` these upper edges, ascending.
    tallest
        Height of the tallest box.
    """

    vertices: FloatArray
    low: FloatArray
    high: FloatArray
    by_top: npt.NDArray[np.intp]
    tops: FloatArray
    tallest: float

    def touching(self, low: tuple[float, float], high: tuple[float, float]) -> npt.NDArray[np.intp]:
        """Return the rows, ascending, whose boxes touch the box from `low` to `high`."""
        first = np.searchsorted(self.tops, low[1] - self.tallest, side="left")
        last = np.searchsorted(self.tops, high[1], side="right")
        rows = self.by_top[first:last]
        is_in = (
            (self.high[rows, 1] >= low[1])
            & (self.high[rows, 0] >= low[0])
            & (self.low[rows, 0] <= high[0])
        )
        return np.sort(rows[is_in])


def cell_rings(cells: npt.NDArray[np.uint64]) -> CellRings:
    """Return the outlines of cells `(n_cells,)`; cells across the date line are not for this map.

    Hexagons have six vertices, pentagons five, and up to ten where an edge of the icosahedron
    crosses the cell.
    """
    # H3 goes round anticlockwise.
    rings = [h3.cell_to_boundary(cell)[::-1] for cell in cells]  # type: ignore[no-untyped-call]  # h3 has no types
    counts = np.array([len(ring) for ring in rings], dtype=np.intp)
    longest = int(counts.max()) if len(counts) else 0
    flat = np.array([vertex for ring in rings for vertex in ring], dtype=np.float64).reshape(-1, 2)
    starts = np.cumsum(counts) - counts
    position = np.minimum(np.arange(longest), counts[:, None] - 1) + starts[:, None]
    vertices = _on_unit_square(flat)[position.astype(np.intp)]
    low, high = vertices.min(axis=1, initial=1), vertices.max(axis=1, initial=0)
    by_top = np.argsort(low[:, 1], kind="stable")
    return CellRings(
        vertices=vertices,
        low=low,
        high=high,
        by_top=by_top,
        tops=low[by_top, 1],
        tallest=float((high - low)[:, 1].max(initial=0)),
    )


def bounds_in_degrees(rings: CellRings) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all outlines; None when there are none."""
    if len(rings.low) == 0:
        return None
    (west, top), (east, bottom) = rings.low.min(axis=0), rings.high.max(axis=0)
    south, north = (np.degrees(np.arctan(np.sinh((0.5 - y) * 2 * np.pi))) for y in (bottom, top))
    return float(west - 0.5) * 360, float(south), float(east - 0.5) * 360, float(north)


def _on_unit_square(lat_lon: FloatArray) -> FloatArray:
    """Project `(n, 2)` latitude, longitude in degrees.

    References
    ----------
    EPSG Guidance Note 7-2, "Popular Visualisation Pseudo Mercator" (method 1024).
    """
    lat = np.radians(lat_lon[:, 0])
    x = lat_lon[:, 1] / 360 + 0.5
    y = 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)
    return np.column_stack([x, y])
