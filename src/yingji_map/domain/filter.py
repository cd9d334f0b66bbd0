"""A filter that has been checked against its layer: what the store evaluates, nothing left to doubt."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry


class Kind(StrEnum):
    """What an expression yields."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    INSTANT = "timestamp"
    INTERVAL = "interval"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Property:
    """A public field of the layer, or (`geometry`) its geometry."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Constant:
    """A value; geometries in EPSG:4490, longitude first, instants aware."""

    value: bool | int | float | str | date | datetime | BaseGeometry
    kind: Kind


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time between two dates or two instants, both ends in it; None is open.

    `kind` is what its ends are: `DATE` or `INSTANT`.
    """

    start: Property | Constant | None
    end: Property | Constant | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator, named as CQL2 JSON does in lower case, on operands that suit it."""

    operator: str
    operands: "tuple[Expression, ...]"
    kind: Kind


Expression = Property | Constant | Interval | Operation
