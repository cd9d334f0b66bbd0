"""A city's layer fed by a county's service and by a plain OGC API collection, both over HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
import uvicorn
from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from tests.api.conftest import LONG_AGO, put
from yingji_map.bootstrap import Application, build
from yingji_map.domain.errors import InvalidParameter, SourceUnusable
from yingji_map.http.app import create_app
from yingji_map.services.synchronise_layer import SyncRequest, SyncResult
from yingji_map.store.features import read_features
from yingji_map.store.versions import find_version

LAYER = """
id: city_shelter
kind: capacity
title: {zh: 全市避难场所, en: Shelters of the city}
description: {zh: 各县汇来, en: Gathered from the counties}
geometry: point
key: code
fields:
  - {name: code, type: text, title: {zh: 编号, en: Code}, required: true}
  - {name: name, type: text, title: {zh: 名称, en: Name}, required: true}
  - {name: capacity_persons, type: integer, title: {zh: 可容纳人数, en: Capacity}, required: true, range: [0, 9000]}
source: {title: 各县汇来, publisher: test}
licence: Apache-2.0
federation:
  - id: wangcang
    title: {zh: 旺苍县, en: Wangcang}
    collection: COUNTY/ogc/collections/shelter
  - id: neighbour
    title: {zh: 邻县, en: Neighbour}
    collection: PLAIN/collections/refuges
    fields: {name: label, capacity_persons: places}
    near: {layer: frontier, within_m: 2000}
"""
FRONTIER = """
id: frontier
kind: boundary
title: {zh: 边界, en: Frontier}
description: {zh: 边界, en: Frontier}
geometry: polygon
key: code
fields:
  - {name: code, type: text, title: {zh: 编号, en: Code}, required: true}
