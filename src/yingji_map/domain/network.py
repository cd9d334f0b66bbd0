"""What a trip is: who travels, how fast, on which roads, and which way round."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from yingji_map.domain.layer import Title

Floats = npt.NDArray[np.float64]


class ProfileId(StrEnum):
    """Ways of travelling that the road network knows."""

    CAR = "car"
    FIRE_ENGINE = "fire_engine"
    RESCUE = "rescue"
    FOOT = "foot"


class Direction(StrEnum):
    """Which way the trip goes, seen from the point asked about."""

    FROM = "from"
    TO = "to"


class TravelMode(StrEnum):
    """How far off the road is reached.

    `road`: a straight walk of at most 3 km between road and place, whatever the ground. `drive_walk`:
    on the road, then cell by cell across country, slower on slopes, not through water or cliffs.
    """

    ROAD = "road"
    DRIVE_WALK = "drive_walk"


class LegMode(StrEnum):
    """How one leg of a trip is made: straight across country on foot, or on the road."""

    WALK = "walk"
    ROAD = "road"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its source; `is_verified` is False for assumptions and recalled clauses."""

    value: float
    source: str
    is_verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way of travelling.

    Attributes
    ----------
    speed_share
        Share of a road's own driving speed that is reached, 0..1.
    top_speed_km_h
        Never faster than this; for walkers it is the speed.
    obeys_oneway
        False for those whom the law frees from it.
    least_width_m
        Roads known to be narrower cannot be used; an unknown width can.
    """

    id: ProfileId
    title: Title
    speed_share: Figure
    top_speed_km_h: Figure | None
    obeys_oneway: bool
    oneway_source: str
    least_width_m: Figure | None = None

    def speeds_km_h(self, road_speed_km_h: Floats) -> Floats:
        """Return the speed on each road, `(n,)` km/h; NaN where the road's speed is unknown."""
        speeds = road_speed_km_h * self.speed_share.value
        return (
            speeds if self.top_speed_km_h is None else np.minimum(speeds, self.top_speed_km_h.value)
        )

    def fits(self, width_m: Floats) -> npt.NDArray[np.bool_]:
        """Return whether each road is wide enough, `(n,)`; an unknown width (NaN) is."""
        if self.least_width_m is None:
            return np.ones(len(width_m), dtype=bool)
        return ~(width_m < self.least_width_m.value)


_AS_POSTED = Figure(value=1.0, source="road.speed_km_h of the road itself", is_verified=True)
WALKING_KM_H = Figure(value=4.0, source="assumption: a family with children and old people")
_LAW_53 = (
    "《道路交通安全法》第五十三条: on urgent duty not bound to the driving direction (recalled)"
)
_LAW_ALL = "《道路交通安全法》: one-way roads bind ordinary vehicles (recalled)"

# Speeds are planning figures. Where no standard gives one, the source says so, and the page
# docs/explanation/travel-time.md tells the reader to calibrate with the county's own drives.
PROFILES: dict[ProfileId, Profile] = {
    profile.id: profile
    for profile in (
        Profile(
            id=ProfileId.CAR,
            title=Title(zh="小汽车", en="Car"),
            speed_share=_AS_POSTED,
            top_speed_km_h=None,
            obeys_oneway=True,
            oneway_source=_LAW_ALL,
        ),
        Profile(
            id=ProfileId.FIRE_ENGINE,
            title=Title(zh="消防车", en="Fire engine"),
            speed_share=Figure(value=0.8, source="assumption: a laden lorry on mountain roads"),
            top_speed_km_h=Figure(value=60, source="assumption: a laden lorry"),
            obeys_oneway=False,
            oneway_source=_LAW_53,
            least_width_m=Figure(
                value=3.0,
                source="GB 1589-2016 vehicle width 2.55 m (recalled) + 0.2 m on each side, assumed",
            ),
        ),
        Profile(
            id=ProfileId.RESCUE,
            title=Title(zh="救援车", en="Rescue vehicle"),
            speed_share=_AS_POSTED,
            top_speed_km_h=Figure(value=80, source="assumption: a loaded pick-up"),
            obeys_oneway=False,
            oneway_source=_LAW_53,
        ),
        Profile(
            id=ProfileId.FOOT,
            title=Title(zh="步行", en="On foot"),
            speed_share=_AS_POSTED,
            top_speed_km_h=WALKING_KM_H,
            obeys_oneway=False,
            oneway_source="one-way signs do not bind walkers",
        ),
    )
}

# Source: Tobler 1993, Three presentations on geographical analysis and modeling, NCGIA 93-1:
# off-path travel at 0.6 of the speed on a path (recalled).
OFF_PATH_SHARE = Figure(value=0.6, source="Tobler 1993, off-path multiplier (recalled)")
OFF_PATH_KM_H = WALKING_KM_H.value * OFF_PATH_SHARE.value
DS_PER_M_AT_1_KM_H = 36.0  # deciseconds for one metre at 1 km/h

# Source: Tobler 1993 (as above): speed falls with exp(-3.5 |slope + 0.05|), fastest at 5 % downhill.
TOBLER_DECAY, TOBLER_BEST_SLOPE = 3.5, -0.05
CLIFF_SLOPE = Figure(value=1.0, source="assumption: nobody walks ground steeper than 45 degrees")
# Rivers from this order on cannot be waded; smaller ones can, in doubt from stone to stone.
UNFORDABLE_ORDER = Figure(value=4, source="assumption: a river of Strahler order 4 is too wide")

SNAP_LIMIT_M = 3000.0  # beyond it a straight walk to the road says nothing; an assumption
MAX_NEAREST = 50
MAX_MATRIX_CELLS = 10_000  # pairs in one question; a second or two on a county's network

# People go to shelters and depots; teams come to people.
COMING_LAYERS = frozenset({"rescue_team"})
# A boolean field that says whether a place can be used; only an explicit “no” excludes it.
AVAILABILITY_FIELD = "is_open"


def default_direction(layer_id: str) -> Direction:
    """Return which way trips to or from this layer go when the caller does not say."""
    return Direction.TO if layer_id in COMING_LAYERS else Direction.FROM


def off_path_ds(distance_m: Floats) -> npt.NDArray[np.int32]:
    """Return how long a straight walk off the road takes, `(n,)` whole deciseconds."""
    return np.rint(distance_m * (DS_PER_M_AT_1_KM_H / OFF_PATH_KM_H)).astype(np.int32)


def slope_factor(slope: Floats) -> Floats:
    """Return how much longer a walk takes than on the flat, `(n,)`, by slope in its direction."""
    best = -TOBLER_BEST_SLOPE
    return np.exp(TOBLER_DECAY * (np.abs(slope + best) - best))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of a trip made in one way."""

    mode: LegMode
    distance_m: float
    travel_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A way from one place to another.

    Attributes
    ----------
    travel_time_s, distance_m
        Sums over `legs`.
    legs
        In the order of travel.
    coordinates
        `(n, 2)` longitude, latitude in the order of travel; the first and the last are the places.
    """

    travel_time_s: float
    distance_m: float
    legs: tuple[Leg, ...]
    coordinates: Floats

    def reversed(self) -> "Trip":
        """Return the same way in the other direction of travel."""
        return replace(self, legs=self.legs[::-1], coordinates=self.coordinates[::-1])
