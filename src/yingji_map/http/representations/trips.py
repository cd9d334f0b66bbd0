"""Bodies that every answer about trips shares: a place on the road, legs, the line."""

from typing import Literal

from pydantic import BaseModel, Field

from yingji_map.domain.closure import IN_FORCE
from yingji_map.domain.network import LegMode, Trip
from yingji_map.services.keep_closures import AppliedClosures

_DEGREE_DECIMALS = 7  # 1 cm
CLOSURES_HELP = (
    "in_force（缺省）、none、封路编号、road:路段编号，逗号分隔；或 GeoJSON 面、线 / "
    "in_force, none, ids, road:<code>, or a GeoJSON area or line closed besides those in force"
)
CLOSURES_FIELD = Field(default=IN_FORCE, description=CLOSURES_HELP)


class Origin(BaseModel):
    """The point asked about, and how far it is from the road it was put on."""

    lon: float
    lat: float
    snap_distance_m: float
    is_on_closed_road: bool = Field(
        description="True: the nearest road is closed there, the next open one was taken."
    )


class RouteLine(BaseModel):
    """GeoJSON LineString in the order of travel."""

    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]]


class RouteLeg(BaseModel):
    """A part of the trip: `walk` straight across country, or `road`."""

    mode: LegMode
    distance_m: float
    travel_time_s: float


class AppliedClosure(BaseModel):
    """A closure reckoned with: its id, or `road:<code>` or `request` for the question's own."""

    id: str
    reason: str | None


class Closures(BaseModel):
    """Which closures were reckoned with, and which of them changed the answer."""

    applied: list[AppliedClosure]
    mattered: list[str]


def closures_of(applied: AppliedClosures, mattered: tuple[str, ...]) -> Closures:
    """Represent the closures of an answer."""
    return Closures(
        applied=[
            AppliedClosure(id=name, reason=reason)
            for name, reason in zip(applied.names, applied.reasons, strict=True)
        ],
        mattered=list(mattered),
    )


def legs_of(trip: Trip) -> list[RouteLeg]:
    """Represent the legs, lengths to the decimetre."""
    return [
        RouteLeg(
            mode=leg.mode,
            distance_m=round(leg.distance_m, 1),
            travel_time_s=leg.travel_time_s,
        )
        for leg in trip.legs
    ]


def line_of(trip: Trip) -> RouteLine:
    """Represent the way, places to the centimetre."""
    return RouteLine(
        coordinates=[
            (round(lon, _DEGREE_DECIMALS), round(lat, _DEGREE_DECIMALS))
            for lon, lat in trip.coordinates.tolist()
        ]
    )
