"""Evaluate all shelters in five dimensions, and find the people for whom there is no place."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from yingji_map.domain.closure import THOSE_IN_FORCE, ClosureChoice
from yingji_map.domain.evacuation import (
    DEFAULT_MINUTES,
    AvoidedRisk,
    PlanRequest,
    Unplaced,
)
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.domain.shelter_evaluation import Dimension, Finding, Verdict, joined
from yingji_map.domain.standard import ShelterStandard
from yingji_map.engine.assignment import FORBIDDEN, assign_people
from yingji_map.engine.nearest import find_nearest
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.engine.targets import prepare_targets
from yingji_map.services.gather_evacuation import GatherEvacuation, Situation
from yingji_map.services.judge_shelter import ShelterFacts, findings_of
from yingji_map.services.name_unplaced import reason_of
from yingji_map.store.features import read_features
from yingji_map.store.layers import find_layer_states

FLOOD_LAYER = "flood_zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationQuery:
    """The question; people walk unless another profile is asked for."""

    profile: ProfileId = ProfileId.FOOT
    minutes: int = DEFAULT_MINUTES
    avoid: AvoidedRisk | None = None
    closures: ClosureChoice = THOSE_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedShelter:
    """One shelter with what was found; `verdicts` holds all five dimensions."""

    key: str
    name: str
    lon: float
    lat: float
    facts: ShelterFacts
    findings: tuple[Finding, ...]

    @property
    def verdicts(self) -> dict[Dimension, Verdict]:
        """Return the verdict of each dimension."""
        return {
            dimension: joined([one.verdict for one in self.findings if one.dimension is dimension])
            for dimension in Dimension
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutPlace:
    """People of a settlement for whom no usable shelter within the time has room."""

    key: str
    name: str
    lon: float
    lat: float
    people_persons: int
    unplaced_persons: int
    reason: Unplaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All shelters; with the best assignment of everybody (proven) so many have no place."""

    query: EvaluationQuery
    situation: Situation
    shelters: tuple[EvaluatedShelter, ...]
    without_place: tuple[WithoutPlace, ...]
    people_persons: int
    is_proven: bool

    @property
    def standardised(self) -> int:
        """Return how many shelters are standardised."""
        return sum(one.facts.values.get("is_standardised") is True for one in self.shelters)

    def counts(self, dimension: Dimension) -> Counter[Verdict]:
        """Return how many shelters have each verdict."""
        return Counter(one.verdicts[dimension] for one in self.shelters)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateShelters:
    """Judge shelters by the standard's tables and by the people around them."""

    gather: GatherEvacuation
    standard: ShelterStandard

    def run(self, query: EvaluationQuery) -> Evaluation:
        """Return the evaluation of all shelters.

        Raises
        ------
        InvalidParameter
            A number makes no sense.
        ClosureNotFound, RunNotFound, HazardNotFound
            What is referred to does not exist.
        NotReady
            There are no roads, settlements or shelters.
        """
        request = PlanRequest(
            everybody=True,
            profile=query.profile,
            minutes=query.minutes,
            avoid=query.avoid,
            closures=query.closures,
        )
        situation = self.gather.run(request)
        limit_ds = query.minutes * 600
        times = situation.times_ds.astype(np.int64)
        times[times > limit_ds] = FORBIDDEN
        times[:, ~situation.is_usable] = FORBIDDEN
        places = np.where(situation.is_usable, situation.capacity, 0).astype(np.int64)
        best = assign_people(times, situation.people, places)
        return Evaluation(
            query=query,
            situation=situation,
            shelters=self._judged(situation),
            without_place=tuple(
                _without_place(situation, row, int(best.unplaced[row]), limit_ds)
                for row in np.flatnonzero(best.unplaced).tolist()
            ),
            people_persons=int(situation.people.sum()),
            is_proven=best.is_proven,
        )

    def _judged(self, situation: Situation) -> tuple[EvaluatedShelter, ...]:
        table = situation.shelters.table
        times = np.where(situation.is_usable, situation.times_ds, UNREACHED)
        nearest = np.where(times.min(axis=1) < UNREACHED, times.argmin(axis=1), -1)
        floods = self._flood_zones(situation)
        shelters = []
        for row, key in enumerate(table.keys):
            served = np.flatnonzero(nearest == row)
            facts = ShelterFacts(
                values={name: column[row] for name, column in table.columns.items()},
                state=situation.states[row],
                served_persons=int(situation.people[served].sum()),
                served_settlements=len(served),
                farthest_m=_farthest_m(situation, row, served),
                flood_zones=None if floods is None else int(floods[row]),
            )
            shelters.append(
                EvaluatedShelter(
                    key=key,
                    name=situation.shelters.name(row),
                    lon=table.geometry[row].x,
                    lat=table.geometry[row].y,
                    facts=facts,
                    findings=findings_of(facts, self.standard),
                )
            )
        return tuple(shelters)

    def _flood_zones(
        self, situation: Situation
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
        definition = self.gather.catalogue.get(FLOOD_LAYER)
        with self.gather.store.read() as tx:
            state = find_layer_states(tx).get(FLOOD_LAYER)
            if definition is None or state is None or state.row_count == 0:
                return None
            zones = read_features(tx, definition, columns=()).geometry
        points = situation.shelters.table.geometry
        inside = shapely.STRtree(zones).query(points, predicate="intersects")[0]
        return np.bincount(inside, minlength=len(points)).astype(np.int64)


def _farthest_m(
    situation: Situation, shelter: int, served: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> float | None:
    """Return the length of the way from the served settlement that takes longest."""
    if len(served) == 0:
        return None
    last = served[int(situation.times_ds[served, shelter].argmax())]
    there = situation.shelter_snaps.take(slice(shelter, shelter + 1))
    closed = situation.applied.closed
    targets = prepare_targets(situation.network, Direction.FROM, there, closed)
    origin = situation.snaps.take(slice(last, last + 1))
    found = find_nearest(situation.network, origin, targets, k=1).found
    return found[0].trip.distance_m


def _without_place(situation: Situation, row: int, unplaced: int, limit_ds: int) -> WithoutPlace:
    table, settlement = situation.settlements.table, int(situation.rows[row])
    return WithoutPlace(
        key=table.keys[settlement],
        name=situation.settlements.name(settlement),
        lon=table.geometry[settlement].x,
        lat=table.geometry[settlement].y,
        people_persons=int(situation.people[row]),
        unplaced_persons=unplaced,
        reason=reason_of(situation, row, limit_ds),
    )
