"""Pages of features as GeoJSON text, made inside the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Select,
    Table,
    Text,
    and_,
    collate,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from yingji_map.domain.crs import MERCATOR_SRID, STORAGE_SRID, ServedCrs
from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.domain.query import Bounds, FeatureQuery, PageStart, SortKey, ValidTime
from yingji_map.store.features import as_of
from yingji_map.store.filters import calculable, filter_condition
from yingji_map.store.layer_tables import layer_table

# One millimetre: what comes out can be put in again without moving anything.
_DIGITS_DEGREES, _DIGITS_METRES = 8, 3
_PLAIN_GEOJSON = 0  # neither bbox nor the `crs` member that RFC 7946 dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePage:
    """One page: each feature as GeoJSON text, how many match in all, where the next page starts."""

    features: list[str]
    matched: int
    next_after: PageStart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeature:
    """One feature as GeoJSON text; `row_id` changes whenever the feature does."""

    text: str
    row_id: int


def find_page(tx: Connection, definition: LayerDefinition, query: FeatureQuery) -> FeaturePage:
    """Return the page a query asks for, in the order it asks for and then of keys.

    Raises
    ------
    InvalidParameter
        The filter's arithmetic fails on some row.
    """
    table = layer_table(definition)
    key = collate(table.c[definition.key or ""], "C")
    columns = [_sortable(table.c[sort.field]) for sort in query.sort]
    is_match = matching(table, query, key)
    statement = (
        select(key.label("feature_key"), feature_text(definition, table, query), *columns)
        .where(is_match)
        .order_by(*map(_ordered, columns, query.sort), key)
        .limit(query.limit + 1)
        .offset(query.offset or None)
    )
    if query.after is not None:
        statement = statement.where(_comes_after(columns, key, query))
    with calculable():
        rows = tx.execute(statement).all()
        counted = tx.scalar(select(func.count()).select_from(table).where(is_match))
    page = rows[: query.limit]
    has_more = len(rows) > query.limit
    return FeaturePage(
        features=[row[1] for row in page],
        matched=int(counted or 0),
        next_after=PageStart(key=page[-1][0], values=tuple(page[-1][2:])) if has_more else None,
    )


def find_feature(
    tx: Connection, definition: LayerDefinition, key: str, query: FeatureQuery
) -> FoundFeature | None:
    """Return one feature (its last state in `query.valid`), or None."""
    table = layer_table(definition)
    column = table.c[definition.key or ""]
    statement = (
        select(feature_text(definition, table, query), table.c.row_id)
        .where(column == key, matching(table, query, column))
        .limit(1)
    )
    row = tx.execute(statement).first()
    return None if row is None else FoundFeature(text=row[0], row_id=row[1])


def feature_text(definition: LayerDefinition, table: Table, query: FeatureQuery) -> Label[str]:
    """Return the expression that writes a row as a GeoJSON Feature; private fields never enter it."""
    parts: list[ColumnElement[str]] = [
        literal_column("""'{"type":"Feature","id":'"""),
        _json_text(table.c[definition.key or ""]),
        literal_column("""',"geometry":'"""),
        _geometry_text(definition, table, query.crs),
        literal_column("""',"properties":{'"""),
    ]
    chosen = [
        field.name
        for field in definition.public_fields
        if query.properties is None or field.name in query.properties
    ]
    for position, name in enumerate(chosen):
        # Names match the pattern of identifiers, so they need no quoting.
        comma = "," if position else ""
        parts.append(literal_column(f"""'{comma}"{name}":'"""))
        parts.append(_json_text(table.c[name]))
    parts.append(literal_column("'}}'"))
    return reduce(lambda left, right: left.concat(right), parts).label("feature_text")


def _json_text(column: ColumnElement[object]) -> ColumnElement[str]:
    return func.coalesce(func.to_json(column).cast(Text), "null")


def _geometry_text(definition: LayerDefinition, table: Table, crs: ServedCrs) -> ColumnElement[str]:
    geometry: ColumnElement[object] = (
        table.c.geom_3857 if crs.srid == MERCATOR_SRID else table.c.geom
    )
    if not crs.is_degrees and crs.srid != MERCATOR_SRID:
        geometry = func.ST_Transform(geometry, crs.srid)
    if definition.geometry is GeometryType.POLYGON:
        geometry = func.ST_ForcePolygonCCW(geometry)  # RFC 7946 §3.1.6
    if crs.is_north_first:
        geometry = func.ST_FlipCoordinates(geometry)
    digits = _DIGITS_DEGREES if crs.is_degrees else _DIGITS_METRES
    return func.ST_AsGeoJSON(geometry, digits, _PLAIN_GEOJSON)


def matching(table: Table, query: FeatureQuery, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a row answers a question, whatever its page and order."""
    conditions = [_alive(table, query)]
    if query.boxes is not None:
        inside = [func.ST_Intersects(table.c.geom, _box_shape(box)) for box in query.boxes]
        conditions.append(or_(*inside))
    conditions += [table.c[name] == value for name, value in query.equals.items()]
    if query.filter is not None:
        conditions.append(filter_condition(table, query.filter))
    if query.valid is None or query.valid.is_instant:
        return and_(*conditions)
    return table.c.row_id.in_(_last_states(table, and_(*conditions), key))


def _last_states(
    table: Table, is_match: ColumnElement[bool], key: ColumnElement[Any]
) -> Select[int]:
    """Return one row a feature: over a stretch of time it may have had several states."""
    newest_first = func.lower(table.c.valid_during).desc()
    each = select(table.c.row_id).where(is_match).order_by(key, newest_first)
    return each.ext(distinct_on(key))


def _sortable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return collate(column, "C") if isinstance(column.type, Text) else column


def _ordered(column: ColumnElement[Any], sort: SortKey) -> ColumnElement[Any]:
    return (column.desc() if sort.is_descending else column.asc()).nulls_last()


def _comes_after(
    columns: Sequence[ColumnElement[Any]], key: ColumnElement[str], query: FeatureQuery
) -> ColumnElement[bool]:
    """Return whether a row comes after `query.after` in the order asked for."""
    assert query.after is not None  # noqa: S101 - the caller looked
    condition: ColumnElement[bool] = key > query.after.key
    ranked = list(zip(columns, query.sort, query.after.values, strict=True))
    for column, sort, value in reversed(ranked):
        condition = and_(column.is_not_distinct_from(value), condition)
        if value is not None:  # missing values are last: nothing but its peers follows one
            beyond = column < value if sort.is_descending else column > value
            condition = or_(beyond, column.is_(None), condition)
    return condition


def _box_shape(box: Bounds) -> ColumnElement[object]:
    """Return a box as a geometry; one without width or height is a line or a point, not invalid."""
    west, south, east, north = box
    diagonal = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
    return func.ST_SetSRID(func.ST_Envelope(diagonal), STORAGE_SRID)


def _alive(table: Table, query: FeatureQuery) -> ColumnElement[bool]:
    valid = query.valid
    if valid is None or valid.is_instant:
        return as_of(table, None if valid is None else valid.start, query.known_at)
    known = (
        func.upper_inf(table.c.known_during)
        if query.known_at is None
        else table.c.known_during.op("@>")(query.known_at)
    )
    return and_(known, table.c.valid_during.op("&&")(_range_of(valid)))


def _range_of(valid: ValidTime) -> ColumnElement[object]:
    return func.tstzrange(valid.start, valid.end, literal("[]"))
