"""Temporal operands of CQL2 brought to one kind: two stretches of days, or two of instants."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import cast

from yingji_map.domain.cql2_literals import date_of, instant_of, is_date, refused
from yingji_map.domain.filter import Constant, Expression, Interval, Kind, Property

TEMPORAL = frozenset(
    {
        "t_after",
        "t_before",
        "t_contains",
        "t_disjoint",
        "t_during",
        "t_equals",
        "t_finishedby",
        "t_finishes",
        "t_intersects",
        "t_meets",
        "t_metby",
        "t_overlappedby",
        "t_overlaps",
        "t_startedby",
        "t_starts",
    }
)
_BEIJING = timezone(timedelta(hours=8))
_OPEN = ".."
End = Property | Constant | None


def interval_ends(document: object, read: Callable[[object], Expression]) -> tuple[End, End]:
    """Return the two ends of a CQL2 interval; `read` reads what is no bare text."""
    if not isinstance(document, Sequence) or isinstance(document, str) or len(document) != 2:  # noqa: PLR2004 - two ends
        raise refused(document, "INTERVAL 应有起点和终点", "INTERVAL takes a start and an end")
    start, end = (_end_of(part, read) for part in document)
    if isinstance(start, Constant) and isinstance(end, Constant) and start.kind is end.kind:
        first, last = cast("date", start.value), cast("date", end.value)
        if first > last:
            raise refused(document, "起点晚于终点", "its start is after its end")
    return start, end


def temporal_operands(pairs: Sequence[tuple[End, End]]) -> tuple[Interval, ...]:
    """Return stretches of one kind; a day among instants is that whole day of Beijing time.

    Raises
    ------
    InvalidParameter
        A field of days stands among instants: where its days begin, the field does not say.
    """
    ends = [end for pair in pairs for end in pair if end is not None]
    kinds = {end.kind for end in ends}
    if kinds == {Kind.DATE}:
        return tuple(Interval(start, end, Kind.DATE) for start, end in pairs)
    for end in ends:
        if isinstance(end, Property) and end.kind is Kind.DATE:
            raise refused(
                end.name,
                "是日期字段，只能与日期比，如 DATE('2026-07-18')",
                "is a field of dates; compare it with dates, such as DATE('2026-07-18')",
            )
    return tuple(
        Interval(_instant(start, time.min), _instant(end, time.max), Kind.INSTANT)
        for start, end in pairs
    )


def _end_of(document: object, read: Callable[[object], Expression]) -> End:
    if document == _OPEN:
        return None
    if isinstance(document, str):
        if is_date(document):
            return Constant(date_of(document), Kind.DATE)
        return Constant(instant_of(document), Kind.INSTANT)
    if isinstance(document, Mapping):
        found = read(document)
        if isinstance(found, Property | Constant) and found.kind in {Kind.DATE, Kind.INSTANT}:
            return found
    raise refused(document, "不是时间", "is no time")


def _instant(end: End, clock: time) -> End:
    if isinstance(end, Constant) and end.kind is Kind.DATE:
        day = cast("date", end.value)
        return Constant(datetime.combine(day, clock, _BEIJING), Kind.INSTANT)
    return end
