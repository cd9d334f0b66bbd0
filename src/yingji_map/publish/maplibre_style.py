"""Appearances as a MapLibre style (version 8)."""

from collections.abc import Mapping

from yingji_map.domain.appearance import Appearance, Label, Mark, Stroke, Value
from yingji_map.domain.palette import Theme
from yingji_map.publish.maplibre_expressions import Layer, base, by_zoom, chosen, visibility
from yingji_map.publish.maplibre_risk import risk_styles
from yingji_map.publish.symbol_svg import FONTS

SYMBOL_FROM, FULL_SYMBOL_FROM = 9.9, 11
"""Zooms from which a symbol is drawn, and from which it carries its character."""
WIDTH_STEPS = ((8, 0.55), (10, 0.9), (13, 1.25))
"""Zoom and what a declared line width is multiplied by there."""
_FONTS = {
    "medium": ["Noto Sans CJK SC Regular", *FONTS],
    "bold": ["Noto Sans CJK SC Bold", *FONTS],
    "italic": ["Noto Sans CJK SC Regular", *FONTS],
}
_HALO_PX = 1.7


def ground(theme: Theme) -> Layer:
    """Return the land under everything."""
    return {"id": "land", "type": "background", "paint": {"background-color": theme.land}}


def relief(theme: Theme) -> Layer:
    """Return the shading that stands above the risk, so that slopes stay readable."""
    return {
        "id": "hillshade",
        "type": "hillshade",
        "source": "dem",
        "paint": {
            "hillshade-shadow-color": theme.shadow,
            "hillshade-highlight-color": theme.light,
            "hillshade-exaggeration": by_zoom([(8, 0.5), (11, 0.42), (14, 0.25)]),
        },
    }


def layer_styles(appearance: Appearance) -> list[Layer]:
    """Return how a layer is drawn, its labels left out."""
    if appearance.layer_id.startswith("risk_"):
        return risk_styles(appearance)
    if appearance.geometry == "point":
        return _point_styles(appearance)
    layers: list[Layer] = []
    if any(part.area for part in appearance.parts):
        layers.append(_area_style(appearance))
    strokes = {part.value: part.stroke for part in appearance.parts if part.stroke}
    casings = {value: stroke.casing for value, stroke in strokes.items() if stroke.casing}
    if casings:
        layers.append(_line_style(appearance, f"{appearance.layer_id}-casing", casings))
    if strokes:
        layers.append(_line_style(appearance, appearance.layer_id, strokes))
    return layers


def label_styles(appearance: Appearance) -> list[Layer]:
    """Return the labels of a layer that asks for them."""
    label = appearance.label
    if label is None or not label.is_shown:
        return []
    layout: Layer = {
        "visibility": visibility(appearance),
        "text-field": ["coalesce", ["get", label.field], ""],
        "text-font": _FONTS[label.weight],
        "text-size": label.size_px,
        **_placement(appearance),
    }
    return [
        {
            **base(appearance, f"{appearance.layer_id}-label"),
            "type": "symbol",
            "minzoom": label.minzoom,
            "layout": layout,
            "paint": _text_paint(label),
        }
    ]


def _placement(appearance: Appearance) -> Layer:
    if appearance.geometry == "line":
        return {"symbol-placement": "line", "symbol-spacing": 420, "text-letter-spacing": 0.15}
    if appearance.geometry == "polygon":
        return {"text-letter-spacing": 0.1, "text-padding": 6}
    return {
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.7,
        "text-padding": 3,
    }


def _text_paint(label: Label) -> Layer:
    return {
        "text-color": label.colour.css,
        "text-halo-color": label.halo.css,
        "text-halo-width": _HALO_PX,
    }


def _point_styles(appearance: Appearance) -> list[Layer]:
    first = next(part.mark for part in appearance.parts if part.mark)
    if first.shape == "dot":
        return [_dot_style(appearance, first)]
    images = {part.value: part.mark.name for part in appearance.parts if part.mark}
    full = chosen(appearance, images)
    return [
        {
            **base(appearance, appearance.layer_id),
            "type": "symbol",
            "minzoom": SYMBOL_FROM,
            "layout": {
                "visibility": visibility(appearance),
                "icon-image": [
                    "step",
                    ["zoom"],
                    f"{appearance.layer_id}-small",
                    FULL_SYMBOL_FROM,
                    full,
                ],
                "icon-padding": 1,
                "icon-allow-overlap": ["step", ["zoom"], False, 14, True],
            },
        }
    ]


def _dot_style(appearance: Appearance, mark: Mark) -> Layer:
    radius: object = mark.size_px / 2
    if mark.size_field:
        people = ["to-number", ["get", mark.size_field], 0]
        grown = ["min", 5.2, ["+", 2.2, ["/", ["sqrt", people], 9]]]
        radius = ["interpolate", ["linear"], ["zoom"], 10, 2, 12, grown]
    return {
        **base(appearance, appearance.layer_id),
        "type": "circle",
        "minzoom": 10,
        "layout": {"visibility": visibility(appearance)},
        "paint": {
            "circle-radius": radius,
            "circle-color": mark.colours.fill,
            "circle-stroke-color": mark.colours.ink,
            "circle-stroke-width": 1.4,
        },
    }


def _area_style(appearance: Appearance) -> Layer:
    fills = {part.value: part.area.fill for part in appearance.parts if part.area}
    alphas = {value: fill.alpha for value, fill in fills.items()}
    hexes = {value: fill.hex for value, fill in fills.items()}
    return {
        **base(appearance, f"{appearance.layer_id}-fill"),
        "type": "fill",
        "layout": {"visibility": visibility(appearance)},
        "paint": {
            "fill-color": chosen(appearance, hexes),
            "fill-opacity": chosen(appearance, alphas),
        },
    }


def _line_style(appearance: Appearance, name: str, strokes: Mapping[Value | None, Stroke]) -> Layer:
    colours = {value: stroke.colour.css for value, stroke in strokes.items()}
    widths = [
        (zoom, chosen(appearance, {v: round(s.width_px * by, 3) for v, s in strokes.items()}))
        for zoom, by in WIDTH_STEPS
    ]
    dash = next((s for s in strokes.values() if s.dash), None)
    style: Layer = {
        **base(appearance, name),
        "type": "line",
        "layout": {
            "visibility": visibility(appearance),
            "line-join": "round",
            "line-cap": "butt" if dash else "round",
        },
        "paint": {
            "line-color": chosen(appearance, colours),
            "line-width": by_zoom(widths),
            **(
                {"line-dasharray": [round(d / dash.width_px, 3) for d in dash.dash]} if dash else {}
            ),
        },
    }
    if None not in strokes:  # a casing under some classes only
        style["filter"] = ["in", ["get", appearance.field], ["literal", list(strokes)]]
    return style
