"""Risk cells as MapLibre layers: fill, pattern, outline and the ring that yellow has by night."""

from yingji_map.domain.appearance import Appearance, Part, Value
from yingji_map.publish.maplibre_expressions import Layer, base, by_zoom, matched


def risk_styles(appearance: Appearance) -> list[Layer]:
    """Return the layers of a hazard's cells, the fill first: relief may come over it."""
    levels = [part for part in appearance.parts if isinstance(part.value, int)]
    by = {part.value: part for part in levels}
    fills = {value: part.area.fill for value, part in by.items() if part.area}
    outlines = {value: part.stroke for value, part in by.items() if part.stroke}
    name = appearance.layer_id
    scored = ["==", ["get", "state"], "scored"]
    marked = [part for part in levels if part.area and part.area.pattern]
    layers: list[Layer] = [
        {
            **base(appearance, f"{name}-fill"),
            "type": "fill",
            "filter": scored,
            "paint": {
                "fill-color": matched("level", {v: f.hex for v, f in fills.items()}, "#000000"),
                "fill-opacity": matched("level", {v: f.alpha for v, f in fills.items()}, 0),
                "fill-antialias": False,
            },
        },
        {
            **base(appearance, f"{name}-no-data"),
            "type": "fill",
            "filter": ["==", ["get", "state"], "no_data"],
            "paint": {"fill-pattern": "pattern-no_data", "fill-opacity": 0.8},
        },
        {
            **base(appearance, f"{name}-pattern"),
            "type": "fill",
            "filter": ["in", ["get", "level"], ["literal", [part.value for part in marked]]],
            "paint": {"fill-pattern": matched("level", _patterns(marked), "pattern-dots")},
        },
        {
            **base(appearance, f"{name}-outline"),
            "type": "line",
            "filter": scored,
            "paint": {
                "line-color": matched(
                    "level", {v: s.colour.css for v, s in outlines.items()}, "rgba(0,0,0,0)"
                ),
                "line-width": matched("level", {v: s.width_px for v, s in outlines.items()}, 0),
            },
        },
    ]
    return layers + [_ring_style(appearance, part) for part in levels if part.ring]


def _patterns(parts: list[Part]) -> dict[Value | None, str]:
    return {part.value: f"pattern-{part.area.pattern}" for part in parts if part.area}


def _ring_style(appearance: Appearance, part: Part) -> Layer:
    assert part.ring is not None  # noqa: S101 - the caller looked
    return {
        **base(appearance, f"{appearance.layer_id}-ring"),
        "type": "line",
        "filter": ["==", ["get", "level"], part.value],
        "paint": {
            "line-color": part.ring.colour.css,
            "line-width": by_zoom([(8, 0.9), (11, part.ring.width_px)]),
            "line-offset": 1.5,
        },
    }
