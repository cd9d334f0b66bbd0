"""What people write in files: encodings, column names, numbers, dates, degrees."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import a_definition

from yingji_map.domain.errors import InvalidParameter, UnreadableFile
from yingji_map.domain.layer import FieldDefinition
from yingji_map.ingest.angles import parse_degrees
from yingji_map.ingest.column_names import match_columns
from yingji_map.ingest.text_encoding import choose_encoding, decode_text, known_encoding
from yingji_map.ingest.values import Misfit, convert

_CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4)


def _field(kind: str, **more: Any) -> FieldDefinition:
    return FieldDefinition.model_validate(
        {"name": "it", "type": kind, "title": {"zh": "值", "en": "Value"}, **more}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_text_is_read_in_every_usual_encoding(encoding: str) -> None:
    text = "名称,经度\n旺苍县㙍𠮷,106.29\n"

    assert decode_text(text.encode(encoding), "f.csv", None)[0] == text


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="--encoding"):
        decode_text(b"\xff\xff\xff\x80", "f.csv", None)
    with pytest.raises(InvalidParameter):
        known_encoding("klingon")


@given(st.lists(_CHINESE, min_size=3, max_size=8))
def test_utf8_texts_are_never_taken_for_anything_else(texts: list[str]) -> None:
    assert choose_encoding([text.encode() for text in texts], None, "f.dbf")[0] == "utf-8"


def test_a_false_declaration_gives_way_to_the_content() -> None:
    found, note = choose_encoding(["旺苍县".encode("gbk")], "utf-8", "f.dbf")

    assert found == "gb18030"
    assert note is not None
    assert "UTF-8" in note.zh


def test_a_true_declaration_is_believed_even_where_utf8_would_fit() -> None:
    # 联通 in GBK happens to be sound UTF-8, the classic trap.
    assert choose_encoding(["联通".encode("gbk")], "gb18030", "f.dbf")[0] == "gb18030"


def test_names_win_over_titles_and_titles_over_cut_names() -> None:
    well = a_definition(
        fields=[
            {"name": "code", "type": "text", "title": {"zh": "编号", "en": "Code"}},
            {
                "name": "population_persons",
                "type": "integer",
                "title": {"zh": "常住人口总数", "en": "Residents"},
                "unit": "人",
                "aliases": ["RK"],
            },
        ]
    )

    def matched(*columns: str) -> dict[str, str]:
        return match_columns(["code", *columns], well).fields

    assert matched("rk", "population_persons")["population_persons"] == "population_persons"
    assert matched(" rk ")[" rk "] == "population_persons"
    assert matched("population")["population"] == "population_persons"  # DBF keeps ten bytes
    assert matched("常住人口总")["常住人口总"] == "population_persons"  # of GBK
    assert matched("常住人")["常住人"] == "population_persons"  # of UTF-8
    assert matched("常住人口总数（人）")["常住人口总数（人）"] == "population_persons"
    assert "常住人口总数（万人）" not in matched("常住人口总数（万人）")
    assert "人口" not in matched("人口")


def test_two_columns_for_one_field_are_undecided() -> None:
    well = a_definition()

    match = match_columns(["编号", "CODE ", "code", "井深", "Depth"], well)

    assert [fault.field for fault in match.faults] == ["depth_m"]


def test_a_cut_name_that_fits_two_fields_fits_none() -> None:
    fields = [
        {"name": name, "type": "text", "title": {"zh": name, "en": name}}
        for name in ("code", "threatened_persons", "threatened_households")
    ]

    match = match_columns(["code", "threatened"], a_definition(fields=fields))

    assert match.ignored == ("threatened",)


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("integer", "1,234", 1234),
        ("integer", "１２", 12),
        ("integer", "12.0", 12),
        ("integer", 12.0, 12),
        ("integer", "—", None),
        ("number", " 3.5 ", 3.5),
        ("number", "1e3", 1000.0),
        ("number", "<Null>", None),
        ("boolean", "是", True),
        ("boolean", 0, False),
        ("boolean", 1.0, True),
        ("date", "2026/7/1", date(2026, 7, 1)),
        ("date", "2026年7月1日", date(2026, 7, 1)),
        ("date", "20260701", date(2026, 7, 1)),
        ("date", "2026-07-01T00:00:00", date(2026, 7, 1)),
        ("timestamp", "2026-07-01 08:00", datetime(2026, 7, 1, tzinfo=UTC)),
        ("timestamp", "2026-07-01T08:00+09:00", datetime(2026, 6, 30, 23, tzinfo=UTC)),
        ("text", 510821, "510821"),
        ("text", 510821.0, "510821"),
        ("text", "无", "无"),
        ("text", " 甲 ", "甲"),
    ],
)
def test_values_are_read_as_people_write_them(kind: str, written: object, expected: object) -> None:
    found = convert(written, _field(kind))

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("integer", "12人"),
        ("integer", 1.5),
        ("integer", True),
        ("integer", str(2**63)),
        ("number", "1_000"),
        ("number", "1,2"),
        ("number", float("inf")),
        ("number", "inf"),
        ("boolean", "2"),
        ("date", "2026-02-30"),
        ("date", "2026-07-01T08:00"),
        ("timestamp", "昨天"),
        ("text", 1e17),
        ("text", "a\x00b"),
    ],
)
def test_values_that_say_something_else_are_refused(kind: str, written: object) -> None:
    with pytest.raises(Misfit):
        convert(written, _field(kind))


def test_an_enum_takes_full_width_signs() -> None:
    field = _field("text", enum=["大(1)型", "中型"])

    assert convert("大（1）型", field) == "大(1)型"


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("106.29", 106.29),
        ("106.29°", 106.29),
        ("东经106.29", 106.29),
        ("E106.29", 106.29),
        ("106.29E", 106.29),
        ("106°17′24″", 106.29),
        ("东经106°17′24.0″", 106.29),
        ("106度17分24秒", 106.29),
        ("32°59′60.0″", 33.0),
        ("-106.5", -106.5),
        ("", None),
        ("106，29", None),
        ("106.29.1", None),
        ("W106", None),
        ("106°70′", None),
        ("一百零六", None),
    ],
)
def test_degrees_are_read_in_every_usual_form(written: str, degrees: float | None) -> None:
    found = parse_degrees(written)

    assert found == (None if degrees is None else pytest.approx(degrees, abs=1e-9))


@given(st.floats(min_value=0, max_value=180))
def test_degrees_survive_being_written_as_minutes_and_seconds(degrees: float) -> None:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = (degrees - whole) * 3600 - minutes * 60

    found = parse_degrees(f"{whole}°{minutes}′{max(seconds, 0):.6f}″")

    assert found == pytest.approx(degrees, abs=1e-8)
