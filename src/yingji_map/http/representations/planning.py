"""Bodies of `/v1/sites/proposal` and `/v1/supply/sizing`."""

from pydantic import BaseModel, Field

from yingji_map.domain.declared import Title
from yingji_map.domain.network import ProfileId
from yingji_map.http.representations.trips import AppliedClosure, closures_of
from yingji_map.services.propose_sites import SiteProposal
from yingji_map.services.size_supplies import SupplyLine, SupplySizing


class SiteBody(BaseModel):
    """A settlement to put the next one into, and what it adds to those before it."""

    rank: int
    id: str
    name: str
    lon: float
    lat: float
    gain_persons: int
    gain_km2: float


class SiteProposalBody(BaseModel):
    """The best sites; no choice of as many covers more new people than `bound_persons`."""

    layer: str
    minutes: int
    profile: ProfileId
    people_persons: int
    covered_before_persons: int
    covered_after_persons: int
    bound_persons: int
    is_optimal: bool
    sites: list[SiteBody]
    closures: list[AppliedClosure]


class DrawBody(BaseModel):
    """What one depot gives."""

    id: str
    name: str
    tier: str
    quantity: int
    travel_time_s: float


class SupplyLineBody(BaseModel):
    """One item; `needed` and `missing` are null where the standard has no number."""

    item: str
    title: Title
    unit: str
    per_person: float | None
    source: str
    is_verified: bool
    needed: int | None
    reachable_stock: int
    missing: int | None
    draws: list[DrawBody]


class SupplySizingBody(BaseModel):
    """Needs, stocks drawn on tier by tier, and what is missing."""

    people: int
    days: int
    profile: ProfileId
    lines: list[SupplyLineBody]
    out_of_reach: list[str] = Field(description="Depots without a way to the place.")
    last_arrival_s: float | None
    relief_hours: float | None
    is_in_time: bool | None
    closures: list[AppliedClosure]


def site_proposal(found: SiteProposal) -> SiteProposalBody:
    """Represent the sites."""
    query, siting = found.query, found.siting
    return SiteProposalBody(
        layer=query.layer_id,
        minutes=query.minutes,
        profile=query.profile,
        people_persons=found.people_persons,
        covered_before_persons=found.covered_before_persons,
        covered_after_persons=found.covered_before_persons + siting.covered,
        bound_persons=siting.bound,
        is_optimal=siting.is_proven,
        sites=[
            SiteBody(
                rank=one.rank,
                id=one.key,
                name=one.name,
                lon=one.lon,
                lat=one.lat,
                gain_persons=one.gain_persons,
                gain_km2=round(one.gain_km2, 2),
            )
            for one in found.sites
        ],
        closures=closures_of(found.gathered.applied, ()).applied,
    )


def supply_sizing(found: SupplySizing) -> SupplySizingBody:
    """Represent the sizing; in time means the last draw arrives within the relief hours."""
    hours, last = found.standard.relief_hours.value, found.last_arrival_s
    return SupplySizingBody(
        people=found.query.people,
        days=found.query.days,
        profile=found.query.profile,
        lines=[_line(one) for one in found.lines],
        out_of_reach=list(found.out_of_reach),
        last_arrival_s=last,
        relief_hours=hours,
        is_in_time=None if hours is None or last is None else last <= hours * 3600,
        closures=closures_of(found.gathered.applied, ()).applied,
    )


def _line(one: SupplyLine) -> SupplyLineBody:
    norm = one.item.per_person
    return SupplyLineBody(
        item=one.item.field,
        title=one.item.title,
        unit=one.item.unit,
        per_person=norm.value,
        source=norm.source,
        is_verified=norm.is_verified,
        needed=one.needed,
        reachable_stock=one.reachable_stock,
        missing=one.missing,
        draws=[
            DrawBody(
                id=draw.depot_key,
                name=draw.depot_name,
                tier=draw.tier,
                quantity=draw.quantity,
                travel_time_s=draw.travel_time_s,
            )
            for draw in one.draws
        ],
    )
