"""Compiled kernels of water on a grid: filling, D8 receivers, accumulation, stream-power erosion."""

import heapq

import numba
import numpy as np

_EPSILON_M = 2e-3
_ROWS = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
_COLUMNS = np.array([-1, 0, 1, -1, 1, -1, 0, 1])


@numba.njit
def fill(height: np.ndarray, outlets: np.ndarray) -> tuple:
    """Raise depressions until every pixel drains to an outlet; also return the order of flooding.

    References
    ----------
    Barnes, Lehman, Mulla 2014, Priority-flood, algorithm 3 (with a gradient over flats).
    """
    rows, columns = height.shape
    filled = height.copy()
    seen = np.zeros(height.shape, np.bool_)
    order = np.empty(height.size, np.int64)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for index in range(height.size):
        row, column = index // columns, index % columns
        if outlets[row, column]:
            seen[row, column] = True
            heap.append((height[row, column], np.int64(index)))
    heapq.heapify(heap)
    count = 0
    while len(heap) > 0:
        level, index = heapq.heappop(heap)
        order[count] = index
        count += 1
        row, column = index // columns, index % columns
        for k in range(8):
            r, c = row + _ROWS[k], column + _COLUMNS[k]
            if 0 <= r < rows and 0 <= c < columns and not seen[r, c]:
                seen[r, c] = True
                filled[r, c] = max(height[r, c], level + _EPSILON_M)
                heapq.heappush(heap, (filled[r, c], np.int64(r * columns + c)))
    return filled, order


@numba.njit
def receivers(filled: np.ndarray, outlets: np.ndarray, dx: float, dy: float) -> tuple:
    """Return for each pixel the steepest lower neighbour (itself at outlets) and its distance."""
    rows, columns = filled.shape
    receiver = np.arange(filled.size)
    length = np.ones(filled.size)
    for row in range(rows):
        for column in range(columns):
            if outlets[row, column]:
                continue
            best = 0.0
            for k in range(8):
                r, c = row + _ROWS[k], column + _COLUMNS[k]
                if 0 <= r < rows and 0 <= c < columns:
                    step = np.sqrt((_ROWS[k] * dy) ** 2 + (_COLUMNS[k] * dx) ** 2)
                    gradient = (filled[row, column] - filled[r, c]) / step
                    if gradient > best:
                        best = gradient
                        receiver[row * columns + column] = r * columns + c
                        length[row * columns + column] = step
    return receiver, length


@numba.njit
def accumulate(receiver: np.ndarray, order: np.ndarray, pixel_area: float) -> np.ndarray:
    """Upstream area of each pixel, itself included."""
    area = np.full(receiver.size, pixel_area)
    for k in range(order.size - 1, -1, -1):
        index = order[k]
        if receiver[index] != index:
            area[receiver[index]] += area[index]
    return area


@numba.njit
def erode(
    height: np.ndarray,
    network: tuple,
    rates: tuple,
    exponent: float,
) -> None:
    """Take one implicit step of uplift and stream-power erosion, in place, with a limit on slopes.

    References
    ----------
    Braun, Willett 2013, A very efficient O(n) implicit method, eq. 22 (slope exponent 1).
    """
    receiver, length, order, area = network
    uplift, erodibility, steepest = rates
    flat, rise = height.ravel(), uplift.ravel()
    soft, limit = erodibility.ravel(), steepest.ravel()
    for k in range(order.size):
        index = order[k]
        below = receiver[index]
        if below == index:
            continue
        factor = soft[index] * area[index] ** exponent / length[index]
        value = (flat[index] + rise[index] + factor * flat[below]) / (1 + factor)
        flat[index] = min(value, flat[below] + limit[index] * length[index])


@numba.njit
def height_above(
    filled: np.ndarray, receiver: np.ndarray, order: np.ndarray, channel: np.ndarray
) -> tuple:
    """Return height above the channel pixel each pixel drains to, and that pixel (-1 if none)."""
    level = filled.ravel()
    anchor = np.full(receiver.size, -1)
    hand = np.full(receiver.size, np.inf)
    for k in range(order.size):
        index = order[k]
        if channel[index]:
            anchor[index] = index
        elif receiver[index] != index:
            anchor[index] = anchor[receiver[index]]
        if anchor[index] >= 0:
            hand[index] = level[index] - level[anchor[index]]
    return hand, anchor
