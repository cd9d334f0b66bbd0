"""Texts of parameters as values of a layer's fields, and the refusal of those that are none."""

import math
import re
from datetime import date, datetime, time, timedelta, timezone

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.layer import FieldDefinition, FieldType

# Calendar days of the people who use this are days of Beijing time.
_BEIJING = timezone(timedelta(hours=8))
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$")
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d\d:\d\d$)")  # an unescaped + arrives as a blank
_BIGINT = 2**63
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def value_of(field: FieldDefinition, text: str) -> object:
    """Return a text as a value of the field's type."""
    if field.enum and text not in field.enum:
        listed = "、".join(field.enum)
        raise refused(field.name, text, f"应为 {listed} 之一", f"must be one of {listed}")
    match field.type:
        case FieldType.TEXT:
            return text
        case FieldType.INTEGER:
            return _integer_of(field.name, text)
        case FieldType.NUMBER:
            return _number_of(field.name, text)
        case FieldType.BOOLEAN:
            return _boolean_of(field.name, text)
        case FieldType.DATE:
            return _date_of(field.name, text)
        case FieldType.TIMESTAMP:
            return moment_of(field.name, text)


def moment_of(parameter: str, text: str, *, is_end: bool = False) -> datetime:
    """Return an instant; a bare date is the start (or the last microsecond) of that Beijing day."""
    mended = _LOST_PLUS.sub("+", text)
    try:
        if _DATE.match(mended):
            clock = time.max if is_end else time.min
            return datetime.combine(datetime.fromisoformat(mended), clock, _BEIJING)
        if _INSTANT.match(mended):
            return datetime.fromisoformat(mended.upper())
    except ValueError:
        pass  # a day or an hour that does not exist: refused below
    raise refused(
        parameter,
        text,
        "应是 RFC 3339 时间并带时区（如 2026-07-18T08:00:00+08:00），或日期（北京时间）",
        "must be an RFC 3339 time with its offset (2026-07-18T08:00:00+08:00), or a date (Beijing)",
    )


def _integer_of(parameter: str, text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not -_BIGINT <= int(text) < _BIGINT:
        raise refused(parameter, text, "应是整数", "must be a whole number")
    return int(text)


def _number_of(parameter: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise refused(parameter, text, "应是数", "must be a number")
    return number


def _boolean_of(parameter: str, text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise refused(parameter, text, "应为 true 或 false", "must be true or false")
    return _BOOLEANS[text.lower()]


def _date_of(parameter: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refused(parameter, text, "应是日期（如 2026-07-18）", "must be a date") from error


def refused(parameter: str, value: str, reason_zh: str, reason_en: str) -> InvalidParameter:
    """Return the refusal of a parameter."""
    return InvalidParameter(
        parameter=parameter, value=value[:200], reason_zh=reason_zh, reason_en=reason_en
    )
