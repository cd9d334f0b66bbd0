"""Whatever a file holds, reading it ends in rows or in a refusal that says why."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import a_definition
from tests.support.files import write_vector

from yingji_map.domain.errors import YingjiError
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.normalise import normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.source import ReadOptions

WELL = a_definition()
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
_GEOMETRY = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "Circle"]),
        "coordinates": _JSON,
    }
)
_FEATURE = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "geometry": _GEOMETRY | _JSON,
        "properties": st.dictionaries(
            st.sampled_from(["code", "name", "depth_m", "井深", "x"]), _JSON, max_size=4
        )
        | _JSON,
    }
)
_COLLECTION = st.fixed_dictionaries(
    {"type": st.just("FeatureCollection"), "features": st.lists(_FEATURE, max_size=3) | _JSON},
    optional={"crs": _JSON | st.just({"type": "name", "properties": {"name": "EPSG:4523"}})},
)


def _end(path: Path) -> str:
    """Return `rows` or the words of the refusal; anything else that is raised fails the test."""
    try:
        candidates = normalise(read_source(path, ReadOptions()), WELL)
        report = judge(candidates, WELL, {})
    except YingjiError as refusal:
        return refusal.text("zh")
    assert report.rows_read == len(candidates.rows)
    json.dumps(report.document(), allow_nan=False)
    return "rows"


@given(document=_COLLECTION | _JSON)
def test_any_json_ends_in_rows_or_a_refusal(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "w.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")

    assert _end(path)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_any_bytes_end_in_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    for name in ("w.geojson", "w.csv"):
        (tmp_path / name).write_bytes(content)

        assert _end(tmp_path / name)


@given(cells=st.lists(st.lists(st.text(max_size=6), min_size=4, max_size=5), max_size=4))
def test_any_table_ends_in_rows_or_a_refusal(tmp_path: Path, cells: list[list[str]]) -> None:
    path = tmp_path / "w.csv"
    lines = ["code,depth_m,lon,lat", *(",".join(row) for row in cells)]
    path.write_text("\n".join(lines), encoding="utf-8")

    assert _end(path)


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".shx", ".gpkg"])
def test_a_damaged_file_ends_in_rows_or_a_refusal(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{'.gpkg' if suffix == '.gpkg' else '.shp'}"
    rows = [
        {"code": f"村{n}", "depth_m": float(n), "geom": shapely.Point(106 + n / 10, 32)}
        for n in range(4)
    ]
    write_vector(path, rows, encoding="GBK" if path.suffix == ".shp" else None)
    victim = path.with_suffix(suffix)
    sound = victim.read_bytes()
    chance = random.Random(7)  # noqa: S311 - a fixed choice of damages

    for _ in range(25):
        damaged = bytearray(sound)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        victim.write_bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])

        assert _end(path)
