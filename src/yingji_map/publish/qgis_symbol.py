"""Parts of an appearance as QGIS symbols (QGIS 3.22 and newer)."""

import base64

from lxml import etree

from yingji_map.domain.appearance import PATTERN_PX, SYMBOL_BOX_PX, Area, Mark, Part, Stroke
from yingji_map.domain.palette import Colour, colour_of
from yingji_map.publish.symbol_svg import symbol_svg

MM_PER_PX = 25.4 / 96
"""A CSS pixel on paper: sizes in millimetres are the same on the screen and in print."""
# The whole county on a screen: symbols step back, as they do on the page below zoom 11.
_REDUCED = "if(@map_scale > 150000, 0.55, 1)"
_KINDS = {"point": "marker", "line": "line", "polygon": "fill"}


def qgis_symbol(geometry: str, part: Part, name: str) -> etree._Element:
    """Return `<symbol>`: marker, line or fill, as the geometry wants."""
    symbol = _symbol(_KINDS[geometry], name)
    if part.mark is not None:
        symbol.append(_marker(part.mark))
    if part.area is not None:
        symbol.extend(_areas(part.area, name))
    if part.stroke is not None and part.stroke.casing is not None:
        symbol.append(_line(part.stroke.casing))
    if part.stroke is not None:
        symbol.append(_line(part.stroke))
    if part.ring is not None:
        symbol.append(_line(part.ring, inset_px=1.5))
    return symbol


def rgba(colour: Colour) -> str:
    """Return `r,g,b,a`, each 0..255."""
    return f"{colour.red},{colour.green},{colour.blue},{round(colour.alpha * 255)}"


def mm(pixels: float) -> str:
    """Return pixels as millimetres."""
    return f"{pixels * MM_PER_PX:.4f}".rstrip("0").rstrip(".")


def embedded_svg(mark: Mark) -> str:
    """Return a symbol as QGIS reads it from the project itself, with no file and no network."""
    return "base64:" + base64.b64encode(symbol_svg(mark).encode()).decode()


def _symbol(kind: str, name: str) -> etree._Element:
    return etree.Element(
        "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )


def _layer(kind: str, options: dict[str, str]) -> etree._Element:
    layer = etree.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    held = etree.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        etree.SubElement(held, "Option", type="QString", name=name, value=value)
    return layer


def _marker(mark: Mark) -> etree._Element:
    if mark.shape == "dot":
        return _dot(mark)
    layer = _layer(
        "SvgMarker",
        {
            "name": embedded_svg(mark),
            "size": mm(SYMBOL_BOX_PX),
            "size_unit": "MM",
            "scale_method": "diameter",
            "color": rgba(colour_of(mark.colours.fill)),
            "outline_color": rgba(colour_of(mark.colours.ink)),
            "outline_width": "0",
        },
    )
    layer.append(_sized_by(f"{mm(SYMBOL_BOX_PX)} * {_REDUCED}"))
    return layer


def _sized_by(expression: str) -> etree._Element:
    """Return the property that computes a marker's size in millimetres."""
    held = etree.Element("data_defined_properties")
    top = etree.SubElement(held, "Option", type="Map")
    etree.SubElement(top, "Option", type="QString", name="name", value="")
    properties = etree.SubElement(top, "Option", type="Map", name="properties")
    size = etree.SubElement(properties, "Option", type="Map", name="size")
    etree.SubElement(size, "Option", type="bool", name="active", value="true")
    etree.SubElement(size, "Option", type="QString", name="expression", value=expression)
    etree.SubElement(size, "Option", type="int", name="type", value="3")
    etree.SubElement(top, "Option", type="QString", name="type", value="collection")
    return held


def _dot(mark: Mark) -> etree._Element:
    layer = _layer(
        "SimpleMarker",
        {
            "name": "circle",
            "size": mm(mark.size_px),
            "size_unit": "MM",
            "scale_method": "diameter",
            "color": rgba(colour_of(mark.colours.fill)),
            "outline_color": rgba(colour_of(mark.colours.ink)),
            "outline_style": "solid",
            "outline_width": mm(1.4),
            "outline_width_unit": "MM",
        },
    )
    if mark.size_field:
        radius_px = f'min(5.2, 2.2 + sqrt(coalesce("{mark.size_field}", 0)) / 9)'
        layer.append(_sized_by(f"2 * {radius_px} * {MM_PER_PX:.4f} * {_REDUCED}"))
    return layer


def _line(stroke: Stroke, inset_px: float = 0) -> etree._Element:
    return _layer(
        "SimpleLine",
        {
            "line_color": rgba(stroke.colour),
            "line_width": mm(stroke.width_px),
            "line_width_unit": "MM",
            "line_style": "solid",
            "capstyle": "flat" if stroke.dash else "round",
            "joinstyle": "round",
            "use_custom_dash": "1" if stroke.dash else "0",
            "customdash": ";".join(mm(step) for step in stroke.dash) or "5;2",
            "customdash_unit": "MM",
            "offset": mm(inset_px),
            "offset_unit": "MM",
        },
    )


def _areas(area: Area, name: str) -> list[etree._Element]:
    layers = [
        _layer(
            "SimpleFill",
            {
                "color": rgba(area.fill),
                "style": "solid" if area.fill.alpha else "no",
                "outline_style": "no",
                "joinstyle": "round",
            },
        )
    ]
    if area.pattern is not None and area.ink is not None:
        layers.append(_pattern(area.pattern, area.ink, name))
    return layers


def _pattern(pattern: str, ink: Colour, name: str) -> etree._Element:
    step = mm(PATTERN_PX[pattern])
    if pattern == "dots":
        layer = _layer(
            "PointPatternFill",
            {
                "distance_x": step,
                "distance_x_unit": "MM",
                "distance_y": step,
                "distance_y_unit": "MM",
            },
        )
        inner = _symbol("marker", f"@{name}@1")
        dot = {
            "name": "circle",
            "size": mm(1.7),
            "size_unit": "MM",
            "color": rgba(ink),
            "outline_style": "no",
        }
        inner.append(_layer("SimpleMarker", dot))
    else:
        # The map repeats a square with one diagonal: lines stand edge / sqrt(2) apart.
        apart = mm(PATTERN_PX[pattern] / 2**0.5)
        layer = _layer("LinePatternFill", {"angle": "45", "distance": apart, "distance_unit": "MM"})
        inner = _symbol("line", f"@{name}@1")
        width = 1.1 if pattern == "hatch" else 0.9
        inner.append(_line(Stroke(colour=ink, width_px=width)))
    layer.append(inner)
    return layer
