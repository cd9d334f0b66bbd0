"""Bodies of warnings (`/v1/warnings`)."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from yingji_map.domain.layer import Title
from yingji_map.domain.warning import BEIJING, Audience, HazardWarning, WarningState, WarningTexts
from yingji_map.domain.warning_draft import DraftRequest
from yingji_map.domain.warning_events import WarningLevel
from yingji_map.domain.warning_zone import zone_document
from yingji_map.services.list_warnings import WarningPage


class ZoneBody(BaseModel):
    """GeoJSON Polygon or MultiPolygon in degrees, longitude first, without holes."""

    model_config = ConfigDict(extra="ignore")

    type: str
    coordinates: list[object]


class WordsBody(BaseModel):
    """The words of a warning in one more language."""

    model_config = ConfigDict(extra="forbid")

    headline: str
    text: str
    instruction: str


class DraftBody(BaseModel):
    """What an officer hands in; words that are left out are made from templates."""

    model_config = ConfigDict(extra="forbid")

    hazard: str = Field(description="landslide, flood, … : what is warned of.")
    level: str = Field(description="red, orange, yellow or blue.")
    zone: ZoneBody
    effective_at: AwareDatetime | None = Field(default=None, description="Now when left out.")
    expires_at: AwareDatetime
    headline: str | None = None
    text: str | None = None
    instruction: str | None = None
    english: WordsBody | None = None
    is_exercise: bool = False

    def request(self) -> DraftRequest:
        """Return the domain's value."""
        english = self.english
        return DraftRequest(
            hazard=self.hazard,
            level=self.level,
            zone=self.zone.model_dump(),
            effective_at=self.effective_at,
            expires_at=self.expires_at,
            headline=self.headline,
            text=self.text,
            instruction=self.instruction,
            english=WarningTexts(
                headline=english.headline,
                description=english.text,
                instruction=english.instruction,
            )
            if english
            else None,
            is_exercise=self.is_exercise,
        )


class PlaceBody(BaseModel):
    """A settlement inside the zone."""

    id: str
    name: str
    population_persons: int | None


class AudienceBody(BaseModel):
    """Who and what is inside the zone, its border included; null where no data is loaded."""

    counted_at: datetime
    area_km2: float
    outside_county_km2: float
    population_persons: int | None
    households: int | None
    settlements: int | None
    settlements_without_households: int | None
    shelters: int | None
    shelter_capacity_persons: int | None
    places: list[PlaceBody]


class EventBody(BaseModel):
    """What is warned of; `is_code_verified` is false where no public source shows the code."""

    title: Title
    code: str | None
    is_code_verified: bool


class AreaBody(BaseModel):
    """One part of the zone by name and division codes."""

    description: str
    division_codes: list[str]


class WarningLinks(BaseModel):
    """Addresses of a warning's parts."""

    self: str
    cap: str
    audience: str


class WarningBody(BaseModel):
    """One warning at one revision; the audience is the one counted when it was saved."""

    id: str
    revision: int
    state: WarningState
    hazard: str
    event: EventBody
    level: WarningLevel
    level_label: Title
    zone: dict[str, object]
    areas: list[AreaBody]
    effective_at: datetime
    expires_at: datetime
    headline: str
    text: str
    instruction: str
    english: WordsBody | None
    is_exercise: bool
    issuer: str
    sender: str
    audience: AudienceBody
    created_at: datetime
    revised_at: datetime
    links: WarningLinks


class WarningList(BaseModel):
    """Warnings, newest first; `next` leads to the ones after them."""

    warnings: list[WarningBody]
    next: str | None


def warning_body(warning: HazardWarning) -> WarningBody:
    """Represent one warning; times are Beijing time."""
    event, english = warning.event, warning.texts_en
    address = f"/v1/warnings/{warning.warning_id}"
    return WarningBody(
        id=warning.warning_id,
        revision=warning.revision,
        state=warning.state,
        hazard=warning.hazard,
        event=EventBody(
            title=Title(zh=event.title_zh, en=event.title_en),
            code=event.code,
            is_code_verified=event.is_verified,
        ),
        level=warning.level,
        level_label=Title(zh=warning.meaning.label_zh, en=warning.meaning.label_en),
        zone=zone_document(warning.zone),
        areas=[
            AreaBody(description=area.description, division_codes=list(area.division_codes))
            for area in warning.areas
        ],
        effective_at=warning.effective_at.astimezone(BEIJING),
        expires_at=warning.expires_at.astimezone(BEIJING),
        headline=warning.texts.headline,
        text=warning.texts.description,
        instruction=warning.texts.instruction,
        english=WordsBody(
            headline=english.headline, text=english.description, instruction=english.instruction
        )
        if english
        else None,
        is_exercise=warning.is_exercise,
        issuer=warning.issuer.name,
        sender=warning.issuer.sender,
        audience=audience_body(warning.audience),
        created_at=warning.created_at.astimezone(BEIJING),
        revised_at=warning.revised_at.astimezone(BEIJING),
        links=WarningLinks(self=address, cap=f"{address}/cap.xml", audience=f"{address}/audience"),
    )


def audience_body(audience: Audience) -> AudienceBody:
    """Represent who is inside."""
    return AudienceBody(
        counted_at=audience.counted_at.astimezone(BEIJING),
        area_km2=audience.area_km2,
        outside_county_km2=audience.outside_county_km2,
        population_persons=audience.population_persons,
        households=audience.households,
        settlements=audience.settlements,
        settlements_without_households=audience.settlements_without_households,
        shelters=audience.shelters,
        shelter_capacity_persons=audience.shelter_capacity_persons,
        places=[
            PlaceBody(
                id=place.place_id, name=place.name, population_persons=place.population_persons
            )
            for place in audience.places
        ],
    )


def warning_list(page: WarningPage, limit: int, state: WarningState | None = None) -> WarningList:
    """Represent a page of warnings."""
    before = page.next_before
    chosen = f"&state={state.value}" if state else ""
    return WarningList(
        warnings=[warning_body(warning) for warning in page.warnings],
        next=f"/v1/warnings?limit={limit}{chosen}&before={before}" if before else None,
    )
