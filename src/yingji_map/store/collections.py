"""Pages of features as GeoJSON text, made inside the database."""

from dataclasses import dataclass
from functools import reduce

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
from yingji_map.domain.query import Bounds, FeatureQuery, ValidTime
from yingji_map.store.features import as_of
from yingji_map.store.layer_tables import layer_table

# One millimetre: what comes out can be put in again without moving anything.
_DIGITS_DEGREES, _DIGITS_METRES = 8, 3
_PLAIN_GEOJSON = 0  # neither bbox nor the `crs` member that RFC 7946 dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePage:
    """One page: each feature as GeoJSON text, how many match in all, where the next page starts."""

    features: list[str]
    matched: int
    next_after: str | None


def find_page(tx: Connection, definition: LayerDefinition, query: FeatureQuery) -> FeaturePage:
    """Return the page a query asks for, in the order of keys."""
    table = layer_table(definition)
    key = collate(table.c[definition.key or ""], "C")
    matching = _matching(table, query)
    statement = (
        select(key.label("feature_key"), feature_text(definition, table, query.crs))
        .where(matching)
        .order_by(key)
        .limit(query.limit + 1)
        .offset(query.offset or None)
    )
    counted = select(func.count()).select_from(table)
    if query.valid is not None and not query.valid.is_instant:
        statement = _last_states(statement, table, key)
        counted = select(func.count(key.distinct()))
    if query.after is not None:
        statement = statement.where(key > query.after)
    rows = tx.execute(statement).all()
    page = rows[: query.limit]
    return FeaturePage(
        features=[row[1] for row in page],
        matched=int(tx.scalar(counted.where(matching)) or 0),
        next_after=page[-1][0] if len(rows) > query.limit else None,
    )


def find_feature(
    tx: Connection, definition: LayerDefinition, key: str, query: FeatureQuery
) -> str | None:
    """Return one feature as GeoJSON text (its last state in `query.valid`), or None."""
    table = layer_table(definition)
    statement = (
        select(feature_text(definition, table, query.crs))
        .where(table.c[definition.key or ""] == key, _matching(table, query))
        .order_by(func.lower(table.c.valid_during).desc())
        .limit(1)
    )
    return tx.scalar(statement)


def feature_text(definition: LayerDefinition, table: Table, crs: ServedCrs) -> Label[str]:
    """Return the expression that writes a row as a GeoJSON Feature; private fields never enter it."""
    parts: list[ColumnElement[str]] = [
        literal_column("""'{"type":"Feature","id":'"""),
        _json_text(table.c[definition.key or ""]),
        literal_column("""',"geometry":'"""),
        _geometry_text(definition, table, crs),
        literal_column("""',"properties":{'"""),
    ]
    for position, field in enumerate(definition.public_fields):
        # Names match the pattern of identifiers, so they need no quoting.
        comma = "," if position else ""
        parts.append(literal_column(f"""'{comma}"{field.name}":'"""))
        parts.append(_json_text(table.c[field.name]))
    parts.append(literal_column("'}}'"))
    return reduce(lambda left, right: left.concat(right), parts).label("feature_text")


def _json_text(column: ColumnElement[object]) -> ColumnElement[str]:
    return func.coalesce(func.to_json(column).cast(Text), "null")


def _geometry_text(definition: LayerDefinition, table: Table, crs: ServedCrs) -> ColumnElement[str]:
    geometry: ColumnElement[object] = (
        table.c.geom_3857 if crs.srid == MERCATOR_SRID else table.c.geom
    )
    if definition.geometry is GeometryType.POLYGON:
        geometry = func.ST_ForcePolygonCCW(geometry)  # RFC 7946 §3.1.6
    if crs.is_north_first:
        geometry = func.ST_FlipCoordinates(geometry)
    digits = _DIGITS_DEGREES if crs.is_degrees else _DIGITS_METRES
    return func.ST_AsGeoJSON(geometry, digits, _PLAIN_GEOJSON)


def _matching(table: Table, query: FeatureQuery) -> ColumnElement[bool]:
    conditions = [_alive(table, query)]
    if query.boxes is not None:
        inside = [func.ST_Intersects(table.c.geom, _box_shape(box)) for box in query.boxes]
        conditions.append(or_(*inside))
    conditions += [table.c[name] == value for name, value in query.equals.items()]
    return and_(*conditions)


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


def _last_states(
    statement: Select[str, str], table: Table, key: ColumnElement[str]
) -> Select[str, str]:
    """Keep one row a feature: over a stretch of time it may have had several states."""
    return statement.ext(distinct_on(key)).order_by(func.lower(table.c.valid_during).desc())
