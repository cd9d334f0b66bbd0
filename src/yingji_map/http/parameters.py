"""Query parameters as domain values; whatever is unknown or out of its domain is refused."""

from collections.abc import Collection, Mapping
from datetime import datetime

from fastapi import Request

from yingji_map.domain.cql2 import read_filter
from yingji_map.domain.filter import Expression
from yingji_map.domain.layer import FieldDefinition, LayerDefinition
from yingji_map.domain.query import DEFAULT_LIMIT, MAX_LIMIT, FeatureQuery, ValidTime
from yingji_map.domain.tile_view import TileView
from yingji_map.http.boxes import numbers_of, place_of
from yingji_map.http.coordinate_systems import EVERYWHERE, OfferedCrs
from yingji_map.http.ordering import properties_of, sort_of, start_of
from yingji_map.http.values import moment_of, refused, value_of

ITEMS_PARAMETERS = (
    "f", "bbox", "bbox-crs", "crs", "datetime", "known_at", "filter", "filter-lang", "filter-crs",
    "sortby", "properties", "limit", "after", "offset",
)  # fmt: skip
VIEW_PARAMETERS = ("filter", "filter-lang", "filter-crs", "datetime", "known_at")
ITEM_PARAMETERS = ("f", "crs", "datetime", "known_at", "properties")
EXTRACT_PARAMETERS = ("bbox", "bbox-crs", *VIEW_PARAMETERS)

_FILTER_LANGUAGES = ("cql2-text", "cql2-json")
_DATETIME, _LANGUAGE = "datetime", "filter-lang"
_MAX_COUNT = 1_000_000_000


