"""What an evacuation plan is: who goes where, how long it takes, who has no place and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.network import ProfileId
from yingji_map.domain.risk import RiskLevel

MAX_MINUTES = 24 * 60
DEFAULT_MINUTES = 120
# How much longer all may travel together so that villages stay together. A planning figure.
DEFAULT_TOGETHER_RATIO = 0.05
# For people on the move; the page docs/how-to/plan-an-evacuation.md says what follows from it.
DEFAULT_PROFILE = ProfileId.CAR


class Unplaced(StrEnum):
    """Why people have no place."""

    FULL = "full"
    CUT_OFF = "cut_off"
    BEYOND_LIMIT = "beyond_limit"
    IN_DANGER = "in_danger"
    NO_ROUTE = "no_route"
    OFF_NETWORK = "off_network"


class ShelterState(StrEnum):
    """Whether a shelter may be used, and why not."""

    USABLE = "usable"
    CLOSED = "closed"
    IN_ZONE = "in_zone"
    IN_RISK_CELL = "in_risk_cell"
    OFF_NETWORK = "off_network"
    NO_CAPACITY = "no_capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidedRisk:
    """Shelters in cells of a hazard at this level or above are not used."""

    hazard: str
    level: RiskLevel = RiskLevel.ORANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """Who must leave and what to reckon with.

    Exactly one of `zone`, `warning_id`, `settlement_keys` and `everybody` says who: the settlements
    inside the zone, those named, or all. A zone, also that of a warning, threatens the shelters inside it.
    """

    zone: BaseGeometry | None = None
    warning_id: str | None = None
    settlement_keys: tuple[str, ...] = ()
    everybody: bool = False
    profile: ProfileId = DEFAULT_PROFILE
    minutes: int = DEFAULT_MINUTES
    avoid: AvoidedRisk | None = None
    together_ratio: float = DEFAULT_TOGETHER_RATIO
    closures: ClosureChoice = THOSE_IN_FORCE

    def digest(self) -> str:
        """Return a hash of the content, to tell a repeated request from another one."""
        own = self.closures.place.shape
        shapes = [b"" if one is None else shapely.to_wkb(one) for one in (self.zone, own)]
        rest = (
            self.warning_id,
            self.settlement_keys,
            self.everybody,
            self.profile.value,
            self.minutes,
            self.avoid and (self.avoid.hazard, int(self.avoid.level)),
            self.together_ratio,
            self.closures.with_in_force,
            self.closures.ids,
            self.closures.place.road_codes,
        )
        return hashlib.sha256(b"\0".join((*shapes, repr(rest).encode()))).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """People of one settlement who go to one shelter; `line` is the way, longitude first."""

    shelter_key: str
    shelter_name: str
    persons: int
    travel_time_s: float
    distance_m: float
    walk_m: float
    line: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """One settlement: where its people go, and how many have no place and why."""

    key: str
    name: str
    lon: float
    lat: float
    people_persons: int
    snap_distance_m: float
    moves: tuple[Move, ...]
    unplaced_persons: int
    reason: Unplaced | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelterPlan:
    """One shelter: whether it may be used and how full it gets."""

    key: str
    name: str
    lon: float
    lat: float
    capacity_persons: int
    assigned_persons: int
    state: ShelterState


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why no plan is better.

    Attributes
    ----------
    best_person_s, bound_person_s
        Sum of travel times of the best assignment, and what every assignment that places as many
        costs at least; equal when `is_optimal`.
    most_placed_persons
        No plan places more people.
    plan_person_s
        Of this plan, which may cost more so that villages stay together.
    split_settlements_best, split_settlements
        Settlements that go to more than one shelter, in the best assignment and in this plan.
    """

    is_optimal: bool
    most_placed_persons: int
    best_person_s: float
    bound_person_s: float
    plan_person_s: float
    split_settlements_best: int
    split_settlements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBasis:
    """What the plan rests on, so that it can be made again."""

    layer_versions: Mapping[str, int]
    run_id: str | None
    closures: tuple[str, ...]
    closure_reasons: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvacuationPlan:
    """A plan that was made at one moment; it never changes, a new situation asks for a new one."""

    zone: Mapping[str, object] | None
    warning_id: str | None
    profile: ProfileId
    minutes: int
    avoid_hazard: str | None
    avoid_level: int | None
    together_ratio: float
    groups: tuple[GroupPlan, ...]
    shelters: tuple[ShelterPlan, ...]
    proof: Proof
    basis: PlanBasis

    @property
    def people_persons(self) -> int:
        """Return how many must leave."""
        return sum(group.people_persons for group in self.groups)

    @property
    def unplaced_persons(self) -> int:
        """Return how many have no place."""
        return sum(group.unplaced_persons for group in self.groups)

    @property
    def last_arrival_s(self) -> float:
        """Return the longest trip of the plan."""
        times = [move.travel_time_s for group in self.groups for move in group.moves]
        return max(times, default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan with its number."""

    plan_id: int
    created_at: datetime
    created_via: str
    plan: EvacuationPlan


REASONS_ZH = {
    Unplaced.FULL: "够得着的场所已满",
    Unplaced.CUT_OFF: "因封路不可达",
    Unplaced.BEYOND_LIMIT: "超过时限",
    Unplaced.IN_DANGER: "够得着的场所都在危险区",
    Unplaced.NO_ROUTE: "无路可达",
    Unplaced.OFF_NETWORK: "离路太远",
}
STATES_ZH = {
    ShelterState.USABLE: "可用",
    ShelterState.CLOSED: "未开放",
    ShelterState.IN_ZONE: "在危险区内",
    ShelterState.IN_RISK_CELL: "在高风险格内",
    ShelterState.OFF_NETWORK: "离路太远",
    ShelterState.NO_CAPACITY: "容量为零",
}
