"""The fields of a collection as JSON Schema, in the three forms that clients read."""

from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition
from yingji_map.http.representations.ogc import Document, spoken

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[FieldType, Document] = {
    FieldType.TEXT: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.TIMESTAMP: {"type": "string", "format": "date-time"},
}
_GEOMETRIES = {
    GeometryType.POINT: "Point",
    GeometryType.LINE: "MultiLineString",
    GeometryType.POLYGON: "MultiPolygon",
}


def queryables_document(here: str, definition: LayerDefinition, language: str) -> Document:
    """Return what a filter may name (Part 3); `here` is its own address."""
    fields = {field.name: field_schema(field, language) for field in definition.public_fields}
    return _document(here, definition, language) | {
        "properties": {**fields, "geometry": _geometry_schema(definition)},
        "additionalProperties": False,
    }


def sortables_document(here: str, definition: LayerDefinition, language: str) -> Document:
    """Return what `sortby` may name; without it features come by their key."""
    fields = {field.name: field_schema(field, language) for field in definition.public_fields}
    return _document(here, definition, language) | {
        "properties": fields,
        "additionalProperties": False,
        "defaultSortOrder": [definition.key],
    }


def schema_document(
    here: str, definition: LayerDefinition, language: str, *, is_editor: bool = False
) -> Document:
    """Return the fields with their roles (Part 5): what is answered and what may be sent.

    Private fields may be sent and are never answered; only who may send them is told their names.
    """
    properties: Document = {}
    told = definition.fields if is_editor else definition.public_fields
    for number, field in enumerate(told, start=1):
        properties[field.name] = {
            **field_schema(field, language),
            **({"x-ogc-role": "id"} if field.name == definition.key else {}),
            **({"writeOnly": True} if field.private else {}),
            "x-ogc-propertySeq": number,
        }
    properties["geometry"] = _geometry_schema(definition)
    issued = definition.key if definition.issues_keys else None
    return _document(here, definition, language) | {
        "properties": properties,
        "required": [f.name for f in told if f.required and f.name != issued],
        "additionalProperties": False,
    }


def feature_schema_document(here: str, definition: LayerDefinition, language: str) -> Document:
    """Return the schema of one GeoJSON Feature as it leaves `/items`.

    A field without a value is null there. Its type is written plainly all the same: of a type
    like `["integer", "null"]` GDAL makes text (measured with 3.12).
    """
    properties = {field.name: field_schema(field, language) for field in definition.public_fields}
    return _document(here, definition, language) | {
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"$ref": _geojson_schema(definition)},
            "properties": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        },
    }


def field_schema(field: FieldDefinition, language: str) -> Document:
    """Return the schema of one field's values."""
    schema: Document = {"title": spoken(field.title, language), **_TYPES[field.type]}
    if field.enum:
        schema["enum"] = list(field.enum)
    if field.range:
        low, high = field.range
        schema |= {} if low is None else {"minimum": low}
        schema |= {} if high is None else {"maximum": high}
    if field.unit:
        # Units are written as Chinese offices write them, not in UCUM.
        schema |= {"x-ogc-unit": field.unit, "x-ogc-unitLang": "zh-CN"}
    return schema


def _geometry_schema(definition: LayerDefinition) -> Document:
    return {
        "x-ogc-role": "primary-geometry",
        "format": f"geometry-{_geometry_of(definition).lower()}",
    }


def _geojson_schema(definition: LayerDefinition) -> str:
    return f"https://geojson.org/schema/{_geometry_of(definition)}.json"


def _document(here: str, definition: LayerDefinition, language: str) -> Document:
    return {
        "$schema": _DIALECT,
        "$id": here,
        "title": spoken(definition.title, language),
        "description": spoken(definition.description, language),
        "type": "object",
    }


def _geometry_of(definition: LayerDefinition) -> str:
    assert definition.geometry is not None  # noqa: S101 - vector layers only
    return _GEOMETRIES[definition.geometry]
