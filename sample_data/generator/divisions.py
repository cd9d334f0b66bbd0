"""Twenty-three townships around their seats, bordered by watersheds."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from .coverage import tile
from .grid import Grid, block_mean
from .rivers import Rivers
from .terrain import Terrain

# Names and codes: AreaCity (MIT, see NOTICE). Places of the seats: guessed, then moved to flat ground.
SEATS: tuple[tuple[str, str, float, float], ...] = (
    ("510821100", "东河镇", 106.292, 32.228),
    ("510821101", "嘉川镇", 106.205, 32.222),
    ("510821102", "木门镇", 106.474, 32.045),
    ("510821103", "白水镇", 106.075, 32.245),
    ("510821105", "张华镇", 106.345, 32.165),
    ("510821106", "黄洋镇", 106.375, 32.225),
    ("510821107", "普济镇", 106.465, 32.255),
    ("510821108", "三江镇", 106.555, 32.275),
    ("510821110", "五权镇", 106.525, 32.375),
    ("510821111", "高阳镇", 106.312, 32.325),
    ("510821112", "双汇镇", 106.315, 32.395),
    ("510821113", "英萃镇", 106.365, 32.495),
    ("510821114", "国华镇", 106.520, 32.460),
    ("510821115", "九龙镇", 106.478, 32.115),
    ("510821116", "龙凤镇", 106.415, 32.165),
    ("510821117", "米仓山镇", 106.590, 32.560),
    ("510821118", "大德镇", 106.215, 32.155),
    ("510821119", "大两镇", 106.620, 32.440),
    ("510821120", "水磨镇", 106.645, 32.325),
    ("510821121", "盐河镇", 106.330, 32.600),
    ("510821122", "天星镇", 106.215, 32.320),
    ("510821204", "燕子乡", 106.165, 32.415),
    ("510821207", "檬子乡", 106.430, 32.410),
)


@dataclass(frozen=True)
class Townships:
    """Codes, names, polygons and seats (row and column on the walking grid)."""

    code: list[str]
    name: list[str]
    area: list[shapely.Polygon]
    seat: np.ndarray
    tree: shapely.STRtree

    def of(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return the number of the township each point lies in, -1 outside the county."""
        found = np.full(len(lon), -1)
        point, area = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        found[point[::-1]] = area[::-1]
        return found


def found_townships(
    outline: shapely.Polygon, terrain: Terrain, rivers: Rivers, habitability: np.ndarray
) -> Townships:
    """Give every catchment to the seat that is easiest to walk to, then draw the borders."""
    walking = terrain.grid.coarser(2)
    seat = np.array([_settle_seat(walking, habitability, lon, lat) for _, _, lon, lat in SEATS])
    labels = _nearest_seat(terrain, habitability, seat)
    basin = basins(terrain, rivers)[1::2, 1::2]
    votes = np.zeros((basin.max() + 1, len(SEATS)), int)
    np.add.at(votes, (basin.ravel(), labels.ravel()), 1)
    labels = votes.argmax(axis=1)[basin]
    labels = _keep_with_seat(labels, seat)
    polygons = tile(outline, labels, walking, 2.2 * walking.step)
    area = [polygons[number] for number in range(len(SEATS))]
    return Townships(
        code=[code for code, *_ in SEATS],
        name=[name for _, name, *_ in SEATS],
        area=area,
        seat=seat,
        tree=shapely.STRtree(area),
    )


def _settle_seat(grid: Grid, habitability: np.ndarray, lon: float, lat: float) -> tuple[int, int]:
    row, column = (int(v) for v in grid.locate(lon, lat))
    reach = 16
    rows, columns = slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1)
    away = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1])
    score = habitability[rows, columns] * np.exp(-((away / 12) ** 2))
    r, c = np.unravel_index(int(score.argmax()), score.shape)
    return row - reach + int(r), column - reach + int(c)


def _nearest_seat(terrain: Terrain, habitability: np.ndarray, seat: np.ndarray) -> np.ndarray:
    """Label the walking grid by the seat with the least climb and distance, on a coarser grid."""
    grid = terrain.grid.coarser(4)
    height = block_mean(terrain.height.astype(float), 4)
    rows, columns = grid.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    start, end, cost = [], [], []
    for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = (slice(0, rows - dr), slice(max(-dc, 0), columns - max(dc, 0)))
        b = (slice(dr, rows), slice(max(dc, 0), columns - max(-dc, 0)))
        run = np.hypot(dr * grid.dy_m, dc * grid.dx_m)
        start.append(number[a].ravel())
        end.append(number[b].ravel())
        cost.append((run + 9 * np.abs(height[a] - height[b])).ravel())
    graph = csr_array(
        (np.concatenate(cost), (np.concatenate(start), np.concatenate(end))),
        shape=(number.size, number.size),
    )
    sources = number[seat[:, 0] // 2, seat[:, 1] // 2]
    *_, source = dijkstra(
        graph, directed=False, indices=sources, min_only=True, return_predecessors=True
    )
    label = np.searchsorted(np.sort(sources), source)
    label = np.argsort(sources)[label].reshape(grid.shape)
    full = np.kron(label, np.ones((2, 2), int))
    return full[: habitability.shape[0], : habitability.shape[1]]


def basins(terrain: Terrain, rivers: Rivers) -> np.ndarray:
    """Label each pixel with the reach it drains to (0 for what leaves the county unseen)."""
    basin = rivers.reach_of_pixel.copy()
    for index in terrain.order:
        if basin[index] < 0:
            basin[index] = basin[terrain.receiver[index]]
    return (basin + 1).reshape(terrain.height.shape)


def _keep_with_seat(labels: np.ndarray, seat: np.ndarray) -> np.ndarray:
    """Give away parts of a township that do not hang together with its seat."""
    kept = np.full(labels.shape, -1)
    for number, (row, column) in enumerate(seat):
        mask = labels == number
        mask[row - 2 : row + 3, column - 2 : column + 3] = True
        parts, _ = ndimage.label(mask)
        kept[parts == parts[row, column]] = number
    index = ndimage.distance_transform_edt(kept < 0, return_distances=False, return_indices=True)
    return kept[tuple(index)]
