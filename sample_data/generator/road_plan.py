"""Where roads run: trunk roads along the valleys, then towns, villages and hamlets joined to them."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from .divisions import SEATS, Townships
from .grid import Grid, block_mean, random_stream, slope_degrees
from .paths import COLUMNS, ROWS, find_path
from .settlements import TOWN_COMMUNITIES, Settlements
from .terrain import Terrain

CLASSES = ("村道", "乡道", "县道", "省道", "国道")
VILLAGE, TOWNSHIP, COUNTY, PROVINCE, NATION = range(1, 6)
HAMLETS = 900
_FAR = 1e9
# Routes as seats (by the two characters of their names) or border points.
_MAIN: tuple[tuple[str, int, tuple[str | tuple[float, float], ...]], ...] = (
    (
        "G542",
        NATION,
        ((105.985, 32.232), "白水", "嘉川", "东河", "黄洋", "普济", "三江", (106.765, 32.303)),
    ),
    ("S303", PROVINCE, ("东河", "高阳", "双汇", "英萃", "盐河", (106.30, 32.668))),
    ("S411", PROVINCE, ("东河", "张华", "龙凤", "九龙", "木门", (106.477, 31.992))),
    ("S205", PROVINCE, ("东河", (106.245, 32.114))),
    ("X021", COUNTY, ("高阳", "五权", "国华", "米仓山")),
    ("X022", COUNTY, ("双汇", "檬子", "国华")),
    ("X023", COUNTY, ("三江", "水磨", "大两", "国华")),
    ("X024", COUNTY, ("白水", "天星", "燕子", "双汇")),
    ("X025", COUNTY, ("嘉川", "大德", "张华")),
    ("X026", COUNTY, ("普济", "九龙")),
    ("X027", COUNTY, ("普济", "五权")),
    ("X028", COUNTY, ("英萃", "米仓山")),
    ("X029", COUNTY, ("嘉川", "天星")),
)


@dataclass
class Plan:
    """Edges between neighbouring cells of the walking grid that carry a road.

    `rank[cell, k]` is the class (0 none) of the edge in direction k, `name_of` its road's number,
    `on_road` says which cells a road touches.
    """

    grid: Grid
    height: np.ndarray
    penalty: np.ndarray
    rank: np.ndarray
    name_of: np.ndarray
    on_road: np.ndarray
    names: list[str] = field(default_factory=list)
    scratch: tuple = ()

    def lay(self, path: np.ndarray, rank: int, name: str) -> None:
        """Mark the edges of `path`; an edge keeps the higher class."""
        if name not in self.names:
            self.names.append(name)
        number = self.names.index(name)
        self.on_road[path] = True
        columns = self.grid.shape[1]
        for a, b in pairwise(path.tolist()):
            row, column = b // columns - a // columns, b % columns - a % columns
            k = int(np.flatnonzero((row == ROWS) & (column == COLUMNS))[0])
            for cell, direction in ((a, k), (b, 7 - k)):
                if self.rank[cell, direction] < rank:
                    self.rank[cell, direction] = rank
                    self.name_of[cell, direction] = number

    def path(self, start: int, targets: np.ndarray, *, reuse: float, limit: float) -> np.ndarray:
        """Return the cheapest path; `reuse` is the price of existing road relative to flat land."""
        ground = (self.height, self.penalty, self.grid.dx_m, self.grid.dy_m, 0.075, reuse)
        return find_path((start, targets), ground, self.rank, self.scratch, limit)


def plan_roads(
    terrain: Terrain,
    inside: np.ndarray,
    places: tuple[Townships, Settlements],
    seed: int,
) -> Plan:
    """Join everything to one network, the great roads first."""
    townships, settlements = places
    plan = _empty_plan(terrain, inside)
    seats = [int(r * plan.grid.shape[1] + c) for r, c in townships.seat]
    _lay_main_roads(plan, seats)
    _lay_town_streets(plan, townships.seat[0])
    cells = settlements.cell[:, 0] * plan.grid.shape[1] + settlements.cell[:, 1]
    _join_places(plan, settlements, cells, townships)
    _close_loops(plan, settlements, cells, seed)
    _join_hamlets(plan, settlements, townships, seed)
    return plan


def _empty_plan(terrain: Terrain, inside: np.ndarray) -> Plan:
    grid = terrain.grid.coarser(2)
    height = block_mean(terrain.height.astype(float), 2)
    slope = slope_degrees(grid, height)
    size = ndimage.maximum_filter(terrain.area_km2, 2)[::2, ::2]
    penalty = 3.0 * np.maximum(slope - 8, 0)
    wet = size > 6
    thick = ndimage.binary_dilation(wet, structure=[[0, 0, 0], [0, 1, 1], [0, 1, 0]])
    penalty += np.where(thick, 230 + 120 * np.log10(np.maximum(size, 6)), 0)
    low = block_mean(np.minimum(terrain.hand, 500), 2)
    penalty += np.where(low < 2, 60, 0)
    core = ndimage.binary_erosion(inside[::2, ::2] & inside[1::2, 1::2])
    penalty[~core] = np.inf
    cells = height.size
    scratch = (
        np.zeros(cells),
        np.full(cells, -1),
        np.zeros(cells, np.int64),
        np.zeros(1, np.int64),
    )
    return Plan(
        grid=grid,
        height=height,
        penalty=penalty,
        rank=np.zeros((cells, 8), np.int8),
        name_of=np.full((cells, 8), -1, np.int16),
        on_road=np.zeros(cells, bool),
        scratch=scratch,
    )


def _lay_main_roads(plan: Plan, seats: list[int]) -> None:
    by_name = {name[:-1]: seats[i] for i, (_, name, *_) in enumerate(SEATS)}
    for name, rank, stops in _MAIN:
        cells = [by_name[s] if isinstance(s, str) else _border_cell(plan, s) for s in stops]
        for start, end in pairwise(cells):
            target = np.zeros(plan.height.size, bool)
            target[end] = True
            path = plan.path(start, target, reuse=0.95 if rank > COUNTY else 0.7, limit=_FAR)
            if not len(path):
                message = f"{name} finds no way between its stops {stops}"
                raise RuntimeError(message)
            plan.lay(path, rank, name)


def _border_cell(plan: Plan, place: tuple[float, float]) -> int:
    """Find the cheapest ground inside the county near a border point."""
    rows, columns = np.mgrid[: plan.grid.shape[0], : plan.grid.shape[1]]
    row, column = plan.grid.locate(*place)
    away = np.hypot((rows - row) * plan.grid.dy_m, (columns - column) * plan.grid.dx_m)
    return int(np.argmin(away + np.where(np.isfinite(plan.penalty), 8 * plan.penalty, np.inf)))


def _lay_town_streets(plan: Plan, seat: np.ndarray) -> None:
    """Grow a net of streets about 350 m apart from the county seat over ground flat enough."""
    columns = plan.grid.shape[1]
    queue, seen = [(int(seat[0]), int(seat[1]))], set()
    while queue:
        row, column = queue.pop(0)
        if (row, column) in seen:
            continue
        seen.add((row, column))
        for number, (dr, dc) in enumerate(((0, 1), (1, 0), (0, -1), (-1, 0))):
            cells = [(row + dr * k, column + dc * k) for k in range(4)]
            end = cells[-1]
            reach = np.hypot(
                (end[0] - seat[0]) * plan.grid.dy_m, (end[1] - seat[1]) * plan.grid.dx_m
            )
            if reach > 1_900 or max(plan.penalty[c] for c in cells) > 85:
                continue
            path = np.array([r * columns + c for r, c in cells])
            line = row if number % 2 == 0 else column
            name = f"城区{'横' if number % 2 == 0 else '纵'}{line % 100:02d}街"
            plan.lay(path, TOWNSHIP, name)
            queue.append(end)


def _join_places(
    plan: Plan, settlements: Settlements, cells: np.ndarray, townships: Townships
) -> None:
    """Join each place to the network, the populous first; two villages of five get a 乡道."""
    counter: dict[int, int] = {}
    for i in np.argsort(-settlements.persons, kind="stable"):
        path = plan.path(int(cells[i]), plan.on_road, reuse=0.9, limit=_FAR)
        place = int(settlements.township[i])
        counter[place] = counter.get(place, 0) + 1
        is_better = counter[place] % 5 < 2 or i < TOWN_COMMUNITIES
        kind, letter = (TOWNSHIP, "Y") if is_better else (VILLAGE, "C")
        number = f"{townships.code[place][-3:]}{counter[place]:02d}"
        plan.lay(path, kind, f"{letter}{number}{settlements.name[i][:-1] if letter == 'C' else ''}")


def _close_loops(plan: Plan, settlements: Settlements, cells: np.ndarray, seed: int) -> None:
    """Link neighbouring villages whose way by road is long, so that closures have detours."""
    rng = random_stream(seed, "loops")
    metres = settlements.cell * np.array([plan.grid.dy_m, plan.grid.dx_m])
    pairs = cKDTree(metres).query_pairs(3_000, output_type="ndarray")
    pairs = pairs[np.lexsort(pairs.T)][rng.permutation(len(pairs))]
    laid = 0
    for a, b in pairs:
        target = np.zeros(plan.height.size, bool)
        target[cells[b]] = True
        path = plan.path(int(cells[a]), target, reuse=0.45, limit=7_500)
        if len(path) < 8:
            continue
        new = _is_new(plan, path)
        if new.sum() * 110 > 700 and new.mean() > 0.3:
            plan.lay(path, VILLAGE, f"C{settlements.code[a][6:9]}9{laid % 100:02d}")
            laid += 1
            if laid == 170:
                break


def _is_new(plan: Plan, path: np.ndarray) -> np.ndarray:
    columns = plan.grid.shape[1]
    row = path[1:] // columns - path[:-1] // columns
    column = path[1:] % columns - path[:-1] % columns
    k = (row + 1) * 3 + column + 1
    k = np.where(k < 4, k, k - 1)
    return plan.rank[path[:-1], k] == 0


def _join_hamlets(plan: Plan, settlements: Settlements, townships: Townships, seed: int) -> None:
    """Lead narrow roads to scattered farms within a few kilometres of a village."""
    rng = random_stream(seed, "hamlets")
    columns = plan.grid.shape[1]
    laid = 0
    while laid < HAMLETS:
        i = int(rng.integers(len(settlements.persons)))
        row, column = settlements.cell[i] + rng.normal(0, 11, 2).astype(int)
        if plan.penalty[row, column] > 55 or plan.on_road[row * columns + column]:
            continue
        path = plan.path(int(row * columns + column), plan.on_road, reuse=0.9, limit=9_000)
        if len(path) > 3:
            code = townships.code[settlements.township[i]][-3:]
            plan.lay(path, VILLAGE, f"C{code}{100 + laid}")
            laid += 1
