"""CQL2 in the database: it finds what plain Python finds, and nothing it cannot mean."""

import json
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from sqlalchemy import Connection
from tests.support.cql2_oracle import matches
from tests.support.cql2_strategies import DAYS, FILTERED, MOMENTS, TEXTS, as_text, filters

from yingji_map.domain.cql2 import read_filter
from yingji_map.domain.cql2_text import parse_text
from yingji_map.domain.crs import SERVED_CRS
from yingji_map.domain.errors import InvalidParameter, YingjiError
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.query import FeatureQuery
from yingji_map.store.collections import find_page
from yingji_map.store.database import Store
from yingji_map.store.features import write_features
from yingji_map.store.layers import apply_layer

pytestmark = pytest.mark.db
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"


def _rows() -> list[dict[str, Any]]:
    rng = np.random.default_rng(510821)
    rows = []
    for number in range(40):
        west, south = 106 + rng.integers(0, 4) / 4, 32 + rng.integers(0, 4) / 4
        size = rng.choice([0.25, 0.5])
        first, last = sorted(int(n) for n in rng.integers(0, 4, 2))
        row: dict[str, Any] = {
            "code": f"P{number:02d}",
            "name": TEXTS[number % len(TEXTS)],
            "people": number % 7 - 1,
            "depth": number % 11 / 2,
            "is_open": number % 3 == 0,
            "begun_on": date.fromisoformat(DAYS[first]),
            "ended_on": date.fromisoformat(DAYS[last]),
            "seen_at": datetime.fromisoformat(MOMENTS[number % len(MOMENTS)]),
            "secret": "秘密",
            "geometry": shapely.MultiPolygon([shapely.box(west, south, west + size, south + size)]),
        }
        for position, name in enumerate(("name", "people", "is_open", "begun_on", "seen_at")):
            if number % 9 == position:
                row[name] = None
        rows.append(row)
    return rows


ROWS = _rows()


@pytest.fixture(scope="module")
def plots(store: Store) -> Store:
    names = [field.name for field in FILTERED.fields]
    columns = {}
    for name in names:
        columns[name] = np.empty(len(ROWS), dtype=object)
        columns[name][:] = [row[name] for row in ROWS]
    geometry = np.empty(len(ROWS), dtype=object)
    geometry[:] = [row["geometry"] for row in ROWS]
    table = FeatureTable(
        layer_id="plot",
        keys=tuple(row["code"] for row in ROWS),
        row_ids=np.zeros(len(ROWS), dtype=np.int64),
        geometry=geometry,
        columns=columns,
    )
    with store.transaction() as tx:
        apply_layer(tx, FILTERED)
        write_features(tx, FILTERED, table)
    return store


@pytest.fixture
def tx(plots: Store) -> Any:
    with plots.read() as connection:
        yield connection


def _found(tx: Connection, text: str, **how: Any) -> list[str]:
    query = FeatureQuery(filter=read_filter(text, FILTERED, **how), limit=100)
    return [json.loads(feature)["id"] for feature in find_page(tx, FILTERED, query).features]


def _expected(document: Any) -> list[str]:
    return [row["code"] for row in ROWS if matches(document, row)]


@settings(max_examples=150)
@given(document=filters)
@example(document={"op": "in", "args": [{"property": "name"}, ["O'Brien", "东河镇"]]})
def test_sql_agrees_with_plain_python(plots: Store, document: Any) -> None:
    with plots.read() as tx:
        found = _found(tx, json.dumps(document), is_json=True)
        said = _found(tx, as_text(document))

    assert found == said == _expected(document)


@given(document=filters)
def test_text_and_json_say_the_same(document: Any) -> None:
    assert parse_text(as_text(document)) == document


