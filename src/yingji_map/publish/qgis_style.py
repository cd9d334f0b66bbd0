"""Appearances as QGIS layer styles (QML): symbols, labels and the Chinese names of fields."""

from lxml import etree

from yingji_map.domain.appearance import Appearance, Label, Part
from yingji_map.publish.qgis_symbol import mm, qgis_symbol, rgba
from yingji_map.publish.symbol_svg import FONTS

QGIS_VERSION = "3.22.16-Białowieża"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
_FONT = "Noto Sans CJK SC"
_POINTS_PER_PX = 0.75
# Scale of zoom 0 with 512 px tiles at 96 dpi, at the latitude of 32 degrees.
_SCALE_OF_ZOOM_0 = 295_829_355 * 0.848
_PLACEMENT = {"point": "6", "line": "3", "polygon": "1"}  # around, curved along, over


def qml_document(appearance: Appearance) -> bytes:
    """Return a QML file."""
    root = etree.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology|Labeling|Fields")
    add_style(root, appearance)
    return etree.tostring(
        root, doctype=_DOCTYPE, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def add_style(root: etree._Element, appearance: Appearance) -> None:
    """Put renderer, labels and names of fields into a `<qgis>` or `<maplayer>` element."""
    label = appearance.label
    root.set("labelsEnabled", "1" if label and label.is_shown else "0")
    root.append(_renderer(appearance))
    if label is not None:
        root.append(_labeling(appearance, label))
    aliases = etree.SubElement(root, "aliases")
    for index, field in enumerate(appearance.fields):
        unit = f"（{field.unit}）" if field.unit else ""
        title = f"{field.title.zh}{unit}"
        etree.SubElement(aliases, "alias", index=str(index), field=field.name, name=title)
    if label is not None:
        etree.SubElement(root, "previewExpression").text = f'"{label.field}"'
    etree.SubElement(root, "layerGeometryType").text = str(
        ("point", "line", "polygon").index(appearance.geometry)
    )


def filter_expression(appearance: Appearance, part: Part) -> str:
    """Return the QGIS expression that picks a part's features; `ELSE` for all others."""
    if part.value is None or appearance.field is None:
        return "ELSE"
    if isinstance(part.value, int):
        return f'"{appearance.field}" = {part.value}'
    is_state = appearance.layer_id.startswith("risk_")
    field = "state" if is_state else appearance.field
    quoted = part.value.replace("'", "''")
    return f"\"{field}\" = '{quoted}'"


def _renderer(appearance: Appearance) -> etree._Element:
    renderer = etree.Element(
        "renderer-v2", forceraster="0", symbollevels="0", enableorderby="0", referencescale="-1"
    )
    if appearance.layer_id.startswith("risk_"):
        renderer.set("type", "RuleRenderer")
        rules = etree.SubElement(renderer, "rules", key="root")
        for position, part in enumerate(appearance.parts):
            etree.SubElement(
                rules,
                "rule",
                key=f"part-{position}",
                symbol=str(position),
                label=part.title.zh,
                filter=filter_expression(appearance, part),
            )
    elif appearance.field is None:
        renderer.set("type", "singleSymbol")
    else:
        renderer.set("type", "categorizedSymbol")
        renderer.set("attr", appearance.field)
        categories = etree.SubElement(renderer, "categories")
        for position, part in enumerate(appearance.parts):
            etree.SubElement(
                categories,
                "category",
                value="" if part.value is None else str(part.value),
                type="long" if isinstance(part.value, int) else "string",
                label=part.title.zh,
                symbol=str(position),
                render="true",
            )
    symbols = etree.SubElement(renderer, "symbols")
    for position, part in enumerate(appearance.parts):
        symbols.append(qgis_symbol(appearance.geometry, part, str(position)))
    return renderer


def _labeling(appearance: Appearance, label: Label) -> etree._Element:
    labeling = etree.Element("labeling", type="simple")
    settings = etree.SubElement(labeling, "settings", calloutType="simple")
    is_bold = label.weight == "bold"
    style = etree.SubElement(
        settings,
        "text-style",
        fieldName=label.field,
        isExpression="0",
        fontFamily=_FONT,
        namedStyle="Bold" if is_bold else "Regular",
        fontWeight="75" if is_bold else "50",
        fontItalic="1" if label.weight == "italic" else "0",
        fontSize=f"{label.size_px * _POINTS_PER_PX:g}",
        fontSizeUnit="Point",
        textColor=rgba(label.colour),
        textOpacity="1",
    )
    families = etree.SubElement(style, "families")
    for family in (_FONT, *(name for name in FONTS if name != _FONT)):
        etree.SubElement(families, "family", name=family)
    etree.SubElement(
        style,
        "text-buffer",
        bufferDraw="1",
        bufferSize=mm(1.7),
        bufferSizeUnits="MM",
        bufferColor=rgba(label.halo),
        bufferOpacity="1",
        bufferNoFill="1",
        bufferJoinStyle="128",
    )
    etree.SubElement(
        settings,
        "placement",
        placement=_PLACEMENT[appearance.geometry],
        placementFlags="10",
        predefinedPositionOrder="R,L,TSR,BSR,TR,TL,BR,BL",
        dist=mm(5),
        distUnits="MM",
        offsetType="1",
        quadOffset="4",
        priority="5",
    )
    etree.SubElement(
        settings,
        "rendering",
        drawLabels="1",
        scaleVisibility="1",
        scaleMax=f"{_SCALE_OF_ZOOM_0 / 2**label.minzoom:.0f}",
        scaleMin="0",
        obstacle="1",
    )
    return labeling
