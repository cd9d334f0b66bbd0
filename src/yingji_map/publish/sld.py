"""Appearances as OGC Styled Layer Descriptors 1.1 (Symbology Encoding 1.1)."""

from lxml import etree

from yingji_map.domain.appearance import (
    PATTERN_PX,
    SYMBOL_BOX_PX,
    Appearance,
    Area,
    Label,
    Mark,
    Part,
    Stroke,
)
from yingji_map.domain.palette import Colour, colour_of

MEDIA_TYPE = "application/vnd.ogc.sld+xml"
_SLD = "http://www.opengis.net/sld"
_SE = "http://www.opengis.net/se"
_OGC = "http://www.opengis.net/ogc"
_XLINK = "http://www.w3.org/1999/xlink"
_PIXEL = "http://www.opengeospatial.org/se/units/pixel"
_NAMESPACES = {None: _SLD, "se": _SE, "ogc": _OGC, "xlink": _XLINK}
# What stands in where a program cannot read SVG.
_WELL_KNOWN = {"diamond": "square", "rounded_square": "square", "pill": "square"}
_SCALE_OF_ZOOM_0 = 295_829_355 * 96 * 0.00028 / 0.0254 * 0.848  # SE's pixel is 0.28 mm
_WEIGHTS = {"medium": "normal", "bold": "bold", "italic": "normal"}


def sld_document(appearance: Appearance, symbols_url: str) -> bytes:
    """Return an SLD file; symbols are named by address under `symbols_url`."""
    root = etree.Element(_name(_SLD, "StyledLayerDescriptor"), nsmap=_NAMESPACES, version="1.1.0")
    layer = etree.SubElement(root, _name(_SLD, "NamedLayer"))
    _text(layer, "Name", appearance.layer_id)
    user_style = etree.SubElement(layer, _name(_SLD, "UserStyle"))
    _text(user_style, "Name", appearance.layer_id)
    _text(_se(user_style, "Description"), "Title", appearance.title.zh)
    feature_type = _se(user_style, "FeatureTypeStyle")
    for part in appearance.parts:
        rule = _se(feature_type, "Rule")
        _text(rule, "Name", "others" if part.value is None else str(part.value))
        _text(_se(rule, "Description"), "Title", part.title.zh)
        _add_filter(rule, appearance, part)
        _add_symbolizers(rule, appearance, part, symbols_url)
    if appearance.label is not None and appearance.label.is_shown:
        _add_label(_se(feature_type, "Rule"), appearance, appearance.label)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_filter(rule: etree._Element, appearance: Appearance, part: Part) -> None:
    if appearance.field is None:
        return
    if part.value is None:
        _se(rule, "ElseFilter")
        return
    is_state = appearance.layer_id.startswith("risk_") and isinstance(part.value, str)
    held = etree.SubElement(rule, _name(_OGC, "Filter"))
    equal = etree.SubElement(held, _name(_OGC, "PropertyIsEqualTo"))
    field = "state" if is_state else appearance.field
    etree.SubElement(equal, _name(_OGC, "PropertyName")).text = field
    etree.SubElement(equal, _name(_OGC, "Literal")).text = str(part.value)


def _add_symbolizers(
    rule: etree._Element, appearance: Appearance, part: Part, symbols_url: str
) -> None:
    if part.mark is not None:
        symbolizer = _se(rule, "PointSymbolizer", uom=_PIXEL)
        _add_mark(_se(symbolizer, "Graphic"), part.mark, symbols_url)
    if part.area is not None:
        _add_area(rule, part.area, symbols_url)
    for stroke in (part.stroke and part.stroke.casing, part.stroke, part.ring):
        if stroke is None:
            continue
        symbolizer = _se(rule, "LineSymbolizer", uom=_PIXEL)
        _add_stroke(symbolizer, stroke)
        if stroke is part.ring and appearance.geometry == "polygon":
            _text(symbolizer, "PerpendicularOffset", "-1.5")


def _add_mark(graphic: etree._Element, mark: Mark, symbols_url: str) -> None:
    if mark.shape != "dot":
        _add_picture(graphic, f"{symbols_url}/{mark.name}.svg")
    shape = _se(graphic, "Mark")
    _text(shape, "WellKnownName", _WELL_KNOWN.get(mark.shape, "circle"))
    _add_fill(shape, colour_of(mark.colours.fill))
    _add_stroke(shape, Stroke(colour=colour_of(mark.colours.ink), width_px=1.4))
    _text(graphic, "Size", f"{mark.size_px if mark.shape == 'dot' else SYMBOL_BOX_PX:g}")


