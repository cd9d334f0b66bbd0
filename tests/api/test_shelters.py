"""`/v1/shelters/evaluation`: five dimensions, unknown where the standard's number is not known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.valley import fill_valley
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
NUMBERS = """
id: shelter
title: {zh: 县标准, en: County standard}
classes:
  - shelter_class: 紧急
    title: {zh: 紧急, en: Emergency}
    most_days: {value: 3, source: 县标准}
    area_m2_per_person: {value: 1.5, source: 县标准 3.1, is_verified: true}
    service_radius_m: {value: 500, source: 县标准 3.2, is_verified: true}
    least_area_m2: {value: null, source: 未定}
facilities:
  - {id: water, words: [供水], title: {zh: 供水, en: Water}, classes: [紧急]}
facilities_source: 县标准 4
"""


@pytest.fixture(scope="module")
def applications(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Application, Application]]:
    """Build two on one store: with the shipped tables, and with numbers put in."""
    own = tmp_path_factory.mktemp("layers")
    for folder in LAYERS.iterdir():
        if folder.name != "standard":
            (own / folder.name).symlink_to(folder)
    (own / "standard").mkdir()
    (own / "standard" / "shelter.yaml").write_text(NUMBERS, encoding="utf-8")
    shipped, numbered = (
        build(url=database_url, layers_dir=each, data_dir=tmp_path_factory.mktemp("d"))
        for each in (LAYERS, own)
    )
    fill_valley(
        shipped,
        shelter_class=["紧急", "紧急", None, "紧急"],
        area_m2=[120.0, 200.0, 100.0, 900.0],
        facilities=["供水、厕所", "厕所", None, "供水"],
    )
    yield shipped, numbered
    shipped.close()
    numbered.close()


def _evaluation(application: Application, **asked: object) -> dict[str, Any]:
    with TestClient(create_app(application)) as client:
        response = client.get(
            "/v1/shelters/evaluation", params={"profile": "car", "closures": "none", **asked}
        )
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def _verdicts(document: dict[str, Any], dimension: str) -> dict[str, str]:
    return {one["id"]: one["dimensions"][dimension]["verdict"] for one in document["shelters"]}


def _finding(document: dict[str, Any], shelter: str, finding: str) -> dict[str, Any]:
    body = next(one for one in document["shelters"] if one["id"] == shelter)
    return next(
        found
        for dimension in body["dimensions"].values()
        for found in dimension["findings"]
        if found["id"] == finding
    )


def test_a_number_that_nobody_verified_is_not_judged_by(
    applications: tuple[Application, Application],
) -> None:
    found = _evaluation(applications[0])

    assert set(_verdicts(found, "service_radius").values()) == {"unknown"}
    each = _finding(found, "S1", "area_per_person")
    assert (each["verdict"], each["found"], each["wanted"]) == ("unknown", 1.0, None)
    assert "未见公开原文" in each["source"]


def test_numbers_put_into_the_table_are_judged_by(
    applications: tuple[Application, Application],
) -> None:
    found = _evaluation(applications[1])

    assert _finding(found, "S1", "area_per_person")["verdict"] == "not_met"
    assert _finding(found, "S2", "area_per_person")["verdict"] == "met"
    # Only V4 is nearest to S2, half a step of 1.11 km up the road.
    far = _finding(found, "S2", "farthest_village")
    assert far["verdict"] == "not_met"
    assert far["found"] == pytest.approx(555, abs=3)
    assert _verdicts(found, "facilities") == {
        "S1": "met",
        "S2": "not_met",
        "S3": "unknown",
        "S4": "met",
    }


def test_people_without_a_place_are_those_that_no_assignment_places(
    applications: tuple[Application, Application],
) -> None:
    found = _evaluation(applications[0], minutes=1440)

    assert found["people"] == {
        "people_persons": 260,
        "placed_persons": 230,
        "unplaced_persons": 30,
        "is_proven": True,
    }
    assert {one["id"]: one["reason"] for one in found["without_place"]} == {
        "V5": "no_route",
        "V6": "off_network",
    }


def test_standardised_shelters_are_counted(applications: tuple[Application, Application]) -> None:
    found = _evaluation(applications[0])

    assert (found["standardised"], found["total"], found["standardised_ratio"]) == (3, 4, 0.75)
    assert _verdicts(found, "function") == {
        "S1": "met",
        "S2": "not_met",
        "S3": "unknown",
        "S4": "not_met",
    }
