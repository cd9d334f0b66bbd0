"""What may be asked of a layer: where, when, as known when, with which values, how many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yingji_map.domain.crs import CRS84, ServedCrs
from yingji_map.domain.filter import Expression

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidTime:
    """A closed stretch of valid time; None is an open end, equal ends are an instant."""

    start: datetime | None
    end: datetime | None

    @property
    def is_instant(self) -> bool:
        """True when a feature has at most one state in it."""
        return self.start is not None and self.start == self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One field to sort by; missing values come last either way."""

    field: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStart:
    """The feature a page starts after: its key, and its values of the fields sorted by."""

    key: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureQuery:
    """A question to one layer.

    Attributes
    ----------
    boxes
        West, south, east, north in degrees; a feature matches when it touches any of them.
        None asks everywhere.
    valid
        Valid time; None means now. Over a stretch, a feature shows the last state that matches.
    known_at
        As known at this instant; None means now.
    equals
        Field values that must match, by field name.
    filter
        A condition that must hold besides all others.
    sort
        What features are ordered by, before their keys.
    properties
        Fields to answer, in the order of the layer; None answers all public ones.
    after
        Where the page starts; None at the beginning.
    offset
        Features to skip from there: for clients that count pages themselves.
    """

    boxes: tuple[Bounds, ...] | None = None
    valid: ValidTime | None = None
    known_at: datetime | None = None
    equals: Mapping[str, object] = field(default_factory=dict)
    filter: Expression | None = None
    sort: tuple[SortKey, ...] = ()
    properties: tuple[str, ...] | None = None
    limit: int = DEFAULT_LIMIT
    after: PageStart | None = None
    offset: int = 0
    crs: ServedCrs = CRS84
