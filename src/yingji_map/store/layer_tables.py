"""Typed, bitemporal tables in schema `layer`, made from layer definitions."""

from functools import lru_cache

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Connection,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    inspect,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, TSTZRANGE, ExcludeConstraint
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateTable, DDL
from sqlalchemy.types import TypeEngine

from yingji_map.domain.crs import MERCATOR_SRID, STORAGE_SRID
from yingji_map.domain.errors import DestructiveChange
from yingji_map.domain.layer import FieldType, GeometryType, LayerDefinition

_COLUMN_TYPES: dict[FieldType, type[TypeEngine[object]] | TypeEngine[object]] = {
    FieldType.TEXT: Text(),
    FieldType.INTEGER: BigInteger(),
    FieldType.NUMBER: DOUBLE_PRECISION(),
    FieldType.BOOLEAN: Boolean(),
    FieldType.DATE: Date(),
    FieldType.TIMESTAMP: DateTime(timezone=True),
}
_GEOMETRY_TYPES = {
    GeometryType.POINT: "POINT",
    GeometryType.LINE: "MULTILINESTRING",
    GeometryType.POLYGON: "MULTIPOLYGON",
}
