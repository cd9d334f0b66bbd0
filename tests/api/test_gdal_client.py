"""GDAL reads the running service as any desktop does."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from pyproj import Transformer

from yingji_map.bootstrap import Application
from yingji_map.http.app import create_app

pytestmark = [
    pytest.mark.db,
    pytest.mark.optional,
    pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="needs ogrinfo (gdal-bin)"),
]


@pytest.fixture(scope="module")
def address(application: Application) -> Iterator[str]:
    """Serve the application on a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(application), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        for _ in range(100):
            if server.started:
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ogc"
        server.should_exit = True
        thread.join(timeout=10)


def _ogrinfo(*arguments: str) -> str:
    done = subprocess.run(
        ["ogrinfo", "-ro", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


def test_gdal_lists_every_collection_with_its_title_and_count(
    address: str, application: Application
) -> None:
    listed = _ogrinfo("-q", f"OAPIF:{address}")
    described = _ogrinfo("-so", "-al", f"OAPIF:{address}")

    titles = dict(re.findall(r"^\d+: (\w+) \(title: (.+?)\)", listed, flags=re.MULTILINE))
    counts = re.findall(
        r"^Layer name: (\w+)$.*?^Feature Count: (\d+)$", described, flags=re.MULTILINE | re.DOTALL
    )
    listings = application.find_features.collections()
    assert titles == {item.definition.id: item.definition.title.zh for item in listings}
    assert {name: int(count) for name, count in counts} == {
        item.definition.id: item.state.row_count for item in listings if item.state
    }


def test_gdal_follows_the_pages_and_keeps_chinese_text(address: str) -> None:
    # Three pages: GDAL 3.6 asks for ten at a time unless told otherwise.
    text = _ogrinfo("-al", "-oo", "PAGE_SIZE=10", f"OAPIF:{address}", "shelter")

    names = re.findall(r"name \(String\) = (\S+)", text)
    assert names == [f"避难场所{number}" for number in range(25)]
    assert "POINT (106.21 32.204)" in text


def test_gdal_filters_by_place_on_the_server(address: str) -> None:
    text = _ogrinfo(
        "-so", "-spat", "106.205", "32.2", "106.265", "32.3", f"OAPIF:{address}", "shelter"
    )

    assert "Feature Count: 6" in text


def _read(source: str, **options: str) -> dict[str, Any]:
    """Return what GDAL of pyogrio's wheel reads; in a process of its own, for it holds the lock."""
    script = (
        "import json, pyogrio, sys\n"
        "source, options = sys.argv[1], json.loads(sys.argv[2])\n"
        "t = pyogrio.read_dataframe(source, **options)\n"
        "print(json.dumps({'crs': t.crs.to_string(), 'kinds': {n: k.kind for n, k in t.dtypes.items()},"
        " 'x': list(t.geometry.x), 'y': list(t.geometry.y), 'code': list(t['code']),"
        " 'missing': {n: int(t[n].isna().sum()) for n in t.columns}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, source, json.dumps(options)],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857", "EPSG:4544"])
def test_gdal_has_east_on_x_whatever_order_the_system_has(address: str, crs: str) -> None:
    # The option CRS came with GDAL 3.7; the wheel's is newer.
    read = _read(f"OAPIF:{address}/collections/shelter", CRS=crs)

    mover = Transformer.from_crs(4490, crs, always_xy=True)
    expected = [mover.transform(106.20 + 0.01 * n, 32.20 + 0.004 * n) for n in range(25)]
    assert read["crs"] == crs
    assert read["code"] == [f"BH{number:03d}" for number in range(25)]
    assert read["x"] == pytest.approx([x for x, _ in expected], abs=1e-3)
    assert read["y"] == pytest.approx([y for _, y in expected], abs=1e-3)


def test_gdal_reads_types_missing_values_and_plain_pages(address: str) -> None:
    whole = _read(f"OAPIF:{address}", layer="shelter")
    page = _read(f"/vsicurl/{address}/collections/shelter/items?limit=10")

    assert (whole["kinds"]["capacity_persons"], whole["kinds"]["area_m2"]) == ("i", "f")
    assert whole["missing"]["area_m2"] == 1
    assert len(page["code"]) == 10


def test_owslib_reads_and_filters(address: str) -> None:
    features = pytest.importorskip("owslib.ogcapi.features", exc_type=ImportError)
    service = features.Features(address)

    found = service.collection_items("shelter", filter="name = '避难场所7'")
    inside = service.collection_items("shelter", bbox=[106.205, 32.2, 106.265, 32.3])
    assert "shelter" in service.feature_collections()
    assert len(service.collection_items("shelter", limit=7)["features"]) == 7
    assert [feature["id"] for feature in found["features"]] == ["BH007"]
    assert inside["numberMatched"] == 6
    assert service.collection_item("shelter", "BH003")["properties"]["area_m2"] is None
    assert "name" in service.collection_queryables("shelter")["properties"]
