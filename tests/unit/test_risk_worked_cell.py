"""One cell with every factor given, to the ninth digit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yingji_map.domain.ahp import principal_weights
from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.risk_factor import AhpMatrix
from yingji_map.domain.risk_model import CompositeModel, FireWeather, RiskModel
from yingji_map.domain.risk_numbers import Curve, DurationLaw, DurationLaws
from yingji_map.engine.composite import CompositeResult, MemberResults, compose
from yingji_map.engine.curves import piecewise
from yingji_map.engine.evaluate import APPLIES, Evaluation, RawValues, evaluate
from yingji_map.engine.fire_weather import READINGS, fire_weather_index
from yingji_map.engine.intensity import Attenuation, intensity_at
from yingji_map.engine.intensity_duration import between_laws, law_mm_h
from yingji_map.engine.score import Combination, combine
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.ingest.models import read_models

ROOT = Path(__file__).parents[2]
GOLDEN: dict[str, Any] = json.loads(
    (ROOT / "tests/golden/risk/worked_cell.json").read_text(encoding="utf-8")
)
MODELS = read_models(ROOT / "layers", read_catalogue(ROOT / "layers"))
BY_ID = {model.id: model for model in MODELS.hazards}


def _structure(model: RiskModel) -> float:
    shares = model.blocks.vulnerability.factors[0].shares
    assert shares is not None
    return sum(GOLDEN["shares"][name] * score for name, score in shares.values.items())


def _evaluated(hazard: str, trigger: float | None = None) -> Evaluation:
    model, given = BY_ID[hazard], GOLDEN[hazard]
    raw = {
        **given["factors"],
        **GOLDEN["exposure"],
        **GOLDEN["vulnerability"],
        **GOLDEN["capacity"],
        "structure": _structure(model),
    }
    known = given.get("known_points")
    return evaluate(
        model,
        RawValues(
            factors={name: np.array([float(value)]) for name, value in raw.items()},
            known_points=None if known is None else np.array([known]),
            applicability=np.array([APPLIES], dtype=np.int8),
            trigger=None if trigger is None else np.array([trigger]),
        ),
    )


@pytest.mark.parametrize("hazard", BY_ID)
def test_the_static_score_is_the_worked_one(hazard: str) -> None:
    given = GOLDEN[hazard]

    result = _evaluated(hazard)

    expected = (given["hazard"], GOLDEN["expected_exposure"], given["vulnerability"])
    assert result.block_ratio[:3, 0] == pytest.approx(expected, abs=1e-9)
    assert result.block_ratio[3, 0] == pytest.approx(GOLDEN["expected_capacity"], abs=1e-12)
    assert result.score[0] == pytest.approx(given["score"], abs=1e-9)
    assert RiskLevel(result.level[0]).name.lower() == given["level"]
    assert result.confidence[0] == pytest.approx(1, abs=1e-12)
    assert result.contributions[:, 0].sum() == pytest.approx(result.score[0], abs=1e-15)


def test_the_flood_trigger_is_the_worst_window_on_wet_soil() -> None:
    wet = 0.86
    depths = {"1h": 32, "3h": 70, "6h": 88, "24h": 120}
    bounds = {
        "1h": (35, 45, 60, 80),
        "3h": (55, 75, 100, 120),
        "6h": (70, 95, 120, 150),
        "24h": (100, 130, 160, 200),
    }
    curves = {
        window: [(0.0, 0.0), *zip(colours, (0.4, 0.6, 0.8, 1.0), strict=True)]
        for window, colours in bounds.items()
    }
    values = {
        window: float(piecewise(np.array([depths[window] / wet]), curve)[0])
        for window, curve in curves.items()
    }

    assert tuple(values.values()) == pytest.approx(
        (0.444186, 0.651163, 0.658605, 0.663566), abs=1e-6
    )
    rain = BY_ID["flood"].rain
    assert rain is not None
    assert isinstance(rain.curve, Curve)
    assert list(rain.curve.points) == curves["24h"]
    assert max(values.values()) == pytest.approx(GOLDEN["flood"]["trigger"], abs=1e-12)


def test_the_dynamic_flood_is_the_worked_one() -> None:
    given = GOLDEN["flood"]

    result = _evaluated("flood", given["trigger"])

    assert result.block_ratio[0, 0] == pytest.approx(given["dynamic_hazard"], abs=1e-9)
    assert result.score[0] == pytest.approx(given["dynamic_score"], abs=1e-9)
    assert RiskLevel(result.level[0]).name.lower() == given["dynamic_level"]


def test_the_dynamic_landslide_is_the_worked_one() -> None:
    given, trigger = GOLDEN["landslide"], BY_ID["landslide"].rain
    assert trigger is not None
    assert trigger.antecedent is not None
    assert isinstance(trigger.curve, Curve)
    rain = sum(trigger.antecedent.decay**day * mm for day, mm in enumerate(given["daily_rain_mm"]))
    strength = float(piecewise(np.array([rain]), trigger.curve.points)[0])

    result = _evaluated("landslide", strength)

    assert rain == pytest.approx(given["effective_rain_mm"], abs=1e-6)
    assert strength == pytest.approx(given["trigger"], abs=1e-6)
    assert result.block_ratio[0, 0] == pytest.approx(given["dynamic_hazard"], abs=1e-9)
    assert result.score[0] == pytest.approx(given["dynamic_score"], abs=1e-9)


def test_the_gully_is_scored_whole_and_carried_down() -> None:
    given = GOLDEN["debris_flow"]

    result = _evaluated("debris_flow")

    assert result.blocks[0].score[0] == pytest.approx(given["gully"], abs=1e-9)
    reach = result.normalised["reach"][0]
    assert reach == pytest.approx(0.95, abs=1e-12)
    assert result.block_ratio[0, 0] == pytest.approx(given["gully"] * 0.95, abs=1e-9)


def test_the_debris_flow_of_a_cloudburst_is_the_worked_one() -> None:
    given = GOLDEN["debris_flow"]
    rain = given["rain"]
    laws = DurationLaws(
        hours=rain["duration_h"],
        lowest=DurationLaw(factor=5.94, power=-0.70),
        highest=DurationLaw(factor=21.4, power=-0.58),
        citation="Wenchuan area, 252 events",
        verified=True,
    )
    strength = between_laws(laws, np.array([float(rain["depth_mm"])]))

    result = _evaluated("debris_flow", float(strength[0]))

    assert rain["depth_mm"] / laws.hours == pytest.approx(rain["intensity"], abs=1e-6)
    assert law_mm_h(laws.lowest, laws.hours) == pytest.approx(rain["least"], abs=1e-6)
    assert law_mm_h(laws.highest, laws.hours) == pytest.approx(rain["most"], abs=1e-6)
    assert strength[0] == given["trigger"]
    assert result.block_ratio[0, 0] == pytest.approx(given["dynamic_hazard"], abs=1e-9)
    assert result.score[0] == pytest.approx(given["dynamic_score"], abs=1e-9)


@pytest.mark.parametrize(
    ("hours", "low_mm", "high_mm"), [(3, 8.3, 33.9), (6, 10.2, 45.4), (24, 15.4, 81.3)]
)
def test_between_the_laws_the_trigger_rises_from_none_to_all(
    hours: float, low_mm: float, high_mm: float
) -> None:
    laws = DurationLaws(
        hours=hours,
        lowest=DurationLaw(factor=5.94, power=-0.70),
        highest=DurationLaw(factor=21.4, power=-0.58),
        citation="Wenchuan area, 252 events",
        verified=True,
    )
    middle = np.sqrt(law_mm_h(laws.lowest, hours) * hours * law_mm_h(laws.highest, hours) * hours)

    found = between_laws(laws, np.array([0, low_mm - 0.1, middle, high_mm + 0.1, np.nan]))

    assert found[:4] == pytest.approx([0, 0, 0.5, 1], abs=1e-12)
    assert np.isnan(found[4])
    assert law_mm_h(laws.lowest, hours) * hours == pytest.approx(low_mm, abs=0.06)
    assert law_mm_h(laws.highest, hours) * hours == pytest.approx(high_mm, abs=0.06)


def test_the_fire_weather_is_the_worked_one() -> None:
    given, trigger = GOLDEN["forest_fire"], BY_ID["forest_fire"].trigger
    assert isinstance(trigger, FireWeather)
    readings = {name: np.array([float(value)]) for name, value in given["readings"].items()}
    index = fire_weather_index(trigger, readings)
    strength = float(piecewise(index, trigger.curve.points)[0])

    result = _evaluated("forest_fire", strength)

    assert index[0] == given["index"]
    assert strength == pytest.approx(given["trigger"], abs=1e-6)
    assert result.block_ratio[0, 0] == pytest.approx(given["dynamic_hazard"], abs=1e-9)
    assert result.score[0] == pytest.approx(given["dynamic_score"], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "values", "points"),
    [
        ("temperature", (-3, 5, 5.1, 10, 20, 25, 25.1, 40), (0, 0, 4, 4, 12, 16, 20, 20)),
        ("humidity", (10, 24, 25, 34, 44, 54, 64, 65, 99), (20, 20, 16, 16, 12, 8, 4, 0, 0)),
        ("dry_days", (0, 1, 9, 10, 30), (0, 5, 45, 50, 50)),
        ("wind_force", (0, 3, 8, 12), (0, 15, 40, 40)),
    ],
)
def test_the_tables_of_fire_weather_hold_at_their_bounds(
    name: str, values: tuple[float, ...], points: tuple[float, ...]
) -> None:
    trigger = BY_ID["forest_fire"].trigger
    assert isinstance(trigger, FireWeather)
    nothing = {"temperature": 0, "humidity": 100, "dry_days": 0, "wind_force": 0}
    readings = {key: np.full(len(values), float(value)) for key, value in nothing.items()}

    found = fire_weather_index(trigger, {**readings, name: np.array(values, dtype=float)})

    assert found.tolist() == list(points)


def test_a_missing_reading_leaves_the_fire_weather_unknown() -> None:
    trigger = BY_ID["forest_fire"].trigger
    assert isinstance(trigger, FireWeather)
    for name in READINGS:
        readings = {key: np.array([np.nan if key == name else 20.0]) for key in READINGS}
        assert np.isnan(fire_weather_index(trigger, readings)).all(), name


def test_height_and_shade_scale_the_weather_of_snow_and_ice() -> None:
    given = GOLDEN["snow_ice"]

    result = _evaluated("snow_ice")

    assert result.blocks[0].score[0] == pytest.approx(given["weather"], abs=1e-9)
    parts = dict(zip(BY_ID["snow_ice"].factor_ids, result.contributions[:, 0], strict=True))
    assert (parts["elevation"], parts["shade"]) == (0, 0)


def test_without_height_and_shade_snow_and_ice_are_unknown() -> None:
    model, given = BY_ID["snow_ice"], GOLDEN["snow_ice"]
    values = {**given["factors"], **GOLDEN["exposure"], **GOLDEN["vulnerability"]}
    factors = {name: np.array([float(value)]) for name, value in values.items()}
    for name in ("elevation", "shade"):
        del factors[name]

    result = evaluate(
        model,
        RawValues(
            factors=factors,
            known_points=None,
            applicability=np.array([APPLIES], dtype=np.int8),
            trigger=None,
        ),
    )

    assert result.state[0] == CellState.NO_DATA


def test_the_quake_that_happened_is_the_worked_one() -> None:
    given = GOLDEN["earthquake"]["event"]
    axes = (
        Attenuation(a=5.8410, b=1.0710, c=-3.6570, r0=15),
        Attenuation(a=3.9440, b=1.0710, c=-2.8450, r0=7),
    )
    felt = intensity_at(axes, given["magnitude"], (given["along_km"], given["across_km"]))
    hazard = float(piecewise(np.array([felt]), given["curve"])[0])
    blocks = np.array(
        [
            [hazard],
            [GOLDEN["expected_exposure"]],
            [GOLDEN["earthquake"]["vulnerability"]],
            [GOLDEN["expected_capacity"]],
        ]
    )

    risk = combine(blocks, Combination(exponents=(0.5, 0.3, 0.2), slope=0.5))

    assert felt == pytest.approx(given["intensity"], abs=1e-6)
    assert hazard == pytest.approx(given["hazard"], abs=1e-9)
    assert risk[0] == pytest.approx(given["score"], abs=1e-9)


def _six_hazards() -> CompositeModel:
    assert MODELS.composite is not None
    assert list(MODELS.composite.members) == GOLDEN["composite"]["members"]
    return MODELS.composite


def _composed(scores: list[float], states: list[CellState]) -> CompositeResult:
    assert MODELS.composite is not None
    score = np.array(scores)[:, None]
    bounds = [0.3, 0.45, 0.6]
    level = np.where(np.array(states) == CellState.SCORED, np.digitize(scores, bounds) + 1, 0)
    members = MemberResults(
        score=score,
        level=level.astype(np.uint8)[:, None],
        state=np.array(states, dtype=np.uint8)[:, None],
        confidence=np.ones((len(scores), 1)),
    )
    return compose(_six_hazards(), members)


def test_the_composite_is_the_worked_one() -> None:
    given = GOLDEN["composite"]

    result = _composed(given["scores"], [CellState.SCORED] * 6)

    assert result.score[0] == pytest.approx(given["score"], abs=1e-9)
    assert result.contributions[:, 0] == pytest.approx(given["contributions"], abs=1e-6)
    assert result.contributions[:, 0].sum() == pytest.approx(result.score[0], abs=1e-15)
    assert result.level[0] == RiskLevel.ORANGE


def test_not_applicable_keeps_its_weight_and_no_data_gives_it_away() -> None:
    given = GOLDEN["composite"]
    fire = given["members"].index("forest_fire")
    scores = [*given["scores"][:fire], float("nan"), *given["scores"][fire + 1 :]]
    absent = [CellState.SCORED] * 6
    unknown = list(absent)
    absent[fire], unknown[fire] = CellState.NOT_APPLICABLE, CellState.NO_DATA

    not_applicable, no_data = _composed(scores, absent), _composed(scores, unknown)

    assert not_applicable.score[0] == pytest.approx(given["fire_not_applicable"], abs=1e-9)
    assert not_applicable.level[0] == RiskLevel.YELLOW
    assert no_data.score[0] == pytest.approx(given["fire_no_data"], abs=1e-9)
    assert (not_applicable.confidence[0], no_data.confidence[0]) == pytest.approx(
        (1, 1 - 0.082882), abs=1e-6
    )


def test_one_red_hazard_lifts_the_composite_to_orange() -> None:
    result = _composed([0.6, 0, 0, 0, 0, 0], [CellState.SCORED] * 6)

    assert result.score[0] == pytest.approx(GOLDEN["composite"]["one_flood_at_060"], abs=1e-6)
    assert result.level[0] == RiskLevel.ORANGE


@pytest.mark.parametrize("name", GOLDEN["matrices"])
def test_judgement_matrices_give_the_known_consistency(name: str) -> None:
    given = GOLDEN["matrices"][name]
    if name in BY_ID:
        solved = BY_ID[name].blocks.hazard.matrix
        assert solved is not None
        weights = solved.solved()
    elif name == "composite":
        weights = _six_hazards().matrix.solved()
    else:
        weights = AhpMatrix(rows=given["rows"], citation="-", verified=False).solved()

    digits = 5e-4 if name == "drinks" else 1e-6
    assert weights.consistency_ratio == pytest.approx(given["ratio"], abs=digits)
    assert sum(weights.weights) == pytest.approx(1, abs=1e-12)
    if "eigenvalue" in given:
        assert weights.eigenvalue == pytest.approx(given["eigenvalue"], abs=1e-6)
    if "weights" in given:
        assert weights.weights == pytest.approx(given["weights"], abs=digits)


def test_a_single_factor_has_all_the_weight() -> None:
    assert principal_weights([[1]]).weights == (1.0,)
    assert principal_weights([[1]]).consistency_ratio == 0
