"""A checked filter as one SQL condition; every value in it is a bound parameter."""

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import shapely
from geoalchemy2 import Geography
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Table,
    and_,
    collate,
    func,
    literal,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.exc import DataError
from sqlalchemy.types import TypeEngine

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.filter import Constant, Expression, Interval, Kind, Operation, Property
from yingji_map.domain.shapes import geodesic_buffer

Sql = ColumnElement[Any]
_GEOGRAPHY = Geography(srid=STORAGE_SRID)
_TIMES: dict[Kind, TypeEngine[Any]] = {Kind.DATE: Date(), Kind.INSTANT: DateTime(timezone=True)}
# The prefilter by box must not lose what the exact test would keep.
_SAFETY = 1.02
_BINARY: dict[str, Callable[[Sql, Sql], Sql]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / func.nullif(right, 0.0),
    "div": lambda left, right: func.trunc(left / func.nullif(right, 0.0)),
    "%": lambda left, right: left - right * func.trunc(left / func.nullif(right, 0.0)),
    "^": func.power,
}
_WORDS: dict[str, Callable[..., Sql]] = {
    "and": and_,
    "or": or_,
    "not": not_,
    "between": lambda value, low, high: value.between(low, high),
    "in": lambda value, *listed: value.in_(listed),
    "isnull": lambda value: value.is_(None),
    "like": lambda value, pattern: value.like(pattern, escape="\\"),
    # Not in the collation that orders by code point: it knows the case of ASCII letters only.
    "casei": lambda value: collate(func.lower(collate(value, "default")), "C"),
}
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "div", "^"})
# Source: OGC 21-065r2, 7.12 “Temporal functions”; start and end of the first, then of the second.
_TEMPORAL: dict[str, Callable[[Sql, Sql, Sql, Sql], Sql]] = {
    "t_after": lambda s1, _e1, _s2, e2: s1 > e2,
    "t_before": lambda _s1, e1, s2, _e2: e1 < s2,
    "t_contains": lambda s1, e1, s2, e2: and_(s1 < s2, e1 > e2),
    "t_disjoint": lambda s1, e1, s2, e2: or_(e1 < s2, s1 > e2),
    "t_during": lambda s1, e1, s2, e2: and_(s1 > s2, e1 < e2),
    "t_equals": lambda s1, e1, s2, e2: and_(s1 == s2, e1 == e2),
    "t_finishedby": lambda s1, e1, s2, e2: and_(s1 < s2, e1 == e2),
    "t_finishes": lambda s1, e1, s2, e2: and_(s1 > s2, e1 == e2),
    "t_intersects": lambda s1, e1, s2, e2: and_(s1 <= e2, e1 >= s2),
    "t_meets": lambda _s1, e1, s2, _e2: e1 == s2,
    "t_metby": lambda s1, _e1, _s2, e2: s1 == e2,
    "t_overlappedby": lambda s1, e1, s2, e2: and_(s1 > s2, s1 < e2, e1 > e2),
    "t_overlaps": lambda s1, e1, s2, e2: and_(s1 < s2, e1 > s2, e1 < e2),
    "t_startedby": lambda s1, e1, s2, e2: and_(s1 == s2, e1 > e2),
    "t_starts": lambda s1, e1, s2, e2: and_(s1 == s2, e1 < e2),
}


def filter_condition(table: Table, expression: Expression) -> ColumnElement[bool]:
    """Return the condition that a filter sets on the rows of `table`.

    Logic is SQL's: what is compared with a missing value is unknown, and unknown does not match.
    Texts are ordered by code point, divisions by zero are missing values.
    """
    return cast("ColumnElement[bool]", _sql(table, expression))


@contextmanager
def calculable() -> Iterator[None]:
    """Refuse a filter whose arithmetic leaves the numbers there are on some row.

    Raises
    ------
    InvalidParameter
        A result is out of range or undefined.
    """
    try:
        yield
    except DataError as error:
        raise InvalidParameter(
            parameter="filter",
            value="…",
            reason_zh="算式的结果超出范围或没有定义",
            reason_en="a result of its arithmetic is out of range or undefined",
        ) from error


def _sql(table: Table, expression: Expression) -> Sql:
    match expression:
        case Property(name="geometry", kind=Kind.GEOMETRY):
            return table.c.geom
        case Property(name=name, kind=Kind.TEXT):
            return collate(table.c[name], "C")
        case Property(name=name):
            return table.c[name]
        case Constant(value=value, kind=Kind.GEOMETRY):
            return func.ST_GeomFromWKB(shapely.to_wkb(cast("BaseGeometry", value)), STORAGE_SRID)
        case Constant(value=value):
            return literal(value)
        case Operation():
            return _operation(table, expression)
    raise AssertionError(expression)  # intervals stand in temporal functions only


def _operation(table: Table, expression: Operation) -> Sql:
    name, operands = expression.operator, expression.operands
    if name in _TEMPORAL:
        first, second = (_ends(table, cast("Interval", operand)) for operand in operands)
        return _TEMPORAL[name](*first, *second)
    if name == "s_dwithin":
        return _is_near(table, operands)
    values = [_sql(table, operand) for operand in operands]
    if name in _ARITHMETIC:
        left, right = (value.cast(DOUBLE_PRECISION) for value in values)
        return _BINARY[name](left, right)
    if name in _BINARY:
        return _BINARY[name](*values)
    if name.startswith("s_"):
        return cast("Sql", getattr(func, f"ST_{name[2:].capitalize()}")(*values))
    return _WORDS[name](*values)


def _ends(table: Table, interval: Interval) -> tuple[Sql, Sql]:
    kind = _TIMES[interval.kind]
    start = literal("-infinity") if interval.start is None else _sql(table, interval.start)
    end = literal("infinity") if interval.end is None else _sql(table, interval.end)
    return start.cast(kind), end.cast(kind)


def _is_near(table: Table, operands: tuple[Expression, ...]) -> Sql:
    first, second, reach = operands
    distance_m = cast("float", cast("Constant", reach).value)
    left, right = _sql(table, first), _sql(table, second)
    exact: Sql = func.ST_DWithin(left.cast(_GEOGRAPHY), right.cast(_GEOGRAPHY), distance_m)
    places = [operand for operand in (first, second) if isinstance(operand, Constant)]
    if len(places) != 1:
        return exact
    around = geodesic_buffer(cast("BaseGeometry", places[0].value), distance_m * _SAFETY)
    box = func.ST_MakeEnvelope(*around.bounds, STORAGE_SRID)
    return and_(table.c.geom.op("&&")(box), exact)