def _add_picture(graphic: etree._Element, address: str) -> None:
    outside = _se(graphic, "ExternalGraphic")
    resource = _se(outside, "OnlineResource")
    resource.set(_name(_XLINK, "type"), "simple")
    resource.set(_name(_XLINK, "href"), address)
    _text(outside, "Format", "image/svg+xml")


def _add_area(rule: etree._Element, area: Area, symbols_url: str) -> None:
    if area.fill.alpha:
        _add_fill(_se(rule, "PolygonSymbolizer", uom=_PIXEL), area.fill)
    if area.pattern is None or area.ink is None:
        return
    symbolizer = _se(rule, "PolygonSymbolizer", uom=_PIXEL)
    graphic = _se(_se(_se(symbolizer, "Fill"), "GraphicFill"), "Graphic")
    if area.pattern == "dots":  # a mark would come out of QGIS as a grey fill over the cell
        _add_picture(graphic, f"{symbols_url}/pattern-dots.svg")
        _text(graphic, "Size", f"{PATTERN_PX['dots']:g}")
        return
    mark = _se(graphic, "Mark")
    # QGIS and GeoServer both turn `horline` by the rotation.
    _text(mark, "WellKnownName", "horline")
    _add_stroke(mark, Stroke(colour=area.ink, width_px=1.1 if area.pattern == "hatch" else 0.9))
    _text(graphic, "Size", f"{PATTERN_PX[area.pattern] / 2**0.5:.3f}")
    rotation = _se(graphic, "Rotation")
    etree.SubElement(rotation, _name(_OGC, "Literal")).text = "45"


def _add_fill(parent: etree._Element, colour: Colour) -> None:
    fill = _se(parent, "Fill")
    _parameters(fill, {"fill": colour.hex, "fill-opacity": f"{colour.alpha:g}"})


def _add_stroke(parent: etree._Element, stroke: Stroke) -> None:
    parameters = {
        "stroke": stroke.colour.hex,
        "stroke-opacity": f"{stroke.colour.alpha:g}",
        "stroke-width": f"{stroke.width_px:g}",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt" if stroke.dash else "round",
    }
    if stroke.dash:
        parameters["stroke-dasharray"] = " ".join(f"{step:g}" for step in stroke.dash)
    _parameters(_se(parent, "Stroke"), parameters)


def _add_label(rule: etree._Element, appearance: Appearance, label: Label) -> None:
    _text(rule, "Name", "label")
    _text(rule, "MaxScaleDenominator", f"{_SCALE_OF_ZOOM_0 / 2**label.minzoom:.0f}")
    symbolizer = _se(rule, "TextSymbolizer", uom=_PIXEL)
    named = etree.SubElement(_se(symbolizer, "Label"), _name(_OGC, "PropertyName"))
    named.text = label.field
    font = {
        "font-family": "Noto Sans CJK SC",
        "font-size": f"{label.size_px:g}",
        "font-weight": _WEIGHTS[label.weight],
        "font-style": "italic" if label.weight == "italic" else "normal",
    }
    _parameters(_se(symbolizer, "Font"), font)
    placement = _se(symbolizer, "LabelPlacement")
    if appearance.geometry == "line":
        _se(placement, "LinePlacement")
    else:
        anchor = _se(_se(placement, "PointPlacement"), "AnchorPoint")
        is_beside = appearance.geometry == "point"
        _text(anchor, "AnchorPointX", "0" if is_beside else "0.5")
        _text(anchor, "AnchorPointY", "0.5")
    halo = _se(symbolizer, "Halo")
    _text(halo, "Radius", "1.7")
    _add_fill(halo, label.halo)
    _add_fill(symbolizer, label.colour)


def _parameters(parent: etree._Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        parameter = _se(parent, "SvgParameter")
        parameter.set("name", name)
        parameter.text = value


def _text(parent: etree._Element, tag: str, text: str) -> None:
    _se(parent, tag).text = text


def _se(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _name(_SE, tag), attributes)


def _name(namespace: str, tag: str) -> str:
    return f"{{{namespace}}}{tag}"
