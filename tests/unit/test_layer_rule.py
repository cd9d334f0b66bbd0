"""Rules by which one value of a row follows from others: grades and products."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pydantic import ValidationError
from tests.support.sample_rows import CATALOGUE

from yingji_map.domain.errors import InvalidDefinition
from yingji_map.domain.layer_rule import GradeRule, ProductRule
from yingji_map.domain.quality import Severity
from yingji_map.ingest.definitions import read_definition
from yingji_map.ingest.layer_rules import fill_in
from yingji_map.ingest.normalise import Candidates, normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.source import SourceTable, objects

COUNTY = objects([shapely.box(106, 32, 107, 33)])
DEFINITION = """\
id: pond
kind: hazard
title: {zh: 池, en: Pond}
description: {zh: 池, en: Ponds}
geometry: point
key: code
fields:
  - {name: code, type: text, title: {zh: 编号, en: Code}, required: true}
  - {name: grade, type: text, title: {zh: 等别, en: Grade}, enum: [小, 大]}
  - {name: height_m, type: number, title: {zh: 高, en: Height}}
source: {title: 普查, publisher: 水利局}
licence: internal
rules:
  - id: grade_follows
    check: {rule: grade, field: grade, grades: [小, 大], measures: [{field: height_m, bounds: [30]}]}
    message: {zh: 不符, en: Does not follow}
