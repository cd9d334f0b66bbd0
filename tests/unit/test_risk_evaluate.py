"""Laws of scoring: parts add up, danger never lowers a score, absence is not zero."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingji_map.domain.errors import InvalidDefinition
from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_model import RiskModel
from yingji_map.engine.classify import classify
from yingji_map.engine.evaluate import (
    APPLIES,
    APPLIES_NOT,
    UNKNOWN,
    Evaluation,
    RawValues,
    evaluate,
)
from yingji_map.engine.surfaces import top_contributions
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.ingest.models import parse_models, read_models

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue(ROOT / "layers")
MODELS = read_models(ROOT / "layers", CATALOGUE)
MODEL = next(model for model in MODELS.hazards if model.id == "landslide")
CAPACITY = {factor.id for factor in MODEL.blocks.capacity.factors}
SCORES = {factor.id: factor for block in MODEL.named_blocks.values() for factor in block.factors}


def a_value(name: str, share: float) -> float:
    """Return the raw value that lies at `share` of a factor's curve, from its safest point up."""
    points = SCORES[name].curve.points
    low, high = points[0][0], points[-1][0]
    return low + share * (high - low)


def raw(shares: dict[str, float], **changes: object) -> RawValues:
    values = {name: np.array([a_value(name, share)]) for name, share in shares.items()}
    given_: dict[str, object] = {
        "factors": values,
        "known_points": None,
        "applicability": np.array([APPLIES], dtype=np.int8),
        "trigger": None,
    }
    return RawValues(**{**given_, **changes})  # type: ignore[arg-type]


ALL = dict.fromkeys(SCORES, 0.5)
shares_of_all = st.fixed_dictionaries({name: st.floats(0, 1) for name in SCORES})


@given(
    shares=shares_of_all,
    absent=st.sets(st.sampled_from(sorted(SCORES)), max_size=4),
    known=st.one_of(st.none(), st.floats(0, 1)),
    trigger=st.one_of(st.none(), st.floats(0, 1)),
)
def test_contributions_add_up_to_the_score(
    shares: dict[str, float], absent: set[str], known: float | None, trigger: float | None
) -> None:
    present = {name: share for name, share in shares.items() if name not in absent}
    result = evaluate(
        MODEL,
        raw(
            present,
            known_points=None if known is None else np.array([known]),
            trigger=None if trigger is None else np.array([trigger]),
        ),
    )

    total = result.contributions[:, 0].sum()
    if result.state[0] == CellState.SCORED:
        assert total == pytest.approx(result.score[0], abs=1e-14)
        assert 0 <= result.score[0] <= 1
    else:
        assert total == 0
        assert np.isnan(result.score[0])
    assert (result.contributions >= 0).all()


@given(
    shares=shares_of_all,
    name=st.sampled_from([f.id for f in MODEL.blocks.hazard.factors]),
    other=st.floats(0, 1),
)
def test_more_hazard_never_lowers_the_score(
    shares: dict[str, float], name: str, other: float
) -> None:
    one = evaluate(MODEL, raw(shares))
    two = evaluate(MODEL, raw({**shares, name: other}))

    rises = two.normalised[name][0] - one.normalised[name][0]
    change = two.score[0] - one.score[0]
    assert change * np.sign(rises) >= -1e-15


def _only(result: Evaluation) -> tuple[CellState, float, float]:
    return CellState(result.state[0]), float(result.score[0]), float(result.confidence[0])


def test_a_missing_factor_lowers_confidence_and_gives_its_weight_away() -> None:
    without = {name: share for name, share in ALL.items() if name != "ndvi"}

    full, less = evaluate(MODEL, raw(ALL)), evaluate(MODEL, raw(without))

    ndvi = MODEL.blocks.hazard.weights[4]
    assert less.confidence[0] == pytest.approx(full.confidence[0] - 0.5 * ndvi / 1.2)
    others = [n for n in (f.id for f in MODEL.blocks.hazard.factors) if n != "ndvi"]
    weights = dict(
        zip((f.id for f in MODEL.blocks.hazard.factors), MODEL.blocks.hazard.weights, strict=True)
    )
    expected = sum(weights[n] * less.normalised[n][0] for n in others) / (1 - ndvi)
    assert less.block_ratio[0, 0] == pytest.approx(expected)


def test_too_little_data_has_no_colour() -> None:
    hazard = {"lithology", "slope", "fault"}  # 0.63 of the hazard, but little of the rest
    few = {name: share for name, share in ALL.items() if name in hazard | {"people", "age"}}
    state, score, confidence = _only(evaluate(MODEL, raw(few)))

    assert (state, confidence < 0.6) == (CellState.NO_DATA, True)
    assert np.isnan(score)


def test_capacity_alone_may_be_unknown() -> None:
    state, _, confidence = _only(
        evaluate(MODEL, raw({n: s for n, s in ALL.items() if n not in CAPACITY}))
    )

    assert state is CellState.SCORED
    assert confidence == pytest.approx(1 / 1.2)


def test_help_that_is_hardly_known_does_not_talk_the_risk_down() -> None:
    without = {name: share for name, share in ALL.items() if name not in CAPACITY}
    hardly = {**without, "warning_reach": 1.0}  # a fifth of the block
    mostly = {**ALL, **dict.fromkeys(CAPACITY - {"medical"}, 1.0)}
    del mostly["medical"]

    score_without, score_hardly, score_mostly = (
        _only(evaluate(MODEL, raw(shares)))[1] for shares in (without, hardly, mostly)
    )

    assert score_hardly == score_without
    assert score_mostly < score_without


