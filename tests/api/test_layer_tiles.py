"""Vector tiles of layers: the rows as they are now, once each, and nothing private."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import event
from starlette.testclient import TestClient

from tests.support.tiles import decoded, grid_shape, to_grid
from yingji_map.bootstrap import Application
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.tile import BUFFER, EXTENT, TileAddress, tile_holding
from yingji_map.store.database import open_store
from yingji_map.store.features import WriteOptions, read_features, write_features
from yingji_map.store.layers import statement_time

pytestmark = pytest.mark.db
HOME = tile_holding(106.29, 32.23, 12)
# Places are made on the grid of tile HOME, so that a test can put them on its very edge.
_PERSON = "秘密联系人"


def _at(x: float, y: float, tile: TileAddress = HOME) -> tuple[float, float]:
    """Return degrees of a place in grid units of a tile."""
    west, north = tile.corner_m
    unit = tile.side_m / EXTENT
    lon = (west + x * unit) / 20037508.342789244 * 180
    lat = np.degrees(2 * np.arctan(np.exp((north - y * unit) / 6378137)) - np.pi / 2)
    return float(lon), float(lat)


def _table(definition: LayerDefinition, shapes: dict[str, Any], **columns: Any) -> FeatureTable:
    codes = sorted(shapes)
    values = {field.name: [None] * len(codes) for field in definition.fields}
    values |= {"code": codes, "name": [f"名{code}" for code in codes]}
    values |= {name: [value] * len(codes) for name, value in columns.items()}
    return FeatureTable(
        layer_id=definition.id,
        keys=tuple(codes),
        row_ids=np.zeros(len(codes), dtype=np.int64),
        geometry=np.array([shapes[code] for code in codes], dtype=object),
        columns={name: np.array(column, dtype=object) for name, column in values.items()},
    )


def _write(
    application: Application, layer: str, shapes: dict[str, Any], **columns: Any
) -> FeatureTable:
    definition = application.catalogue[layer]
    with application.store.transaction() as tx:
        table = _table(definition, shapes, **columns)
        write_features(tx, definition, table, WriteOptions(is_replacing=True))
    with application.store.read() as tx:
        return read_features(tx, definition)


def _path(layer: str, tile: TileAddress = HOME) -> str:
    return f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.pbf"


def test_a_tile_says_what_the_rows_say(application: Application, client: TestClient) -> None:
    places = {f"s{i:02}": shapely.Point(_at(100 * i + 3.3, 70 * i + 5.7)) for i in range(30)}
    rows = _write(application, "settlement", places, population_persons=321, households=99)

    features = decoded(client.get(_path("settlement")).content, "settlement")

    assert sorted(features) == sorted(rows.row_ids.tolist())
    for row, row_id in enumerate(rows.row_ids.tolist()):
        assert features[row_id]["properties"] == {
            name: rows.columns[name][row]
            for name in ("code", "name", "population_persons", "households")
        }
        exact = to_grid(rows.geometry[row], HOME)
        assert grid_shape(features[row_id]).distance(exact) < 0.75


def test_polygons_keep_their_shape(application: Application, client: TestClient) -> None:
    corners = [_at(300, 300), _at(3000, 500), _at(2500, 2600), _at(900, 3100), _at(300, 300)]
    rows = _write(application, "township", {"t": shapely.MultiPolygon([(corners, [])])})

    feature = decoded(client.get(_path("township")).content, "township")[int(rows.row_ids[0])]

    exact = to_grid(rows.geometry[0], HOME)
    assert grid_shape(feature).symmetric_difference(exact).area < 1e-3 * exact.area


def test_what_lies_on_an_edge_is_in_both_neighbours(
    application: Application, client: TestClient
) -> None:
    east = TileAddress(HOME.z, HOME.x + 1, HOME.y)
    places = {
        "on_edge": shapely.Point(_at(EXTENT, 2000)),
        "in_margin": shapely.Point(_at(EXTENT + BUFFER - 2, 2000)),
        "beyond": shapely.Point(_at(EXTENT + BUFFER + 2, 2000)),
    }
    _write(application, "settlement", places)

    found = {
        tile: {
            f["properties"]["code"]
            for f in decoded(client.get(_path("settlement", tile)).content, "settlement").values()
        }
        for tile in (HOME, east)
    }

    assert found == {HOME: {"on_edge", "in_margin"}, east: {"on_edge", "in_margin", "beyond"}}


def test_rows_that_are_no_longer_true_are_gone(
    application: Application, client: TestClient
) -> None:
    _write(application, "settlement", {"old": shapely.Point(_at(9, 9))})
    _write(application, "settlement", {"new": shapely.Point(_at(9, 9))})

    features = decoded(client.get(_path("settlement")).content, "settlement")

    assert [f["properties"]["code"] for f in features.values()] == ["new"]


def test_private_fields_are_in_no_tile_and_no_description(
    application: Application, client: TestClient
) -> None:
    _write(
        application, "geohazard_point", {"g": shapely.Point(_at(9, 9))}, responsible_person=_PERSON
    )

    tile = client.get(_path("geohazard_point")).content
    described = client.get("/tiles/geohazard_point.json").text

    assert "名g".encode() in tile
    assert _PERSON.encode() not in tile
    assert "responsible_person" not in described + tile.decode(errors="replace")


def test_tilejson_and_metadata_describe_what_tiles_hold(
    application: Application, client: TestClient
) -> None:
    rows = _write(
        application, "settlement", {c: shapely.Point(_at(9, 9 + i)) for i, c in enumerate("ab")}
    )

    tilejson = client.get("/tiles/settlement.json").json()
    metadata = client.get("/tiles/settlement/metadata.json").json()

    [layer] = tilejson["vector_layers"]
    assert tilejson["tilejson"] == "3.0.0"
    assert tilejson["tiles"] == ["http://testserver/tiles/settlement/{z}/{x}/{y}.pbf"]
    assert (tilejson["minzoom"], tilejson["maxzoom"]) == (8, 14)
    assert tilejson["bounds"] == pytest.approx(shapely.total_bounds(rows.geometry))
    assert layer["id"] == "settlement"
    assert layer["fields"] == {
        "code": "String",
        "name": "String",
        "population_persons": "Number",
        "households": "Number",
    }
    assert json.loads(metadata["json"])["vector_layers"][0]["fields"] == layer["fields"]
    assert metadata["format"] == "pbf"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/nothing/3/1/1.pbf", 404, "layer-not-found"),
        ("/tiles/nothing.json", 404, "layer-not-found"),
        ("/tiles/slope/3/1/1.pbf", 404, "layer-not-found"),
        ("/tiles/settlement/3/8/1.pbf", 400, "invalid-parameter"),
        ("/tiles/settlement/3/1/-1.pbf", 400, "invalid-parameter"),
        ("/tiles/settlement/23/1/1.pbf", 400, "invalid-parameter"),
        ("/tiles/settlement/3/one/1.pbf", 400, "invalid-parameter"),
    ],
)
def test_what_there_is_not_is_a_problem(
    client: TestClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")


def test_an_empty_place_is_no_content(application: Application, client: TestClient) -> None:
    _write(application, "settlement", {"a": shapely.Point(_at(9, 9))})

    response = client.get("/tiles/settlement/12/0/0")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["etag"]


def test_the_same_tile_is_not_sent_twice(application: Application, client: TestClient) -> None:
    _write(application, "settlement", {"a": shapely.Point(_at(9, 9))})
    packed = client.get(_path("settlement"))
    plain = client.get(_path("settlement"), headers={"Accept-Encoding": "identity"})

    again = client.get(_path("settlement"), headers={"If-None-Match": packed.headers["etag"]})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert (again.status_code, again.content) == (304, b"")


def test_the_first_tile_after_an_import_is_new(
    application: Application, client: TestClient, database_url: str
) -> None:
    _write(application, "settlement", {"a": shapely.Point(_at(9, 9))})
    before = client.get(_path("settlement"))
    definition = application.catalogue["settlement"]
    elsewhere = open_store(database_url)  # as another process would write
    with elsewhere.transaction() as tx:
        write_features(tx, definition, _table(definition, {"b": shapely.Point(_at(50, 50))}))
    elsewhere.dispose()

    after = client.get(_path("settlement"), headers={"If-None-Match": before.headers["etag"]})

    assert after.status_code == 200
    assert len(decoded(after.content, "settlement")) == 2


def test_a_row_that_begins_to_be_valid_needs_no_write_to_appear(
    application: Application, client: TestClient
) -> None:
    _write(application, "settlement", {"a": shapely.Point(_at(9, 9))})
    definition = application.catalogue["settlement"]
    with application.store.transaction() as tx:
        soon = WriteOptions(valid_from=statement_time(tx) + timedelta(seconds=1.5))
        write_features(tx, definition, _table(definition, {"b": shapely.Point(_at(50, 50))}), soon)
    before = client.get(_path("settlement"))
    time.sleep(1.6)

    after = client.get(_path("settlement"), headers={"If-None-Match": before.headers["etag"]})

    assert len(decoded(before.content, "settlement")) == 1
    assert len(decoded(after.content, "settlement")) == 2


def test_sixteen_who_ask_at_once_cost_one_statement(
    application: Application, client: TestClient
) -> None:
    _write(application, "settlement", {"a": shapely.Point(_at(9, 9))})
    statements: list[str] = []
    start = Barrier(16)

    def ask(_number: int) -> bytes:
        start.wait()
        return client.get(_path("settlement")).content

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "ST_AsMVT(" in statement:
            statements.append(statement)

    event.listen(application.store.engine, "before_cursor_execute", note)
    with ThreadPoolExecutor(16) as threads:
        answers = set(threads.map(ask, range(16)))
    event.remove(application.store.engine, "before_cursor_execute", note)

    assert len(answers) == 1
    assert len(statements) == 1


@pytest.mark.parametrize("zoom", [12, 10, 8])
def test_neighbouring_townships_have_neither_gap_nor_overlap(
    application: Application, client: TestClient, zoom: int
) -> None:
    walk = np.cumsum(np.random.default_rng(5).normal(0, 3, 900))
    border = [_at(2000 + x, 4 * i) for i, x in enumerate(walk)]
    # The rings begin at different places, so that any thinning out would choose other vertices.
    west = [*border[300:], _at(0, 3596), _at(0, 0), *border[:301]]
    east = [*border[700:], _at(4000, 3596), _at(4000, 0), *border[:701]]
    shapes = {side: shapely.MultiPolygon([(ring, [])]) for side, ring in (("w", west), ("e", east))}
    _write(application, "township", shapes)

    tile = tile_holding(*_at(2000, 1800), zoom)
    features = decoded(client.get(_path("township", tile)).content, "township")

    one, other = (grid_shape(feature) for feature in features.values())
    joined = shapely.union(one, other)
    assert one.intersection(other).area == 0
    assert joined.geom_type == "Polygon"
    assert len(joined.interiors) == 0


def test_tiles_survive_a_database_that_dropped_every_connection(
    application: Application, client: TestClient, database_url: str
) -> None:
    _write(application, "settlement", {"a": shapely.Point(_at(9, 9))})
    before = client.get(_path("settlement"))
    elsewhere = open_store(database_url)
    with elsewhere.transaction() as tx:
        tx.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    elsewhere.dispose()

    after = client.get(_path("settlement"))

    assert (after.status_code, after.content) == (200, before.content)
