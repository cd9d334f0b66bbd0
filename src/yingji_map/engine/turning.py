"""What would change a cell's level: for every input alone, the smallest change that does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_model import CompositeModel, RiskModel, Thresholds
from yingji_map.domain.risk_numbers import Curve
from yingji_map.engine.assess import Assessment
from yingji_map.engine.classify import classify
from yingji_map.engine.composite import MemberResults, compose
from yingji_map.engine.curves import piecewise
from yingji_map.engine.evaluate import APPLIES, RawValues, evaluate

FloatArray = npt.NDArray[np.float64]
TRIGGER = "trigger"
_HALVINGS = 64  # narrows any bracket down to neighbouring floats
Points = Sequence[tuple[float, float]]
Scored = tuple[FloatArray, npt.NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One input of a cell: its value now, and the curve that says how much a change weighs."""

    id: str
    now: float
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The nearest value of one input at which the cell has another level.

    Attributes
    ----------
    raw_from, raw_to
        Value now and then, in the input's unit.
    normalised_from, normalised_to
        The same on the input's curve; their distance is how large the change is.
    level, score
        What the cell has then, computed by the functions that computed it now.
    """

    id: str
    raw_from: float
    raw_to: float
    normalised_from: float
    normalised_to: float
    level: RiskLevel
    score: float

    @property
    def size(self) -> float:
        """Return how large the change is, 0..1."""
        return abs(self.normalised_to - self.normalised_from)


def turns_of(assessment: Assessment) -> tuple[Turn, ...]:
    """Return what raises cell 0 to the next level and what lowers it, the smallest changes first.

    A cell without a score has none; an input without data has none either.
    """
    if assessment.result.state[0] != CellState.SCORED:
        return ()
    axes = _axes(assessment)
    base = _raw_values(assessment)

    def score(axis: npt.NDArray[np.intp], value: FloatArray) -> Scored:
        result = evaluate(assessment.model, _replaced(base, axes, axis, value))
        return result.score, result.level

    return _both_ways(axes, int(assessment.result.level[0]), score)


def composite_turns(
    model: CompositeModel, members: MemberResults, thresholds: Sequence[Thresholds]
) -> tuple[Turn, ...]:
    """Return what a change of one member's score would do to cell 0 of the composite.

    Parameters
    ----------
    members
        One cell.
    thresholds
        Of each member: its own level follows its score.
    """
    result = compose(model, members)
    if result.state[0] != CellState.SCORED:
        return ()
    scored = np.flatnonzero(members.state[:, 0] == CellState.SCORED)
    rows = scored.tolist()
    axes = [
        Axis(
            id=model.members[row],
            now=float(members.score[row, 0]),
            points=[(x, x) for x in (0.0, *_bounds(thresholds[row]), 1.0)],
        )
        for row in rows
    ]

    def score(axis: npt.NDArray[np.intp], value: FloatArray) -> Scored:
        wide = MemberResults(
            **{name: np.repeat(getattr(members, name), len(axis), axis=1) for name in _PARTS}
        )
        columns = np.arange(len(axis))
        wide.score[scored[axis], columns] = value
        for row in rows:
            mine = scored[axis] == row
            wide.level[row, mine] = classify(value[mine], thresholds[row])
        found = compose(model, wide)
        return found.score, found.level

    return _both_ways(axes, int(result.level[0]), score)


_PARTS = ("score", "level", "state", "confidence")


def _bounds(thresholds: Thresholds) -> tuple[float, float, float]:
    return thresholds.yellow, thresholds.orange, thresholds.red


def _axes(assessment: Assessment) -> list[Axis]:
    model, found = assessment.model, []
    for factor in model.all_factors:
        raw = assessment.measured[factor.id].raw
        if raw is not None and not np.isnan(raw[0]):
            found.append(Axis(id=factor.id, now=float(raw[0]), points=factor.curve.points))
    points, kernel = model.blocks.hazard.known_points, assessment.known_points
    if points is not None and kernel is not None and kernel.raw is not None:
        found.append(Axis(id=points.id, now=float(kernel.raw[0]), points=((0, 0), (1, 1))))
    rain = model.rain
    if assessment.trigger is not None and rain is not None and isinstance(rain.curve, Curve):
        now = float(assessment.trigger.effective_mm[0])
        if not np.isnan(now):
            found.append(Axis(id=TRIGGER, now=now, points=rain.curve.points))
    return found


def _raw_values(assessment: Assessment) -> RawValues:
    kernel = assessment.known_points
    return RawValues(
        factors={n: m.raw[:1] for n, m in assessment.measured.items() if m.raw is not None},
        known_points=kernel.raw[:1] if kernel is not None and kernel.raw is not None else None,
        applicability=np.array([APPLIES], dtype=np.int8),
        trigger=assessment.trigger.trigger[:1] if assessment.trigger else None,
    )


def _replaced(
    base: RawValues, axes: Sequence[Axis], axis: npt.NDArray[np.intp], value: FloatArray
) -> RawValues:
    count = len(axis)
    factors = {name: np.repeat(raw, count) for name, raw in base.factors.items()}
    known = None if base.known_points is None else np.repeat(base.known_points, count)
    trigger = None if base.trigger is None else np.repeat(base.trigger, count)
    for number, one in enumerate(axes):
        mine = axis == number
        if one.id in factors:
            factors[one.id][mine] = value[mine]
        elif one.id == TRIGGER and trigger is not None:
            trigger[mine] = piecewise(value[mine], one.points)
        elif known is not None:
            known[mine] = value[mine]
    return replace(
        base,
        factors=factors,
        known_points=known,
        trigger=trigger,
        applicability=np.repeat(base.applicability, count),
    )


def _both_ways(
    axes: Sequence[Axis],
    level: int,
    score: Callable[[npt.NDArray[np.intp], FloatArray], Scored],
) -> tuple[Turn, ...]:
    raising = [] if level == RiskLevel.RED else _turns(axes, score, lambda found: found > level)
    lowering = [] if level == RiskLevel.BLUE else _turns(axes, score, lambda found: found < level)
    return (
        *sorted(raising, key=lambda turn: turn.size),
        *sorted(lowering, key=lambda turn: turn.size),
    )


def _turns(
    axes: Sequence[Axis],
    score: Callable[[npt.NDArray[np.intp], FloatArray], Scored],
    is_reached: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.bool_]],
) -> list[Turn]:
    stretches = [(n, *ends) for n, one in enumerate(axes) for ends in _stretches(one)]
    if not stretches:
        return []
    axis = np.array([number for number, _, _ in stretches], dtype=np.intp)
    near = np.array([start for _, start, _ in stretches])
    far = np.array([end for _, _, end in stretches])
    # Between two knots of its curve an input pushes one way only: the ends tell whether it turns.
    crosses = is_reached(score(axis, far)[1]) & ~is_reached(score(axis, near)[1])
    axis, near, far = axis[crosses], near[crosses], far[crosses]
    for _ in range(_HALVINGS if len(axis) else 0):
        middle = near + (far - near) / 2
        reached = is_reached(score(axis, middle)[1])
        near, far = np.where(reached, near, middle), np.where(reached, middle, far)
    scores, levels = score(axis, far)
    best: dict[int, Turn] = {}
    for row, number in enumerate(axis.tolist()):
        turn = _turn(axes[number], float(far[row]), (float(scores[row]), int(levels[row])))
        if number not in best or turn.size < best[number].size:
            best[number] = turn
    return list(best.values())


def _stretches(axis: Axis) -> list[tuple[float, float]]:
    """Return the pieces of the curve on both sides of the value, each from near to far."""
    knots = [value for value, _ in axis.points]
    above = [axis.now, *(value for value in knots if value > axis.now)]
    below = [axis.now, *(value for value in reversed(knots) if value < axis.now)]
    return [*pairwise(above), *pairwise(below)]


def _turn(axis: Axis, to: float, then: tuple[float, int]) -> Turn:
    before, after = piecewise(np.array([axis.now, to]), axis.points)
    return Turn(
        id=axis.id,
        raw_from=axis.now,
        raw_to=to,
        normalised_from=float(before),
        normalised_to=float(after),
        score=then[0],
        level=RiskLevel(then[1]),
    )


def axis_units(model: RiskModel) -> dict[str, str]:
    """Return the unit of every input of a model."""
    return {**{f.id: f.unit for f in model.all_factors}, TRIGGER: "mm"}
