"""Files in: every format the same rows, every fault with its row, whole or nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.support.builders import a_definition
from tests.support.files import write_csv, write_geojson, write_vector

from yingji_map.domain.errors import (
    CrsNotConvertible,
    ImportRefused,
    InvalidParameter,
    LayerNotFound,
    NotReady,
    UnknownCrs,
    UnreadableFile,
)
from yingji_map.domain.features import FeatureTable, content_hashes
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import ImportReport
from yingji_map.services import import_layer
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.imports import find_imports
from yingji_map.store.layers import find_layer_states

pytestmark = pytest.mark.db


def _title(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh.encode("ascii", "ignore").decode() or "Field"}


AREA = a_definition(
    id="area",
    geometry="polygon",
    fields=[{"name": "code", "type": "text", "title": _title("代码"), "required": True}],
)
WELL = a_definition(
    fields=[
        {"name": "code", "type": "text", "title": _title("编号"), "required": True},
        {"name": "name", "type": "text", "title": _title("水井名称"), "aliases": ["井名"]},
        {"name": "kind", "type": "text", "title": _title("类型"), "enum": ["土井", "机井"]},
        {
            "name": "depth_m",
            "type": "number",
            "title": _title("井深"),
            "unit": "m",
            "range": [0, 500],
        },
        {"name": "users", "type": "integer", "title": _title("用水人数")},
        {"name": "homes", "type": "integer", "title": _title("用水户数")},
        {"name": "is_open", "type": "boolean", "title": _title("在用")},
    ],
    rules=[
        {
            "id": "inside_area",
            "check": {"rule": "within", "layer": "area", "tolerance_m": 500},
            "message": {"zh": "不在范围内", "en": "Lies outside the area"},
        },
        {
            "id": "homes_fit_users",
            "check": {"rule": "compare", "left": "homes", "operator": "<=", "right": "users"},
            "severity": "warn",
            "message": {"zh": "户数多于人数", "en": "More homes than users"},
        },
    ],
)
PIPE = a_definition(
    id="pipe",
    geometry="line",
    fields=[{"name": "code", "type": "text", "title": _title("编号"), "required": True}],
)
CATALOGUE = {layer.id: layer for layer in (AREA, WELL, PIPE)}
SQUARE = {"code": "510821", "geom": shapely.box(106, 32, 106.5, 32.5)}
ROWS = [
    {
        "code": f"W{n}",
        "name": f"村{n}号井",
        "kind": ("土井", "机井")[n % 2],
        "depth_m": 10.5 * n,
        "users": 30 * n,
        "homes": 10 * n,
        "is_open": n % 2,
        "geom": shapely.Point(106.1 + n / 100, 32.25),
    }
    for n in (1, 2, 3)
]


def _row(**changes: Any) -> dict[str, Any]:
    return {**ROWS[0], **changes}


@pytest.fixture
def importer(store: Store, tmp_path: Path) -> ImportLayer:
    importer = ImportLayer(store=store, catalogue=CATALOGUE)
    with store.transaction() as tx:
        for layer in CATALOGUE:
            tx.execute(text(f"DROP TABLE IF EXISTS layer.{layer}"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))
    importer.run(
        ImportRequest(path=write_geojson(tmp_path / "area.geojson", [SQUARE]), layer_id="area")
    )
    return importer


@pytest.fixture
def take(importer: ImportLayer) -> Callable[..., ImportReport]:
    def run(path: Path, layer: str = "well", **how: Any) -> ImportReport:
        return importer.run(ImportRequest(path=path, layer_id=layer, **how))

    return run


Take = Callable[..., ImportReport]


def _stored(store: Store, definition: LayerDefinition = WELL) -> FeatureTable:
    with store.read() as tx:
        return read_features(tx, definition)


def _is_untouched(store: Store) -> bool:
    with store.read() as tx:
        state = find_layer_states(tx).get("well")
    return state is None or (state.version, state.row_count) == (0, 0)


def _refused(take: Take, path: Path, **how: Any) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        take(path, **how)
    return caught.value


def _findings(error: ImportRefused) -> list[tuple[int | None, str, str | None]]:
    report: Any = error.fields["report"]
    return [(f.get("row"), f["rule"], f.get("field")) for f in report["findings"]]


_CHINESE_NAMES = {
    "code": "编号",
    "name": "井名",
    "kind": "类型",
    "depth_m": "井深",
    "users": "用水人数",
    "homes": "用水户数",
    "is_open": "在用",
    "geom": "geom",
}
_CHINESE = [{_CHINESE_NAMES[name]: value for name, value in row.items()} for row in ROWS]
_WRITERS: dict[str, Callable[[Path], Path]] = {
    "csv": lambda folder: write_csv(folder / "井.csv", ROWS),
    "csv with mark": lambda folder: write_csv(folder / "井.csv", _CHINESE, "utf-8-sig"),
    "csv gbk": lambda folder: write_csv(folder / "井.csv", _CHINESE, "gbk"),
    "gpkg": lambda folder: write_vector(folder / "井.gpkg", ROWS),
    "shp utf-8": lambda folder: write_vector(folder / "井.shp", _CHINESE, encoding="UTF-8"),
    "shp gbk": lambda folder: write_vector(folder / "井.shp", _CHINESE, encoding="GBK"),
    "shp gbk without cpg": lambda folder: _without(
        write_vector(folder / "井.shp", _CHINESE, encoding="GBK"), ".cpg"
    ),
}


def _without(path: Path, suffix: str) -> Path:
    path.with_suffix(suffix).unlink()
    return path


@pytest.mark.parametrize("kind", _WRITERS)
def test_every_format_gives_the_rows_that_geojson_gives(
    take: Take, store: Store, tmp_path: Path, kind: str
) -> None:
    take(write_geojson(tmp_path / "well.geojson", ROWS))
    expected = content_hashes(_stored(store))

    report = take(_WRITERS[kind](tmp_path))

    assert (report.written, report.unchanged) == (0, 3), report.quality.notes
    assert content_hashes(_stored(store)) == expected
    assert list(_stored(store).columns["name"]) == ["村1号井", "村2号井", "村3号井"]
    assert list(_stored(store).columns["is_open"]) == [True, False, True]


def test_lines_and_polygons_become_multi_in_two_dimensions(
    take: Take, store: Store, tmp_path: Path
) -> None:
    line = shapely.LineString([(106.1, 32.1, 500), (106.2, 32.2, 600)])

    take(
        write_vector(
            tmp_path / "pipe.gpkg", [{"code": "P", "geom": line}], geometry_type="LineString Z"
        ),
        "pipe",
    )

    stored = _stored(store, PIPE).geometry[0]
    assert (stored.geom_type, stored.has_z) == ("MultiLineString", False)
    assert _stored(store, AREA).geometry[0].geom_type == "MultiPolygon"


def test_projected_rows_land_where_they_lie(take: Take, store: Store, tmp_path: Path) -> None:
    # The zone number 35 stands before the easting in EPSG:4523 and is left out in EPSG:4544.
    zoned = _row(code="zoned", geom=shapely.Point(35_612_000, 3_570_000))
    plain = _row(code="plain", geom=shapely.Point(612_000, 3_570_000))

    take(write_vector(tmp_path / "zoned.gpkg", [zoned], crs="EPSG:4523"))
    take(write_vector(tmp_path / "plain.gpkg", [plain], crs="EPSG:4544"))

    one, other = _stored(store).geometry
    assert (one.x, one.y) == pytest.approx((106.188, 32.248), abs=1e-3)
    assert (one.x, one.y) == pytest.approx((other.x, other.y), abs=1e-9)


def test_the_same_file_twice_changes_nothing(take: Take, store: Store, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "w.geojson", ROWS)
    first = take(path)

    second = take(path)

    assert (first.written, first.unchanged, first.version) == (3, 0, 1)
    assert (second.written, second.unchanged, second.version) == (0, 3, 1)
    with store.read() as tx:
        assert [record.is_accepted for record in find_imports(tx, "well", 9)] == [True, True]


def test_only_replacing_ends_what_the_file_lacks(take: Take, store: Store, tmp_path: Path) -> None:
    take(write_geojson(tmp_path / "w.geojson", ROWS))
    one = write_geojson(tmp_path / "one.geojson", ROWS[:1])

    take(one)
    kept = _stored(store).keys
    report = take(one, is_replacing=True)

    assert kept == ("W1", "W2", "W3")
    assert _stored(store).keys == ("W1",)
    assert (report.closed, report.unchanged) == (2, 1)


def test_a_file_without_rows_is_fine_but_replaces_nothing(
    take: Take, store: Store, tmp_path: Path
) -> None:
    take(write_geojson(tmp_path / "w.geojson", ROWS))
    empty = write_geojson(tmp_path / "empty.geojson", [])

    assert take(empty).quality.rows_read == 0
    with pytest.raises(InvalidParameter, match="end the whole layer"):
        take(empty, is_replacing=True)
    assert _stored(store).keys == ("W1", "W2", "W3")


def test_a_dry_run_counts_and_writes_nothing(take: Take, store: Store, tmp_path: Path) -> None:
    report = take(write_geojson(tmp_path / "w.geojson", ROWS), is_dry_run=True)
    _refused(take, write_geojson(tmp_path / "x.geojson", [_row(depth_m=-1)]), is_dry_run=True)

    assert (report.written, report.import_id, report.is_dry_run) == (3, None, True)
    assert _is_untouched(store)
    with store.read() as tx:
        assert find_imports(tx, "well", 9) == []


def test_an_import_killed_in_the_middle_leaves_nothing(
    take: Take, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt  # the last step of the transaction: everything is written by then

    monkeypatch.setattr(import_layer, "amend_import", killed)

    with pytest.raises(KeyboardInterrupt):
        take(write_geojson(tmp_path / "w.geojson", ROWS))

    assert _is_untouched(store)
    with store.read() as tx:
        assert find_imports(tx, "well", 9) == []


def test_a_shapefile_without_prj_is_refused_with_the_fix(
    take: Take, store: Store, tmp_path: Path
) -> None:
    path = _without(write_vector(tmp_path / "w.shp", _CHINESE, encoding="UTF-8"), ".prj")

    with pytest.raises(UnknownCrs) as caught:
        take(path)

    assert "--crs EPSG:4490" in caught.value.text("zh")
    assert _is_untouched(store)
    assert take(path, crs="EPSG:4490").written == 3


def test_a_datum_that_needs_local_parameters_is_refused(
    take: Take, store: Store, tmp_path: Path
) -> None:
    path = write_vector(tmp_path / "w.gpkg", ROWS, crs="EPSG:4610")  # Xian 1980

    with pytest.raises(CrsNotConvertible):
        take(path)
    assert _is_untouched(store)


def test_rows_outside_the_area_are_refused_by_number(
    take: Take, store: Store, tmp_path: Path
) -> None:
    # 500 m are allowed: 32.003° lies 333 m south of nothing, 31.997° 333 m outside, 31.99° 1.1 km.
    places = [(106.1, 31.997), (106.1, 31.99), (106.1, 32.1), (107, 32.1)]
    rows = [_row(code=str(n), geom=shapely.Point(place)) for n, place in enumerate(places)]

    error = _refused(take, write_geojson(tmp_path / "w.geojson", rows))

    assert _findings(error) == [(2, "inside_area", None), (4, "inside_area", None)]
    assert "1,1" in str(error.fields["first_en"])
    assert _is_untouched(store)


_BAD_ROWS: dict[str, tuple[dict[str, Any], tuple[str, str | None]]] = {
    "wrong enum": ({"kind": "泉"}, ("enum", "kind")),
    "below range": ({"depth_m": -1}, ("range", "depth_m")),
    "text for a number": ({"depth_m": "很深"}, ("type", "depth_m")),
    "fraction for a count": ({"users": 1.5}, ("type", "users")),
    "neither yes nor no": ({"is_open": "也许"}, ("type", "is_open")),
    "missing key": ({"code": None}, ("required", "code")),
    "blank key": ({"code": "  "}, ("required", "code")),
    "no geometry": ({"geom": None}, ("geometry", None)),
    "line for a point": (
        {"geom": shapely.LineString([(106.1, 32.1), (106.2, 32.1)])},
        ("geometry", None),
    ),
    "zero zero": ({"geom": shapely.Point(0, 0)}, ("coordinates", None)),
    "metres as degrees": ({"geom": shapely.Point(592_094, 3_560_000)}, ("coordinates", None)),
}


@pytest.mark.parametrize("fault", _BAD_ROWS)
def test_one_bad_row_stops_the_file_and_is_named(
    take: Take, store: Store, tmp_path: Path, fault: str
) -> None:
    changes, (rule, field) = _BAD_ROWS[fault]
    path = write_geojson(tmp_path / "w.geojson", [ROWS[1], _row(**changes), ROWS[2]])

    error = _refused(take, path)

    assert _findings(error) == [(2, rule, field)]
    assert (error.fields["read"], error.fields["refused"]) == (3, 1)
    assert _is_untouched(store)


def test_a_refused_import_is_on_record_with_its_report(
    take: Take, store: Store, tmp_path: Path
) -> None:
    error = _refused(take, write_geojson(tmp_path / "w.geojson", [ROWS[1], _row(depth_m=-1)]))

    with store.read() as tx:
        record: Any = find_imports(tx, "well", 9)[0]
    assert (record.is_accepted, record.import_id) == (False, error.fields["import_id"])
    assert (record.report["rows_read"], record.report["rows_refused"]) == (2, 2)
    assert record.report["findings"][0]["row"] == 2


def test_keys_that_repeat_are_refused_on_every_row(
    take: Take, store: Store, tmp_path: Path
) -> None:
    rows = [_row(code=code) for code in ("a", "b", "a")]

    error = _refused(take, write_geojson(tmp_path / "w.geojson", rows))

    assert _findings(error) == [(1, "key", "code"), (3, "key", "code")]
    assert _is_untouched(store)


def test_a_self_crossing_polygon_is_refused_with_the_place_of_the_fault(
    take: Take, tmp_path: Path
) -> None:
    bow_tie = shapely.Polygon([(106.3, 32.2), (106.4, 32.3), (106.4, 32.2), (106.3, 32.3)])

    error = _refused(
        take, write_geojson(tmp_path / "a.geojson", [{"code": "x", "geom": bow_tie}]), layer="area"
    )

    report: Any = error.fields["report"]
    finding = report["findings"][0]
    assert (finding["lon"], finding["lat"]) == pytest.approx((106.35, 32.25))
    assert "自相交" in finding["reason"]["zh"]


def test_a_missing_required_column_is_one_finding_for_the_file(take: Take, tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != "code"} for row in ROWS]

    error = _refused(take, write_geojson(tmp_path / "w.geojson", rows))

    assert _findings(error) == [(None, "column", "code")]
    assert error.fields["refused"] == 3


def test_swapped_coordinates_of_a_table_are_called_swapped(take: Take, tmp_path: Path) -> None:
    rows = [_row(geom=shapely.Point(32.25, 106.11))]

    error = _refused(take, write_csv(tmp_path / "w.csv", rows))

    assert "写反" in error.text("zh")


def test_a_warning_is_reported_and_stops_nothing(take: Take, tmp_path: Path) -> None:
    report = take(write_geojson(tmp_path / "w.geojson", [_row(users=3, homes=9)]))

    assert report.is_accepted
    assert [(f.row, f.rule) for f in report.quality.findings] == [(1, "homes_fit_users")]


def test_columns_that_belong_nowhere_are_named(take: Take, tmp_path: Path) -> None:
    report = take(write_geojson(tmp_path / "w.geojson", [_row(备注="好")]))

    assert report.quality.ignored == ("备注",)
    assert any("备注" in note.zh for note in report.quality.notes)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "csv"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01garbage\xff\xfe", b"PK\x03\x04"])
def test_garbage_is_unreadable_in_every_format(
    take: Take, store: Store, tmp_path: Path, suffix: str, content: bytes
) -> None:
    path = tmp_path / f"w.{suffix}"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile):
        take(path)
    assert _is_untouched(store)


def test_what_is_not_there_is_named(take: Take, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "w.geojson", ROWS)

    with pytest.raises(LayerNotFound):
        take(path, "spring")
    with pytest.raises(UnreadableFile, match="no such file"):
        take(tmp_path / "none.geojson")
    with pytest.raises(UnreadableFile, match="files are read from"):
        take(tmp_path / "w.docx")


def test_a_rule_that_cannot_be_checked_stops_the_import(
    store: Store, importer: ImportLayer, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        tx.execute(text("UPDATE core.layers SET row_count = 0 WHERE layer_id = 'area'"))

    with pytest.raises(NotReady, match="layer import area"):
        importer.run(
            ImportRequest(path=write_geojson(tmp_path / "w.geojson", ROWS), layer_id="well")
        )


def _plausible(rows: list[tuple[str, int, float]]) -> list[dict[str, Any]]:
    return [
        _row(code=code, depth_m=depth, geom=shapely.Point(lon, 32.25)) for code, depth, lon in rows
    ]


@settings(max_examples=25)
@given(
    files=st.lists(
        st.lists(
            st.tuples(
                st.sampled_from("abcde"),
                st.integers(min_value=-20, max_value=520),
                st.sampled_from([106.1, 106.2, 108.0]),
            ),
            max_size=5,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_rows_read_are_written_or_unchanged_or_refused(
    importer: ImportLayer, store: Store, tmp_path: Path, files: list[list[tuple[str, int, float]]]
) -> None:
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE IF EXISTS layer.well"))
        tx.execute(text("TRUNCATE core.layer_versions"))
        tx.execute(text("DELETE FROM core.imports WHERE layer_id = 'well'"))
        tx.execute(text("DELETE FROM core.layers WHERE layer_id = 'well'"))
    ledger: dict[str, tuple[int, float]] = {}
    for rows in files:
        path = write_geojson(tmp_path / "w.geojson", _plausible(rows))
        codes = [code for code, _, _ in rows]
        is_fit = len(set(codes)) == len(codes) and all(
            0 <= depth <= 500 and lon < 107 for _, depth, lon in rows
        )
        try:
            document: Any = importer.run(ImportRequest(path=path, layer_id="well")).document()
        except ImportRefused as error:
            document = error.fields["report"]
        changed = sum(ledger.get(code) != (depth, lon) for code, depth, lon in rows)

        assert document["is_accepted"] == is_fit
        assert (
            document["rows_read"]
            == len(rows)
            == sum(document[f"rows_{what}"] for what in ("written", "unchanged", "refused"))
        )
        if is_fit:
            assert document["rows_written"] == changed
            ledger |= {code: (depth, lon) for code, depth, lon in rows}
        if ledger:
            depths = dict(zip(_stored(store).keys, _stored(store).columns["depth_m"], strict=True))
            assert depths == {code: depth for code, (depth, _) in ledger.items()}


def test_many_rows_are_judged_in_reasonable_time(take: Take, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    rows = [
        _row(code=f"{n:05}", geom=shapely.Point(106 + rng.random() / 2, 32 + rng.random() / 2))
        for n in range(3000)
    ]

    assert take(write_geojson(tmp_path / "w.geojson", rows)).written == 3000
