"""CQL2 → a filter on one layer: every name known, every operand of the type its operator takes."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

from yingji_map.domain.cql2_literals import constant_of, refused
from yingji_map.domain.cql2_text import CqlSyntaxError, parse_text
from yingji_map.domain.cql2_times import TEMPORAL, End, interval_ends, temporal_operands
from yingji_map.domain.crs import CRS84, ServedCrs
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.filter import Constant, Expression, Interval, Kind, Operation, Property
from yingji_map.domain.layer import FieldType, LayerDefinition
from yingji_map.domain.shapes import check_radius

GEOMETRY = "geometry"
MAX_LENGTH = 100_000
MAX_DEPTH = 60
_TOO_LONG = "…"
SPATIAL = frozenset(
    f"s_{word}"
    for word in (
        "intersects", "within", "contains", "disjoint", "touches", "crosses", "overlaps", "equals",
    )
)  # fmt: skip
_KINDS = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.TIMESTAMP: Kind.INSTANT,
}
_SCALARS = frozenset(_KINDS.values())
# How many operands, all of one kind out of which, and what comes of it.
_UNIFORM: dict[str, tuple[int, Collection[Kind], Kind]] = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), (2, _SCALARS, Kind.BOOLEAN)),
    **dict.fromkeys(("+", "-", "*", "/", "%", "div", "^"), (2, (Kind.NUMBER,), Kind.NUMBER)),
    **dict.fromkeys(SPATIAL, (2, (Kind.GEOMETRY,), Kind.BOOLEAN)),
    "between": (3, _SCALARS, Kind.BOOLEAN),
    "not": (1, (Kind.BOOLEAN,), Kind.BOOLEAN),
    "casei": (1, (Kind.TEXT,), Kind.TEXT),
}
_KIND_NAMES = {
    Kind.BOOLEAN: ("真假", "a truth value"),
    Kind.NUMBER: ("数", "a number"),
    Kind.TEXT: ("文字", "a text"),
    Kind.DATE: ("日期", "a date"),
    Kind.INSTANT: ("时间", "a time"),
    Kind.INTERVAL: ("时段", "an interval"),
    Kind.GEOMETRY: ("图形", "a geometry"),
}
# A backslash that quotes nothing, at the very end: the database would refuse it row by row.
_OPEN_ESCAPE = re.compile(r"(?:^|[^\\])(?:\\\\)*\\$")


def read_filter(
    text: str, definition: LayerDefinition, *, is_json: bool = False, crs: ServedCrs = CRS84
) -> Expression:
    """Return the filter that a text states.

    Parameters
    ----------
    definition
        Its public fields are the names that may be used; private ones are as if not there.
    is_json
        The text is CQL2 JSON, not CQL2 text.
    crs
        Coordinate system of the geometries in the text, in the axis order of its definition.

    Raises
    ------
    InvalidInput
        Says what cannot be meant, and where.
    """
    if len(text) > MAX_LENGTH:
        raise refused(text, f"超过 {MAX_LENGTH} 个字符", f"is longer than {MAX_LENGTH} characters")
    document = _parsed_json(text) if is_json else _parsed_text(text)
    reader = _Reader(
        fields={field.name: _KINDS[field.type] for field in definition.public_fields}, crs=crs
    )
    return reader.expression(document, (Kind.BOOLEAN,))


def _parsed_text(text: str) -> object:
    try:
        return parse_text(text)
    except CqlSyntaxError as error:
        zh, en = f"第 {error.position} 个字符处看不懂", f"not understood at {error.position}"
        if error.found is None:
            zh, en = "没有写完", "it is not complete"
        raise refused(error.found or text[-40:], zh, en) from error


def _parsed_json(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise refused(text, "不是合法的 JSON", "is no valid JSON") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    fields: dict[str, Kind]
    crs: ServedCrs

    def expression(self, document: object, kinds: Collection[Kind], depth: int = 0) -> Expression:
        """Return a document as an expression of one of `kinds`."""
        found = self._any(document, depth)
        if found.kind not in kinds or isinstance(found, Interval):
            zh = "或".join(_KIND_NAMES[kind][0] for kind in sorted(kinds))
            en = " or ".join(_KIND_NAMES[kind][1] for kind in sorted(kinds))
            has_zh, has_en = _KIND_NAMES[found.kind]
            raise refused(_shown(document), f"应是{zh}，却是{has_zh}", f"must be {en}, is {has_en}")
        return found

    def _any(self, document: object, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise refused(
                _TOO_LONG, f"嵌套超过 {MAX_DEPTH} 层", f"is nested deeper than {MAX_DEPTH}"
            )
        constant = constant_of(document, self.crs)
        if constant is not None:
            return constant
        if isinstance(document, dict) and isinstance(document.get("property"), str):
            return self._property(document["property"])
        if isinstance(document, dict) and isinstance(document.get("op"), str):
            arguments = document.get("args")
            if isinstance(arguments, list):
                return self._operation(document["op"].lower(), arguments, depth + 1)
        raise refused(_shown(document), "看不懂", "is not understood")

    def _property(self, name: str) -> Property:
        if name == GEOMETRY:
            return Property(name, Kind.GEOMETRY)
        if name not in self.fields:
            known = "、".join((*self.fields, GEOMETRY))
            raise refused(name, f"没有这个字段；可用：{known}", f"no such property; known: {known}")
        return Property(name, self.fields[name])

    def _operation(self, operator: str, arguments: list[object], depth: int) -> Operation:
        if operator in _UNIFORM:
            count, kinds, result = _UNIFORM[operator]
            _expect(operator, arguments, count)
            return Operation(operator, self._uniform(arguments, kinds, depth), result)
        if operator in {"and", "or"}:
            _expect(operator, arguments, 2, at_least=True)
            return _claim(operator, self._uniform(arguments, (Kind.BOOLEAN,), depth))
        if operator in TEMPORAL:
            _expect(operator, arguments, 2)
            return _claim(operator, temporal_operands([self._stretch(a, depth) for a in arguments]))
        return self._special(operator, arguments, depth)

    def _special(self, operator: str, arguments: list[object], depth: int) -> Operation:
        match operator:
            case "in":
                operands = self._membership(arguments, depth)
            case "isnull":
                _expect(operator, arguments, 1)
                operands = (self._any(arguments[0], depth),)
            case "like":
                operands = self._likeness(arguments, depth)
            case "s_dwithin":
                operands = self._nearness(arguments, depth)
            case _:
                raise refused(operator, "没有这个运算或函数", "no such operator or function")
        return _claim(operator, operands)

    def _uniform(
        self, arguments: list[object], kinds: Collection[Kind], depth: int
    ) -> tuple[Expression, ...]:
        """Return operands that are all of one kind out of `kinds`."""
        first = self.expression(arguments[0], kinds, depth)
        return (first, *(self.expression(part, (first.kind,), depth) for part in arguments[1:]))

    def _membership(self, arguments: list[object], depth: int) -> tuple[Expression, ...]:
        _expect("in", arguments, 2)
        listed = arguments[1]
        if not isinstance(listed, list) or not listed:
            raise refused(_shown(listed), "IN 后面应是一列值", "IN takes a list of values")
        return self._uniform([arguments[0], *listed], _SCALARS, depth)

    def _likeness(self, arguments: list[object], depth: int) -> tuple[Expression, ...]:
        _expect("like", arguments, 2)
        value, pattern = self._uniform(arguments, (Kind.TEXT,), depth)
        inner = pattern.operands[0] if isinstance(pattern, Operation) else pattern
        if not isinstance(inner, Constant):
            shown = _shown(arguments[1])
            raise refused(shown, "LIKE 后面应是文字", "LIKE takes a text as its pattern")
        if _OPEN_ESCAPE.search(str(inner.value)):
            raise refused(
                inner.value, "末尾的 \\ 没有所指", "ends with a backslash that quotes nothing"
            )
        return value, pattern

    def _nearness(self, arguments: list[object], depth: int) -> tuple[Expression, ...]:
        _expect("s_dwithin", arguments, 3)
        places = self._uniform(arguments[:2], (Kind.GEOMETRY,), depth)
        distance_m = arguments[2]
        if isinstance(distance_m, bool) or not isinstance(distance_m, int | float):
            raise refused(_shown(distance_m), "距离应是米数", "the distance must be metres")
        try:
            check_radius(distance_m)
        except InvalidParameter as error:
            zh, en = str(error.fields["reason_zh"]), str(error.fields["reason_en"])
            raise refused(distance_m, zh, en) from error
        reach = Constant(float(distance_m), Kind.NUMBER)
        return (*places, reach)

    def _stretch(self, document: object, depth: int) -> tuple[End, End]:
        if isinstance(document, dict) and "interval" in document:
            return interval_ends(document["interval"], lambda part: self._any(part, depth + 1))
        found = self.expression(document, (Kind.DATE, Kind.INSTANT), depth)
        assert isinstance(found, Property | Constant)  # noqa: S101 - no operation yields a time
        return found, found


def _claim(operator: str, operands: tuple[Expression, ...]) -> Operation:
    return Operation(operator, operands, Kind.BOOLEAN)


def _expect(operator: str, arguments: list[object], count: int, *, at_least: bool = False) -> None:
    if len(arguments) < count or (len(arguments) > count and not at_least):
        raise refused(
            operator.upper(),
            f"应有 {count} 个参数",
            f"takes {count} arguments, not {len(arguments)}",
        )


def _shown(document: object) -> str:
    if isinstance(document, dict) and isinstance(document.get("property"), str):
        return str(document["property"])
    return json.dumps(document, ensure_ascii=False, default=str)
