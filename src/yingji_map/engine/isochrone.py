"""The cells that can be reached in time: H3 cells whose centre a trip gets to, and their outline."""

from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.network import SNAP_LIMIT_M
from yingji_map.engine.graph import Floats, RoadGraph
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps

_M_PER_DEGREE = 110_500.0  # of latitude, the least on the ellipsoid
Cells = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """The cells whose centre is within the limit of a road that a profile may use.

    `cells` is `(n,)` ascending; `snaps` puts their centres on the road.
    """

    resolution: int
    cells: Cells
    snaps: Snaps


def cells_about(graph: RoadGraph, resolution: int) -> tuple[Cells, Floats]:
    """Return the cells about a network and their centres (longitude, latitude), ascending."""
    low, high = graph.vertices.min(axis=0), graph.vertices.max(axis=0)
    north = SNAP_LIMIT_M / _M_PER_DEGREE
    margin = np.array([north / np.cos(np.radians(max(abs(low[1]), abs(high[1])))), north])
    box = shapely.box(*(low - margin), *(high + margin))
    found = h3.geo_to_cells(box, resolution)  # type: ignore[no-untyped-call]  # h3 has no types
    cells = np.sort(np.asarray(found, dtype=np.uint64))
    centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=np.float64)  # type: ignore[no-untyped-call]  # h3 has no types
    return cells, centres.reshape(-1, 2)


def build_lattice(network: ProfileNetwork, resolution: int) -> Lattice:
    """Put the cells about a network onto it; those too far from every road are left out."""
    cells, centres = cells_about(network.graph, resolution)
    snaps = network.snapper.snap(centres)
    kept = np.flatnonzero(snaps.edge >= 0)
    return Lattice(resolution=resolution, cells=cells[kept], snaps=snaps.take(kept))


def outline(cells: Cells) -> BaseGeometry:
    """Return the cells dissolved to one MultiPolygon in degrees, for display."""
    if len(cells) == 0:
        return shapely.MultiPolygon()
    return shapely.geometry.shape(h3.cells_to_geo(cells, tight=False))  # type: ignore[no-untyped-call]  # h3 has no types


def area_km2(cells: Cells) -> float:
    """Return the area of cells on the sphere that H3 rests on."""
    return float(sum(h3.cell_area(cell, unit="km^2") for cell in cells))  # type: ignore[no-untyped-call]  # h3 has no types
