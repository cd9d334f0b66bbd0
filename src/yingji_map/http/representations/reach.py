"""Bodies of `/v1/reach/route` and `/v1/reach/matrix`."""

from pydantic import BaseModel, Field

from yingji_map.domain.network import OFF_PATH_KM_H, SNAP_LIMIT_M, ProfileId
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.snapping import Snaps
from yingji_map.http.representations.trips import Origin, RouteLeg, RouteLine, legs_of, line_of
from yingji_map.services.find_route import MatrixAnswer, MatrixQuery, RouteAnswer

Position = tuple[float, float]


class RoadAssumptions(BaseModel):
    """What the numbers rest on; docs/explanation/travel-time.md explains it."""

    off_road_walking_km_h: float
    snap_limit_m: float
    road_version: int
    is_road_version_current: bool


class Route(BaseModel):
    """The quickest way; without one `is_reachable` is false and the rest of it is null."""

    start: Origin
    end: Origin
    profile: ProfileId
    is_reachable: bool
    travel_time_s: float | None
    distance_m: float | None
    legs: list[RouteLeg]
    route: RouteLine | None
    assumptions: RoadAssumptions


class MatrixRequest(BaseModel):
    """Places as [longitude, latitude]."""

    origins: list[Position] = Field(description="[[lon, lat], …]")
    destinations: list[Position] = Field(description="[[lon, lat], …]")
    profile: ProfileId = ProfileId.CAR

    def query(self) -> MatrixQuery:
        """Return the question as a domain value."""
        return MatrixQuery(
            origins=tuple(self.origins),
            destinations=tuple(self.destinations),
            profile=self.profile,
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
    assumptions: RoadAssumptions


def route(answer: RouteAnswer) -> Route:
    """Represent a way between two places."""
    trip = answer.trip
    return Route(
        start=_places(answer.start)[0],
        end=_places(answer.end)[0],
        profile=answer.query.profile,
        is_reachable=trip is not None,
        travel_time_s=trip.travel_time_s if trip else None,
        distance_m=round(trip.distance_m, 1) if trip else None,
        legs=legs_of(trip) if trip else [],
        route=line_of(trip) if trip else None,
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
        )
        for (lon, lat), distance_m, edge in zip(
            snaps.places.tolist(), snaps.distance_m, snaps.edge, strict=True
        )
    ]
