"""Typed, bitemporal tables in schema `layer`, made from layer definitions."""

from functools import lru_cache
from typing import Any

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
    MetaData,
    Table,
    Text,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, TSTZRANGE, ExcludeConstraint
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeEngine

from yingji_map.domain.crs import MERCATOR_SRID, STORAGE_SRID
from yingji_map.domain.errors import DestructiveChange
from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition

_COLUMN_TYPES: dict[FieldType, TypeEngine[Any]] = {
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


@lru_cache(maxsize=512)
def layer_table(definition: LayerDefinition) -> Table:
    """Return the table of a vector layer; columns in the order of the definition.

    One object per definition: SQLAlchemy keeps compiled statements by the identity of tables.
    """
    assert definition.geometry is not None  # noqa: S101 - the definition's validator guarantees it
    columns = [_column(definition, field) for field in definition.fields]
    geometry_type = _GEOMETRY_TYPES[definition.geometry]
    geom = Column("geom", _geometry(geometry_type, STORAGE_SRID), nullable=False)
    table = Table(
        definition.id,
        MetaData(schema="layer"),
        Column("row_id", BigInteger, Identity(always=True), primary_key=True),
        *columns,
        geom,
        Column(
            "geom_3857",
            _geometry(geometry_type, MERCATOR_SRID),
            Computed(f"ST_Transform(geom, {MERCATOR_SRID})", persisted=True),
        ),
        Column("valid_during", TSTZRANGE, nullable=False),
        Column("known_during", TSTZRANGE, nullable=False),
        Column("content_hash", Text, nullable=False),
        Column("import_id", BigInteger),
        CheckConstraint("ST_IsValid(geom)", name=f"ck_{definition.id}_geom_is_valid"),
        CheckConstraint(
            "NOT isempty(valid_during) AND NOT isempty(known_during)",
            name=f"ck_{definition.id}_times_are_not_empty",
        ),
        # Of the key its hash: an index of texts takes six times as long to fill (measured).
        ExcludeConstraint(
            (text(f"hashtextextended({definition.key}, 0)"), "="),
            ("valid_during", "&&"),
            ("known_during", "&&"),
            using="gist",
            name=f"ex_{definition.id}_one_row_at_a_time",
        ),
    )
    known_now = func.upper_inf(table.c.known_during)
    for column in ("geom", "geom_3857"):
        name = f"ix_{definition.id}_{column}_known"
        Index(name, table.c[column], postgresql_using="gist", postgresql_where=known_now)
    key = table.c[definition.key or ""]
    Index(f"ix_{definition.id}_key_known", key, postgresql_where=known_now)
    return table


def apply_layer_table(tx: Connection, definition: LayerDefinition) -> tuple[str, ...]:
    """Create the table of a layer, or add the columns it lacks.

    Returns
    -------
    tuple of str
        What was done, one word or `+column` each; empty when nothing had to change.

    Raises
    ------
    DestructiveChange
        A stored column would vanish or change its type; nothing was changed.
    """
    table = layer_table(definition)
    inspector = inspect(tx)
    if not inspector.has_table(definition.id, schema="layer"):
        table.create(tx)
        _guard(tx, table)
        return ("created",)
    stored = {
        column["name"]: column["type"]
        for column in inspector.get_columns(definition.id, schema="layer")
    }
    _refuse_destruction(definition, table, stored)
    added = [column for column in table.columns if column.name not in stored]
    for column in added:
        clause = str(CreateColumn(column).compile(dialect=tx.dialect))
        # Identifiers come from a validated definition, never from a request.
        tx.exec_driver_sql(f"ALTER TABLE layer.{definition.id} ADD COLUMN {clause}")
    if added:
        _guard(tx, table)
    return tuple(f"+{column.name}" for column in added)


def _guard(tx: Connection, table: Table) -> None:
    """Let the table refuse what does not come through this program (migration 0009)."""
    tx.execute(select(func.core.guard_layer(table.name)))


def _column(definition: LayerDefinition, field: FieldDefinition) -> Column[Any]:
    if field.name == definition.key:
        # Keys are paged through in byte order; an index of another collation could not serve it.
        return Column(field.name, Text(collation="C"), nullable=False)
    return Column(field.name, _COLUMN_TYPES[field.type])


def _refuse_destruction(
    definition: LayerDefinition, table: Table, stored: dict[str, TypeEngine[object]]
) -> None:
    for name, stored_type in stored.items():
        if name not in table.columns:
            zh, en = (
                f"字段 {name} 已有数据，定义里却没有了",
                f"stored field {name} is not declared any more",
            )
            raise DestructiveChange(layer=definition.id, reason_zh=zh, reason_en=en)
        declared = table.columns[name].type
        if isinstance(declared, Geometry):
            same = declared.geometry_type == getattr(stored_type, "geometry_type", None)
        else:
            same = (
                declared.python_type is stored_type.python_type
                if not isinstance(declared, TSTZRANGE)
                else True
            )
        if not same:
            zh = f"字段 {name} 的类型由 {stored_type} 变为 {declared}"
            en = f"the type of {name} would change from {stored_type} to {declared}"
            raise DestructiveChange(layer=definition.id, reason_zh=zh, reason_en=en)


def _geometry(geometry_type: str, srid: int) -> Geometry:
    return Geometry(geometry_type, srid=srid, spatial_index=False)
