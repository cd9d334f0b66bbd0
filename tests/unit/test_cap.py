"""CAP 1.2: what is written is what was drafted, and what would mislead a reader is refused."""

import math
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.support.county import NOW
from tests.support.warnings import a_warning, a_zone

from yingji_map.domain.errors import InvalidAlert
from yingji_map.domain.warning import WarningTexts
from yingji_map.domain.warning_events import EVENTS, LEVELS
from yingji_map.publish.cap import CAP_NAMESPACE, cap_document
from yingji_map.publish.cap_check import check_cap, refuse_faulty_cap

_NS = {"cap": CAP_NAMESPACE}
_ENGLISH = WarningTexts(headline="Red warning", description="Landslide", instruction="Leave")
# The OASIS schema is not in the repository; where a copy lies is told by this variable.
_SCHEMA = os.environ.get("YINGJI_TEST_CAP_XSD", "")


def _parsed(document: bytes) -> etree._Element:
    return etree.fromstring(document)


def _texts(document: bytes, path: str) -> list[str]:
    return [element.text or "" for element in _parsed(document).findall(path, _NS)]


def _ring(polygon: str) -> list[tuple[float, float]]:
    pairs = [pair.split(",") for pair in polygon.split()]
    return [(float(lon), float(lat)) for lat, lon in pairs]


def _codes(document: bytes) -> list[str]:
    return [fault.code for fault in check_cap(document)]


def _mutated(pattern: str, replacement: str, document: bytes | None = None) -> bytes:
    text = (document or cap_document(a_warning())).decode()
    changed = re.sub(pattern, replacement, text, count=1, flags=re.DOTALL)
    assert changed != text
    return changed.encode()


def test_the_message_says_what_was_drafted() -> None:
    warning = a_warning()

    document = cap_document(warning)

    said = {
        name: _texts(document, f".//cap:{name}")
        for name in [
            "identifier",
            "sender",
            "sent",
            "status",
            "msgType",
            "scope",
            "language",
            "category",
            "event",
            "responseType",
            "urgency",
            "severity",
            "certainty",
            "effective",
            "expires",
            "senderName",
        ]
    }
    assert said == {
        "identifier": ["51082100000000_20260713210000_0"],
        "sender": ["CN-51082100000000"],
        "sent": ["2026-07-13T21:00:00+08:00"],
        "status": ["Draft"],
        "msgType": ["Alert"],
        "scope": ["Public"],
        "language": ["zh-CN"],
        "category": ["Geo"],
        "event": ["滑坡"],
        "responseType": ["Evacuate"],
        "urgency": ["Immediate"],
        "severity": ["Extreme"],
        "certainty": ["Likely"],
        "effective": ["2026-07-13T21:00:00+08:00"],
        "expires": ["2026-07-14T03:00:00+08:00"],
        "senderName": ["旺苍县应急管理局"],
    }
    assert _texts(document, ".//cap:headline") == ["旺苍县应急管理局发布滑坡预警：红色 / Ⅰ级"]
    assert _texts(document, ".//cap:eventCode/cap:value") == ["11D01"]
    assert _texts(document, ".//cap:parameter/cap:value") == ["Red", "红色 / Ⅰ级"]
    assert _texts(document, ".//cap:geocode/cap:valueName") == ["GBT10114"]
    assert _texts(document, ".//cap:geocode/cap:value") == ["510821101"]


def test_the_message_is_utf_8_and_says_so() -> None:
    document = cap_document(a_warning())

    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert "滑坡".encode() in document


def test_the_same_revision_gives_the_same_bytes() -> None:
    assert cap_document(a_warning()) == cap_document(a_warning())


def test_an_exercise_says_so_in_status_note_and_headline() -> None:
    document = cap_document(a_warning(is_exercise=True))

    assert _texts(document, "cap:status") == ["Exercise"]
    assert "演练" in _texts(document, "cap:note")[0]
    assert _texts(document, ".//cap:headline")[0].startswith("演练：")


