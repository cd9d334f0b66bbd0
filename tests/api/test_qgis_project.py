"""The map for QGIS: one file opens every layer with its style, and QGIS itself agrees."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from lxml import etree
from starlette.testclient import TestClient

from tests.api.conftest import put
from tests.support.desktop import inspect, qgis_python
from tests.support.serving import served
from yingji_map.bootstrap import Application
from yingji_map.domain.palette import ThemeName
from yingji_map.http.app import create_app
from yingji_map.services.map_outputs import map_outputs

pytestmark = pytest.mark.db
SCRIPT = Path(__file__).parents[1] / "support" / "qgis_project.py"
needs_qgis = pytest.mark.skipif(qgis_python() is None, reason="needs QGIS (qgis, python3-qgis)")


@pytest.fixture(scope="module", autouse=True)
def _a_county(application: Application) -> None:
    border = shapely.MultiPolygon([shapely.box(105.9, 31.9, 106.8, 32.8)])
    put(application, "county", {"510821": (border, {"name": "旺苍县"})})
    point = shapely.Point(106.3, 32.3)
    kinds = ("滑坡", "崩塌")
    put(
        application,
        "geohazard_point",
        {f"DZ{n}": (point, {"name": kind, "hazard_type": kind}) for n, kind in enumerate(kinds)},
    )


@pytest.fixture(scope="module")
def url(application: Application) -> Iterator[str]:
    """Serve the application on a socket that QGIS can reach."""
    with served(create_app(application)) as url:
        yield url


@pytest.mark.parametrize("kind", ["qgs", "qlr"])
def test_every_layer_with_rows_is_in_the_tree_and_has_a_source_and_a_style(
    application: Application, client: TestClient, kind: str
) -> None:
    root = etree.fromstring(client.get(f"/qgis/yingji.{kind}").content)

    in_tree = [layer.get("id") for layer in root.iter("layer-tree-layer")]
    layers = {layer.findtext("id"): layer for layer in root.iter("maplayer")}
    drawn = {a.layer_id for a, _ in map_outputs(application).project.drawn()}
    assert sorted(in_tree) == sorted(layers)
    assert {f"yingji_layer_{name}" for name in drawn} <= layers.keys()
    assert all(layer.find("renderer-v2") is not None for layer in layers.values())
    assert all(len(name) > 10 for name in in_tree)


def test_links_follow_the_host_that_the_client_spoke_to(client: TestClient) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "map.example.cn"}

    text = client.get("/qgis/yingji.qgs", headers=headers).text

    addresses = set(re.findall(r"url='(https?://[^']*)'", text))
    assert addresses == {"https://map.example.cn/ogc"}


def test_a_project_that_did_not_change_is_not_sent_twice(client: TestClient) -> None:
    first = client.get("/qgis/yingji.qgs")

    second = client.get("/qgis/yingji.qgs", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, second.status_code) == (200, 304)


@needs_qgis
@pytest.mark.optional
@pytest.mark.parametrize("kind", ["qgs", "qlr"])
def test_qgis_opens_it_and_sees_what_was_declared(
    application: Application, client: TestClient, url: str, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"yingji.{kind}"
    path.write_bytes(client.get(f"{url}/qgis/yingji.{kind}", headers={"Host": url[7:]}).content)

    seen = inspect(SCRIPT, str(path))

    layers: dict[str, dict[str, Any]] = {facts["title"]: facts for facts in seen["layers"].values()}
    assert seen["is_read"], seen
    assert [title for title, facts in layers.items() if not facts["is_valid"]] == []
    assert {"应急能力", "危险源", "承灾体与基础"} <= set(seen["groups"])
    for appearance, listing in map_outputs(application).project.drawn():
        facts, state = layers[appearance.title.zh], listing.state
        assert state is not None
        assert facts["count"] == state.row_count
        is_classed = appearance.field is not None
        assert facts["renderer"] == ("categorizedSymbol" if is_classed else "singleSymbol")
        named = {f.name: f.title.zh for f in appearance.fields}
        assert all(facts["aliases"][name].startswith(title) for name, title in named.items())
        if is_classed:
            classes = ["" if part.value is None else str(part.value) for part in appearance.parts]
            assert facts["classes"] == classes
        for part, colour in zip(appearance.parts, facts["colours"], strict=True):
            if part.mark is not None:
                assert colour == part.mark.colours.fill.lower()
            elif part.stroke is not None and part.area is None and not part.stroke.casing:
                assert colour == part.stroke.colour.hex
    assert layers["村社居民点"]["labels"]
    assert not layers["避难场所"]["labels"]
    if kind == "qgs":
        assert (seen["crs"], seen["title"]) == ("EPSG:4544", "应急一张图")


@needs_qgis
@pytest.mark.optional
def test_qgis_draws_the_declared_colours(
    application: Application, client: TestClient, url: str, tmp_path: Path
) -> None:
    path, picture = tmp_path / "yingji.qgs", tmp_path / "map.png"
    path.write_bytes(client.get(f"{url}/qgis/yingji.qgs", headers={"Host": url[7:]}).content)

    seen = inspect(SCRIPT, str(path), str(picture), "1.2")["picture"]

    tokens = application.render_styles.palette.theme(ThemeName.DAY).tokens
    assert seen["errors"] == []
    assert picture.stat().st_size > 10_000
    assert {tokens["county-border"].lower(), "#0b6b60"} <= set(seen["colours"]), json.dumps(seen)
