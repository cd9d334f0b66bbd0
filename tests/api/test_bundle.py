"""The offline bundle: one file that holds what the service shows, and opens without it."""

import gzip
import hashlib
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from starlette.testclient import TestClient

from tests.api.conftest import put
from tests.support.desktop import inspect, qgis_python
from yingji_map.bootstrap import Application
from yingji_map.domain.errors import DownloadAbandoned
from yingji_map.services.bundle_tiles import tiles_of
from yingji_map.services.map_outputs import map_outputs

pytestmark = pytest.mark.db
SCRIPT = Path(__file__).parents[1] / "support" / "qgis_project.py"
needs_qgis = pytest.mark.skipif(qgis_python() is None, reason="needs QGIS (qgis, python3-qgis)")


@pytest.fixture(scope="module")
def bundle(
    application: Application, client: TestClient, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Download the bundle of the small county and unpack it."""
    border = shapely.MultiPolygon([shapely.box(106.15, 32.15, 106.55, 32.35)])
    put(application, "county", {"510821": (border, {"name": "旺苍县"})})
    answer = client.get("/v1/bundle")
    assert answer.status_code == 200, answer.text
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return folder


def test_the_manifest_names_every_file_and_every_version(
    application: Application, bundle: Path
) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))

    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    found = {
        path.relative_to(bundle).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in bundle.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    versions = {layer["id"]: (layer["version"], layer["count"]) for layer in manifest["layers"]}
    assert listed == found
    for listing in application.list_layers.run():
        state = listing.state
        if state is not None and state.row_count and listing.definition.style:
            assert versions[listing.definition.id] == (state.version, state.row_count)


def test_the_geopackage_holds_every_layer_and_its_style_but_nothing_private(
    application: Application, bundle: Path
) -> None:
    path = bundle / "yingji.gpkg"

    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    with closing(sqlite3.connect(path)) as database:
        styles = dict(
            database.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
        )
    assert {"shelter", "settlement", "township", "road", "county"} <= layers.keys()
    assert set(styles) == {name for name, kind in layers.items() if kind is not None}
    shelters = pyogrio.read_info(path, layer="shelter")
    assert shelters["features"] == 25
    assert "contact_phone" not in shelters["fields"]
    assert "秘密".encode() not in path.read_bytes()
    shown = application.render_styles.qml("shelter", "day").decode()  # type: ignore[arg-type]
    assert styles["shelter"] == shown


def test_the_tiles_read_back_are_those_of_the_service(
    application: Application, client: TestClient, bundle: Path
) -> None:
    drawn = map_outputs(application).project.drawn()
    names = [appearance.layer_id for appearance, _ in drawn]
    with (bundle / "layers.pmtiles").open("rb") as stream:
        source = MmapSource(stream)
        header, metadata = Reader(source).header(), Reader(source).metadata()
        held = {address: gzip.decompress(body) for address, body in all_tiles(source)}

    for address in tiles_of((106.15, 32.15, 106.55, 32.35)):
        z, x, y = address.z, address.x, address.y
        parts = [
            client.get(f"/tiles/{name}/{z}/{x}/{y}.pbf").content
            for name in names
            if z >= application.catalogue[name].tiles.minzoom
        ]
        assert held.get((z, x, y), b"") == b"".join(parts), address
    assert {layer["id"] for layer in metadata["vector_layers"]} == set(names)
    assert (header["min_zoom"], header["max_zoom"]) == (6, 12)


def test_the_page_and_the_legends_are_there_for_people(bundle: Path) -> None:
    text = (bundle / "README.txt").read_bytes().decode("utf-8-sig")

    assert "北京时间" in text
    assert "不含电话" in text
    assert (bundle / "legend" / "shelter.png").read_bytes().startswith(b"\x89PNG")
    assert (bundle / "legend" / "risk.png").is_file()


def test_the_project_reads_from_the_files_beside_it(bundle: Path) -> None:
    text = (bundle / "yingji.qgs").read_text(encoding="utf-8")

    assert "./yingji.gpkg|layername=shelter" in text
    assert "http://127.0.0.1" not in text
    assert "OAPIF" not in text


@needs_qgis
@pytest.mark.optional
def test_qgis_opens_it_with_no_service_at_hand(bundle: Path, tmp_path: Path) -> None:
    seen = inspect(SCRIPT, str(bundle / "yingji.qgs"), str(tmp_path / "map.png"), "1.1")

    layers: dict[str, dict[str, Any]] = {f["title"]: f for f in seen["layers"].values()}
    assert [title for title, facts in layers.items() if not facts["is_valid"]] == []
    assert layers["避难场所"]["count"] == 25
    assert layers["避难场所"]["provider"] == "ogr"
    assert layers["避难场所"]["aliases"]["name"] == "名称"
    assert "#0b6b60" in seen["picture"]["colours"]
    assert seen["picture"]["errors"] == []


def test_nothing_is_left_of_a_bundle_that_nobody_waits_for(
    application: Application, tmp_path: Path
) -> None:
    with pytest.raises(DownloadAbandoned):
        map_outputs(application).bundle.run(tmp_path / "b.zip", is_wanted=lambda: False)

    assert list(tmp_path.iterdir()) == []
