"""A warning: what it says, for which place and time, and the identifier it keeps."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import NoReturn

from shapely import MultiPolygon

from yingji_map.domain.errors import InvalidParameter, NotReady
from yingji_map.domain.warning_events import EVENTS, LEVELS, EventType, LevelMeaning, WarningLevel

BEIJING = timezone(timedelta(hours=8), "+08:00")
MAX_HEADLINE = (
    160  # Source: CAP 1.2 §3.2.2, headline: some devices cut at 160 characters (recalled)
)
MAX_TEXT = 2000
# Source: XML 1.0 §2.2, production Char (a bare carriage return is left out: readers change it).
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SERIALS_PER_SECOND = 10  # Source: GB/T 35965.1-2018 annex A: serial 0-9 within one second


class WarningState(StrEnum):
    """Steps of a warning's life; only candidates and drafts can be made so far.

    A candidate was proposed by a risk run; nobody has looked at it, and it is never sent. Saving it
    makes it a draft.
    """

    CANDIDATE = "candidate"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    ISSUED = "issued"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who warns; `code` is the 14-digit issuing code (division, agency, unit, extension)."""

    code: str
    sender: str
    name: str
    contact: str | None = None
    web: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningTexts:
    """The words of a warning in one language."""

    headline: str
    description: str
    instruction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningArea:
    """The name and the division codes of one part of the zone, in the order of its parts."""

    description: str
    division_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A settlement inside the zone."""

    place_id: str
    name: str
    population_persons: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who and what is inside a zone; its border counts as inside. None means: no data loaded.

    `settlements_without_households` says how many settlements do not tell their households, so
    that the sum of households is read as “at least”.
    """

    counted_at: datetime
    area_km2: float
    outside_county_km2: float
    population_persons: int | None
    households: int | None
    settlements: int | None
    settlements_without_households: int | None
    shelters: int | None
    shelter_capacity_persons: int | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardWarning:
    """One revision of a warning; a change makes the next revision, this one stays as it is."""

    warning_id: str
    revision: int
    state: WarningState
    hazard: str
    level: WarningLevel
    zone: MultiPolygon
    areas: tuple[WarningArea, ...]
    effective_at: datetime
    expires_at: datetime
    texts: WarningTexts
    texts_en: WarningTexts | None
    is_exercise: bool
    issuer: Issuer
    audience: Audience
    created_at: datetime
    revised_at: datetime
    revised_via: str

    @property
    def event(self) -> EventType:
        """What is warned of."""
        return EVENTS[self.hazard]

    @property
    def meaning(self) -> LevelMeaning:
        """What the level stands for."""
        return LEVELS[self.level]


def issuer_of(division_code: str, county_name: str, profile: "IssuerProfile") -> Issuer:
    """Return who warns in a county.

    Raises
    ------
    NotReady
        The county has no code of GB/T 2260, so no identifier can be made.
    """
    if not re.fullmatch(r"\d{6}", division_code):
        raise NotReady(
            what_zh=f"六位县代码（县界图层的 code 是“{division_code}”）",
            what_en=f"six-digit county code (layer county says “{division_code}”)",
            fix="yingji layer import … --layer county",
        )
    code = f"{division_code}{profile.agency_code}{profile.unit_code}{profile.extension_code}"
    return Issuer(
        code=code,
        # CAP wants a sender that is unique in the world: the country before the national code.
        sender=profile.sender or f"CN-{code}",
        name=profile.name or f"{county_name}应急管理局",
        contact=profile.contact,
        web=profile.web,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerProfile:
    """What an office sets about itself; the rest follows from the county layer."""

    agency_code: str = "000"
    unit_code: str = "000"
    extension_code: str = "00"
    sender: str | None = None
    name: str | None = None
    contact: str | None = None
    web: str | None = None


def free_identifier(issuer_code: str, at: datetime, taken: Collection[str]) -> str:
    """Return the first identifier from `at` on that is not taken.

    References
    ----------
    GB/T 35965.1-2018 annex A: `ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N`, Beijing time, ten a second; the
    eleventh of a second takes the next second.
    """
    moment = at.astimezone(BEIJING)
    while True:
        for serial in range(_SERIALS_PER_SECOND):
            candidate = f"{issuer_code}_{moment:%Y%m%d%H%M%S}_{serial}"
            if candidate not in taken:
                return candidate
        moment += timedelta(seconds=1)


def check_times(
    effective_at: datetime | None, expires_at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """Return when the warning begins and ends, in whole seconds; it begins now when not said.

    Raises
    ------
    InvalidParameter
        A time has no zone, there is no end, or the end is before the beginning or already past.
    """
    if expires_at is None:
        _refuse("expires_at", None, "预警必须写明失效时间", "a warning must say when it ends")
    for name, value in (("effective_at", effective_at), ("expires_at", expires_at)):
        if value is not None and value.utcoffset() is None:
            _refuse(name, value, "缺时区，例如写成 …+08:00", "no time zone; write …+08:00")
    begin = (effective_at or now).astimezone(BEIJING).replace(microsecond=0)
    end = expires_at.astimezone(BEIJING).replace(microsecond=0)
    if end <= begin:
        _refuse(
            "expires_at",
            end.isoformat(),
            f"失效时间须晚于生效时间 {begin.isoformat()}",
            f"must be after the beginning, {begin.isoformat()}",
        )
    if end <= now:
        _refuse("expires_at", end.isoformat(), "已经过去", "is already past")
    return begin, end


def check_text(parameter: str, text: str, limit: int) -> str:
    """Return `text` without blanks around it.

    Raises
    ------
    InvalidParameter
        It is empty, longer than `limit` characters, or has characters that XML cannot carry.
    """
    stripped = text.replace("\r\n", "\n").strip()
    if not 0 < len(stripped) <= limit:
        _refuse(
            parameter,
            f"{len(stripped)} 字",
            f"须有 1 到 {limit} 字",
            f"must have 1 to {limit} characters",
        )
    forbidden = _NOT_XML.search(stripped)
    if forbidden:
        shown = f"U+{ord(forbidden[0]):04X}"
        _refuse(parameter, shown, "含有不能发布的字符", "has a character that cannot be published")
    return stripped


def _refuse(parameter: str, value: object, zh: str, en: str) -> NoReturn:
    raise InvalidParameter(parameter=parameter, value=value, reason_zh=zh, reason_en=en)
