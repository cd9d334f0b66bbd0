"""How much road lies within a limit: edges that are reached in part count in part."""

import numpy as np

from yingji_map.domain.network import Direction, off_path_ds
from yingji_map.engine.closures import ClosedRoads
from yingji_map.engine.graph import Floats, Ints
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.spreading import Spread

_Span = tuple[float, float]  # metres from the tail, in the order of travel


def usable_length_m(network: ProfileNetwork) -> float:
    """Return the length of all roads that the profile may use."""
    return float(network.graph.length_m[network.cost_ds > 0].sum())


def reached_length_m(
    network: ProfileNetwork,
    direction: Direction,
    bases: Snaps,
    reached: Spread,
    limit: tuple[int, ClosedRoads],
) -> float:
    """Return how much road the bases reach.

    Parameters
    ----------
    reached
        From `spread` with the same bases, direction, limit and closures.
    limit
        Deciseconds, and what is closed.
    """
    limit_ds, closed = limit
    graph, ways = network.graph, network.ways[direction]
    from_tail = _reach_m(network, reached.cost_ds[graph.tail], limit_ds) * ways.to_head
    from_head = _reach_m(network, reached.cost_ds[graph.head], limit_ds) * ways.to_tail
    whole = np.minimum(from_tail + from_head, graph.length_m)
    # Where something is closed or a base stands in the middle, the pieces are put together one
    # by one.
    special = set(bases.edge[bases.edge >= 0].tolist()) | set(closed.edge.tolist())
    for edge in special:
        length_m = float(graph.length_m[edge])
        spans = [(0.0, float(from_tail[edge])), (length_m, length_m - float(from_head[edge]))]
        for base in np.flatnonzero(bases.edge == edge).tolist():
            spans += _about_base(network, direction, (bases, base), limit_ds)
        shut = _closed_spans(closed, edge)
        whole[edge] = _union_m([_until_closed(span, shut) for span in spans])
    return float(whole.sum())


def _reach_m(network: ProfileNetwork, cost_ds: Ints, limit_ds: int) -> Floats:
    left_ds = np.where(cost_ds == UNREACHED, 0, limit_ds - cost_ds.astype(np.int64))
    share = np.clip(left_ds / np.maximum(network.cost_ds, 1), 0.0, 1.0)
    return np.where(network.cost_ds > 0, share * network.graph.length_m, 0.0)


def _about_base(
    network: ProfileNetwork, direction: Direction, at: tuple[Snaps, int], limit_ds: int
) -> list[_Span]:
    bases, base = at
    edge, along_m = int(bases.edge[base]), float(bases.along_m[base])
    ways, length_m = network.ways[direction], float(network.graph.length_m[edge])
    left_ds = limit_ds - int(off_path_ds(bases.distance_m[base : base + 1])[0])
    reach_m = max(left_ds, 0) / int(network.cost_ds[edge]) * length_m
    low = max(along_m - reach_m, 0.0) if ways.to_tail[edge] else along_m
    high = min(along_m + reach_m, length_m) if ways.to_head[edge] else along_m
    return [(along_m, low), (along_m, high)]


def _closed_spans(closed: ClosedRoads, edge: int) -> list[_Span]:
    rows = slice(*np.searchsorted(closed.edge, [edge, edge + 1]))
    return list(zip(closed.from_m[rows].tolist(), closed.to_m[rows].tolist(), strict=True))


def _until_closed(span: _Span, closed: list[_Span]) -> _Span:
    """Return the part of a span before the first closed stretch on it."""
    start, end = span
    if end >= start:
        return start, max(start, min([end, *(low for low, high in closed if high >= start)]))
    return start, min(start, max([end, *(high for low, high in closed if low <= start)]))


def _union_m(spans: list[_Span]) -> float:
    total, reach = 0.0, 0.0
    for low, high in sorted((min(span), max(span)) for span in spans):
        total += max(high - max(low, reach), 0.0)
        reach = max(reach, high)
    return total
