"""`sortby`, `properties` and `after`: in which order features come, and what of each."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from yingji_map.domain.cql2_literals import is_storable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.query import PageStart, SortKey
from yingji_map.http.values import refused, value_of

_MAX_SORT_KEYS = 8
_SORTBY, _AFTER = "sortby", "after"


def sort_of(text: str | None, definition: LayerDefinition) -> tuple[SortKey, ...]:
    """Return the order of `sortby`: fields with commas between, `-` before those that descend."""
    if text is None:
        return ()
    found: dict[str, SortKey] = {}
    for part in text.split(","):
        # An unescaped + arrives as a blank.
        name = _known(_SORTBY, part.strip().lstrip("+-"), definition)
        found.setdefault(name, SortKey(field=name, is_descending=part.strip().startswith("-")))
    if len(found) > _MAX_SORT_KEYS:
        raise refused(
            _SORTBY,
            text,
            f"至多 {_MAX_SORT_KEYS} 个字段",
            f"may name {_MAX_SORT_KEYS} fields at most",
        )
    return tuple(found.values())


def properties_of(text: str | None, definition: LayerDefinition) -> tuple[str, ...] | None:
    """Return the fields that `properties` chooses; None chooses all."""
    if text is None:
        return None
    names = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(dict.fromkeys(_known("properties", name, definition) for name in names))


def start_of(
    text: str | None, sort: Sequence[SortKey], definition: LayerDefinition
) -> PageStart | None:
    """Return where a page starts: a key, or (sorted) a JSON list of values that ends with the key."""
    if text is None or not sort:
        return None if text is None else PageStart(key=text)
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        parts = None
    if not _is_start(parts, len(sort) + 1):
        raise refused(
            _AFTER, text, "只用 next 链接给出的值", "must be taken from a `next` link as it is"
        )
    fields = {field.name: field for field in definition.public_fields}
    values = [
        None if part is None else value_of(fields[key.field], part)
        for part, key in zip(parts, sort, strict=False)
    ]
    return PageStart(key=parts[-1], values=tuple(values))


def start_text(start: PageStart) -> str:
    """Return the text that `start_of` reads."""
    if not start.values:
        return start.key
    parts = [*(None if value is None else _text(value) for value in start.values), start.key]
    return json.dumps(parts, ensure_ascii=False)


def _is_start(parts: object, length: int) -> bool:
    return (
        isinstance(parts, list)
        and len(parts) == length
        and isinstance(parts[-1], str)
        and all(part is None or (isinstance(part, str) and is_storable(part)) for part in parts)
    )


def _text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(parameter: str, name: str, definition: LayerDefinition) -> str:
    names = [field.name for field in definition.public_fields]
    if name not in names:
        known = "、".join(names)
        raise refused(
            parameter, name, f"没有这个字段；可用：{known}", f"no such property; known: {known}"
        )
    return name