@pytest.mark.parametrize(
    "text",
    [
        "name = '东河镇'",
        "name='O''Brien'",
        "name LIKE '%河镇'",
        "name NOT LIKE '%镇' AND name IS NOT NULL",
        "CASEI(name) = CASEI('straße')",
        "CASEI(name) LIKE casei('école')",
        "people BETWEEN 2 AND 4",
        "people NOT BETWEEN 2 AND 4 OR people IS NULL",
        "people IN (1, 3.0, -1)",
        "people not in (1,3)",
        "(people + 1) * 2 > depth ^ 2",
        "-people < -depth / 2",
        "people % 3 = 1 AND people div 2 = 2",
        "is_open = TRUE AND NOT (depth > 3 OR people < 1)",
        "begun_on >= DATE('2026-07-02')",
        "seen_at < TIMESTAMP('2026-07-17T19:10:00.25Z')",
        "T_BEFORE(begun_on, DATE('2026-07-18'))",
        "T_INTERSECTS(INTERVAL(begun_on, ended_on), INTERVAL('2026-07-02', '2026-07-18'))",
        "T_DURING(INTERVAL(begun_on, ended_on), INTERVAL('..', '2026-08-01'))",
        "S_INTERSECTS(geometry, POINT(106.5 32.5))",
        "S_WITHIN(geometry, POLYGON((106 32, 106.75 32, 106.75 32.75, 106 32.75, 106 32)))",
        "S_DISJOINT(geometry, MULTIPOINT((106.1 32.1), (106.6 32.6)))",
        "S_CROSSES(LINESTRING(105 32.1, 108 32.1), geometry)",
        "depth = people",
        "\"name\" <> ''",
        "is_open",
    ],
)
def test_what_people_write_finds_what_they_mean(tx: Connection, text: str) -> None:
    found = _found(tx, text)

    assert found == _expected(parse_text(text))
    assert 0 < len(found) < len(ROWS)


def test_a_day_among_instants_is_that_day_in_beijing(tx: Connection) -> None:
    found = _found(tx, "T_INTERSECTS(seen_at, DATE('2026-07-18'))")

    # 2026-07-17T19:10Z is the small hours of the 18th in Beijing.
    assert found == [
        row["code"] for row in ROWS if row["seen_at"] and row["seen_at"].month == 7
        and row["seen_at"].astimezone(tz=datetime.fromisoformat(MOMENTS[0]).tzinfo).day == 18
    ]  # fmt: skip
    assert found


@pytest.mark.parametrize("srid", [4326, 4490, 3857])
def test_a_geometry_is_read_in_the_axis_order_of_its_system(tx: Connection, srid: int) -> None:
    corners = {
        4326: "32.3 106.3, 32.3 106.7, 32.7 106.7, 32.7 106.3, 32.3 106.3",
        4490: "32.3 106.3, 32.3 106.7, 32.7 106.7, 32.7 106.3, 32.3 106.3",
        3857: "11833261.87 3804500.6, 11877789.68 3804500.6, 11877789.68 3857307.2, "
        "11833261.87 3857307.2, 11833261.87 3804500.6",
    }
    plain = "106.3 32.3, 106.7 32.3, 106.7 32.7, 106.3 32.7, 106.3 32.3"

    found = _found(
        tx, f"S_INTERSECTS(geometry, POLYGON(({corners[srid]})))", crs=SERVED_CRS[EPSG.format(srid)]
    )

    assert found == _found(tx, f"S_INTERSECTS(geometry, POLYGON(({plain})))")
    assert 0 < len(found) < len(ROWS)


def test_a_box_may_be_written_as_one(tx: Connection) -> None:
    box = "POLYGON((106.3 32.3, 106.4 32.3, 106.4 32.4, 106.3 32.4, 106.3 32.3))"

    found = _found(tx, "S_INTERSECTS(geometry, BBOX(106.3, 32.3, 106.4, 32.4))")

    assert found == _found(tx, f"S_INTERSECTS(geometry, {box})") != []


