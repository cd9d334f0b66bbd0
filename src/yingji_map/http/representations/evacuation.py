"""Bodies of `/v1/evacuation/plans`."""

from pydantic import AwareDatetime, BaseModel

from yingji_map.domain.evacuation import SavedPlan, ShelterState, Unplaced
from yingji_map.domain.network import ProfileId
from yingji_map.domain.risk import RiskLevel
from yingji_map.http.representations.evacuation_request import AvoidBody
from yingji_map.http.representations.trips import AppliedClosure, RouteLine
from yingji_map.store.evacuation import PlanRow


class MoveBody(BaseModel):
    """People of a settlement who go to one shelter."""

    shelter: str
    name: str
    persons: int
    travel_time_s: float
    distance_m: float
    walk_m: float
    route: RouteLine


class GroupBody(BaseModel):
    """One settlement; `reason` says why some have no place."""

    id: str
    name: str
    lon: float
    lat: float
    people_persons: int
    snap_distance_m: float
    moves: list[MoveBody]
    unplaced_persons: int
    reason: Unplaced | None


class ShelterUse(BaseModel):
    """One shelter; only `usable` ones take people."""

    id: str
    name: str
    lon: float
    lat: float
    capacity_persons: int
    assigned_persons: int
    state: ShelterState


class ProofBody(BaseModel):
    """Why no plan is better: the sum of travel times equals its lower bound."""

    is_optimal: bool
    most_placed_persons: int
    best_person_s: float
    bound_person_s: float
    plan_person_s: float
    split_settlements_best: int
    split_settlements: int


class BasisBody(BaseModel):
    """What the plan rests on."""

    layer_versions: dict[str, int]
    run: str | None
    closures: list[AppliedClosure]


class TotalsBody(BaseModel):
    """The plan added up."""

    people_persons: int
    placed_persons: int
    unplaced_persons: int
    unplaced_by_reason: dict[str, int]
    last_arrival_s: float


class PlanLinks(BaseModel):
    """Addresses of the plan and its other forms."""

    self: str
    csv: str
    xlsx: str
    sheet: str


class PlanDocument(BaseModel):
    """An evacuation plan as it was made; it never changes."""

    id: str
    created_at: AwareDatetime
    created_via: str
    zone: dict[str, object] | None
    warning: str | None
    profile: ProfileId
    minutes: int
    avoid: AvoidBody | None
    together_ratio: float
    totals: TotalsBody
    groups: list[GroupBody]
    shelters: list[ShelterUse]
    proof: ProofBody
    basis: BasisBody
    links: PlanLinks


class PlanSummary(BaseModel):
    """A plan in the list."""

    id: str
    created_at: AwareDatetime
    created_via: str
    people_persons: int
    unplaced_persons: int
    links: PlanLinks


class PlanList(BaseModel):
    """Plans, the newest first; `next` is where to go on."""

    plans: list[PlanSummary]
    next: str | None


def plan_document(saved: SavedPlan) -> PlanDocument:
    """Represent a plan."""
    plan = saved.plan
    by_reason: dict[str, int] = {}
    for group in plan.groups:
        if group.reason is not None:
            by_reason[group.reason] = by_reason.get(group.reason, 0) + group.unplaced_persons
    names = zip(plan.basis.closures, plan.basis.closure_reasons, strict=True)
    avoid = None
    if plan.avoid_hazard is not None and plan.avoid_level is not None:
        level = RiskLevel(plan.avoid_level).name.lower()
        avoid = AvoidBody.model_validate({"hazard": plan.avoid_hazard, "level": level})
    return PlanDocument(
        id=str(saved.plan_id),
        created_at=saved.created_at,
        created_via=saved.created_via,
        zone=None if plan.zone is None else dict(plan.zone),
        warning=plan.warning_id,
        profile=plan.profile,
        minutes=plan.minutes,
        avoid=avoid,
        together_ratio=plan.together_ratio,
        totals=TotalsBody(
            people_persons=plan.people_persons,
            placed_persons=plan.people_persons - plan.unplaced_persons,
            unplaced_persons=plan.unplaced_persons,
            unplaced_by_reason=by_reason,
            last_arrival_s=plan.last_arrival_s,
        ),
        groups=_groups(saved),
        shelters=_shelters(saved),
        proof=ProofBody.model_validate(plan.proof, from_attributes=True),
        basis=BasisBody(
            layer_versions=dict(plan.basis.layer_versions),
            run=plan.basis.run_id,
            closures=[AppliedClosure(id=name, reason=reason) for name, reason in names],
        ),
        links=_links(saved.plan_id),
    )


def plan_list(rows: list[PlanRow], limit: int) -> PlanList:
    """Represent a page of plans."""
    last = rows[-1].plan_id if len(rows) == limit else None
    return PlanList(
        plans=[
            PlanSummary(
                id=str(row.plan_id),
                created_at=row.created_at,
                created_via=row.created_via,
                people_persons=row.people_persons,
                unplaced_persons=row.unplaced_persons,
                links=_links(row.plan_id),
            )
            for row in rows
        ],
        next=None if last is None else f"/v1/evacuation/plans?limit={limit}&before={last}",
    )


def _groups(saved: SavedPlan) -> list[GroupBody]:
    return [
        GroupBody(
            id=group.key,
            name=group.name,
            lon=group.lon,
            lat=group.lat,
            people_persons=group.people_persons,
            snap_distance_m=group.snap_distance_m,
            moves=[
                MoveBody(
                    shelter=move.shelter_key,
                    name=move.shelter_name,
                    persons=move.persons,
                    travel_time_s=move.travel_time_s,
                    distance_m=move.distance_m,
                    walk_m=move.walk_m,
                    route=RouteLine(coordinates=list(move.line)),
                )
                for move in group.moves
            ],
            unplaced_persons=group.unplaced_persons,
            reason=group.reason,
        )
        for group in saved.plan.groups
    ]


def _shelters(saved: SavedPlan) -> list[ShelterUse]:
    return [
        ShelterUse(
            id=one.key,
            name=one.name,
            lon=one.lon,
            lat=one.lat,
            capacity_persons=one.capacity_persons,
            assigned_persons=one.assigned_persons,
            state=one.state,
        )
        for one in saved.plan.shelters
    ]


def _links(plan_id: int) -> PlanLinks:
    here = f"/v1/evacuation/plans/{plan_id}"
    return PlanLinks(
        self=here, csv=f"{here}/table.csv", xlsx=f"{here}/table.xlsx", sheet=f"{here}/sheet"
    )