source: {title: 边界, publisher: test}
licence: Apache-2.0
"""


class PlainPeer:
    """A minimal OGC API collection of another maker: pages of two, no changes, no versions."""

    def __init__(self) -> None:
        self.features: list[dict[str, object]] = []
        self.next_host: str | None = None
        self.paths: list[str] = []

    def answer(self, path: str) -> dict[str, object]:
        self.paths.append(path)
        parts = urlsplit(path)
        if not parts.path.endswith("/items"):
            return {"id": "refuges", "links": []}
        start = int(parse_qs(parts.query).get("offset", ["0"])[0])
        links = []
        if start + 2 < len(self.features):
            onward = f"{parts.path}?offset={start + 2}"
            links.append({"rel": "next", "href": (self.next_host or "") + onward})
        page = self.features[start : start + 2]
        return {"type": "FeatureCollection", "features": page, "links": links}


@pytest.fixture
def plain() -> Iterator[tuple[PlainPeer, str]]:
    peer = PlainPeer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(peer.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield peer, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve an application on a port of its own."""
    config = uvicorn.Config(create_app(application), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def city(
    application: Application,
    cluster_url: str,
    template: str,
    plain: tuple[PlainPeer, str],
    tmp_path: Path,
) -> Iterator[Application]:
    """Build a second service with a store of its own, fed by the county and by the plain peer."""
    admin = create_engine(
        cluster_url.replace("/yingji?", "/postgres?"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "federation" TEMPLATE "{template}"'))
    with served(application) as county:
        layers = {"capacity/city_shelter": LAYER, "boundary/frontier": FRONTIER}
        for name, definition in layers.items():
            path = tmp_path / "layers" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(definition.replace("COUNTY", county).replace("PLAIN", plain[1]))
        (tmp_path / "layers" / "risk").mkdir()
        city = build(
            url=cluster_url.replace("/yingji?", "/federation?"),
            layers_dir=tmp_path / "layers",
            data_dir=tmp_path / "data",
        )
        city.apply_layers.run()
        put(city, "frontier", {"F": (shapely.MultiPolygon([shapely.box(106, 32, 107, 33)]), {})})
        yield city
        city.close()
    with admin.connect() as connection:
        connection.execute(text('DROP DATABASE "federation" WITH (FORCE)'))
    admin.dispose()


def sync(city: Application, source: str, *, is_whole: bool = False) -> SyncResult:
    request = SyncRequest(layer_id="city_shelter", source_id=source, is_whole=is_whole)
    return city.synchronise_layer.run(request)[0]


def held(city: Application) -> dict[str, object]:
    with city.store.read() as tx:
        table = read_features(tx, city.catalogue["city_shelter"])
    return dict(zip(table.keys, table.columns["capacity_persons"], strict=True))


def change_county(application: Application, rows: dict[str, int], ended: tuple[str, ...]) -> None:
    """Change capacities and end shelters at the county, as an edit there would."""
    definition = application.catalogue["shelter"]
    features = {
        key: (
            shapely.Point(106.20, 32.20),
            {"name": key, "capacity_persons": capacity, "is_standardised": False},
        )
        for key, capacity in rows.items()
    }
    put(application, "shelter", features)
    for key in ended:
        application.end_feature.run(definition.id, key)


def test_the_first_time_takes_all_and_later_only_what_changed(
    application: Application, city: Application
) -> None:
    first = sync(city, "wangcang")
    again = sync(city, "wangcang")
    change_county(application, {"BH000": 777, "NEW1": 5}, ("BH001",))
    third = sync(city, "wangcang")

    assert (first.delivery.is_whole, first.report and first.report.written) == (True, 25)
    assert again.report is None
    assert not third.delivery.is_whole
    assert third.report is not None
    assert (third.report.quality.rows_read, third.report.written) == (2, 2)
    with application.store.read() as tx:
        theirs = read_features(tx, application.catalogue["shelter"])
    assert held(city) == dict(zip(theirs.keys, theirs.columns["capacity_persons"], strict=True))
    with city.store.read() as tx:
        version = find_version(tx, "city_shelter", 2)
    assert version is not None
    assert version.cause.import_id == third.report.import_id
    recorded = city.synchronise_layer.list("city_shelter")
    assert [record.source_version for record in recorded] == [
        third.delivery.source_version,
        first.delivery.source_version,
    ]


def test_reading_everything_again_changes_nothing(city: Application) -> None:
    sync(city, "wangcang")

    whole = sync(city, "wangcang", is_whole=True)

    assert whole.delivery.is_whole
    assert whole.report is not None
    assert whole.report.written == whole.report.closed == 0


def test_dated_features_make_the_reader_read_all(
    application: Application, city: Application
) -> None:
    sync(city, "wangcang")
    put(
        application,
        "shelter",
        {"LATER": (shapely.Point(106.3, 32.3), {"name": "后建", "capacity_persons": 1})},
        valid_from=LONG_AGO.replace(year=2999),
    )

    result = sync(city, "wangcang")

    assert result.delivery.is_whole
    assert "LATER" not in held(city)
    application.end_feature.run("shelter", "LATER")


def a_refuge(key: str, lon: float, places: object = 10) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": key,
        "geometry": {"type": "Point", "coordinates": [lon, 32.5]},
        "properties": {"code": key, "label": f"场所{key}", "places": places},
    }


def test_a_plain_collection_is_read_page_by_page_and_cut_to_the_strip(
    city: Application, plain: tuple[PlainPeer, str]
) -> None:
    peer, _ = plain
    near = [a_refuge(f"N{number}", 106.1 + number / 10) for number in range(5)]
    peer.features = [*near, a_refuge("EDGE", 107.015), a_refuge("FAR", 107.03)]
    sync(city, "neighbour")
    whole = {"EDGE", *(f"N{number}" for number in range(5))}
    assert set(held(city)) == whole
    assert "bbox=" in peer.paths[1]

    peer.features = [*near[1:], a_refuge("BAD", 106.5, places=-3)]
    report = sync(city, "neighbour").report

    assert report is not None
    assert (report.quality.rows_read, report.unchanged, report.refused) == (5, 4, 1)
    assert set(held(city)) == whole - {"N0", "EDGE"}


def test_a_refused_row_ends_nothing_and_ours_are_never_touched(
    city: Application, plain: tuple[PlainPeer, str]
) -> None:
    peer, _ = plain
    put(
        city,
        "city_shelter",
        {"OURS": (shapely.Point(106.5, 32.5), {"name": "本地", "capacity_persons": 1})},
    )
    peer.features = [a_refuge("A", 106.2), a_refuge("OURS", 106.3, places=99)]
    first = sync(city, "neighbour").report
    peer.features = [a_refuge("A", 106.2, places="坏"), a_refuge("B", 106.4)]
    sync(city, "neighbour")

    assert first is not None
    assert [finding.rule for finding in first.quality.findings] == ["provenance"]
    assert held(city) == {"OURS": 1, "A": 10, "B": 10}


def test_a_source_that_is_suddenly_empty_ends_nothing(
    city: Application, plain: tuple[PlainPeer, str]
) -> None:
    peer, _ = plain
    peer.features = [a_refuge("A", 106.2)]
    sync(city, "neighbour")
    peer.features = []

    with pytest.raises(SourceUnusable, match="end all 1"):
        sync(city, "neighbour")

    assert set(held(city)) == {"A"}


def test_a_page_on_another_host_is_not_followed(
    city: Application, plain: tuple[PlainPeer, str]
) -> None:
    peer, _ = plain
    peer.features = [a_refuge(f"N{number}", 106.2) for number in range(4)]
    peer.next_host = "http://127.0.0.2:9"

    with pytest.raises(SourceUnusable, match="another host"):
        sync(city, "neighbour")

    assert held(city) == {}


def test_a_silent_source_and_an_unknown_one_are_refused(city: Application) -> None:
    with pytest.raises(InvalidParameter):
        sync(city, "nobody")
    source = city.catalogue["city_shelter"].federation[1]
    silent = source.model_copy(update={"collection": "http://127.0.0.1:9/collections/x"})
    city.catalogue["city_shelter"] = city.catalogue["city_shelter"].model_copy(
        update={"federation": (silent,)}
    )
    with pytest.raises(SourceUnusable):
        sync(city, "neighbour")


def test_changes_leave_private_fields_out_and_name_unknown_versions(client: TestClient) -> None:
    newest = client.get("/ogc/collections/shelter/changes").json()["version"]
    found = client.get("/ogc/collections/shelter/changes?since=1")

    assert newest >= 1
    assert "13900000000" not in found.text
    assert client.get(f"/ogc/collections/shelter/changes?since={newest + 9}").status_code == 404
    assert client.get("/ogc/collections/shelter/changes?since=x").status_code == 400
    assert client.get("/ogc/collections/dem/changes").status_code in {400, 404}