@pytest.mark.parametrize(("distance_m", "is_found"), [(11_050, False), (11_150, True)])
def test_nearness_is_measured_in_metres(tx: Connection, distance_m: int, is_found: bool) -> None:  # noqa: FBT001
    # A tenth of a degree of latitude south of the plots is 11.09 km there.
    found = _found(tx, f"S_DWITHIN(geometry, POINT(106.1 31.9), {distance_m})")

    assert bool(found) is is_found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secret = '秘密'", "没有这个字段"),
        ("population > 3", "没有这个字段"),
        ("people = '3'", "应是数，却是文字"),
        ("name > 3", "应是文字，却是数"),
        ("name = DATE('2026-07-01')", "应是文字，却是日期"),
        ("begun_on = TIMESTAMP('2026-07-01T00:00:00Z')", "应是日期，却是时间"),
        ("begun_on = '2026-07-01'", "应是日期，却是文字"),
        ("geometry = 3", "却是图形"),
        ("name", "应是真假，却是文字"),
        ("people + 1", "应是真假，却是数"),
        ("name LIKE people", "应是文字"),
        ("name LIKE code", "LIKE 后面应是文字"),
        ("name LIKE 'a\\\\\\'", "没有所指"),
        ("S_INTERSECTS(name, POINT(1 2))", "应是图形"),
        ("S_INTERSECTS(geometry, POINT(32.5 106.5))", "超出经纬度范围"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "自相交"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0)))", "没有闭合"),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3))", "4 个或 6 个"),
        ("S_INTERSECTS(geometry, BBOX(1, 3, 2, 2))", "颠倒"),
        ("S_INTERSECTS(geometry)", "2 个参数"),
        ("S_DWITHIN(geometry, POINT(106 32), people)", "米数"),
        ("S_DWITHIN(geometry, POINT(106 32), 1e9)", "200000"),
        ("T_AFTER(begun_on, DATE('2026-02-30'))", "应是日期"),
        ("T_AFTER(seen_at, TIMESTAMP('2026-07-01T00:00:00'))", "带时区"),
        ("T_AFTER(begun_on, TIMESTAMP('2026-07-01T00:00:00Z'))", "日期字段"),
        ("T_DURING(begun_on, INTERVAL('2026-08-01', '2026-07-01'))", "起点晚于终点"),
        ("T_AFTER(name, DATE('2026-07-01'))", "应是日期或时间"),
        ("A_CONTAINS(name, 'x')", "没有这个运算"),
        ("ACCENTI(name) = 'x'", "没有这个运算"),
        ("name = 'x' AND", "没有写完"),
        ("name == 'x'", "第 7 个字符"),
        ("name = 'x'; DROP TABLE layer.plot", "第 11 个字符"),
        ("name = 'x", "第 8 个字符"),
        ("", "没有写完"),
        ("people = 1e999", "数字过大"),
        ("NOT " * 100 + "is_open", "嵌套"),
        ("(" * 20_000 + "is_open", "没有写完"),
        ("is_open OR " * 20_000 + "is_open", "个字符"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(YingjiError) as refusal:
        read_filter(text, FILTERED)

    assert said in refusal.value.text("zh")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "NaN",
        '{"op": "="}',
        '{"op": "=", "args": [{"property": "people"}, NaN]}',
        '{"op": "=", "args": [{"property": "people"}, null]}',
        '{"op": "=", "args": [{"property": "name"}, "a\\u0000b"]}',
        '{"op": "=", "args": [{"property": "name"}, "\\ud800"]}',
        '{"op": "and", "args": [true]}',
        '{"op": "in", "args": [{"property": "name"}, []]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": {}}]}',
        '{"op": "t_after", "args": [{"interval": "2026-07-01"}, {"date": 3}]}',
        '{"property": ["name"]}',
        '{"op": "s_within", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1'
        + "0" * 400
        + ", 3]}]}",
        '{"op": "=", "args": [{"property": "people"}, 1' + "0" * 400 + "]}",
        "[" * 50_000,
    ],
)
def test_json_that_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(YingjiError):
        read_filter(text, FILTERED, is_json=True)


@pytest.mark.parametrize("text", ["depth * 1e200 * 1e200 > 1", "(0 - 1) ^ (depth + 0.5) > 1"])
def test_arithmetic_that_fails_on_a_row_is_refused(tx: Connection, text: str) -> None:
    with pytest.raises(InvalidParameter, match="arithmetic"):
        _found(tx, text)


def test_a_division_by_zero_is_a_missing_value(tx: Connection) -> None:
    divided = "people / (people - people)"

    assert _found(tx, f"{divided} = 1 OR {divided} <> 1") == []
    assert len(_found(tx, f"{divided} IS NULL")) == len(ROWS)
