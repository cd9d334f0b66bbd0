"""Road segments cut at junctions, bridges and tunnels; segments that meet share the end vertex."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .grid import random_stream
from .paths import COLUMNS, ROWS
from .rivers import Rivers, smooth_path
from .road_plan import CLASSES, COUNTY, TOWNSHIP, VILLAGE, Plan

_SPEED = {1: 20.0, 2: 30.0, 3: 40.0, 4: 50.0, 5: 60.0}
_WIDTH = {1: 4.5, 2: 6.0, 3: 7.5, 4: 9.0, 5: 12.0}
_BRIDGED_KM2 = 8.0
_LONGEST = 14  # edges between two cells: some 1.5 km
_TUNNEL_GRADE = 0.14


@dataclass(frozen=True)
class Segment:
    """One row of the road layer."""

    line: shapely.LineString
    rank: int
    name: str
    structure: str
    is_oneway: bool = False
    is_steep: bool = False

    @property
    def speed_km_h(self) -> float:
        """Speed that the class and the ground allow."""
        if self.name.startswith("城区"):
            return 40.0
        return _SPEED[self.rank] - (5.0 if self.is_steep and self.rank > VILLAGE else 0.0)

    @property
    def width_m(self) -> float:
        """Width of the carriageway and its shoulders."""
        return _WIDTH[self.rank]


def cut_segments(plan: Plan, rivers: Rivers, seed: int) -> list[Segment]:
    """Turn the planned edges into segments, then make a few town streets one-way."""
    wide = np.flatnonzero(rivers.catchment_km2 >= _BRIDGED_KM2)
    tree = shapely.STRtree([rivers.lines[i] for i in wide])
    segments: list[Segment] = []
    for chain in _chains(plan):
        segments.extend(_cut(plan, chain, tree))
    return _with_oneways(segments, seed)


def _chains(plan: Plan) -> list[np.ndarray]:
    """Return runs of edges of one road between junctions, ends and changes of class or name."""
    degree = (plan.rank > 0).sum(axis=1)
    key = np.where(plan.rank > 0, plan.name_of.astype(int) * 8 + plan.rank, -1)
    node = degree > 2
    node |= degree == 1
    pair = np.flatnonzero(degree == 2)
    node[pair] = [len({k for k in row if k >= 0}) == 2 for row in key[pair].tolist()]
    columns = plan.grid.shape[1]
    done: set[tuple[int, int]] = set()
    chains = []
    for start in np.flatnonzero(node & (degree > 0)).tolist():
        for k in np.flatnonzero(plan.rank[start]).tolist():
            if (start, k) in done:
                continue
            chain, at, way = [start], start, k
            while True:
                done.add((at, way))
                at += int(ROWS[way]) * columns + int(COLUMNS[way])
                done.add((at, 7 - way))
                chain.append(at)
                if node[at]:
                    break
                way = next(j for j in np.flatnonzero(plan.rank[at]).tolist() if j != 7 - way)
            chains.append(np.array(chain))
    return chains


def _cut(plan: Plan, chain: np.ndarray, tree: shapely.STRtree) -> list[Segment]:
    grid = plan.grid
    rows, columns = np.divmod(chain, grid.shape[1])
    smooth = smooth_path(np.column_stack([columns, rows]).astype(float), 4, 0.49)
    points = np.round(np.column_stack([grid.lon(smooth[:, 0]), grid.lat(smooth[:, 1])]), 7)
    k = int(np.flatnonzero(plan.rank[chain[0]] * _leads_to(plan, chain))[0])
    rank = int(plan.rank[chain[0], k])
    name = plan.names[plan.name_of[chain[0], k]]
    structure, is_steep = _structures(plan, chain, points, rank, tree)
    cuts = [0]
    for i in range(1, len(chain) - 1):
        if structure[i] != structure[i - 1] or i - cuts[-1] >= _LONGEST:
            cuts.append(i)
    cuts.append(len(chain) - 1)
    for a, b in pairwise(cuts):
        if structure[a] == "隧道":  # bored straight from portal to portal
            share = np.linspace(0, 1, b - a + 1)[:, None]
            points[a : b + 1] = np.round(points[a] + share * (points[b] - points[a]), 7)
    return [
        Segment(
            shapely.LineString(points[a : b + 1]),
            rank,
            name,
            structure[a],
            is_steep=bool(is_steep[a:b].mean() > 0.3),
        )
        for a, b in pairwise(cuts)
    ]


def _leads_to(plan: Plan, chain: np.ndarray) -> np.ndarray:
    return (ROWS * plan.grid.shape[1] + COLUMNS) == chain[1] - chain[0]


def _structures(
    plan: Plan, chain: np.ndarray, points: np.ndarray, rank: int, tree: shapely.STRtree
) -> tuple[list[str], np.ndarray]:
    """Say for each edge whether it is built on the ground, a bridge or a tunnel."""
    edges = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    run = np.hypot(np.diff(points[:, 0]) * plan.grid.lat_scale, np.diff(points[:, 1])) * 111_320.0
    grade = np.abs(np.diff(plan.height.ravel()[chain])) / np.maximum(run, 30)
    structure = np.full(len(edges), "路基", dtype=object)
    if rank >= COUNTY:
        steep = grade > _TUNNEL_GRADE
        steep[1:-1] |= steep[:-2] & steep[2:]
        structure[steep] = "隧道"
    structure[np.unique(tree.query(edges, predicate="intersects")[0])] = "桥梁"
    return structure.tolist(), grade > 0.08


def _with_oneways(segments: list[Segment], seed: int) -> list[Segment]:
    """Make some town streets one-way, but only where every place still reaches every other."""
    rng = random_stream(seed, "one-way")
    streets = [i for i, s in enumerate(segments) if s.name.startswith("城区")]
    nodes: dict[tuple[float, float], int] = {}
    ends = np.array(
        [[nodes.setdefault(s.line.coords[at], len(nodes)) for at in (0, -1)] for s in segments]
    )
    oneway = np.zeros(len(segments), bool)
    for i in rng.permutation(streets)[:24]:
        oneway[i] = True
        both = ends[~oneway]
        start = np.concatenate([ends[:, 0], both[:, 1]])
        end = np.concatenate([ends[:, 1], both[:, 0]])
        graph = coo_array((np.ones(len(start)), (start, end)), shape=(len(nodes), len(nodes)))
        parts, _ = connected_components(graph, directed=True, connection="strong")
        oneway[i] = parts == 1
    return [
        Segment(s.line, s.rank, s.name, s.structure, bool(oneway[i]), s.is_steep)
        for i, s in enumerate(segments)
    ]


def title(segment: Segment) -> str:
    """Class of a segment as the layer spells it."""
    return CLASSES[segment.rank - 1]


def is_trunk(segment: Segment) -> bool:
    """Tell roads that more than a village uses."""
    return segment.rank >= TOWNSHIP
