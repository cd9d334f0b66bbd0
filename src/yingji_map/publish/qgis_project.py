"""The map as a QGIS project or layer definition, its layers read from a service or from files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree
from pyproj import CRS

from yingji_map.domain.appearance import Appearance
from yingji_map.publish.qgis_style import QGIS_VERSION, add_style, filter_expression
from yingji_map.publish.qgis_symbol import qgis_symbol

Bounds = tuple[float, float, float, float]
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
_QLR_DOCTYPE = "<!DOCTYPE qgis-layer-definition>"
_WKB_TYPES = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
_GEOMETRIES = {"point": "Point", "line": "Line", "polygon": "Polygon"}
_POLYGON = "2"
_MULTIPLY = "6"
_RELIEF_OPACITY = "0.45"  # the shading darkens flat ground too: colours must stay their own


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLayer:
    """One layer of a project.

    Attributes
    ----------
    layer_id
        Unique in the project; QGIS makes up others for ids of ten characters and fewer.
    provider
        `OAPIF`, `ogr`, `wms` (XYZ pictures) or `vectortile`.
    source
        What the provider is told.
    appearance
        How it looks; None for pictures.
    bounds
        West, south, east, north in the degrees or metres of `srid`; None where it is not known.
    """

    layer_id: str
    title: str
    group: str
    provider: Literal["OAPIF", "ogr", "wms", "vectortile"]
    source: str
    srid: int
    appearance: Appearance | None = None
    bounds: Bounds | None = None
    is_visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFrame:
    """What a project opens with: its name, its coordinate system, its extent in it."""

    title: str
    srid: int
    extent: Bounds | None


def project_document(frame: ProjectFrame, layers: Sequence[ProjectLayer]) -> bytes:
    """Return a .qgs file; the first layer lies on top."""
    root = etree.Element(
        "qgis",
        projectname=frame.title,
        version=QGIS_VERSION,
    )
    etree.SubElement(root, "homePath", path="")
    etree.SubElement(root, "title").text = frame.title
    _add_crs(etree.SubElement(root, "projectCrs"), frame.srid)
    tree = etree.SubElement(root, "layer-tree-group")
    _add_tree(tree, layers)
    _add_canvas(root, frame)
    held = etree.SubElement(root, "projectlayers")
    held.extend([_map_layer(layer) for layer in layers])
    order = etree.SubElement(root, "layerorder")
    for layer in layers:
        etree.SubElement(order, "layer", id=layer.layer_id)
    _add_properties(root, frame)
    return etree.tostring(
        root, doctype=_DOCTYPE, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def layer_definition_document(title: str, layers: Sequence[ProjectLayer]) -> bytes:
    """Return a .qlr file: one group that is put into any project."""
    root = etree.Element("qlr")
    top = etree.SubElement(root, "layer-tree-group", name="", checked="Qt::Checked", expanded="1")
    named = etree.SubElement(
        top, "layer-tree-group", name=title, checked="Qt::Checked", expanded="1"
    )
    _add_tree(named, layers)
    held = etree.SubElement(root, "maplayers")
    held.extend([_map_layer(layer) for layer in layers])
    return etree.tostring(root, doctype=_QLR_DOCTYPE, encoding="UTF-8", pretty_print=True)


def _add_tree(tree: etree._Element, layers: Sequence[ProjectLayer]) -> None:
    groups: dict[str, etree._Element] = {}
    for layer in layers:
        group = groups.get(layer.group)
        if group is None:
            group = etree.SubElement(
                tree, "layer-tree-group", name=layer.group, checked="Qt::Checked", expanded="1"
            )
            groups[layer.group] = group
        etree.SubElement(
            group,
            "layer-tree-layer",
            id=layer.layer_id,
            name=layer.title,
            source=layer.source,
            providerKey=layer.provider,
            checked="Qt::Checked" if layer.is_visible else "Qt::Unchecked",
            expanded="0",
        )


def _add_canvas(root: etree._Element, frame: ProjectFrame) -> None:
    canvas = etree.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    is_degrees = CRS.from_epsg(frame.srid).is_geographic
    etree.SubElement(canvas, "units").text = "degrees" if is_degrees else "meters"
    if frame.extent is not None:
        _add_extent(canvas, frame.extent)
    etree.SubElement(canvas, "rotation").text = "0"
    _add_crs(etree.SubElement(canvas, "destinationsrs"), frame.srid)


def _add_properties(root: etree._Element, frame: ProjectFrame) -> None:
    properties = etree.SubElement(root, "properties")
    paths = etree.SubElement(properties, "Paths")
    etree.SubElement(paths, "Absolute", type="bool").text = "false"
    reference = etree.SubElement(properties, "SpatialRefSys")
    etree.SubElement(reference, "ProjectionsEnabled", type="int").text = "1"
    measure = etree.SubElement(properties, "Measure")
    etree.SubElement(measure, "Ellipsoid", type="QString").text = "EPSG:7030"
    metadata = etree.SubElement(root, "projectMetadata")
    etree.SubElement(metadata, "title").text = frame.title


def _map_layer(layer: ProjectLayer) -> etree._Element:
    element = etree.Element("maplayer", styleCategories="AllStyleCategories")
    if layer.bounds is not None:
        _add_extent(element, layer.bounds)
    etree.SubElement(element, "id").text = layer.layer_id
    etree.SubElement(element, "datasource").text = layer.source
    etree.SubElement(element, "layername").text = layer.title
    _add_crs(etree.SubElement(element, "srs"), layer.srid)
    provider = etree.SubElement(element, "provider")
    provider.text = layer.provider
    if layer.appearance is None:
        element.set("type", "raster")
        etree.SubElement(element, "blendMode").text = _MULTIPLY
        pipe = etree.SubElement(element, "pipe")
        etree.SubElement(
            pipe,
            "rasterrenderer",
            type="singlebandcolordata",
            band="1",
            opacity=_RELIEF_OPACITY,
            alphaBand="-1",
        )
    elif layer.provider == "vectortile":
        element.set("type", "vector-tile")
        element.append(_tile_renderer(layer.appearance))
        etree.SubElement(element, "blendMode").text = "0"
    else:
        element.set("type", "vector")
        element.set("geometry", _GEOMETRIES[layer.appearance.geometry])
        element.set("wkbType", _WKB_TYPES[layer.appearance.geometry])
        provider.set("encoding", "UTF-8")
        add_style(element, layer.appearance)
    return element


def _tile_renderer(appearance: Appearance) -> etree._Element:
    renderer = etree.Element("renderer", type="basic")
    styles = etree.SubElement(renderer, "styles")
    for part in appearance.parts:
        style = etree.SubElement(
            styles,
            "style",
            {
                "name": part.title.zh,
                "layer": "risk",
                "geometry": _POLYGON,
                "enabled": "1",
                "expression": filter_expression(appearance, part),
                "min-zoom": "-1",
                "max-zoom": "-1",
            },
        )
        symbols = etree.SubElement(style, "symbols")
        symbols.append(qgis_symbol("polygon", part, "0"))
    return renderer


def _add_extent(parent: etree._Element, bounds: Bounds) -> None:
    extent = etree.SubElement(parent, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
        etree.SubElement(extent, name).text = repr(float(value))


def _add_crs(parent: etree._Element, srid: int) -> None:
    crs = CRS.from_epsg(srid)
    system = etree.SubElement(parent, "spatialrefsys")
    etree.SubElement(system, "wkt").text = crs.to_wkt("WKT2_2019")
    etree.SubElement(system, "proj4").text = ""
    etree.SubElement(system, "srsid").text = "0"
    etree.SubElement(system, "srid").text = str(srid)
    etree.SubElement(system, "authid").text = f"EPSG:{srid}"
    etree.SubElement(system, "description").text = crs.name
    etree.SubElement(system, "geographicflag").text = str(crs.is_geographic).lower()
