"""What may be asked of a layer: where, when, as known when, with which values, how many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yingji_map.domain.crs import CRS84, ServedCrs

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
    after
        Key after which the page starts.
    offset
        Features to skip from there: for clients that count pages themselves.
    """

    boxes: tuple[Bounds, ...] | None = None
    valid: ValidTime | None = None
    known_at: datetime | None = None
    equals: Mapping[str, object] = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    after: str | None = None
    offset: int = 0
    crs: ServedCrs = CRS84
