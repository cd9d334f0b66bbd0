"""Which factor moved a score: values of one run are put in the place of another's, one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_model import CompositeModel, RiskModel
from yingji_map.engine.composite import MemberResults, compose
from yingji_map.engine.evaluate import RawValues, evaluate

FloatArray = npt.NDArray[np.float64]
MODEL, APPLICABILITY, TRIGGER = "model", "applicability", "trigger"
Causes = dict[str, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A model with what it was given on some cells."""

    model: RiskModel
    raw: RawValues


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A composite with what its members said on some cells, by member."""

    model: CompositeModel
    members: Mapping[str, MemberResults]


def attribute(origin: Judged, target: Judged) -> Causes:
    """Split `score(target) − score(origin)` of each cell among what differs.

    First the model changes with the old values, then each value that differs takes the place of the
    old one, in the model's order and in the reverse; a cause gets the mean of its two steps. The
    steps of either order add up to the whole difference, and so do their means. A cell without a
    score counts as 0.

    Parameters
    ----------
    origin, target
        The same cells in the same order.

    Returns
    -------
    dict
        `(n_cells,)` by cause: factor ids, MODEL, APPLICABILITY, TRIGGER; only what differs.

    References
    ----------
    Siegel et al. 1992, "The refined Laspeyres index": decompositions of the two extreme orders,
    averaged, leave no residue.
    """
    model, old, new = target.model, origin.raw, target.raw
    names = [n for n in (APPLICABILITY, TRIGGER) if not _equal(_part(old, n), _part(new, n))]
    points = model.blocks.hazard.known_points
    if points is not None and not _equal(old.known_points, new.known_points):
        names.append(points.id)
    ids = [factor.id for factor in model.all_factors]
    names += [name for name in ids if not _equal(old.factors.get(name), new.factors.get(name))]

    def score(replaced: frozenset[str]) -> FloatArray:
        mixed = _mixed(old, new, replaced, points.id if points else None)
        return _filled(evaluate(model, mixed).score)

    causes: Causes = {}
    if origin.model != model:
        start = _filled(evaluate(origin.model, old).score)
        causes[MODEL] = score(frozenset()) - start
    return causes | _both_ways(names, score)


def attribute_composite(origin: Composed, target: Composed) -> Causes:
    """Split the difference of two composites among their members; see `attribute`."""
    model = target.model
    missing = _unknown(len(next(iter(target.members.values())).score))
    old = {name: origin.members.get(name, missing) for name in model.members}
    names = [n for n in model.members if not _same_member(old[n], target.members[n])]

    def score(replaced: frozenset[str]) -> FloatArray:
        mixed = {n: target.members[n] if n in replaced else old[n] for n in model.members}
        return _filled(compose(model, stack_members(mixed, model.members)).score)

    causes: Causes = {}
    if origin.model != model:
        before = stack_members(origin.members, origin.model.members)
        causes[MODEL] = score(frozenset()) - _filled(compose(origin.model, before).score)
    return causes | _both_ways(names, score)


def stack_members(members: Mapping[str, MemberResults], names: Sequence[str]) -> MemberResults:
    """Return the members `(n_cells,)` each as rows, in the order of `names`."""
    chosen = [members[name] for name in names]
    return MemberResults(
        score=np.stack([m.score for m in chosen]),
        level=np.stack([m.level for m in chosen]),
        state=np.stack([m.state for m in chosen]),
        confidence=np.stack([m.confidence for m in chosen]),
    )


def _both_ways(names: Sequence[str], score: Callable[[frozenset[str]], FloatArray]) -> Causes:
    forward, backward = _steps(names, score), _steps(names[::-1], score)
    return {name: (forward[name] + backward[name]) / 2 for name in names}


def _steps(names: Sequence[str], score: Callable[[frozenset[str]], FloatArray]) -> Causes:
    causes: Causes = {}
    replaced: frozenset[str] = frozenset()
    before = score(replaced)
    for name in names:
        replaced |= {name}
        after = score(replaced)
        causes[name] = after - before
        before = after
    return causes


def _mixed(
    old: RawValues, new: RawValues, replaced: frozenset[str], points_id: str | None
) -> RawValues:
    factors = {name: values for name, values in old.factors.items() if name not in replaced}
    factors |= {name: values for name, values in new.factors.items() if name in replaced}
    mixed = replace(old, factors=factors)
    if APPLICABILITY in replaced:
        mixed = replace(mixed, applicability=new.applicability)
    if TRIGGER in replaced:
        mixed = replace(mixed, trigger=new.trigger)
    return replace(mixed, known_points=new.known_points) if points_id in replaced else mixed


def _part(raw: RawValues, name: str) -> npt.NDArray[np.generic] | None:
    return raw.trigger if name == TRIGGER else raw.applicability


def _equal(a: npt.NDArray[np.generic] | None, b: npt.NDArray[np.generic] | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.tobytes() == b.tobytes()


def _same_member(a: MemberResults, b: MemberResults) -> bool:
    names = ("score", "level", "state", "confidence")
    return all(_equal(getattr(a, name), getattr(b, name)) for name in names)


def _unknown(n_cells: int) -> MemberResults:
    return MemberResults(
        score=np.full(n_cells, np.nan),
        level=np.full(n_cells, RiskLevel.NONE, dtype=np.uint8),
        state=np.full(n_cells, CellState.NO_DATA, dtype=np.uint8),
        confidence=np.zeros(n_cells),
    )


def _filled(score: FloatArray) -> FloatArray:
    return np.nan_to_num(score)
