"""Bodies that every answer about trips shares: a place on the road, legs, the line."""

from typing import Literal

from pydantic import BaseModel

from yingji_map.domain.network import LegMode, Trip

_DEGREE_DECIMALS = 7  # 1 cm


class Origin(BaseModel):
    """The point asked about, and how far it is from the road it was put on."""

    lon: float
    lat: float
    snap_distance_m: float


class RouteLine(BaseModel):
    """GeoJSON LineString in the order of travel."""

    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]]


class RouteLeg(BaseModel):
    """A part of the trip: `walk` straight across country, or `road`."""

    mode: LegMode
    distance_m: float
    travel_time_s: float


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
