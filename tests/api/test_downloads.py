"""Layers as files over HTTP: what comes down goes up again as nothing new."""

import io
import re
import socket
import time
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
import shapely
from shapely.geometry import mapping
from starlette.testclient import TestClient

from tests.api.conftest import put
from tests.support.serving import served
from yingji_map.bootstrap import Application
from yingji_map.domain.download import FileFormat
from yingji_map.http.app import create_app
from yingji_map.ingest.column_names import match_columns
from yingji_map.publish.shapefile_zip import short_names
from yingji_map.services.import_layer import ImportRequest

pytestmark = pytest.mark.db
ZONE = mapping(shapely.box(106.2, 32.2, 106.25, 32.3))


@pytest.fixture(scope="module", autouse=True)
def _inside_a_county(application: Application) -> None:
    """Give the layers the county that their rows must lie in."""
    border = shapely.MultiPolygon([shapely.box(105.9, 31.9, 106.8, 32.8)])
    put(application, "county", {"510821": (border, {"name": "旺苍县"})})


@pytest.mark.parametrize("form", list(FileFormat))
@pytest.mark.parametrize("layer", ["shelter", "township", "road"])
def test_what_is_downloaded_is_imported_as_nothing_new(
    application: Application, client: TestClient, tmp_path: Path, layer: str, form: FileFormat
) -> None:
    count = application.list_layers.one(layer).state
    assert count is not None
    path = tmp_path / f"{layer}{form.suffix}"

    answer = client.get(f"/v1/layers/{layer}/download?format={form}")

    path.write_bytes(answer.content)
    report = application.import_layer.run(ImportRequest(path=path, layer_id=layer, is_dry_run=True))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == form.media_type.split(";")[0]
    assert report.quality.rows_read == count.row_count
    assert report.quality.ignored == ()
    if layer != "shelter":  # without its private telephone the content is another
        assert (report.written, report.unchanged) == (0, count.row_count)


def test_the_name_of_the_file_is_chinese_for_those_who_can_read_it(client: TestClient) -> None:
    said = client.get("/v1/layers/shelter/download?format=csv").headers["content-disposition"]

    plain, coded = re.findall(r"filename\*?=(?:UTF-8''|\")([^\";]+)", said)
    assert plain == "download.csv"
    assert urllib.parse.unquote(coded) == "避难场所.csv"


def test_a_csv_opens_in_excel_without_a_question(client: TestClient) -> None:
    body = client.get("/v1/layers/shelter/download?format=csv").content

    assert body.startswith(b"\xef\xbb\xbf")
    heading = body.decode("utf-8-sig").split("\r\n")[0].split(",")
    assert heading[-2:] == ["经度", "纬度"]
    assert not any("电话" in title for title in heading)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bbox=106.2,32.2,106.2401,32.3", 5),
        ("shelter_class=长期", 13),
        ("filter=capacity_persons%20%3E%20120", 4),
        ("datetime=2019-01-01T00:00:00Z", 0),
        ("known_at=2019-01-01", 0),
    ],
)
def test_a_download_is_narrowed_as_a_collection_is(
    client: TestClient, query: str, expected: int
) -> None:
    answer = client.get(f"/v1/layers/shelter/download?format=geojson&{query}")

    assert len(answer.json()["features"]) == expected


def test_a_drawn_area_is_downloaded_whole_features_at_its_edge(client: TestClient) -> None:
    answer = client.post("/v1/layers/township/download?format=gpkg", json={"geometry": ZONE})

    with pyogrio.open_arrow(io.BytesIO(answer.content)) as (meta, _):
        assert meta["crs"] == "EPSG:4490"
    _, _, geometry, _ = pyogrio.raw.read(io.BytesIO(answer.content))
    assert len(geometry) == 1
    assert shapely.from_wkb(geometry[0]).bounds == (106.2, 32.2, 106.4, 32.3)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("format=dwg", "format"),
        ("crs=EPSG:2154", "crs"),
        ("format=kml&crs=EPSG:4523", "crs"),
        ("format=gpkg&encoding=gbk", "encoding"),
        ("limit=3", "limit"),
        ("filter=contact_phone%20%3D%20%271%27", "filter"),
    ],
)
def test_what_makes_no_sense_is_refused(client: TestClient, query: str, reason: str) -> None:
    answer = client.get(f"/v1/layers/shelter/download?{query}")

    assert answer.status_code in {400, 422}
    assert reason in answer.text


def test_rasters_and_unknown_layers_have_no_rows_to_download(client: TestClient) -> None:
    assert client.get("/v1/layers/dem/download").status_code == 404
    assert client.get("/v1/layers/nowhere/download").status_code == 404


def test_short_names_of_every_layer_find_their_fields_again(application: Application) -> None:
    for definition in application.catalogue.values():
        names = short_names(definition.public_fields)

        found = match_columns(names, definition).fields
        assert all(len(name.encode()) <= 10 for name in names)
        assert len({name.casefold() for name in names}) == len(names)
        wanted = dict(zip(names, (field.name for field in definition.public_fields), strict=True))
        assert found == wanted, definition.id


def test_a_shapefile_says_its_encoding_and_its_system(client: TestClient) -> None:
    body = client.get("/v1/layers/shelter/download?format=shp&crs=EPSG:4523&encoding=gbk").content

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {Path(name).suffix for name in archive.namelist()}
        assert parts == {".shp", ".shx", ".dbf", ".prj", ".cpg", ".txt"}
        assert archive.read("shelter.cpg") == b"GBK"
        assert b"Gauss_Kruger" in archive.read("shelter.prj")


@pytest.fixture
def slow_client(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, list[bool]]]:
    """Serve a download that lasts until nobody wants it; tell what it was told."""
    told: list[bool] = []
    run = type(application.export_layer).run

    def slowly(self: object, request: object) -> int:
        for _ in range(100):
            if not request.is_wanted():  # type: ignore[attr-defined]
                told.append(False)
                break
            time.sleep(0.05)
        return run(self, request)  # type: ignore[arg-type]

    monkeypatch.setattr(type(application.export_layer), "run", slowly)
    with served(create_app(application)) as url:
        yield url, told


def test_the_work_ends_when_the_client_leaves(slow_client: tuple[str, list[bool]]) -> None:
    url, told = slow_client
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"GET /v1/layers/shelter/download HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
    deadline = time.monotonic() + 5
    while not told and time.monotonic() < deadline:
        time.sleep(0.05)

    assert told == [False]
