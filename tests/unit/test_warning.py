"""The rules of a warning that need no database: zone, times, words, identifier."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.support.county import NOW
from tests.support.warnings import a_request, a_warning, a_zone, an_audience

from yingji_map.domain.errors import InvalidGeometry, InvalidParameter, NotReady
from yingji_map.domain.warning import (
    BEIJING,
    IssuerProfile,
    check_text,
    check_times,
    free_identifier,
    issuer_of,
)
from yingji_map.domain.warning_draft import DivisionInZone, ZoneSurvey, _describe
from yingji_map.domain.warning_events import EVENTS, LEVELS, AdviceFamily, WarningLevel
from yingji_map.domain.warning_texts import ADVICE
from yingji_map.domain.warning_zone import MAX_PARTS, parse_zone, zone_document
from yingji_map.publish.cap_structure import BLOCKS

LATER = NOW + timedelta(hours=6)


def test_a_zone_is_rounded_once_and_stays() -> None:
    fine = shapely.Polygon([(106.12345678, 32.1), (106.2, 32.1), (106.2, 32.2)])

    zone = parse_zone(a_zone(fine))

    assert 106.123457 in shapely.get_coordinates(zone)[:, 0]
    assert parse_zone(a_zone(zone)).equals_exact(zone, tolerance=0)
    assert zone_document(zone)["type"] == "Polygon"


def test_the_outer_ring_runs_counter_clockwise() -> None:
    clockwise = shapely.box(106.1, 32.1, 106.2, 32.2, ccw=False)

    assert parse_zone(a_zone(clockwise)).geoms[0].exterior.is_ccw


def test_a_zone_with_a_hole_is_refused_at_the_hole() -> None:
    holed = shapely.box(106.1, 32.1, 106.4, 32.4) - shapely.box(106.2, 32.2, 106.3, 32.3)

    with pytest.raises(InvalidGeometry, match="hole") as caught:
        parse_zone(a_zone(holed))

    assert shapely.box(106.2, 32.2, 106.3, 32.3).covers(
        shapely.Point(caught.value.fields["lon"], caught.value.fields["lat"])
    )


def test_parts_that_overlap_are_refused_with_a_place() -> None:
    one, two = shapely.box(106.1, 32.1, 106.3, 32.3), shapely.box(106.2, 32.2, 106.4, 32.4)

    with pytest.raises(InvalidGeometry) as caught:
        parse_zone(a_zone(shapely.MultiPolygon([one, two])))

    assert {"lon", "lat"} <= caught.value.fields.keys()


def test_too_many_parts_are_refused() -> None:
    many = [shapely.box(106 + i / 500, 32, 106.001 + i / 500, 32.001) for i in range(MAX_PARTS + 1)]

    with pytest.raises(InvalidGeometry, match=str(MAX_PARTS)):
        parse_zone(a_zone(shapely.MultiPolygon(many)))


def test_a_sliver_that_rounding_folds_is_refused() -> None:
    sliver = shapely.Polygon([(106.1, 32.1), (106.10000001, 32.1), (106.10000001, 32.10000001)])

    with pytest.raises(InvalidGeometry):
        parse_zone(a_zone(sliver))


def test_a_zone_of_too_many_vertices_is_refused_not_simplified() -> None:
    with pytest.raises(InvalidGeometry, match="10000"):
        parse_zone(a_zone(shapely.Point(106.3, 32.2).buffer(0.1, 2600)))


def test_a_warning_begins_now_when_not_said() -> None:
    begin, end = check_times(None, LATER, NOW + timedelta(microseconds=7))

    assert (begin, end) == (NOW, LATER)
    assert begin.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("effective_at", "expires_at", "word"),
    [
        (NOW, None, "必须写明失效时间"),
        (NOW, NOW, "晚于生效时间"),
        (NOW, NOW - timedelta(hours=1), "晚于生效时间"),
        (NOW - timedelta(hours=2), NOW - timedelta(hours=1), "已经过去"),
        (NOW, datetime(2026, 7, 14, 3, 0), "缺时区"),  # noqa: DTZ001 - what is tested
        (datetime(2026, 7, 13, 3, 0), LATER, "缺时区"),  # noqa: DTZ001 - what is tested
    ],
)
def test_times_that_contradict_are_refused(effective_at: Any, expires_at: Any, word: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        check_times(effective_at, expires_at, NOW)

    assert word in caught.value.text("zh")


@given(st.integers(0, 400))
def test_identifiers_keep_the_national_form_and_are_never_taken_twice(count: int) -> None:
    taken: list[str] = []
    for _ in range(min(count, 35)):
        taken.append(free_identifier("51082100000000", NOW, taken))

    assert len(set(taken)) == len(taken)
    assert taken == sorted(taken)
    for name in taken:
        assert re.fullmatch(r"\d{6}\d{3}\d{3}\d{2}_\d{14}_\d", name)
        assert len(name) == 31


def test_the_identifier_counts_in_beijing_time() -> None:
    late = datetime(2026, 12, 31, 16, 0, 5, tzinfo=UTC)

    assert free_identifier("51082100000000", late, ()) == "51082100000000_20270101000005_0"


def test_an_office_is_named_by_its_settings_or_its_county() -> None:
    own = IssuerProfile(agency_code="416", name="广元市应急管理局", sender="yj@gy.example")

    assert issuer_of("510821", "旺苍县", IssuerProfile()).name == "旺苍县应急管理局"
    assert issuer_of("510821", "旺苍县", own).code == "51082141600000"
    assert issuer_of("510821", "旺苍县", own).sender == "yj@gy.example"


def test_a_county_without_a_national_code_cannot_warn() -> None:
    with pytest.raises(NotReady, match="WC"):
        issuer_of("WC", "旺苍县", IssuerProfile())


def test_a_zone_cannot_be_placed_before_the_county_is_loaded() -> None:
    survey = ZoneSurvey(
        zone=parse_zone(a_zone()),
        is_county_loaded=False,
        counties=(),
        townships=(),
        audience=an_audience(),
    )

    with pytest.raises(NotReady, match="county boundary"):
        survey.county()


@pytest.mark.parametrize("text", ["", "   ", "a\x00", "a\x0bb", "\ud800", "\ufffe", "x" * 11])
def test_text_that_xml_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        check_text("text", text, 10)


def test_text_loses_only_the_blanks_around_it() -> None:
    assert check_text("text", " 甲\r\n乙\t\n", 10) == "甲\n乙"


def test_the_names_of_townships_fit_and_say_how_many() -> None:
    many = [
        DivisionInZone(part=0, code=str(i), name=f"第{i:02}号镇", shared_km2=1) for i in range(23)
    ]

    text = _describe("旺苍县", many)

    assert len(text) < 50
    assert text.startswith("旺苍县第00号镇、第01号镇")
    assert text.endswith("等23个乡镇")


def test_levels_are_a_total_order_from_red_down() -> None:
    severities = [LEVELS[level].severity for level in WarningLevel]

    assert severities == ["Extreme", "Severe", "Moderate", "Minor"]
    assert [LEVELS[level].label_zh for level in WarningLevel] == [
        "红色 / Ⅰ级",
        "橙色 / Ⅱ级",
        "黄色 / Ⅲ级",
        "蓝色 / Ⅳ级",
    ]


def test_the_eight_kinds_of_the_county_plan_can_be_warned_of() -> None:
    plan = ["地震", "暴雨", "滑坡", "泥石流", "崩塌", "山洪", "内涝", "森林火灾"]

    assert set(plan) <= {event.title_zh for event in EVENTS.values()}
    assert {e.title_zh for e in EVENTS.values() if e.code is None} == {"崩塌", "尾矿库险情"}


def test_every_table_speaks_the_words_of_cap() -> None:
    info = {child.name: child.words for child in BLOCKS["info"]}
    responses = {
        word for family in AdviceFamily for advice in ADVICE[family].values() for word in advice.response_types
    }  # fmt: skip

    assert responses <= info["responseType"]
    assert {c for event in EVENTS.values() for c in event.categories} <= info["category"]
    assert {level.urgency for level in LEVELS.values()} <= info["urgency"]
    assert {level.severity for level in LEVELS.values()} <= info["severity"]
    assert {level.certainty for level in LEVELS.values()} <= info["certainty"]
    assert all(set(ADVICE[family]) == set(WarningLevel) for family in AdviceFamily)


def test_default_words_are_short_and_say_place_and_time() -> None:
    texts = a_warning(hazard="geohazard_weather", level="yellow").texts

    assert texts.headline == "旺苍县应急管理局发布地质灾害气象风险预警：黄色 / Ⅲ级"
    assert texts.description == (
        "7月13日 21:00至7月14日 03:00，旺苍县东河镇发生地质灾害的可能性较大。"
    )
    assert texts.instruction == "加密巡查隐患点，备好应急物品，夜间有人值守。"


def test_what_has_happened_is_not_called_possible() -> None:
    texts = a_warning(hazard="earthquake", level="orange").texts

    assert "可能性" not in texts.description
    assert "发生地震" in texts.description


def test_equal_requests_have_equal_hashes_whatever_their_time_zone() -> None:
    one = a_request(expires_at=LATER)
    same = a_request(expires_at=LATER.astimezone(BEIJING))

    assert one.digest() == same.digest()
    assert one.digest() != a_request(expires_at=LATER, text="另写").digest()