"""


def _rule(layer: str, rule_id: str) -> Any:
    return next(r.check for r in CATALOGUE[layer].rules if r.id == rule_id)


def _candidates(layer: str, **columns: list[object]) -> Candidates:
    count = len(next(iter(columns.values())))
    table = SourceTable(
        file="x.csv",
        columns={
            **{name: objects(values) for name, values in columns.items()},
            "code": objects([f"K{i}" for i in range(count)]),
            "name": objects([f"名{i}" for i in range(count)]),
        },
        geometry=objects([shapely.Point(106.3, 32.3)] * count),
        rows=np.arange(1, count + 1),
        crs="EPSG:4490",
        encoding="utf-8",
        notes=(),
        faults=(),
    )
    return fill_in(normalise(table, CATALOGUE[layer]), CATALOGUE[layer])


# Source: GB 50863-2013 clause 3.3.1: the higher grade, or one below it when two or more apart.
@pytest.mark.parametrize(
    ("volume_10k_m3", "height_m", "grade"),
    [
        (99.9, 29.9, "五等"),
        (100, 29.9, "四等"),
        (99.9, 30, "四等"),
        (1_000, 30, "三等"),
        (1_000, 10, "四等"),  # 三等 and 五等: two apart, one below the higher
        (20, 150, "三等"),  # 五等 and 二等
        (50_000, 200, "一等"),
        (12, 210, "二等"),  # 五等 and 一等
    ],
)
def test_a_tailings_pond_is_graded_by_volume_and_height(
    volume_10k_m3: float, height_m: float, grade: str
) -> None:
    assert _rule("tailings_pond", "grade_follows_size").value_of([volume_10k_m3, height_m]) == grade


# Source: GB 18218-2018, lower bounds inclusive.
@pytest.mark.parametrize(
    ("people", "alpha"),
    [(0, 0.5), (1, 1.0), (29, 1.0), (30, 1.2), (49, 1.2), (50, 1.5), (99, 1.5), (100, 2.0)],
)
def test_alpha_follows_from_the_people_around(people: int, alpha: float) -> None:
    assert _rule("hazardous_chemical_site", "alpha_follows_people").value_of([people]) == alpha


@pytest.mark.parametrize(
    ("r", "level"),
    [(9.99, "四级"), (10, "三级"), (49.9, "三级"), (50, "二级"), (99.9, "二级"), (100, "一级")],
)
def test_the_level_of_a_chemical_site_follows_from_r(r: float, level: str) -> None:
    assert _rule("hazardous_chemical_site", "level_follows_r").value_of([r]) == level


@pytest.mark.parametrize(
    ("capacity_10k_m3", "scale"),
    [
        (99.9, "小(2)型"),
        (100, "小(1)型"),
        (1_000, "中型"),
        (10_000, "大(2)型"),
        (100_000, "大(1)型"),
    ],
)
def test_the_scale_of_a_reservoir_follows_from_its_capacity(
    capacity_10k_m3: float, scale: str
) -> None:
    assert _rule("reservoir", "scale_follows_capacity").value_of([capacity_10k_m3]) == scale


def test_empty_grades_are_filled_in_and_noted() -> None:
    candidates = _candidates(
        "tailings_pond",
        grade=[None, "五等", None],
        volume_10k_m3=[310.0, 12.5, None],
        dam_height_m=[52.0, 16.0, 20.0],
    )

    assert candidates.columns["grade"].tolist() == ["四等", "五等", None]
    assert candidates.notes[-1].zh.startswith("1 行没有填“等别”")


def test_one_rule_builds_on_the_one_before() -> None:
    candidates = _candidates(
        "hazardous_chemical_site",
        main_substance=["液氯"],
        quantity_ratio=[30.0],
        population_500m_persons=[60],
    )

    filled = {name: candidates.columns[name][0] for name in ("alpha_ratio", "r_value", "level")}
    assert filled == {"alpha_ratio": 1.5, "r_value": 45.0, "level": "三级"}


def test_a_stated_grade_that_does_not_follow_is_a_warning_with_the_computed_one() -> None:
    candidates = _candidates(
        "tailings_pond",
        grade=["五等", "三等", "二等"],
        volume_10k_m3=[310.0] * 3,
        dam_height_m=[52.0] * 3,
    )

    report = judge(candidates, CATALOGUE["tailings_pond"], {"county": COUNTY})

    # 三等 is one above 四等, which the standard allows where a failure would hit a town.
    assert [(f.row, f.rule, f.severity) for f in report.findings] == [
        (1, "grade_follows_size", Severity.WARN),
        (3, "grade_follows_size", Severity.WARN),
    ]
    assert "算得 四等" in report.findings[0].reason_zh
    assert report.is_clean


def test_a_product_may_differ_by_its_tolerance_only() -> None:
    rule = ProductRule(
        rule="product", field="product", factors=("one", "two"), tolerance_ratio=0.01
    )

    assert rule.agrees(6.05, [2, 3])
    assert not rule.agrees(6.07, [2, 3])
    assert not rule.agrees(None, [2, 3])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"bounds": [30, 10]}, "must increase"),
        ({"bounds": [10]}, "3 grades need 2 bounds"),
    ],
)
def test_bounds_that_make_no_grades_are_refused(change: dict[str, Any], named: str) -> None:
    measure = {"field": "height_m", **change}

    with pytest.raises(ValidationError, match=named):
        GradeRule.model_validate(
            {"rule": "grade", "field": "grade", "grades": ["c", "b", "a"], "measures": [measure]}
        )


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("grades: [小, 大]", "grades: [小, 巨]", "values that `grade` cannot take"),
        ("measures: [{field: height_m", "measures: [{field: code", "`code` is no number"),
        ("measures: [{field: height_m", "measures: [{field: depth_m", "`depth_m` is not a field"),
        (
            "{rule: grade, field: grade, grades: [小, 大], measures: [{field: height_m, bounds: [30]}]}",
            "{rule: product, field: grade, factors: [height_m, height_m]}",
            "values that `grade` cannot take",
        ),
    ],
)
def test_a_rule_that_does_not_fit_its_fields_is_refused(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    path = tmp_path / "hazard" / "pond.yaml"
    path.parent.mkdir()
    path.write_text(DEFINITION.replace(old, new), encoding="utf-8")

    with pytest.raises(InvalidDefinition) as caught:
        read_definition(path)

    assert named in caught.value.text("en")