def test_english_words_make_a_second_block_of_the_same_event() -> None:
    document = cap_document(a_warning(english=_ENGLISH))

    assert _texts(document, ".//cap:language") == ["zh-CN", "en-US"]
    assert _texts(document, ".//cap:event") == ["滑坡", "Landslide"]
    assert _texts(document, ".//cap:severity") == ["Extreme", "Extreme"]
    assert check_cap(document) == []


def test_an_event_without_a_known_code_has_none() -> None:
    document = cap_document(a_warning(hazard="collapse"))

    assert _texts(document, ".//cap:eventCode") == []
    assert check_cap(document) == []


def test_every_part_has_its_own_area() -> None:
    parts = shapely.MultiPolygon(
        [shapely.box(106.1, 32.1, 106.2, 32.2), shapely.box(106.3, 32.1, 106.4, 32.2)]
    )

    document = cap_document(a_warning(zone=a_zone(parts)))

    areas = _parsed(document).findall(".//cap:area", _NS)
    assert [len(area.findall("cap:polygon", _NS)) for area in areas] == [1, 1]


@pytest.mark.parametrize("hazard", EVENTS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_hazard_at_every_level_makes_an_acceptable_message(hazard: str, level: str) -> None:
    document = cap_document(a_warning(hazard=hazard, level=level, english=_ENGLISH))

    assert check_cap(document) == []


_PUBLISHABLE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
).filter(lambda text: 0 < len(text.strip()) <= 160)


@given(
    st.lists(
        st.tuples(st.floats(0, 6.28), st.floats(0.1, 1)),
        min_size=3,
        max_size=20,
        unique_by=lambda p: p[0],
    ),
    _PUBLISHABLE,
    st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
)
def test_what_is_read_back_is_what_was_drafted(
    corners: list[tuple[float, float]], words: str, lasting: timedelta
) -> None:
    around = sorted(corners)
    points = shapely.MultiPoint(
        [(106.3 + r * math.cos(turn) / 5, 32.2 + r * math.sin(turn) / 5) for turn, r in around]
    )
    hull = points.convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e-6:
        return
    warning = a_warning(
        zone=a_zone(hull), headline=words, text=words, expires_at=NOW + lasting + timedelta(hours=1)
    )

    document = cap_document(warning)

    assert check_cap(document) == []
    assert _texts(document, ".//cap:headline") == [words.strip()]
    assert _texts(document, ".//cap:description") == [words.strip()]
    (polygon,) = _texts(document, ".//cap:polygon")
    assert _ring(polygon) == [tuple(p) for p in warning.zone.geoms[0].exterior.coords]
    (expires,) = _texts(document, ".//cap:expires")
    assert expires == warning.expires_at.isoformat()


@pytest.mark.parametrize(
    "words", ["<b>&amp;</b>", "]]>", "a & b < c > d", "\"'", "𠀀𪚥 😀", "两\n行"]
)
def test_words_that_look_like_xml_stay_words(words: str) -> None:
    document = cap_document(a_warning(text=words))

    assert _texts(document, ".//cap:description") == [words]
    assert check_cap(document) == []


