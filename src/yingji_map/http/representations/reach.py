"""Bodies of `/v1/reach/route` and `/v1/reach/matrix`."""

from pydantic import BaseModel, Field

from yingji_map.domain.closure import choice_of
from yingji_map.domain.network import OFF_PATH_KM_H, SNAP_LIMIT_M, ProfileId
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.http.representations.trips import (
    CLOSURES_FIELD,
    AppliedClosure,
    Closures,
    Origin,
    RouteLeg,
    RouteLine,
    closures_of,
    legs_of,
    line_of,
)
from yingji_map.services.find_route import MatrixAnswer, MatrixQuery, RouteAnswer

Position = tuple[float, float]


class RoadAssumptions(BaseModel):
    """What the numbers rest on; docs/explanation/travel-time.md explains it."""

    off_road_walking_km_h: float
    snap_limit_m: float
    road_version: int
    is_road_version_current: bool


class Route(BaseModel):
    """The quickest way; without one `is_reachable` is false and the rest of it is null.

    `delay_s` is how much longer it takes for the closures; `is_cut_off` tells that only they keep
    the trip from being made.
    """

    start: Origin
    end: Origin
    profile: ProfileId
    is_reachable: bool
    is_cut_off: bool
    delay_s: float | None
    travel_time_s: float | None
    distance_m: float | None
    legs: list[RouteLeg]
    route: RouteLine | None
    closures: Closures
    assumptions: RoadAssumptions


class MatrixRequest(BaseModel):
    """Places as [longitude, latitude]."""

    origins: list[Position] = Field(description="[[lon, lat], …]")
    destinations: list[Position] = Field(description="[[lon, lat], …]")
    profile: ProfileId = ProfileId.CAR
    closures: str | dict[str, object] = CLOSURES_FIELD

    def query(self) -> MatrixQuery:
        """Return the question as a domain value."""
        return MatrixQuery(
            origins=tuple(self.origins),
            destinations=tuple(self.destinations),
            profile=self.profile,
            closures=choice_of(self.closures),
        )


class MatrixPlace(Origin):
    """A place, and whether a usable road is within the limit."""

    is_on_network: bool


class Matrix(BaseModel):
    """Travel times, one row an origin, one column a destination; null where there is no way."""

    origins: list[MatrixPlace]
    destinations: list[MatrixPlace]
    profile: ProfileId
    travel_times_s: list[list[float | None]]
    unreachable: int = Field(description="Pairs without a way.")
    cut_off: int = Field(description="Those of them that have a way without the closures.")
    closures: list[AppliedClosure]
    assumptions: RoadAssumptions


def route(answer: RouteAnswer) -> Route:
    """Represent a way between two places."""
    trip = answer.trip
    return Route(
        start=_places(answer.start)[0],
        end=_places(answer.end)[0],
        profile=answer.query.profile,
        is_reachable=trip is not None,
        is_cut_off=answer.is_cut_off,
        delay_s=answer.delay_s,
        travel_time_s=trip.travel_time_s if trip else None,
        distance_m=round(trip.distance_m, 1) if trip else None,
        legs=legs_of(trip) if trip else [],
        route=line_of(trip) if trip else None,
        closures=closures_of(answer.applied, answer.mattered),
        assumptions=road_assumptions(answer.road_version, is_current=answer.is_network_current),
    )


def matrix(answer: MatrixAnswer) -> Matrix:
    """Represent travel times in seconds."""
    return Matrix(
        origins=_places(answer.origins),
        destinations=_places(answer.destinations),
        profile=answer.query.profile,
        travel_times_s=[
            [None if value == UNREACHED else value / 10 for value in row]
            for row in answer.times_ds.tolist()
        ],
        unreachable=int((answer.times_ds == UNREACHED).sum()),
        cut_off=answer.cut_off,
        closures=closures_of(answer.applied, ()).applied,
        assumptions=road_assumptions(answer.road_version, is_current=answer.is_network_current),
    )


def road_assumptions(road_version: int, *, is_current: bool) -> RoadAssumptions:
    """Represent what every travel time rests on."""
    return RoadAssumptions(
        off_road_walking_km_h=round(OFF_PATH_KM_H, 3),
        snap_limit_m=SNAP_LIMIT_M,
        road_version=road_version,
        is_road_version_current=is_current,
    )


def _places(snaps: Snaps) -> list[MatrixPlace]:
    return [
        MatrixPlace(
            lon=lon,
            lat=lat,
            snap_distance_m=round(float(distance_m), 1),
            is_on_network=bool(edge >= 0),
            is_on_closed_road=bool(is_moved),
        )
        for (lon, lat), distance_m, edge, is_moved in zip(
            snaps.places.tolist(), snaps.distance_m, snaps.edge, snaps.is_moved, strict=True
        )
    ]
