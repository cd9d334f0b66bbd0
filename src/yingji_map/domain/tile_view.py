"""Which rows of a layer its tiles show: those of now, or of another time, through a filter or not."""

from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.filter import Expression
from yingji_map.domain.query import FeatureQuery, ValidTime


@dataclass(frozen=True, slots=True, kw_only=True)
class TileView:
    """A view other than “everything as it is now”, with the words that stated it.

    Equal words mean the same on one layer.
    """

    words: tuple[tuple[str, str], ...]
    filter: Expression | None = None
    valid: ValidTime | None = None
    known_at: datetime | None = None

    def query(self) -> FeatureQuery:
        """Return the question that rows of this view answer."""
        return FeatureQuery(filter=self.filter, valid=self.valid, known_at=self.known_at)