def read_parameters(request: Request, allowed: Collection[str]) -> dict[str, str]:
    """Return the query parameters, each known and given once.

    Raises
    ------
    InvalidParameter
        One is unknown, given twice, or holds a NUL character.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            known = "、".join(allowed)
            raise refused(
                name, value, f"没有这个参数；可用：{known}", f"unknown; known are {known}"
            )
        if name in found:
            raise refused(name, value, "只能给一次", "may be given once only")
        if "\x00" in value:
            raise refused(name, "…", "含有空字符", "holds a NUL character")
        found[name] = value
    return found


def items_query(
    request: Request, definition: LayerDefinition, offered: OfferedCrs = EVERYWHERE
) -> FeatureQuery:
    """Return what a request for a page of features asks of a layer."""
    queryables = {field.name: field for field in queryable_fields(definition)}
    given = read_parameters(request, (*ITEMS_PARAMETERS, *queryables))
    place = place_of(given.get("bbox"), offered.named("bbox-crs", given.get("bbox-crs")))
    sort = sort_of(given.get("sortby"), definition)
    return FeatureQuery(
        boxes=place.boxes,
        valid=_valid_time_of(given.get("datetime")),
        known_at=_known_at_of(given.get("known_at")),
        equals={
            name: value_of(field, given[name])
            for name, field in queryables.items()
            if name in given
        },
        filter=place.joined(filter_of(given, definition, offered)),
        sort=sort,
        properties=properties_of(given.get("properties"), definition),
        limit=min(_count_of("limit", given.get("limit", str(DEFAULT_LIMIT)), 1), MAX_LIMIT),
        after=start_of(given.get("after"), sort, definition),
        offset=_count_of("offset", given.get("offset", "0"), 0),
        crs=offered.named("crs", given.get("crs")),
    )


def item_query(
    request: Request, definition: LayerDefinition, offered: OfferedCrs = EVERYWHERE
) -> FeatureQuery:
    """Return what a request for one feature asks."""
    given = read_parameters(request, ITEM_PARAMETERS)
    return FeatureQuery(
        properties=properties_of(given.get("properties"), definition),
        valid=_valid_time_of(given.get("datetime")),
        known_at=_known_at_of(given.get("known_at")),
        crs=offered.named("crs", given.get("crs")),
    )


def extract_query(
    request: Request, definition: LayerDefinition, others: Collection[str]
) -> tuple[FeatureQuery, dict[str, str]]:
    """Return what a request for a file asks of a layer, and its `others` as they were given."""
    queryables = {field.name: field for field in queryable_fields(definition)}
    given = read_parameters(request, (*others, *EXTRACT_PARAMETERS, *queryables))
    place = place_of(given.get("bbox"), EVERYWHERE.named("bbox-crs", given.get("bbox-crs")))
    query = FeatureQuery(
        boxes=place.boxes,
        valid=_valid_time_of(given.get("datetime")),
        known_at=_known_at_of(given.get("known_at")),
        equals={
            name: value_of(field, given[name])
            for name, field in queryables.items()
            if name in given
        },
        filter=place.joined(filter_of(given, definition)),
    )
    return query, {name: given[name] for name in others if name in given}


def position_of(parameter: str, text: str) -> tuple[float, float]:
    """Return `lon,lat` as numbers; whether they are degrees is checked where they are used."""
    numbers = numbers_of(parameter, text)
    if len(numbers) != 2:  # noqa: PLR2004 - longitude, latitude
        raise refused(parameter, text, "应是 经度,纬度", "must be longitude,latitude")
    return numbers[0], numbers[1]


def whole_numbers_of(parameter: str, text: str) -> tuple[int, ...]:
    """Return whole numbers with commas between."""
    return tuple(_count_of(parameter, part.strip(), 0) for part in text.split(","))


def queryable_fields(definition: LayerDefinition) -> list[FieldDefinition]:
    """Return the fields that may be asked for by value; private ones would tell by elimination."""
    return [field for field in definition.public_fields if field.name not in ITEMS_PARAMETERS]


def filter_of(
    given: Mapping[str, str], definition: LayerDefinition, offered: OfferedCrs = EVERYWHERE
) -> Expression | None:
    """Return the filter of `filter`, `filter-lang` and `filter-crs`, None where there is none."""
    language = given.get(_LANGUAGE, _FILTER_LANGUAGES[0])
    crs = offered.named("filter-crs", given.get("filter-crs"))
    if language not in _FILTER_LANGUAGES:
        known = ", ".join(_FILTER_LANGUAGES)
        raise refused(_LANGUAGE, language, f"应为 {known} 之一", f"must be one of {known}")
    if "filter" not in given:
        return None
    return read_filter(given["filter"], definition, is_json=language == "cql2-json", crs=crs)


def view_of(request: Request, definition: LayerDefinition) -> TileView | None:
    """Return the view that a request for tiles states, None for all of now; others are not read."""
    given = {name: request.query_params.get(name) for name in VIEW_PARAMETERS}
    stated = {name: text for name, text in given.items() if text is not None}
    if not stated:
        return None
    return TileView(
        words=tuple(stated.items()),
        filter=filter_of(stated, definition),
        valid=_valid_time_of(stated.get("datetime")),
        known_at=_known_at_of(stated.get("known_at")),
    )


def _valid_time_of(text: str | None) -> ValidTime | None:
    if text is None:
        return None
    start, slash, end = text.partition("/")
    if not slash:
        return ValidTime(
            start=moment_of(_DATETIME, text), end=moment_of(_DATETIME, text, is_end=True)
        )
    stretch = ValidTime(
        start=None if start in {"", ".."} else moment_of(_DATETIME, start),
        end=None if end in {"", ".."} else moment_of(_DATETIME, end, is_end=True),
    )
    if stretch.start and stretch.end and stretch.start > stretch.end:
        raise refused(_DATETIME, text, "起点晚于终点", "its start is after its end")
    return stretch


def _known_at_of(text: str | None) -> datetime | None:
    return None if text is None else moment_of("known_at", text, is_end=True)


def _count_of(parameter: str, text: str, minimum: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= minimum):  # noqa: PLR2004
        raise refused(
            parameter,
            text,
            f"应是 {minimum} 到 {_MAX_COUNT - 1} 的整数",
            f"must be a whole number from {minimum} to {_MAX_COUNT - 1}",
        )
    return int(text)
