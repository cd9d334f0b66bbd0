"""The way of a trip as a line, with its legs: walk to the road, the road, walk from the road."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import Leg, LegMode, Trip
from yingji_map.engine.graph import Floats, RoadGraph
from yingji_map.engine.snapping import Snaps

_DS_PER_S = 10


class Passage(NamedTuple):
    """Travel along one edge, from and to metres from its tail; backwards when `to` is smaller."""

    edge: int
    from_m: float
    to_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadPath:
    """A way between two snapped places: what it costs and which edges it uses."""

    passages: Sequence[Passage]
    cost_ds: int
    walks_ds: tuple[int, int]
    origin: tuple[Snaps, int]
    target: tuple[Snaps, int]


def straight_trip(origin: Floats, target: Floats, cost_ds: int) -> Trip:
    """Return a walk straight across country; places are longitude, latitude."""
    _, _, distance_m = GEOD.inv(origin[0], origin[1], target[0], target[1])
    return _trip([_leg(LegMode.WALK, float(distance_m), cost_ds)], np.vstack((origin, target)))


def trip_along(graph: RoadGraph, path: RoadPath) -> Trip:
    """Return the trip along a path, from its origin to its target."""
    (start, row), (end, other) = path.origin, path.target
    walk_there, walk_back = path.walks_ds
    road_m = sum(abs(passage.to_m - passage.from_m) for passage in path.passages)
    legs = [
        _leg(LegMode.WALK, float(start.distance_m[row]), walk_there),
        _leg(LegMode.ROAD, road_m, path.cost_ds - walk_there - walk_back),
        _leg(LegMode.WALK, float(end.distance_m[other]), walk_back),
    ]
    pieces = [start.places[row : row + 1], start.on_road[row : row + 1]]
    pieces += [_inside(graph, passage) for passage in path.passages]
    pieces += [end.on_road[other : other + 1], end.places[other : other + 1]]
    return _trip(legs, _without_repeats(np.vstack(pieces)))


def _leg(mode: LegMode, distance_m: float, cost_ds: int) -> Leg:
    return Leg(mode=mode, distance_m=distance_m, travel_time_s=cost_ds / _DS_PER_S)


def _trip(legs: list[Leg], coordinates: Floats) -> Trip:
    kept = tuple(leg for leg in legs if leg.distance_m > 0 or leg.travel_time_s > 0)
    return Trip(
        # Whole deciseconds are added, so that the sum does not carry the dust of tenths.
        travel_time_s=sum(round(leg.travel_time_s * _DS_PER_S) for leg in kept) / _DS_PER_S,
        distance_m=sum(leg.distance_m for leg in kept),
        legs=kept,
        coordinates=coordinates,
    )


def _inside(graph: RoadGraph, passage: Passage) -> Floats:
    """Return the vertices that a passage meets, ends included when it covers them."""
    first, last = graph.first[passage.edge], graph.last[passage.edge]
    if abs(passage.to_m - passage.from_m) == graph.length_m[passage.edge]:
        whole = graph.vertices[first : last + 1]
        return whole if passage.from_m == 0 else whole[::-1]
    along = graph.along_m[first : last + 1] - graph.along_m[first]
    low, high = sorted((passage.from_m, passage.to_m))
    met = graph.vertices[first : last + 1][(along >= low) & (along <= high)]
    return np.asarray(met if passage.from_m <= passage.to_m else met[::-1], dtype=np.float64)


def _without_repeats(coordinates: Floats) -> Floats:
    keep = np.ones(len(coordinates), dtype=bool)
    keep[1:] = (coordinates[1:] != coordinates[:-1]).any(axis=1)
    kept = coordinates[keep]
    return kept if len(kept) > 1 else np.vstack((kept, kept))
