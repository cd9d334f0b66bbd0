"""Cells and people by division: every cell counted once, divisions adding up to the county."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import GEOD
from yingji_map.domain.division import KINDS, Tally
from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface
from yingji_map.domain.shapes import geodesic_area_km2

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_NO_DATA = KINDS.index("no_data")
_COLOURS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionMap:
    """Which division each cell belongs to, and how much of the county it covers.

    Attributes
    ----------
    division
        `(n_cells,)` number of the division.
    area_m2
        `(n_cells,)` geodesic area of the part inside the county, whole square metres.
    outlines
        The divisions' polygons, degrees.
    """

    division: IntArray
    area_m2: IntArray
    outlines: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Residents:
    """People at places: `points` `(n, 2)` longitude, latitude; `persons` `(n,)`."""

    points: FloatArray
    persons: IntArray


def map_divisions(cells: npt.NDArray[np.uint64], outlines: npt.NDArray[np.object_]) -> DivisionMap:
    """Assign each cell to the one division that holds its centre, else to the nearest one.

    Parameters
    ----------
    outlines
        `(n_divisions,)` polygons in degrees, at least one; together they are the county.
    """
    centres = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=np.float64)  # type: ignore[no-untyped-call]  # h3 has no types
    return DivisionMap(
        division=division_of(centres.reshape(-1, 2), outlines),
        area_m2=_areas_inside(cells, shapely.union_all(outlines)),
        outlines=outlines,
    )


def division_of(points: FloatArray, outlines: npt.NDArray[np.object_]) -> IntArray:
    """Return the division of each point `(n, 2)`; on a shared border the first, outside the nearest."""
    places = shapely.points(points)
    tree = shapely.STRtree(outlines)
    place, holder = tree.query(places, predicate="intersects")
    division = np.full(len(points), len(outlines), dtype=np.int64)
    np.minimum.at(division, place, holder)
    lost = np.flatnonzero(division == len(outlines))
    if len(lost):
        # A degree of longitude is shorter than one of latitude: compare metres, not degrees.
        narrow = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
        evened = shapely.transform(outlines, lambda xy: xy * narrow)
        stray, nearest = shapely.STRtree(evened).query_nearest(
            shapely.points(points[lost] * narrow)
        )
        np.minimum.at(division, lost[stray], nearest)
    return division


def tally_divisions(
    surface: RiskSurface,
    mapped: DivisionMap,
    residents: Residents,
    parent_of: IntArray | None = None,
) -> tuple[tuple[Tally, ...], Tally]:
    """Count a surface by division, or by the parents of divisions.

    People are counted with the cell that holds their settlement, in the cell's division. Where the
    surface has no such cell they are counted as `no_data` in the division nearest to them, so that
    nobody is lost.

    Parameters
    ----------
    parent_of
        `(n_divisions,)` number of the parent of each division, from 0 on; None counts by division.

    Returns
    -------
    tuple
        One tally per division (or parent), and that of all of them.
    """
    group = np.arange(len(mapped.outlines)) if parent_of is None else parent_of
    n_divisions = int(group.max(initial=-1)) + 1
    division = group[mapped.division]
    kind = kinds_of(surface)
    persons, stray = people_on_cells(surface.cells, surface.resolution, residents)
    home = group[division_of(residents.points[stray], mapped.outlines)]
    cell_count = np.zeros((n_divisions, len(KINDS)), dtype=np.int64)
    area, people = np.zeros_like(cell_count), np.zeros_like(cell_count)
    np.add.at(cell_count, (division, kind), 1)
    np.add.at(area, (division, kind), mapped.area_m2)
    np.add.at(people, (division, kind), persons)
    np.add.at(people, (home, np.full(len(home), _NO_DATA)), residents.persons[stray])
    weighted = np.where(kind < _COLOURS, surface.score_ratio * persons, 0.0)
    # Rounded once, so that neither order nor grouping of the cells moves a digit.
    order = np.argsort(division, kind="stable")
    ends = np.searchsorted(division[order], np.arange(1, n_divisions + 1))
    risk = [math.fsum(part) for part in np.split(weighted[order], ends)[:n_divisions]]
    sums = (cell_count, area, people)
    each = [_tally([part[row] for part in sums], risk[row]) for row in range(n_divisions)]
    return tuple(each), _tally([part.sum(axis=0) for part in sums], math.fsum(weighted))


def kinds_of(surface: RiskSurface) -> IntArray:
    """Return the position in KINDS of each cell; a scored cell always has a colour."""
    colour = _COLOURS - np.maximum(surface.level.astype(np.int64), RiskLevel.BLUE)
    empty = _NO_DATA + (surface.state == CellState.NOT_APPLICABLE)
    return np.where(surface.state == CellState.SCORED, colour, empty).astype(np.int64)


def people_on_cells(
    cells: npt.NDArray[np.uint64], resolution: int, residents: Residents
) -> tuple[IntArray, npt.NDArray[np.intp]]:
    """Return people per cell, and which residents live on none of the cells."""
    holders = np.array(
        [h3.latlng_to_cell(lat, lon, resolution) for lon, lat in residents.points],  # type: ignore[no-untyped-call]  # h3 has no types
        dtype=np.uint64,
    )
    row = np.searchsorted(cells, holders)
    is_in = row < len(cells)
    is_in[is_in] = cells[row[is_in]] == holders[is_in]
    persons = np.zeros(len(cells), dtype=np.int64)
    np.add.at(persons, row[is_in], residents.persons[is_in])
    return persons, np.flatnonzero(~is_in)


def _tally(sums: Sequence[IntArray], risk: float) -> Tally:
    cells, area, people = (tuple(int(value) for value in part) for part in sums)
    on_scored, total = sum(people[:_COLOURS]), sum(area)
    worst = next((kind for kind in range(_COLOURS) if cells[kind]), None)
    return Tally(
        cells=cells,
        area_m2=area,
        population_persons=people,
        score_mean_ratio=risk / on_scored if on_scored else None,
        worst_level=None if worst is None else RiskLevel(_COLOURS - worst),
        worst_share_ratio=None if worst is None or total == 0 else area[worst] / total,
    )


def _areas_inside(cells: npt.NDArray[np.uint64], county: shapely.Geometry) -> IntArray:
    rings = [h3.cell_to_boundary(cell) for cell in cells]  # type: ignore[no-untyped-call]  # h3 has no types
    lat_lon = np.array([place for ring in rings for place in ring]).reshape(-1, 2)
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    outlines = np.asarray(shapely.polygons(shapely.linearrings(lat_lon[:, ::-1], indices=owner)))
    shapely.prepare(county)
    is_whole = shapely.contains_properly(county, outlines)
    area_m2 = np.zeros(len(cells))
    for row in np.flatnonzero(is_whole):
        lat, lon = zip(*rings[row], strict=True)
        area_m2[row] = abs(GEOD.polygon_area_perimeter(lon, lat)[0])
    at_border = np.flatnonzero(~is_whole)
    inside = shapely.intersection(outlines[at_border], county)
    area_m2[at_border] = [geodesic_area_km2(part) * 1e6 if part.area else 0 for part in inside]
    return np.rint(area_m2).astype(np.int64)
