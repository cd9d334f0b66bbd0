"""A service with a small county in it, open for editing, as the abstract tests meet it."""

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import shapely
import sqlalchemy
from pydantic import SecretStr
from starlette.testclient import TestClient

from tests.api.conftest import LONG_AGO, ROOT, a_small_county, put
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.services.check_editor import CheckEditor

TOKEN = "a-token-for-tests-only"  # noqa: S105 - not a secret of anybody
EDITOR = {"Authorization": f"Bearer {TOKEN}"}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
SPEC = "http://www.opengis.net/spec"
REL = "http://www.opengis.net/def/rel/ogc/1.0"
SHELTERS = "/ogc/collections/shelter/items"
DEPOTS = "/ogc/collections/supply_depot/items"  # changed by tests, the others are read only


@pytest.fixture(scope="package")
def application(
    cluster_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """Build the application on a database of this package's own; depots are given codes."""
    layers = tmp_path_factory.mktemp("layers") / "layers"
    shutil.copytree(ROOT / "layers", layers)
    depot = layers / "capacity" / "supply_depot.yaml"
    depot.write_text(depot.read_text().replace("key: code\n", "key: code\nissues_keys: true\n"))
    admin = sqlalchemy.create_engine(
        cluster_url.replace("/yingji?", "/postgres?"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(sqlalchemy.text(f'CREATE DATABASE conformance TEMPLATE "{template}"'))
    application = build(
        url=cluster_url.replace("/yingji?", "/conformance?"),
        layers_dir=layers,
        data_dir=tmp_path_factory.mktemp("data"),
        editors=CheckEditor.of(SecretStr(TOKEN)),
    )
    application.apply_layers.run()
    county = shapely.MultiPolygon([shapely.box(106, 32, 107, 33)])
    put(application, "county", {"510821": (county, {"name": "旺苍县"})}, valid_from=LONG_AGO)
    for layer_id, rows in a_small_county().items():
        put(application, layer_id, rows, valid_from=LONG_AGO)
    yield application
    application.close()
    with admin.connect() as connection:
        connection.execute(sqlalchemy.text("DROP DATABASE conformance WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="package")
def client(application: Application) -> Iterator[TestClient]:
    """Speak to the service."""
    with TestClient(create_app(application)) as client:
        yield client


def document(
    client: TestClient, address: str, query: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Return the JSON document of an address that answers."""
    params = {name: str(value) for name, value in (query or {}).items()}
    found = client.get(address, params=params or None).raise_for_status().json()
    assert isinstance(found, dict)
    return found


def ids(page: Mapping[str, Any]) -> list[str]:
    """Return the identifiers of a page of features."""
    return [feature["id"] for feature in page["features"]]


def links(of: Mapping[str, Any], rel: str) -> list[dict[str, str]]:
    """Return the links of one relation."""
    return [link for link in of["links"] if link["rel"] == rel]


def a_depot(code: str | None, **changes: Any) -> dict[str, Any]:
    """Return a feature that may be made; without a code when that is None."""
    properties = {"name": "东河镇物资点", "tier": "乡镇", "tents": 30, **changes}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [106.25, 32.25]},
        "properties": properties if code is None else {"code": code, **properties},
    }
