"""What a closure is: the roads that may not be used, why, since when and until when."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.shapes import shape_of

# A line drawn across or along a road closes what lies this near to it: half a road and the
# inaccuracy of drawing. An assumption, told in docs/how-to/close-a-road-and-see.md.
LINE_REACH_M = 10.0
SHAPES = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")
IN_FORCE, NONE, ROAD_PREFIX = "in_force", "none", "road:"
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPlace:
    """Where roads are closed: inside an area, beside a line (degrees), or whole roads by code."""

    shape: BaseGeometry | None = None
    road_codes: tuple[str, ...] = ()


class ClosureState(StrEnum):
    """What has become of a closure at an instant."""

    PLANNED = "planned"
    IN_FORCE = "in_force"
    ENDED = "ended"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureRequest:
    """What someone asks to close; `valid_from` None is now, `valid_until` None is until lifted."""

    place: ClosedPlace
    reason: str
    source: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def digest(self) -> str:
        """Return a hash of the content, to tell a repeated request from another one."""
        shape = self.place.shape
        parts = (
            b"" if shape is None else shapely.to_wkb(shape),
            repr(
                (
                    self.place.road_codes,
                    self.reason,
                    self.source,
                    self.valid_from and self.valid_from.isoformat(),
                    self.valid_until and self.valid_until.isoformat(),
                )
            ).encode(),
        )
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A closure that was saved; it never changes, but may be lifted once."""

    closure_id: int
    place: ClosedPlace
    reason: str
    source: str | None
    valid_from: datetime
    valid_until: datetime | None
    created_at: datetime
    created_via: str
    lifted_at: datetime | None = None
    lifted_via: str | None = None

    def state_at(self, moment: datetime) -> ClosureState:
        """Return what has become of it."""
        if self.lifted_at is not None and self.lifted_at <= moment:
            return ClosureState.LIFTED
        if moment < self.valid_from:
            return ClosureState.PLANNED
        if self.valid_until is not None and moment >= self.valid_until:
            return ClosureState.ENDED
        return ClosureState.IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureChoice:
    """Which closures a question reckons with: those in force, some by id, some of its own."""

    with_in_force: bool = True
    ids: tuple[int, ...] = ()
    place: ClosedPlace = ClosedPlace()


THOSE_IN_FORCE = ClosureChoice()


def choice_of(given: object) -> ClosureChoice:
    """Return the choice that a text or a GeoJSON geometry makes.

    Parameters
    ----------
    given
        `in_force`, `none`, ids and `road:<code>`, commas between; or a GeoJSON area or line (also
        as text), which is closed besides those in force.

    Raises
    ------
    InvalidParameter, InvalidGeometry
        It is something else.
    """
    document = _document(given) if isinstance(given, str) else given
    if isinstance(document, dict):
        shape = shape_of(document, SHAPES)
        return ClosureChoice(place=ClosedPlace(shape=shape))
    if not isinstance(given, str):
        raise _refused(given)
    choice = ClosureChoice(with_in_force=False)
    for token in dict.fromkeys(part.strip() for part in given.split(",")):
        choice = _with(choice, token, given)
    return choice


def _with(choice: ClosureChoice, token: str, given: str) -> ClosureChoice:
    if token == NONE:
        return choice
    if token == IN_FORCE:
        return replace(choice, with_in_force=True)
    if token.startswith(ROAD_PREFIX):
        codes = (*choice.place.road_codes, token.removeprefix(ROAD_PREFIX))
        return replace(choice, place=ClosedPlace(road_codes=codes))
    if token.isascii() and token.isdigit() and int(token) <= _MAX_ID:
        return replace(choice, ids=(*choice.ids, int(token)))
    raise _refused(given)


def _document(text: str) -> object:
    if not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(text) from error


def _refused(given: object) -> InvalidParameter:
    return InvalidParameter(
        parameter="closures",
        value=str(given)[:200],
        reason_zh="应是 in_force、none、封路编号、road:路段编号（逗号分隔），或 GeoJSON 面、线",
        reason_en="must be in_force, none, ids or road:<code> with commas between, or GeoJSON",
    )
