"""Instants on the command line: read with their zone, shown in the reader's own."""

from datetime import datetime

import typer


def parse_moment(text: str) -> datetime:
    """Return the instant that `2026-07-01T08:00+08:00` names; without a zone it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"“{text}” 要写成带时区的时间，如 2026-07-01T08:00+08:00 / a time with its zone"
        raise typer.BadParameter(message)
    return moment


def parse_version(text: str) -> int | datetime:
    """Return a version's number (`3`, `v3`) or an instant."""
    number = text.removeprefix("v")
    return int(number) if number.isdecimal() else parse_moment(text)


def show_moment(moment: datetime | None, otherwise: str = "") -> str:
    """Return an instant in local time, to the second."""
    return otherwise if moment is None else moment.astimezone().isoformat(" ", "seconds")
