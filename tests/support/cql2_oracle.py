"""CQL2 JSON evaluated in plain Python over one row: what the SQL must agree with."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry import shape

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SPATIAL: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_equals": shapely.equals,
}


def matches(document: Any, row: Mapping[str, Any]) -> bool:
    """Return whether a row matches: unknown does not."""
    return evaluate(document, row) is True


def evaluate(document: Any, row: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one a form
    """Return the value of an expression, None for unknown or missing."""
    if not isinstance(document, dict):
        return document
    if "property" in document:
        return row[document["property"]]
    if "date" in document:
        return date.fromisoformat(document["date"])
    if "timestamp" in document:
        return datetime.fromisoformat(document["timestamp"])
    if "type" in document:
        return shape(document)
    name, arguments = document["op"], document["args"]
    if name.startswith("t_"):
        return _temporal(name, *(_ends(part, row) for part in arguments))
    if name == "in":
        options = [{"op": "=", "args": [arguments[0], option]} for option in arguments[1]]
        return evaluate({"op": "or", "args": options}, row)
    values = [evaluate(part, row) for part in arguments]
    return _logical(name, values) if name in {"and", "or", "isNull"} else _strict(name, values)


def _logical(name: str, values: list[Any]) -> bool | None:
    if name == "isNull":
        return values[0] is None
    decisive = name == "or"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _strict(name: str, values: list[Any]) -> Any:  # noqa: PLR0911 - one an operator
    """Operators of which a missing operand makes the result missing."""
    if name == "between":
        low = _strict(">=", values[:2])
        high = _strict("<=", [values[0], values[2]])
        return _logical("and", [low, high])
    if any(value is None for value in values):
        return None
    if name in _COMPARE:
        return _COMPARE[name](*values)
    if name in _SPATIAL:
        return bool(_SPATIAL[name](*values))
    match name:
        case "not":
            return not values[0]
        case "like":
            return re.fullmatch(_pattern(values[1]), values[0], re.DOTALL) is not None
        case "casei":
            return values[0].lower()
    return _number(name, float(values[0]), float(values[1]))


def _number(name: str, left: float, right: float) -> float | None:
    if name in {"/", "div", "%"} and right == 0:
        return None
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "div": lambda: float(math.trunc(left / right)),
        "%": lambda: left - right * math.trunc(left / right),
        "^": lambda: left**right,
    }[name]()


def _pattern(text: str) -> str:
    parts = re.findall(r"\\.|%|_|[^\\%_]", text, re.DOTALL)
    plain = {"%": ".*", "_": "."}
    return "".join(plain.get(part, re.escape(part[-1])) for part in parts)


def _ends(document: Any, row: Mapping[str, Any]) -> tuple[Any, Any]:
    if isinstance(document, dict) and "interval" in document:
        start, end = document["interval"]
        return _end(start, row, date.min), _end(end, row, date.max)
    value = evaluate(document, row)
    return value, value


def _end(part: Any, row: Mapping[str, Any], infinite: date) -> Any:
    if part == "..":
        return infinite
    return date.fromisoformat(part) if isinstance(part, str) else evaluate(part, row)


def _temporal(name: str, first: tuple[Any, Any], second: tuple[Any, Any]) -> bool | None:
    """Return the relation as OGC 21-065 defines it over start and end."""
    (a, b), (c, d) = first, second

    def every(*claims: tuple[str, Any, Any]) -> bool | None:
        return _logical("and", [_strict(sign, [left, right]) for sign, left, right in claims])

    def none(*claims: tuple[str, Any, Any]) -> bool | None:
        found = _logical("or", [_strict(sign, [left, right]) for sign, left, right in claims])
        return None if found is None else not found

    return {
        "t_after": lambda: every((">", a, d)),
        "t_before": lambda: every(("<", b, c)),
        "t_contains": lambda: every(("<", a, c), (">", b, d)),
        "t_disjoint": lambda: _negated(none(("<", b, c), (">", a, d))),
        "t_during": lambda: every((">", a, c), ("<", b, d)),
        "t_equals": lambda: every(("=", a, c), ("=", b, d)),
        "t_finishedby": lambda: every(("<", a, c), ("=", b, d)),
        "t_finishes": lambda: every((">", a, c), ("=", b, d)),
        "t_intersects": lambda: none(("<", b, c), (">", a, d)),
        "t_meets": lambda: every(("=", b, c)),
        "t_metby": lambda: every(("=", a, d)),
        "t_overlappedby": lambda: every((">", a, c), ("<", a, d), (">", b, d)),
        "t_overlaps": lambda: every(("<", a, c), (">", b, c), ("<", b, d)),
        "t_startedby": lambda: every(("=", a, c), (">", b, d)),
        "t_starts": lambda: every(("=", a, c), ("<", b, d)),
    }[name]()


def _negated(value: bool | None) -> bool | None:  # noqa: FBT001 - a value, not a switch
    return None if value is None else not value