# What the OASIS schema accepts and readers would act on wrongly.
@pytest.mark.parametrize(
    ("pattern", "replacement", "code"),
    [
        (r"(<polygon>.*) \S+</polygon>", r"\1</polygon>", "open-polygon"),
        (r"<polygon>[^<]*<", "<polygon>106.3,32.1 106.4,32.1 106.4,32.2 106.3,32.1<", "swapped-axes"),
        (r"<expires>[^<]*<", "<expires>2026-07-13T20:00:00+08:00<", "expires-too-early"),
        (r"<msgType>Alert<", "<msgType>Update<", "no-references"),
        (r"<polygon>.*</geocode>", "", "no-shape"),
        (r"<expires>[^<]*</expires>", "", "no-expires"),
        (r"<polygon>[^<]*<", "<polygon>32.1,106.3 32.2,106.4 32.1,106.4 32.2,106.3 32.1,106.3<", "crossing-polygon"),
        (r"<polygon>[^<]*<", "<polygon>32.1,106.3 32.2,106.4 32.1,106.3<", "bad-polygon"),
        (r"(<polygon>[^<]*</polygon>)", r"\1\1", "many-shapes"),
        (r"<language>zh-CN</language>", "", "wrong-language"),
        (r"<scope>Public<", "<scope>Restricted<", "restriction-mismatch"),
        (r"<scope>Public<", "<scope>Private<", "no-addresses"),
        (r"<sent>2026-07-13", "<sent>2026-02-30", "no-such-time"),
        (r"<headline>", f"<headline>{'长' * 160}", "too-long"),
    ],
)  # fmt: skip
def test_a_message_that_misleads_is_refused(pattern: str, replacement: str, code: str) -> None:
    assert code in _codes(_mutated(pattern, replacement))


@pytest.mark.parametrize(
    ("references", "code"),
    [
        ("someone", "bad-reference"),
        ("CN-51082100000000,x,2026-07-14T21:00:00+08:00", "postdated-reference"),
        (
            "CN-51082100000000,51082100000000_20260713210000_0,2026-07-13T21:00:00+08:00",
            "circular-reference",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(references: str, code: str) -> None:
    update = _mutated(r"<msgType>Alert<", "<msgType>Update<")

    document = _mutated(r"</scope>", f"</scope><references>{references}</references>", update)

    assert _codes(document) == [code]


# What the schema refuses too: form, order, number, words. Source: OASIS CAP 1.2 §3.2, §3.4.
@pytest.mark.parametrize(
    ("pattern", "replacement", "code"),
    [
        (r"<sent>[^<]*<", "<sent>2026-07-13T13:00:00Z<", "bad-form"),
        (r"<sent>[^<]*<", "<sent>2026-07-13 21:00:00+08:00<", "bad-form"),
        (r"<severity>Extreme<", "<severity>Orange<", "unknown-word"),
        (r"(<category>.*?</category>)(.*?)(<event>.*?</event>)", r"\3\2\1", "wrong-order"),
        (r"<sender>.*?</sender>", "", "missing"),
        (r"(<status>.*?</status>)", r"\1\1", "repeated"),
        (r"<event>.*?</event>", "<event> </event>", "empty"),
        (r"<identifier>", "<identifier>a b", "bad-form"),
        (r"<urgency>", "<colour>red</colour><urgency>", "unknown-element"),
        (r"</alert>\s*$", "", "not-xml"),
        (r"emergency:cap:1\.2", "emergency:cap:1.1", "not-cap"),
        (r"<alert", '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]><alert', "has-doctype"),
    ],
)  # fmt: skip
def test_a_message_of_the_wrong_form_is_refused(pattern: str, replacement: str, code: str) -> None:
    assert code in _codes(_mutated(pattern, replacement))


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(InvalidAlert) as caught:
        refuse_faulty_cap(_mutated(r"<severity>Extreme<", "<severity>Orange<"))

    assert "alert/info[1]/severity[1]" in caught.value.text("zh")


@pytest.mark.optional
@pytest.mark.skipif(not Path(_SCHEMA).is_file(), reason="YINGJI_TEST_CAP_XSD names no schema")
@pytest.mark.parametrize("hazard", EVENTS)
def test_the_message_is_valid_by_the_oasis_schema(hazard: str) -> None:
    schema = etree.XMLSchema(etree.parse(_SCHEMA))
    parts = shapely.MultiPolygon(
        [shapely.box(106.1, 32.1, 106.2, 32.2), shapely.box(106.3, 32.1, 106.4, 32.2)]
    )

    warning = a_warning(hazard=hazard, zone=a_zone(parts), english=_ENGLISH, is_exercise=True)

    schema.assertValid(_parsed(cap_document(warning)))
