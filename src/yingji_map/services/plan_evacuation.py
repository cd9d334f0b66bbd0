"""Plan an evacuation: everybody to a safe shelter with room, proven the best, or named with the reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from yingji_map.domain.errors import IdempotencyKeyReused
from yingji_map.domain.evacuation import (
    EvacuationPlan,
    GroupPlan,
    Move,
    PlanBasis,
    PlanRequest,
    Proof,
    SavedPlan,
    ShelterPlan,
)
from yingji_map.domain.idempotency import check_key
from yingji_map.domain.network import Direction, LegMode
from yingji_map.engine.assignment import FORBIDDEN, assign_people
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.targets import prepare_targets
from yingji_map.engine.together import Together, keep_together, split_count
from yingji_map.services.gather_evacuation import GatherEvacuation, Situation
from yingji_map.services.name_unplaced import reason_of
from yingji_map.store.database import Store, Transaction
from yingji_map.store.evacuation import PlanRow, find_plan, find_plans, save_plan
from yingji_map.store.idempotency import KeyUse, claim_key, find_key

_OPERATION = "plan_evacuation"
_DS_PER_S, _DS_PER_MINUTE = 10, 600
_DEGREE_DECIMALS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEvacuation:
    """Make evacuation plans and keep them."""

    store: Store
    gather: GatherEvacuation
    clock: Callable[[], datetime]

    def run(
        self, request: PlanRequest, *, via: str, idempotency_key: str | None = None
    ) -> SavedPlan:
        """Make a plan and save it; the same key and content again give the same one.

        Raises
        ------
        InvalidParameter, InvalidGeometry
            Nobody or too many are asked for, or a number makes no sense.
        WarningNotFound, ClosureNotFound, RunNotFound, HazardNotFound
            What is referred to does not exist.
        IdempotencyKeyReused
            The key was used with other content.
        NotReady
            There are no roads, settlements or shelters.
        """
        if idempotency_key is None:
            plan = plan_of(request, self.gather.run(request))
            with self.store.transaction() as tx:
                return find_plan(tx, save_plan(tx, plan, self.clock(), via))
        key = check_key(idempotency_key)
        with self.store.read() as tx:
            earlier = _earlier(tx, key, request)
        if earlier is not None:
            return earlier
        plan = plan_of(request, self.gather.run(request))
        try:
            return self._once(plan, request, key, via)
        except _CameTwice:
            return self.run(request, via=via, idempotency_key=key)

    def _once(self, plan: EvacuationPlan, request: PlanRequest, key: str, via: str) -> SavedPlan:
        with self.store.transaction() as tx:
            plan_id = save_plan(tx, plan, self.clock(), via)
            use = KeyUse(key=key, body_hash=request.digest(), result_id=str(plan_id))
            if claim_key(tx, _OPERATION, use) != use:
                raise _CameTwice  # and what was saved here is taken back
            return find_plan(tx, plan_id)

    def one(self, plan_id: int) -> SavedPlan:
        """Return a plan as it was made.

        Raises
        ------
        PlanNotFound
            There is none.
        """
        with self.store.read() as tx:
            return find_plan(tx, plan_id)

    def all(self, *, limit: int, before: int | None = None) -> list[PlanRow]:
        """Return plans, the newest first."""
        with self.store.read() as tx:
            return find_plans(tx, limit=limit, before=before)


class _CameTwice(Exception):
    """The same request was being saved at the same time."""


def _earlier(tx: Transaction, key: str, request: PlanRequest) -> SavedPlan | None:
    found = find_key(tx, _OPERATION, key)
    if found is not None and found.body_hash != request.digest():
        raise IdempotencyKeyReused(key=key)
    return None if found is None else find_plan(tx, int(found.result_id))


def plan_of(request: PlanRequest, situation: Situation) -> EvacuationPlan:
    """Return the best plan for a situation."""
    limit_ds = request.minutes * _DS_PER_MINUTE
    is_usable = situation.is_usable
    times = situation.times_ds.astype(np.int64)
    times[times > limit_ds] = FORBIDDEN
    times[:, ~is_usable] = FORBIDDEN
    places = np.where(is_usable, situation.capacity, 0).astype(np.int64)
    best = assign_people(times, situation.people, places)
    together = keep_together(times, situation.people, places, best, request.together_ratio)
    return EvacuationPlan(
        zone=situation.zone_document,
        warning_id=request.warning_id,
        profile=request.profile,
        minutes=request.minutes,
        avoid_hazard=request.avoid.hazard if request.avoid else None,
        avoid_level=int(request.avoid.level) if request.avoid else None,
        together_ratio=request.together_ratio,
        groups=tuple(
            _group(situation, row, together, limit_ds) for row in range(len(situation.rows))
        ),
        shelters=_shelters(situation, together),
        proof=_proof(situation, together),
        basis=PlanBasis(
            layer_versions=situation.versions,
            run_id=situation.run_id,
            closures=situation.applied.names,
            closure_reasons=situation.applied.reasons,
        ),
    )


def _group(situation: Situation, row: int, together: Together, limit_ds: int) -> GroupPlan:
    table, settlement = situation.settlements.table, int(situation.rows[row])
    unplaced = int(together.unplaced[row])
    return GroupPlan(
        key=table.keys[settlement],
        name=situation.settlements.name(settlement),
        lon=table.geometry[settlement].x,
        lat=table.geometry[settlement].y,
        people_persons=int(situation.people[row]),
        snap_distance_m=round(float(situation.snaps.distance_m[row]), 1),
        moves=_moves(situation, row, together),
        unplaced_persons=unplaced,
        reason=reason_of(situation, row, limit_ds) if unplaced else None,
    )


def _moves(situation: Situation, row: int, together: Together) -> tuple[Move, ...]:
    chosen = np.flatnonzero(together.flow[row])
    if len(chosen) == 0:
        return ()
    network, closed = situation.network, situation.applied.closed
    there = situation.shelter_snaps.take(chosen)
    targets = prepare_targets(network, Direction.FROM, there, closed)
    origin = situation.snaps.take(slice(row, row + 1))
    found = find_nearest(network, origin, targets, k=len(chosen)).found
    moves = []
    for one in found:
        shelter = int(chosen[one.target])
        walks = [leg.distance_m for leg in one.trip.legs if leg.mode is LegMode.WALK]
        moves.append(
            Move(
                shelter_key=situation.shelters.table.keys[shelter],
                shelter_name=situation.shelters.name(shelter),
                persons=int(together.flow[row, shelter]),
                travel_time_s=one.trip.travel_time_s,
                distance_m=round(one.trip.distance_m, 1),
                walk_m=round(sum(walks), 1),
                line=tuple(
                    (round(lon, _DEGREE_DECIMALS), round(lat, _DEGREE_DECIMALS))
                    for lon, lat in one.trip.coordinates.tolist()
                ),
            )
        )
    return tuple(sorted(moves, key=lambda move: (-move.persons, move.shelter_key)))


def _shelters(situation: Situation, together: Together) -> tuple[ShelterPlan, ...]:
    table, assigned = situation.shelters.table, together.flow.sum(axis=0)
    return tuple(
        ShelterPlan(
            key=table.keys[row],
            name=situation.shelters.name(row),
            lon=table.geometry[row].x,
            lat=table.geometry[row].y,
            capacity_persons=int(situation.capacity[row]),
            assigned_persons=int(assigned[row]),
            state=state,
        )
        for row, state in enumerate(situation.states)
    )


def _proof(situation: Situation, together: Together) -> Proof:
    best = together.best
    unplaced = int(best.unplaced.sum())
    return Proof(
        is_optimal=best.is_proven,
        most_placed_persons=int(situation.people.sum()) - unplaced,
        best_person_s=best.cost / _DS_PER_S,
        bound_person_s=(best.bound - best.penalty * unplaced) / _DS_PER_S,
        plan_person_s=together.cost / _DS_PER_S,
        split_settlements_best=split_count(best.flow),
        split_settlements=split_count(together.flow),
    )
