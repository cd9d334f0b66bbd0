"""A county as H3 cells: which cells, and which part of each lies inside."""

from dataclasses import dataclass

import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import STORAGE_SRID, metric_srid, transformer

FloatArray = npt.NDArray[np.float64]
GeometryArray = npt.NDArray[np.object_]
_SLIVER_M2 = 1.0  # smaller parts are rounding of the boundary, not land


@dataclass(frozen=True, slots=True, kw_only=True)
class CellGrid:
    """The cells of one county; everything is computed on the part of a cell inside the county.

    Attributes
    ----------
    resolution
        H3 resolution.
    srid
        Metric system of all `*_metric` geometries and metres: the county's Gauss-Kruger zone.
    cells
        `(n_cells,)` uint64, ascending.
    support
        `(n_cells,)` polygons, degrees (EPSG:4490): the inside parts.
    support_metric
        The same in metres.
    anchor, anchor_metric
        `(n_cells, 2)` the cell's centre, or a point on the inside part where the centre is outside.
    area_km2
        `(n_cells,)` area of the inside part.
    """

    resolution: int
    srid: int
    cells: npt.NDArray[np.uint64]
    support: GeometryArray
    support_metric: GeometryArray
    anchor: FloatArray
    anchor_metric: FloatArray
    area_km2: FloatArray

    def __len__(self) -> int:
        return len(self.cells)

    def row_of(self, cell: int) -> int | None:
        """Return the row of a cell, None when it is not part of the county."""
        row = int(np.searchsorted(self.cells, np.uint64(cell)))
        return row if row < len(self.cells) and int(self.cells[row]) == cell else None

    def take(self, rows: npt.NDArray[np.intp]) -> "CellGrid":
        """Return the grid of some cells only."""
        return CellGrid(
            resolution=self.resolution,
            srid=self.srid,
            cells=self.cells[rows],
            support=self.support[rows],
            support_metric=self.support_metric[rows],
            anchor=self.anchor[rows],
            anchor_metric=self.anchor_metric[rows],
            area_km2=self.area_km2[rows],
        )


def build_grid(county: shapely.Geometry, resolution: int) -> CellGrid:
    """Return the cells that hold a part of `county`, whether or not their centre is inside.

    Parameters
    ----------
    county
        Polygon or multipolygon in degrees (EPSG:4490).
    resolution
        H3 resolution, 0..15.
    """
    cells = _cells_of(county, resolution)
    outlines = cell_polygons(cells)
    shapely.prepare(county)
    is_whole = shapely.contains_properly(county, outlines)
    support = outlines.copy()
    support[~is_whole] = _polygonal(shapely.intersection(outlines[~is_whole], county))
    srid = metric_srid(float(shapely.centroid(county).x))
    support_metric = to_metric(support, srid)
    kept = shapely.area(support_metric) > _SLIVER_M2
    cells, support, support_metric = cells[kept], support[kept], support_metric[kept]
    anchor = _anchors(cells, support, is_whole[kept])
    x, y = transformer(STORAGE_SRID, srid).transform(anchor[:, 0], anchor[:, 1])
    return CellGrid(
        resolution=resolution,
        srid=srid,
        cells=cells,
        support=support,
        support_metric=support_metric,
        anchor=anchor,
        anchor_metric=np.column_stack([x, y]),
        area_km2=shapely.area(support_metric) / 1e6,
    )


def cell_polygons(cells: npt.NDArray[np.uint64]) -> GeometryArray:
    """Return the outlines of cells `(n_cells,)` in degrees."""
    bounds = [h3_numbers.cell_to_boundary(cell) for cell in cells]  # type: ignore[no-untyped-call]  # h3 has no types
    rings = [[(lon, lat) for lat, lon in ring] for ring in bounds]
    counts = [len(ring) for ring in rings]
    points = np.array([point for ring in rings for point in ring], dtype=np.float64)
    index = np.repeat(np.arange(len(rings)), counts)
    return np.asarray(shapely.polygons(shapely.linearrings(points.reshape(-1, 2), indices=index)))


def cell_text(cell: int) -> str:
    """Return a cell as the hex text that JSON carries."""
    return str(h3_numbers.int_to_str(cell))  # type: ignore[no-untyped-call]  # h3 has no types


def cell_number(text: str) -> int | None:
    """Return the cell that hex text names; None when there is no such cell."""
    try:
        cell = int(h3_numbers.str_to_int(text))  # type: ignore[no-untyped-call]  # h3 has no types
    except ValueError:
        return None
    return cell if h3_numbers.is_valid_cell(cell) else None  # type: ignore[no-untyped-call]  # h3 has no types


def cell_resolution(cell: int) -> int:
    """Return the H3 resolution of a cell."""
    return int(h3_numbers.get_resolution(cell))  # type: ignore[no-untyped-call]  # h3 has no types


def cell_centre(cell: int) -> tuple[float, float]:
    """Return the longitude and latitude of a cell's centre in degrees."""
    lat, lon = h3_numbers.cell_to_latlng(cell)  # type: ignore[no-untyped-call]  # h3 has no types
    return lon, lat


def to_metric(geometry: GeometryArray, srid: int) -> GeometryArray:
    """Project geometries from degrees to metres."""
    project = transformer(STORAGE_SRID, srid).transform
    return np.asarray(
        shapely.transform(geometry, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1])))
    )


def _cells_of(county: shapely.Geometry, resolution: int) -> npt.NDArray[np.uint64]:
    shape = h3.geo_to_h3shape(county)  # type: ignore[attr-defined]  # h3 re-exports with a star
    return np.unique(
        np.asarray(
            h3_numbers.h3shape_to_cells_experimental(shape, resolution, contain="overlap"),
            dtype=np.uint64,
        )
    )


def _polygonal(parts: GeometryArray) -> GeometryArray:
    """Keep the areas of intersections; a shared edge is a line and holds no land."""
    mixed = shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION
    for row in np.flatnonzero(mixed):
        areas = [part for part in parts[row].geoms if part.area > 0]
        parts[row] = shapely.union_all(areas)
    parts[shapely.area(parts) == 0] = shapely.Polygon()
    return parts


def _anchors(
    cells: npt.NDArray[np.uint64],
    support: GeometryArray,
    is_whole: npt.NDArray[np.bool_],
) -> FloatArray:
    anchor = np.array([cell_centre(cell) for cell in cells], dtype=np.float64).reshape(-1, 2)
    rows = np.flatnonzero(~is_whole)
    inside = shapely.intersects_xy(support[rows], anchor[rows, 0], anchor[rows, 1])
    strays = rows[~inside]
    points = shapely.point_on_surface(support[strays])
    anchor[strays] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return anchor