def test_nobody_and_nothing_there_is_a_true_zero() -> None:
    empty = {**ALL, "people": 0.0, "building": 0.0, "facility": 0.0, "line": 0.0}
    state, score, _ = _only(evaluate(MODEL, raw(empty)))

    assert (state, score) == (CellState.SCORED, 0.0)
    assert evaluate(MODEL, raw(empty)).level[0] == RiskLevel.BLUE


@pytest.mark.parametrize(
    ("applicability", "state"),
    [(APPLIES_NOT, CellState.NOT_APPLICABLE), (UNKNOWN, CellState.NO_DATA)],
)
def test_not_applicable_and_unknown_are_not_zero(applicability: int, state: CellState) -> None:
    result = evaluate(MODEL, raw(ALL, applicability=np.array([applicability], dtype=np.int8)))

    assert CellState(result.state[0]) is state
    assert np.isnan(result.score[0])
    assert result.level[0] == RiskLevel.NONE


def test_without_rain_a_dynamic_hazard_is_zero_and_without_rain_data_unknown() -> None:
    dry = evaluate(MODEL, raw(ALL, trigger=np.array([0.0])))
    unknown = evaluate(MODEL, raw(ALL, trigger=np.array([np.nan])))

    assert dry.score[0] == 0
    assert CellState(unknown.state[0]) is CellState.NO_DATA


def test_a_stronger_known_point_takes_the_whole_hazard() -> None:
    result = evaluate(MODEL, raw(ALL, known_points=np.array([0.99])))

    parts = dict(zip(MODEL.factor_ids, result.contributions[:, 0], strict=True))
    assert result.block_ratio[0, 0] == 0.99
    assert parts["known_points"] == pytest.approx(0.5 * result.score[0])
    assert parts["slope"] == 0


def test_lower_bounds_belong_to_the_higher_level() -> None:
    scores = np.array([0, 0.3 - 1e-9, 0.3, 0.1 + 0.2, 0.45, 0.6 - 1e-13, 0.6, 1, np.nan])

    levels = [RiskLevel(level).name for level in classify(scores, MODEL.classify)]

    assert levels == ["BLUE", "BLUE", "YELLOW", "YELLOW", "ORANGE", "RED", "RED", "RED", "NONE"]


def test_the_largest_contributions_come_first() -> None:
    factor, ratio = top_contributions(np.array([[0.1, 0], [0.4, 0], [0.1, 0.2], [0.2, 0]]))

    assert factor.tolist() == [[1, 3, 0], [2, 255, 255]]
    assert ratio.tolist() == [[0.4, 0.2, 0.1], [0.2, 0, 0]]


def _refusal(tmp_path: Path, old: str, new: str, name: str = "flood") -> InvalidDefinition:
    folder = tmp_path / "risk"
    folder.mkdir()
    for path in (ROOT / "layers/risk").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == name:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDefinition) as caught:
        read_models(tmp_path, CATALOGUE)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[1/2, 1, 1/2, 1, 2, 2]", "[1/2, 1, 1/2, 1, 2]", "not square"),
        ("[1, 2, 1, 2, 3, 3]", "[1, 9, 1, 2, 3, 3]", "reciprocal"),
        ("exponent: {value: 0.5,", "exponent: {value: 0.4,", "exponents sum to 0.9"),
        ("weight: {value: 0.50,", "weight: {value: 0.40,", "weights sum to 0.9"),
        ("[[0, 1], [2, 0.9]", "[[0, 1], [0, 0.9]", "must increase"),
        ("yellow: 0.30", "yellow: 0.70", "must rise"),
        ("statistic: p10", "statistic: min_distance", "cannot be taken of a raster"),
        ("field: dependent_ratio", "field: dependant_ratio", "no field dependant_ratio"),
        ("source: {layer: school}", "source: {layer: road}", "needs a point layer"),
        ("raster: rainfall_24h", "raster: rain_normal_24h", "one layer"),
        ("id: flood", "id: floods", "named floods.yaml"),
        ("combine: geometric", "combine: wishful", "geometric"),
        ("id: hand", "id: river", "repeated: river"),
    ],
)
def test_a_faulty_model_is_refused_by_file_and_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    refusal = _refusal(tmp_path, old, new)

    assert reason in refusal.text("en")
    assert str(refusal.fields["file"]).endswith(
        "flood.yaml" if "one layer" not in reason else ".yaml"
    )
    assert isinstance(refusal.fields["line"], int)


def test_inconsistent_judgements_are_refused_where_they_stand(tmp_path: Path) -> None:
    text = (ROOT / "layers/risk/flood.yaml").read_text(encoding="utf-8")
    start = text.index("        - [1, 2, 1, 2, 3, 3]")
    old = text[start : text.index("      citation: 判断矩阵")]
    circular = "".join(
        f"        - [{', '.join(row)}]\n"
        for row in (
            ("1", "9", "1/9", "1", "1", "1"),
            ("1/9", "1", "9", "1", "1", "1"),
            ("9", "1/9", "1", "1", "1", "1"),
            ("1", "1", "1", "1", "1", "1"),
            ("1", "1", "1", "1", "1", "1"),
            ("1", "1", "1", "1", "1", "1"),
        )
    )
    refusal = _refusal(tmp_path, old, circular)

    assert "CR" in refusal.text("en")
    assert refusal.fields["line"] == text[: text.index("    matrix:")].count("\n") + 1


def test_a_composite_of_strangers_is_refused(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "[flood, debris_flow,", "[flood, tsunami,", "composite")

    assert "tsunami" in refusal.text("zh")


def test_kept_texts_make_the_same_models() -> None:
    again = parse_models(MODELS.texts)

    assert (again.hazards, again.composite) == (MODELS.hazards, MODELS.composite)
    assert isinstance(again.hazards[0], RiskModel)
