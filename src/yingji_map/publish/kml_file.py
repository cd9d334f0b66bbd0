"""KML 2.2: places with their names, attributes typed in a schema."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import shapely
from lxml import etree
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.download import FileForm
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition

_KML = "http://www.opengis.net/kml/2.2"
_TYPES = {
    FieldType.INTEGER: "string",  # KML's `int` has 32 bits
    FieldType.NUMBER: "double",
    FieldType.BOOLEAN: "bool",
}


def write_kml(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    _form: FileForm,
) -> None:
    """Write one folder of placemarks.

    Raises
    ------
    InvalidParameter
        A text holds a character that XML cannot.
    """
    told = tuple(field for field in fields if field.name != "name")  # every place has its name
    with path.open("wb") as stream, etree.xmlfile(stream, encoding="utf-8") as out:
        out.write_declaration()
        with out.element("kml", nsmap={None: _KML}), out.element("Document"):
            _text(out, "name", definition.title.zh)
            out.write(_schema(definition, told))
            with out.element("Folder"):
                _text(out, "name", definition.id)
                for row in range(len(table)):
                    out.write(_placemark(definition, table, told, row))


def _text(out: Any, tag: str, text: str) -> None:  # noqa: ANN401 - lxml does not name its writer
    with out.element(tag):
        out.write(text)


def _schema(definition: LayerDefinition, fields: tuple[FieldDefinition, ...]) -> etree._Element:
    schema = etree.Element("Schema", name=definition.id, id=definition.id)
    for field in fields:
        kind = _TYPES.get(field.type, "string")
        declared = etree.SubElement(schema, "SimpleField", name=field.name, type=kind)
        unit = f"（{field.unit}）" if field.unit else ""
        etree.SubElement(declared, "displayName").text = f"{field.title.zh}{unit}"
    return schema


def _placemark(
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    row: int,
) -> etree._Element:
    key = table.keys[row]
    placemark = etree.Element("Placemark")
    title = _title(definition, table, row)
    held = etree.Element("ExtendedData")
    data = etree.SubElement(held, "SchemaData", schemaUrl=f"#{definition.id}")
    try:
        if title is not None:
            etree.SubElement(placemark, "name").text = title
        for field in fields:
            value = table.columns[field.name][row]
            if value is not None:
                etree.SubElement(data, "SimpleData", name=field.name).text = _plain(value)
    except ValueError as error:
        raise InvalidParameter(
            parameter="format",
            value="kml",
            reason_zh=f"要素 {key!r} 的文字里有 KML 不能写的控制字符",
            reason_en=f"a text of feature {key!r} holds a control character that KML cannot",
        ) from error
    placemark.append(held)
    placemark.append(_shape(table.geometry[row]))
    return placemark


def _title(definition: LayerDefinition, table: FeatureTable, row: int) -> str | None:
    """Return what a globe writes beside a place; readers take it for the field `name`."""
    if "name" in table.columns:
        named = table.columns["name"][row]
        return None if named is None else str(named)
    label = table.columns.get(definition.tiles.label or "")
    return table.keys[row] if label is None or label[row] is None else str(label[row])


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _shape(geometry: BaseGeometry) -> etree._Element:
    if isinstance(geometry, shapely.Point):
        point = etree.Element("Point")
        etree.SubElement(point, "coordinates").text = _coordinates(geometry)
        return point
    multi = etree.Element("MultiGeometry")
    for part in shapely.get_parts(geometry):
        if isinstance(part, shapely.Polygon):
            polygon = etree.SubElement(multi, "Polygon")
            for tag, ring in [
                ("outerBoundaryIs", part.exterior),
                *(("innerBoundaryIs", hole) for hole in part.interiors),
            ]:
                border = etree.SubElement(etree.SubElement(polygon, tag), "LinearRing")
                etree.SubElement(border, "coordinates").text = _coordinates(ring)
        else:
            line = etree.SubElement(multi, "LineString")
            etree.SubElement(line, "coordinates").text = _coordinates(part)
    return multi


def _coordinates(geometry: BaseGeometry) -> str:
    return " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(geometry).tolist())
