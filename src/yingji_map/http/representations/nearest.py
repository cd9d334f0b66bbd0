"""Bodies of `/v1/nearest`."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from yingji_map.domain.network import (
    OFF_PATH_KM_H,
    SNAP_LIMIT_M,
    Direction,
    ProfileId,
)
from yingji_map.http.representations.trips import (
    CLOSURES_FIELD,
    Closures,
    Origin,
    RouteLeg,
    RouteLine,
    closures_of,
    legs_of,
    line_of,
)
from yingji_map.services.find_nearest import Exclusion, NearestAnswer, NearPlace

PropertyValue = str | int | float | bool | datetime | date | None


class NearestRequest(BaseModel):
    """The question with its point as GeoJSON."""

    geometry: dict[str, object] = Field(description="GeoJSON Point，经度在前 / longitude first")
    layer: str
    k: int = 3
    profile: ProfileId = ProfileId.CAR
    direction: Direction | None = None
    closures: str | dict[str, object] = CLOSURES_FIELD


class NearestResult(BaseModel):
    """One place with the trip; time and distance include the walks to and from the road."""

    rank: int
    id: str
    name: str
    lon: float
    lat: float
    properties: dict[str, PropertyValue]
    travel_time_s: float
    distance_m: float
    snap_distance_m: float
    legs: list[RouteLeg]
    route: RouteLine


class ExcludedResult(BaseModel):
    """A place that was not considered, or that cannot be reached."""

    id: str
    name: str
    reason: Exclusion
    closures: list[str] = Field(description="Closures on the way to it, when they cut it off.")


class Assumptions(BaseModel):
    """What the numbers rest on; docs/explanation/travel-time.md explains it."""

    off_road_walking_km_h: float
    snap_limit_m: float
    road_version: int
    layer_version: int
    is_road_version_current: bool


class Nearest(BaseModel):
    """The nearest places by travel time."""

    origin: Origin
    layer: str
    profile: ProfileId
    direction: Direction
    results: list[NearestResult]
    unreachable: int
    excluded: list[ExcludedResult]
    closures: Closures
    assumptions: Assumptions


def nearest(answer: NearestAnswer) -> Nearest:
    """Represent an answer; lengths to the decimetre, places to the centimetre."""
    query = answer.query
    return Nearest(
        origin=Origin(
            lon=query.lon,
            lat=query.lat,
            snap_distance_m=round(answer.origin_snap_distance_m, 1),
            is_on_closed_road=answer.is_origin_moved,
        ),
        layer=query.layer_id,
        profile=query.profile,
        direction=answer.direction,
        results=[_result(place) for place in answer.results],
        unreachable=answer.unreachable,
        excluded=[
            ExcludedResult(
                id=place.key,
                name=place.name,
                reason=place.reason,
                closures=list(place.closures),
            )
            for place in answer.excluded
        ],
        closures=closures_of(answer.applied, answer.mattered),
        assumptions=Assumptions(
            off_road_walking_km_h=round(OFF_PATH_KM_H, 3),
            snap_limit_m=SNAP_LIMIT_M,
            road_version=answer.road_version,
            layer_version=answer.layer_version,
            is_road_version_current=answer.is_network_current,
        ),
    )


def _result(place: NearPlace) -> NearestResult:
    trip = place.trip
    return NearestResult(
        rank=place.rank,
        id=place.key,
        name=place.name,
        lon=place.lon,
        lat=place.lat,
        properties=place.properties,
        travel_time_s=trip.travel_time_s,
        distance_m=round(trip.distance_m, 1),
        snap_distance_m=round(place.snap_distance_m, 1),
        legs=legs_of(trip),
        route=line_of(trip),
    )
