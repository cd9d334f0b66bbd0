"""Compiled least-cost paths over terrain, which know the edges that already carry a road."""

import heapq

import numba
import numpy as np

ROWS = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
COLUMNS = np.array([-1, 0, 1, -1, 1, -1, 0, 1])


@numba.njit
def find_path(  # noqa: C901 - one loop, compiled: calls would cost more than they explain
    ends: tuple, ground: tuple, roads: np.ndarray, scratch: tuple, limit: float
) -> np.ndarray:
    """Return the cheapest chain of cells from the start to any target; empty if over the limit.

    `ends` is the start and a mask of targets; `ground` is height (m), entry penalty (m), and cell size; `roads` says for each cell and
    direction whether a road runs there. Two diagonals may not cross between cells: that would be
    a junction without a node.
    """
    start, targets = ends
    height, penalty, dx, dy, grade_limit, reuse = ground
    cost, previous, stamp, turn = scratch
    rows, columns = height.shape
    now = turn[0] + 1
    turn[0] = now
    cost[start], previous[start], stamp[start] = 0.0, -1, now
    heap = [(0.0, np.int64(start))]
    while len(heap) > 0:
        spent, index = heapq.heappop(heap)
        if spent > cost[index]:
            continue
        if spent > limit:
            break
        if targets[index]:
            return _walk_back(index, previous)
        row, column = index // columns, index % columns
        for k in range(8):
            r, c = row + ROWS[k], column + COLUMNS[k]
            if r < 0 or r >= rows or c < 0 or c >= columns or not np.isfinite(penalty[r, c]):
                continue
            other = r * columns + c
            step = np.sqrt((ROWS[k] * dy) ** 2 + (COLUMNS[k] * dx) ** 2)
            grade = abs(height[r, c] - height[row, column]) / step
            price = step * (1 + (grade / grade_limit) ** 2) + penalty[r, c]
            if roads[index, k] > 0:
                price = step * reuse
            elif ROWS[k] != 0 and COLUMNS[k] != 0:
                crossing = (row + ROWS[k]) * columns + column
                if roads[crossing, _direction(-ROWS[k], COLUMNS[k])] > 0:
                    continue
            if stamp[other] != now or spent + price < cost[other]:
                stamp[other] = now
                cost[other], previous[other] = spent + price, index
                heapq.heappush(heap, (spent + price, np.int64(other)))
    return np.empty(0, np.int64)


@numba.njit
def _direction(dr: int, dc: int) -> int:
    k = (dr + 1) * 3 + dc + 1
    return k if k < 4 else k - 1


@numba.njit
def _walk_back(index: int, previous: np.ndarray) -> np.ndarray:
    count, at = 1, index
    while previous[at] >= 0:
        at = previous[at]
        count += 1
    path = np.empty(count, np.int64)
    at = index
    for k in range(count - 1, -1, -1):
        path[k] = at
        at = previous[at]
    return path
