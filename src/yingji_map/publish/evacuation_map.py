"""The map of an evacuation plan as SVG: zone, ways, settlements and shelters."""

import math
from collections.abc import Iterable, Iterator
from html import escape

import shapely

from yingji_map.domain.evacuation import EvacuationPlan, ShelterState

_WIDTH, _HEIGHT, _MARGIN = 900.0, 520.0, 28.0
_LEAST_DEG = 0.01
Pair = tuple[float, float]


def plan_map(plan: EvacuationPlan) -> str:
    """Return an SVG element, north up, true to scale at the middle latitude."""
    shown = [one for one in plan.shelters if one.assigned_persons]
    rings = list(_rings(plan))
    lines = [move.line for group in plan.groups for move in group.moves]
    points = [(group.lon, group.lat) for group in plan.groups]
    points += [(one.lon, one.lat) for one in shown]
    at = _projection([*points, *(pair for line in (*rings, *lines) for pair in line)])
    parts = [
        f"<path d='{_path([at(ring)])}Z' fill='#b3261e22' stroke='#b3261e'/>" for ring in rings
    ]
    parts += [
        f"<path d='{_path([at(line)])}' fill='none' stroke='#2f6fb0' stroke-opacity='.6'/>"
        for line in lines
    ]
    for group in plan.groups:
        ((x, y),) = at([(group.lon, group.lat)])
        fill = "#b3261e" if group.unplaced_persons else "#1c2733"
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{fill}'/>")
    for one in plan.shelters:
        if one.assigned_persons or one.state is ShelterState.IN_ZONE:
            ((x, y),) = at([(one.lon, one.lat)])
            fill = "#2e7d4f" if one.assigned_persons else "#fff"
            name = escape(one.name)
            parts.append(
                f"<rect x='{x - 4:.1f}' y='{y - 4:.1f}' width='8' height='8' fill='{fill}' "
                f"stroke='#2e7d4f'><title>{name}</title></rect>"
            )
            if one.assigned_persons:
                label = f"{name} {one.assigned_persons}"
                parts.append(f"<text x='{x + 7:.1f}' y='{y + 4:.1f}' font-size='10'>{label}</text>")
    body = "".join(parts)
    box = f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}"
    return f"<svg viewBox='{box}' role='img' aria-label='疏散路线图'>{body}</svg>"


def _rings(plan: EvacuationPlan) -> Iterator[list[Pair]]:
    if plan.zone is not None:
        for part in shapely.get_parts(shapely.geometry.shape(dict(plan.zone))):
            yield [(lon, lat) for lon, lat, *_ in part.exterior.coords]


def _path(lines: Iterable[list[Pair]]) -> str:
    return "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in line) for line in lines)


class _Projection:
    """Longitude and latitude to the page."""

    def __init__(self, west: float, north: float, scale: Pair) -> None:
        self._west, self._north, self._scale = west, north, scale

    def __call__(self, line: Iterable[Pair]) -> list[Pair]:
        across, down = self._scale
        return [
            (_MARGIN + (lon - self._west) * across, _MARGIN + (self._north - lat) * down)
            for lon, lat in line
        ]


def _projection(places: list[Pair]) -> _Projection:
    west, east = min(lon for lon, _ in places), max(lon for lon, _ in places)
    south, north = min(lat for _, lat in places), max(lat for _, lat in places)
    narrow = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, _LEAST_DEG), max(north - south, _LEAST_DEG)
    down = min((_WIDTH - 2 * _MARGIN) / wide, (_HEIGHT - 2 * _MARGIN) / high)
    return _Projection(west, north, (down * narrow, down))
