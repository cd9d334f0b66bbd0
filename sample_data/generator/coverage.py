"""Areas that tile the county exactly: neighbours share every vertex, nothing overlaps, no gap is left."""

import numpy as np
import shapely
from rasterio.features import shapes
from rasterio.transform import from_origin

from .grid import Grid

PRECISION = 1e-7


def tile(
    outline: shapely.Polygon, labels: np.ndarray, grid: Grid, tolerance: float
) -> dict[int, shapely.Polygon]:
    """Turn a grid of labels into polygons cut at the outline, each label one connected piece.

    The borders of the simplified label areas and the outline are noded together on a grid of 1e-7
    degrees and polygonised, so that every vertex where three areas meet exists once only.
    """
    transform = from_origin(grid.west, grid.north, grid.step, grid.step)
    pieces = [
        (shapely.geometry.shape(geometry), int(label))
        for geometry, label in shapes(labels.astype(np.int32), transform=transform)
    ]
    simple = shapely.coverage_simplify([geometry for geometry, _ in pieces], tolerance)
    borders = shapely.union_all([*shapely.boundary(simple), outline.boundary], grid_size=PRECISION)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(borders)))
    within = shapely.point_on_surface(faces)
    faces = faces[shapely.contains(outline, within)]
    tree = shapely.STRtree(simple)
    face, piece = tree.query(shapely.point_on_surface(faces), predicate="within")
    label = np.zeros(len(faces), int)
    label[face] = [pieces[number][1] for number in piece]
    return _join(faces, label)


def _join(faces: np.ndarray, label: np.ndarray) -> dict[int, shapely.Polygon]:
    """Unite faces by label; a piece cut off from its label's largest goes to its best neighbour."""
    for _ in range(20):
        areas = {int(k): shapely.coverage_union_all(faces[label == k]) for k in np.unique(label)}
        strays = [k for k, area in areas.items() if area.geom_type == "MultiPolygon"]
        if not strays:
            return {k: shapely.normalize(area) for k, area in areas.items()}
        for k in strays:
            main = max(areas[k].geoms, key=lambda part: part.area)
            for number in np.flatnonzero(label == k):
                if not shapely.contains(main, shapely.point_on_surface(faces[number])):
                    label[number] = _best_neighbour(faces, label, number)
    message = "areas stay in pieces"
    raise RuntimeError(message)


def _best_neighbour(faces: np.ndarray, label: np.ndarray, number: int) -> int:
    shared: dict[int, float] = {}
    for other in np.flatnonzero(shapely.touches(faces, faces[number])):
        if label[other] != label[number]:
            edge = shapely.intersection(faces[other].boundary, faces[number].boundary).length
            shared[int(label[other])] = shared.get(int(label[other]), 0) + edge
    return max(shared, key=lambda k: (shared[k], -k)) if shared else int(label[number])
