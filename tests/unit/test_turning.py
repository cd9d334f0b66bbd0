"""What would change a level: recomputed it does, and nothing smaller of the same input does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_risk_worked_cell import BY_ID, MODELS

from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_model import RiskModel
from yingji_map.engine.assess import Assessment
from yingji_map.engine.classify import classify
from yingji_map.engine.composite import MemberResults, compose
from yingji_map.engine.evaluate import APPLIES, RawValues, evaluate
from yingji_map.engine.measure import Measured
from yingji_map.engine.turning import composite_turns, turns_of


def _assessed(model: RiskModel, shares: list[float]) -> Assessment:
    """Return a cell whose factors lie at shares of their curves' spans."""
    raw = {
        factor.id: np.array([low + share * (high - low)])
        for factor, share in zip(model.all_factors, shares, strict=False)
        for low, high in [(factor.curve.points[0][0], factor.curve.points[-1][0])]
    }
    values = RawValues(
        factors=raw,
        known_points=None,
        applicability=np.array([APPLIES], dtype=np.int8),
        trigger=None,
    )
    return Assessment(
        model=model,
        measured={name: Measured(raw=value) for name, value in raw.items()},
        known_points=None,
        conditions=(),
        trigger=None,
        raw=values,
        result=evaluate(model, values),
    )


def _with(assessment: Assessment, name: str, value: float) -> tuple[float, int]:
    raw = {n: m.raw for n, m in assessment.measured.items() if m.raw is not None}
    values = RawValues(
        factors=raw | {name: np.array([value])},
        known_points=None,
        applicability=np.array([APPLIES], dtype=np.int8),
        trigger=None,
    )
    result = evaluate(assessment.model, values)
    return float(result.score[0]), int(result.level[0])


@given(
    hazard=st.sampled_from(sorted(BY_ID)),
    shares=st.lists(st.floats(0.02, 0.98), min_size=40, max_size=40),
)
@settings(max_examples=25, deadline=None)
def test_a_turn_reaches_its_level_and_a_smaller_change_does_not(
    hazard: str, shares: list[float]
) -> None:
    assessment = _assessed(BY_ID[hazard], shares)
    level = int(assessment.result.level[0])

    turns = turns_of(assessment)

    for turn in turns:
        score, reached = _with(assessment, turn.id, turn.raw_to)
        assert (score, reached) == (turn.score, int(turn.level))
        assert reached != level
        before = turn.raw_from + (turn.raw_to - turn.raw_from) * (1 - 1e-6)
        assert _with(assessment, turn.id, before)[1] == level
    raising = [turn.size for turn in turns if turn.level > level]
    lowering = [turn.size for turn in turns if turn.level < level]
    assert raising == sorted(raising)
    assert lowering == sorted(lowering)


@given(
    hazard=st.sampled_from(sorted(BY_ID)),
    shares=st.lists(st.floats(0.02, 0.98), min_size=40, max_size=40),
)
@settings(max_examples=20, deadline=None)
def test_an_input_without_a_turn_cannot_change_the_level(hazard: str, shares: list[float]) -> None:
    assessment = _assessed(BY_ID[hazard], shares)
    level = int(assessment.result.level[0])
    named = {turn.id for turn in turns_of(assessment)}

    for factor in assessment.model.all_factors:
        if factor.id not in named:
            for value, _ in factor.curve.points:
                assert _with(assessment, factor.id, value)[1] == level


def test_a_cell_without_a_score_has_no_turn() -> None:
    assessment = _assessed(BY_ID["flood"], [0.5] * 40)
    state = np.array([CellState.NO_DATA], dtype=np.uint8)
    unknown = replace(assessment, result=replace(assessment.result, state=state))

    assert turns_of(unknown) == ()


def test_the_composite_turns_when_one_member_does() -> None:
    model = MODELS.composite
    assert model is not None
    thresholds = [BY_ID[name].classify for name in model.members]
    scores = np.array([[0.2], [0.25], [0.31], [0.1], [0.05], [np.nan]])
    state = np.where(np.isnan(scores), CellState.NOT_APPLICABLE, CellState.SCORED)
    members = MemberResults(
        score=scores,
        level=np.stack([classify(s, t) for s, t in zip(scores, thresholds, strict=True)]),
        state=state.astype(np.uint8),
        confidence=np.ones((6, 1)),
    )

    turns = composite_turns(model, members, thresholds)

    assert compose(model, members).level[0] == RiskLevel.BLUE
    landslide = next(turn for turn in turns if turn.id == "landslide")
    assert landslide.level == RiskLevel.YELLOW
    assert landslide.score == pytest.approx(0.30, abs=1e-11)
    assert "snow_ice" not in {turn.id for turn in turns}
