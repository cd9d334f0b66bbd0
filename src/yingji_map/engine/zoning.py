"""Patches of cells as polygons that share their borders exactly and cover the county exactly."""

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import shapely

GeometryArray = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int64]
_SLIVER_SHARE = 1e-3


def dissolve(
    cells: npt.NDArray[np.uint64], patch: IntArray, county: shapely.Geometry
) -> GeometryArray:
    """Return the polygons of patches `(n_patches,)`, cut at the county's border.

    Every corner of a cell is computed once, and the county's border is noded with the edges that
    it crosses once, so that neighbours have the very same border points: no gaps, no overlaps.

    Parameters
    ----------
    cells
        `(n_cells,)` ascending; together with their neighbours they cover the county.
    patch
        `(n_cells,)` from 0 on, none left out.
    county
        Polygon or multipolygon in degrees.
    """
    hexagons = _hexagons(cells)
    shapely.prepare(county)
    is_whole = shapely.contains_properly(county, hexagons)
    inside, owner = hexagons[is_whole], np.flatnonzero(is_whole)
    faces = _border_faces(hexagons[~is_whole], county)
    at = shapely.point_on_surface(faces)
    holder = np.flatnonzero(~is_whole)[_holders(hexagons[~is_whole], at)]
    pieces = np.concatenate([inside, faces])
    of_patch = patch[np.concatenate([owner, holder])]
    zones = np.empty(int(patch.max(initial=-1)) + 1, dtype=object)
    for number in range(len(zones)):
        zones[number] = shapely.MultiPolygon()
    order = np.argsort(of_patch, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(of_patch[order]) > 0])
    for rows in np.split(order, starts[1:]):
        zones[of_patch[rows[0]]] = _multi(shapely.coverage_union_all(pieces[rows]))
    return zones


def _hexagons(cells: npt.NDArray[np.uint64]) -> GeometryArray:
    corners = [h3.cell_to_vertexes(cell) for cell in cells]  # type: ignore[no-untyped-call]  # h3 has no types
    counts = [len(ring) for ring in corners]
    names, place = np.unique(np.concatenate(corners), return_inverse=True)
    lonlat = np.array([h3.vertex_to_latlng(name)[::-1] for name in names])  # type: ignore[no-untyped-call]  # h3 has no types
    rings = shapely.linearrings(lonlat[place], indices=np.repeat(np.arange(len(cells)), counts))
    return np.asarray(shapely.polygons(rings))


def _border_faces(hexagons: GeometryArray, county: shapely.Geometry) -> GeometryArray:
    """Return the ground of the cells at the border as faces of one network of lines."""
    # The border is only noded where these cells are; whole cells are left as they are.
    lines = shapely.union_all(
        np.concatenate([shapely.boundary(hexagons), [shapely.boundary(county)]])
    )
    faces = shapely.get_parts(shapely.polygonize([lines]))
    at = shapely.point_on_surface(faces)
    x, y = shapely.get_x(at), shapely.get_y(at)
    is_in = shapely.contains_xy(county, x, y)
    # The whole cells that the border cells enclose are a face as well: leave it out. Ground beside
    # every cell is a sliver, too small to have been a cell.
    tree = shapely.STRtree(hexagons)
    is_near = np.zeros(len(faces), dtype=np.bool_)
    is_near[tree.query(at, predicate="intersects")[0]] = True
    is_sliver = shapely.area(faces) < _SLIVER_SHARE * shapely.area(hexagons).min()
    return np.asarray(faces[is_in & (is_near | is_sliver)])


def _holders(hexagons: GeometryArray, points: GeometryArray) -> npt.NDArray[np.intp]:
    """Return the row of the cell that holds each point, the nearest where none does."""
    found = shapely.STRtree(hexagons).query_nearest(points, all_matches=False)
    holder = np.zeros(len(points), dtype=np.intp)
    holder[found[0]] = found[1]
    return holder


def _multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    return shapely.MultiPolygon(list(shapely.get_parts(shape)))
