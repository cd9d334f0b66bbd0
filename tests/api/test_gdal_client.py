"""GDAL reads the running service as any desktop does."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

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
