"""When a grid is true: times as CF writes them, and as people put them into file names."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_SINCE = re.compile(
    r"(?P<unit>[a-z]+)\s+since\s+(?P<date>\d{1,4}-\d{1,2}-\d{1,2})"
    r"(?:[t ]+(?P<clock>\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?))?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_UNITS = {
    "second": 1,
    "seconds": 1,
    "sec": 1,
    "secs": 1,
    "s": 1,
    "minute": 60,
    "minutes": 60,
    "min": 60,
    "mins": 60,
    "hour": 3600,
    "hours": 3600,
    "hr": 3600,
    "hrs": 3600,
    "h": 3600,
    "day": 86400,
    "days": 86400,
    "d": 86400,
}
_CALENDARS = {"standard", "gregorian", "proleptic_gregorian"}  # others have days that never were
_IN_NAME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.年]?(0[1-9]|1[0-2])[-_.月]?(0[1-9]|[12]\d|3[01])日?"
    r"(?:[-_.tT ]?([01]\d|2[0-3])(?:[-_.:时]?([0-5]\d))?(?:[-_.:分]?([0-5]\d))?时?)?"
    r"(?P<zone>Z|UTC|[+]\d{2}:?\d{2}|BJT)?(?!\d)"
)
BEIJING = timezone(timedelta(hours=8))


def parse_zone(text: str) -> tzinfo | None:
    """Return the zone called `+08:00`, `UTC`, `Z`, `BJT` or `Asia/Shanghai`; None for others."""
    name = text.strip().upper()
    if name in {"Z", "UTC", "GMT"}:
        return UTC
    if name in {"BJT", "ASIA/SHANGHAI", "北京时间"}:
        return BEIJING
    found = re.fullmatch(r"([+-])(\d{1,2})(?::?(\d{2}))?", name)
    if found is None:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if span >= timedelta(hours=15):
        return None
    return timezone(-span if found[1] == "-" else span)


def cf_time(value: float, units: str, calendar: str | None, zone: tzinfo | None) -> datetime | None:
    """Return a time of a NetCDF file, None where it cannot be told.

    Parameters
    ----------
    units
        Such as `hours since 1900-01-01 00:00:00`.
    zone
        What the operator says of a file that names no zone; None is UTC.

    References
    ----------
    CF conventions 1.11, §4.4: without a zone the reference is UTC.
    """
    found = _SINCE.match(units.strip())
    if found is None or (calendar or "standard").lower() not in _CALENDARS:
        return None
    step = _UNITS.get(found["unit"].lower())
    if step is None:
        return None
    numbers = [float(part) for part in (found["clock"] or "0").split(":")]
    hours, minutes, seconds = (*numbers, 0.0, 0.0)[:3]
    year, month, day = (int(part) for part in found["date"].split("-"))
    stated = parse_zone(found["zone"]) if found["zone"] else zone or UTC
    try:
        start = datetime(year, month, day, tzinfo=stated)
        # Whole seconds: a float of days does not hold them exactly.
        total = round(value * step + hours * 3600 + minutes * 60 + seconds)
        return start + timedelta(seconds=total)
    except (ValueError, OverflowError):
        return None


def names_zone(units: str) -> bool:
    """Return whether CF units of time say their zone."""
    found = _SINCE.match(units.strip())
    return bool(found and found["zone"])


def time_in_name(name: str, zone: tzinfo | None) -> datetime | None:
    """Return the time that a file name tells, None without one, or without a zone.

    Read are `20260701`, `2026070108`, `20260701T0800`, `2026-07-01_08-00`, `2026年07月01日08时`, each
    with `Z`, `UTC`, `BJT` or `+0800` behind it where the name says so. The last one counts: names
    begin with what they are, and end with when.
    """
    found = list(_IN_NAME.finditer(name))
    if not found:
        return None
    last = found[-1]
    where = parse_zone(last["zone"]) if last["zone"] else zone
    if where is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in last.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=where)
    except ValueError:
        return None


def has_time_in_name(name: str) -> bool:
    """Return whether a file name tells a time, be its zone known or not."""
    return _IN_NAME.search(name) is not None
