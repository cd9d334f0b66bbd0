"""What an officer hands in, and the warning that follows from it and from what is in the zone."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from shapely import MultiPolygon

from yingji_map.domain.errors import InvalidGeometry, NotReady
from yingji_map.domain.warning import (
    MAX_HEADLINE,
    MAX_TEXT,
    Audience,
    HazardWarning,
    Issuer,
    WarningArea,
    WarningState,
    WarningTexts,
    check_text,
    check_times,
)
from yingji_map.domain.warning_events import event_of, level_of
from yingji_map.domain.warning_texts import TextFacts, default_texts
from yingji_map.domain.warning_zone import parse_zone

# Source: Google's CAP profile asks for area descriptions below 50 characters.
MAX_AREA_DESCRIPTION = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """What an officer hands in; texts that are None are made from templates.

    `zone` is a GeoJSON Polygon or MultiPolygon, `english` an optional second set of words.
    """

    hazard: str
    level: str
    zone: Mapping[str, object]
    effective_at: datetime | None
    expires_at: datetime | None
    headline: str | None = None
    text: str | None = None
    instruction: str | None = None
    english: WarningTexts | None = None
    is_exercise: bool = False

    def digest(self) -> str:
        """Return a hash of the whole content: equal content, equal hash."""
        document = {
            "hazard": self.hazard,
            "level": self.level,
            "zone": self.zone,
            "effective_at": _instant(self.effective_at),
            "expires_at": _instant(self.expires_at),
            "texts": [self.headline, self.text, self.instruction],
            "english": asdict(self.english) if self.english else None,
            "is_exercise": self.is_exercise,
        }
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionInZone:
    """A division that shares ground with part number `part` (from 0) of a zone."""

    part: int
    code: str
    name: str
    shared_km2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSurvey:
    """What lies in a zone: counties and townships by part and shared ground, and the audience."""

    zone: MultiPolygon
    is_county_loaded: bool
    counties: tuple[DivisionInZone, ...]
    townships: tuple[DivisionInZone, ...]
    audience: Audience

    def county(self) -> DivisionInZone:
        """Return the county that holds most of the zone.

        Raises
        ------
        NotReady
            No county boundary is loaded.
        InvalidGeometry
            The zone lies outside.
        """
        if not self.is_county_loaded:
            raise NotReady(
                what_zh="县界",
                what_en="county boundary",
                fix="yingji layer import … --layer county",
            )
        if not self.counties:
            at = self.zone.representative_point()
            lon, lat = round(at.x, 6), round(at.y, 6)
            raise InvalidGeometry(
                reason_zh=f"范围在县界以外，位置 {lon}, {lat}；坐标应是经度在前",
                reason_en=f"it lies outside the county, at {lon}, {lat}; longitude comes first",
                lon=lon,
                lat=lat,
            )
        return max(self.counties, key=lambda division: division.shared_km2)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """Under which id and number a draft is kept, since when, by which door it came."""

    warning_id: str
    revision: int
    created_at: datetime
    revised_at: datetime
    revised_via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRequest:
    """A request whose every part is in order on its own."""

    request: DraftRequest
    zone: MultiPolygon
    effective_at: datetime
    expires_at: datetime


def check_request(request: DraftRequest, now: datetime) -> CheckedRequest:
    """Return the request with its zone and times understood.

    Raises
    ------
    InvalidInput
        The first thing that is wrong.
    """
    event_of(request.hazard)
    level_of(request.level)
    begin, end = check_times(request.effective_at, request.expires_at, now)
    return CheckedRequest(
        request=request, zone=parse_zone(request.zone), effective_at=begin, expires_at=end
    )


def draft_of(
    checked: CheckedRequest, survey: ZoneSurvey, issuer: Issuer, record: DraftRecord
) -> HazardWarning:
    """Return the draft.

    Raises
    ------
    InvalidParameter
        A text cannot be published.
    """
    request, county = checked.request, survey.county()
    facts = TextFacts(
        event=event_of(request.hazard),
        level=level_of(request.level),
        office=issuer.name,
        place=_describe(county.name, survey.townships),
        effective_at=checked.effective_at,
        expires_at=checked.expires_at,
        is_exercise=request.is_exercise,
    )
    usual = default_texts(facts)
    texts = WarningTexts(
        headline=request.headline or usual.headline,
        description=request.text or usual.description,
        instruction=request.instruction or usual.instruction,
    )
    return HazardWarning(
        warning_id=record.warning_id,
        revision=record.revision,
        state=WarningState.DRAFT,
        hazard=request.hazard,
        level=facts.level,
        zone=checked.zone,
        areas=tuple(_area(county, survey, part) for part in range(len(checked.zone.geoms))),
        effective_at=checked.effective_at,
        expires_at=checked.expires_at,
        texts=_checked_texts(texts),
        texts_en=_checked_texts(request.english) if request.english else None,
        is_exercise=request.is_exercise,
        issuer=issuer,
        audience=survey.audience,
        created_at=record.created_at,
        revised_at=record.revised_at,
        revised_via=record.revised_via,
    )


def _area(county: DivisionInZone, survey: ZoneSurvey, part: int) -> WarningArea:
    townships = [division for division in survey.townships if division.part == part]
    return WarningArea(
        description=_describe(county.name, townships),
        division_codes=tuple(division.code for division in townships) or (county.code,),
    )


def _describe(county_name: str, townships: Iterable[DivisionInZone]) -> str:
    """Name the townships, those with most ground first, as many as fit."""
    names = list(dict.fromkeys(division.name for division in townships))
    for shown in range(len(names), 0, -1):
        rest = f"等{len(names)}个乡镇" if shown < len(names) else ""
        text = f"{county_name}{'、'.join(names[:shown])}{rest}"
        if len(text) < MAX_AREA_DESCRIPTION:
            return text
    return county_name


def _checked_texts(texts: WarningTexts) -> WarningTexts:
    return WarningTexts(
        headline=check_text("headline", texts.headline, MAX_HEADLINE),
        description=check_text("text", texts.description, MAX_TEXT),
        instruction=check_text("instruction", texts.instruction, MAX_TEXT),
    )


def _instant(moment: datetime | None) -> str | None:
    if moment is None or moment.utcoffset() is None:
        return None if moment is None else moment.isoformat()
    return moment.astimezone(UTC).isoformat()
