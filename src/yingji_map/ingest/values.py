"""Values as files hold them → values of a field's type, or the reason why not."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from yingji_map.domain.layer import FieldDefinition, FieldType
from yingji_map.ingest.numbers import parse_integer, parse_number

_MISSING = {"", "null", "<null>", "none", "nan", "<空>"}
_MISSING_NUMBERS = _MISSING | {"-", "--", "—", "——", "/", "\\", "无", "n/a"}
_TRUE = {"true", "t", "yes", "y", "1", "是", "有", "真"}
_FALSE = {"false", "f", "no", "n", "0", "否", "无", "假", "没有"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)?$")
BEIJING = timezone(timedelta(hours=8))
_MAX_BIGINT = 2**63


Reason = tuple[str, str]
_TOO_LONG: Reason = (
    "数字过长，读取会失真，请把这一列存成文本",
    "is too long for a number; store the column as text",
)
_NUL: Reason = ("含有空字符", "contains a NUL character")
_HALF: Reason = ("含有残缺的字符", "contains half a character")
_NOT_WHOLE: Reason = ("应是整数", "must be a whole number")
_NOT_NUMBER: Reason = ("应是数字", "must be a number")
_NOT_FINITE: Reason = ("应是有限的数", "must be a finite number")
_NOT_BOOLEAN: Reason = ("应是“是”或“否”", "must be yes or no")
_NOT_DATE: Reason = ("应是日期，如 2026-07-01", "must be a date such as 2026-07-01")
_NOT_TIME: Reason = (
    "应是时间，如 2026-07-01T08:00+08:00",
    "must be a time such as 2026-07-01T08:00+08:00",
)


class Misfit(ValueError):
    """A value is not of the field's type: the reason in two languages."""

    def __init__(self, reason: Reason) -> None:
        self.zh, self.en = reason
        super().__init__(self.en)


def convert(value: object, field: FieldDefinition) -> object:
    """Return `value` in the type of `field`, None when it is missing.

    Raises
    ------
    Misfit
        It is something else.
    """
    plain = value.strip() if isinstance(value, str) else value
    if plain is None or (isinstance(plain, str) and plain.lower() in _missing(field)):
        return None
    return _CONVERTERS[field.type](plain, field)


def enum_member(text: str, field: FieldDefinition) -> str | None:
    """Return the permitted value that `text` writes, full width or half width alike."""
    wanted = _width_free(text)
    return next((item for item in field.enum or () if _width_free(item) == wanted), None)


def _missing(field: FieldDefinition) -> set[str]:
    return _MISSING if field.type in {FieldType.TEXT, FieldType.BOOLEAN} else _MISSING_NUMBERS


def _width_free(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _text(value: Any, field: FieldDefinition) -> str:  # noqa: ANN401 - whatever a file holds
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        if abs(value) >= 2**53:
            raise Misfit(_TOO_LONG)
        value = int(value)
    text = str(value)
    if "\x00" in text:
        raise Misfit(_NUL)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Misfit(_HALF)  # JSON can write half a surrogate pair; nothing can keep it
    return (enum_member(text, field) or text) if field.enum else text


def _integer(value: Any, _field: FieldDefinition) -> int:  # noqa: ANN401 - whatever a file holds
    found = value
    if isinstance(value, str):
        found = parse_integer(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        found = int(value)
    if isinstance(found, bool) or not isinstance(found, int) or abs(found) >= _MAX_BIGINT:
        raise Misfit(_NOT_WHOLE)
    return found


def _number(value: Any, _field: FieldDefinition) -> float:  # noqa: ANN401 - whatever a file holds
    found = parse_number(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Misfit(_NOT_NUMBER)
    try:
        number = float(found)
    except OverflowError as error:  # a whole number of more than 308 digits
        raise Misfit(_NOT_FINITE) from error
    if not math.isfinite(number):
        raise Misfit(_NOT_FINITE)
    return number


def _boolean(value: Any, _field: FieldDefinition) -> bool:  # noqa: ANN401 - whatever a file holds
    text = _width_free(str(value)).lower().removesuffix(".0")
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Misfit(_NOT_BOOLEAN)


def _date(value: Any, _field: FieldDefinition) -> date:  # noqa: ANN401 - whatever a file holds
    text = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", str(value)).strip())
    match = _DATE.fullmatch(text)
    if match is None:
        raise Misfit(_NOT_DATE)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Misfit(_NOT_DATE) from error


def _timestamp(value: Any, _field: FieldDefinition) -> datetime:  # noqa: ANN401 - whatever a file holds
    text = unicodedata.normalize("NFKC", str(value)).strip().replace("/", "-")
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misfit(_NOT_TIME) from error
    # A bureau that writes no zone means its own clock.
    return (found if found.tzinfo else found.replace(tzinfo=BEIJING)).astimezone(UTC)


_CONVERTERS: dict[FieldType, Callable[[Any, FieldDefinition], object]] = {
    FieldType.TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.TIMESTAMP: _timestamp,
}
