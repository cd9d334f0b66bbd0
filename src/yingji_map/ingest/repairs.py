"""Geometries made valid, when the operator asks for it; every change is told."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.domain.quality import Repair
from yingji_map.ingest.geometry_checks import fault_names
from yingji_map.ingest.normalise import Candidates
from yingji_map.ingest.source import objects


def repaired(candidates: Candidates, definition: LayerDefinition) -> Candidates:
    """Return rows whose invalid polygons are made valid, with the list of what was done.

    The area that the rings enclose is kept where they touch or overlap; what is no polygon any
    more stays as it was, and is refused by the check that follows.
    """
    if definition.geometry is not GeometryType.POLYGON:
        return candidates
    shapes = list(candidates.geometry)
    repairs: list[Repair] = []
    for at in np.flatnonzero(_can_be_repaired(candidates)):
        before = shapes[at]
        after = _made_valid(before)
        if after is not None:
            shapes[at] = after
            repairs.append(_told(int(candidates.rows[at]), before, after))
    return replace(candidates, geometry=objects(shapes), repairs=(*candidates.repairs, *repairs))


def _can_be_repaired(candidates: Candidates) -> Any:  # noqa: ANN401 - (n,) of bool
    shapes = candidates.geometry
    is_polygon = np.isin(shapely.get_type_id(shapes), [3, 6])
    bounds = shapely.bounds(shapes)
    is_finite = np.isfinite(bounds).all(axis=1)
    return is_polygon & is_finite & ~shapely.is_valid(shapes)


def _made_valid(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if valid.is_empty or valid.geom_type not in {"Polygon", "MultiPolygon"}:
        return None
    multi = valid if valid.geom_type == "MultiPolygon" else shapely.MultiPolygon([valid])
    return shapely.orient_polygons(multi)


def _told(row: int, before: Any, after: Any) -> Repair:  # noqa: ANN401 - shapely geometries
    what_zh, what_en = fault_names(before)
    parts = shapely.get_num_geometries(before), shapely.get_num_geometries(after)
    points = shapely.get_num_coordinates(before), shapely.get_num_coordinates(after)
    return Repair(
        row=row,
        what_zh=what_zh,
        what_en=what_en,
        how_zh=f"重新构面：{parts[0]} → {parts[1]} 个面，{points[0]} → {points[1]} 个点",
        how_en=f"rebuilt: {parts[0]} → {parts[1]} polygons, {points[0]} → {points[1]} points",
    )
