"""Editing features as QGIS and scripts do it: OPTIONS, POST, PUT, PATCH, DELETE."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import shapely
from pydantic import SecretStr
from starlette.testclient import TestClient

from tests.api.conftest import LONG_AGO, ROOT, TOWN, put
from yingji_map.bootstrap import Application, build
from yingji_map.http.app import create_app
from yingji_map.services.check_editor import CheckEditor
from yingji_map.store.imports import find_imports

pytestmark = pytest.mark.db

TOKEN = "a-token-for-tests-only"  # noqa: S105 - not a secret of anybody
EDITOR = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/geo+json"}
ITEMS = "/ogc/collections/shelter/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
PRIVATE = "13900000000"


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    folder: Path = tmp_path_factory.mktemp("data")
    application = build(
        url=database_url,
        layers_dir=ROOT / "layers",
        data_dir=folder,
        editors=CheckEditor.of(SecretStr(TOKEN)),
    )
    application.apply_layers.run()
    county = shapely.MultiPolygon([shapely.box(106, 32, 107, 33)])
    put(application, "county", {"510821": (county, {"name": "旺苍县"})}, valid_from=LONG_AGO)
    put(
        application,
        "township",
        {"510821100": (TOWN, {"name": "东河镇", "county_code": "510821"})},
        valid_from=LONG_AGO,
    )
    yield application
    application.close()


@pytest.fixture(scope="module")
def client(application: Application) -> Iterator[TestClient]:
    with TestClient(create_app(application)) as client:
        yield client


def _shelter(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [106.25, 32.25]},
        "properties": {
            "code": code,
            "name": "实验小学操场",
            "shelter_class": "紧急",
            "capacity_persons": 300,
            "is_standardised": True,
            **changes,
        },
    }


def _post(client: TestClient, code: str, **changes: Any) -> str:
    answer = client.post(ITEMS, json=_shelter(code, **changes), headers=EDITOR)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def _properties(client: TestClient, code: str) -> dict[str, Any]:
    return client.get(f"{ITEMS}/{code}").raise_for_status().json()["properties"]


def _values(application: Application, code: str) -> list[dict[str, Any]]:
    return [version.values for version in application.read_history.run("shelter", code)]


def test_a_new_feature_has_an_address_where_it_is_found(client: TestClient) -> None:
    answer = client.post(ITEMS, json=_shelter("QG1"), headers=EDITOR)

    assert answer.status_code == 201
    # QGIS compares the name letter by letter.
    assert (b"Location", answer.headers["Location"].encode()) in answer.headers.raw
    feature = client.get(answer.headers["Location"]).json()
    assert feature["id"] == "QG1"
    assert feature["geometry"]["coordinates"] == [106.25, 32.25]
    assert feature["properties"]["name"] == "实验小学操场"


def test_the_code_may_come_as_the_id_of_the_feature(client: TestClient) -> None:
    body = _shelter("") | {"id": "QG/一 号"}
    del body["properties"]["code"]

    answer = client.post(ITEMS, json=body, headers=EDITOR)

    assert client.get(answer.headers["Location"]).json()["properties"]["code"] == "QG/一 号"


@pytest.mark.parametrize(
    ("srid", "x", "y"),
    [(4326, 32.2, 106.3), (4490, 32.2, 106.3), (3857, 11833261.8713, 3789592.4619)],
)
@pytest.mark.parametrize("form", ["{}", "<{}>"])
def test_coordinates_come_in_the_system_that_content_crs_names(
    client: TestClient, srid: int, x: float, y: float, form: str
) -> None:
    code = f"CRS{srid}{len(form)}"
    body = _shelter(code) | {"geometry": {"type": "Point", "coordinates": [x, y]}}
    named = {"Content-Crs": form.format(EPSG.format(srid))}

    answer = client.post(ITEMS, json=body, headers=EDITOR | named)

    assert answer.status_code == 201, answer.text
    lon, lat = client.get(f"{ITEMS}/{code}").json()["geometry"]["coordinates"]
    assert (lon, lat) == pytest.approx((106.3, 32.2), abs=1e-8)


def test_replacing_leaves_private_fields_that_nobody_could_read(
    client: TestClient, application: Application
) -> None:
    address = _post(client, "PUT1", contact_phone=PRIVATE, area_m2=500)

    answer = client.put(address, json=_shelter("PUT1", name="新名"), headers=EDITOR)

    assert answer.status_code == 204
    assert _properties(client, "PUT1")["name"] == "新名"
    assert _properties(client, "PUT1")["area_m2"] is None
    assert [row["contact_phone"] for row in _values(application, "PUT1")] == [PRIVATE] * 3
    assert PRIVATE not in client.get(address).text


def test_a_patch_changes_what_it_names(client: TestClient) -> None:
    address = _post(client, "PAT1", area_m2=500)
    # As QGIS 3.40 sends attribute and geometry changes.
    merge = EDITOR | {"Content-Type": "application/merge-patch+json"}

    attributes = {"properties": {"capacity_persons": 999, "area_m2": None}}
    moved = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [106.3, 32.2]}}
    answers = [client.patch(address, json=body, headers=merge) for body in (attributes, moved)]

    assert [answer.status_code for answer in answers] == [204, 204]
    feature = client.get(address).json()
    assert feature["geometry"]["coordinates"] == [106.3, 32.2]
    assert feature["properties"]["capacity_persons"] == 999
    assert feature["properties"]["area_m2"] is None
    assert feature["properties"]["name"] == "实验小学操场"


def test_a_deleted_feature_is_gone_and_its_past_stays(
    client: TestClient, application: Application
) -> None:
    address = _post(client, "DEL1")
    before = client.get(address).json()

    answers = [client.delete(address, headers=EDITOR) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert client.get(address).status_code == 404
    past = client.get(f"{address}?datetime=2020-01-01T00:00:00Z/..").json()
    assert past["properties"] == before["properties"]
    _post(client, "DEL1", name="又设了")
    assert [row["name"] for row in _values(application, "DEL1")][-1] == "又设了"


def test_only_the_state_that_was_read_may_be_changed(client: TestClient) -> None:
    address = _post(client, "TAG1")
    read = client.get(address).headers["ETag"]
    in_mercator = client.get(address, params={"crs": EPSG.format(3857)}).headers["ETag"]
    first = client.put(
        address, json=_shelter("TAG1", name="甲"), headers=EDITOR | {"If-Match": read}
    )

    late = [
        client.request(method, address, json=_shelter("TAG1"), headers=EDITOR | {"If-Match": tag})
        for method in ("PUT", "PATCH", "DELETE")
        for tag in (read, in_mercator, '"0"', '"not ours"')
    ]
    fresh = client.patch(
        address,
        json={"properties": {"name": "乙"}},
        headers=EDITOR | {"If-Match": f'"0", W/{first.headers["ETag"]}'},
    )
    any_state = client.delete(address, headers=EDITOR | {"If-Match": "*"})

    assert first.status_code == 204
    assert {answer.status_code for answer in late} == {412}
    assert late[0].json()["type"] == "/problems/feature-changed"
    assert (fresh.status_code, any_state.status_code) == (204, 204)


def test_what_changes_nothing_makes_no_new_state(client: TestClient) -> None:
    address = _post(client, "SAME1")
    before = client.get(address).headers["ETag"]

    client.put(address, json=_shelter("SAME1"), headers=EDITOR)
    client.patch(address, json={}, headers=EDITOR)

    assert client.get(address).headers["ETag"] == before


def test_a_repeated_request_makes_one_feature(client: TestClient) -> None:
    headers = EDITOR | {"Idempotency-Key": "k-1"}

    answers = [client.post(ITEMS, json=_shelter("IDEM1"), headers=headers) for _ in range(2)]
    other = client.post(ITEMS, json=_shelter("IDEM2"), headers=headers)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    assert other.status_code == 409
    assert client.get(f"{ITEMS}/IDEM2").status_code == 404


def test_every_edit_leaves_a_record(client: TestClient, application: Application) -> None:
    address = _post(client, "AUD1")
    client.patch(address, json={"properties": {"name": "改"}}, headers=EDITOR)
    client.delete(address, headers=EDITOR)

    with application.store.read() as tx:
        records = find_imports(tx, "shelter", 3)
    edits = [record.report["edit"] for record in reversed(records)]
    assert [edit["step"] for edit in edits] == ["create", "update", "delete"]
    assert {(edit["feature"], edit["editor"]) for edit in edits} == {("AUD1", "editing-token")}
    assert TOKEN not in str(records)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": None}, "必填"),
        ({"shelter_class": "永久"}, "不在 紧急"),
        ({"capacity_persons": -5}, "之内"),
        ({"capacity_persons": "许多"}, "应是整数"),
        ({"colour": "red"}, "没有这个字段"),
        ({"name": "a\x00b"}, "空字符"),
        ({"area_m2": 10**400}, "有限的数"),
        ({"capacity_persons": 10**400}, "应是整数"),
    ],
)
def test_the_rules_of_the_layer_hold_for_edits_too(
    client: TestClient, changes: dict[str, Any], said: str
) -> None:
    address = _post(client, f"RULE{abs(hash(str(changes))) % 10**8}")
    code = address.rpartition("/")[2]

    answers = [
        client.post(ITEMS, json=_shelter("RULENEW", **changes), headers=EDITOR),
        client.put(address, json=_shelter(code, **changes), headers=EDITOR),
        client.patch(address, json={"properties": changes}, headers=EDITOR),
    ]

    assert {answer.status_code for answer in answers} == {400}
    assert all(said in answer.json()["detail"] for answer in answers), answers[0].text
    assert _properties(client, code)["name"] == "实验小学操场"
    assert client.get(f"{ITEMS}/RULENEW").status_code == 404


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "没有图形"),
        ({"type": "Point", "coordinates": [32.25, 106.25]}, "写反"),
        ({"type": "Point", "coordinates": ["x"]}, "图形"),
        ({"type": "Point", "coordinates": [10**400, 32]}, "图形"),
        ({"type": "Point", "coordinates": [1e308, 1e308]}, "不是经纬度"),
        ({"type": "Point", "coordinates": [108.0, 32.25]}, "县界"),
        ({"type": "LineString", "coordinates": [[106.2, 32.2], [106.3, 32.3]]}, "应是点"),
    ],
)
def test_a_geometry_that_does_not_fit_is_refused(
    client: TestClient, geometry: Any, said: str
) -> None:
    answer = client.post(ITEMS, json=_shelter("GEO1") | {"geometry": geometry}, headers=EDITOR)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "form", "status"),
    [
        # OWSLib posts its filters here.
        (b'{"op": "=", "args": [{"property": "name"}, "x"]}', "application/json", 400),
        (b'{"type": "FeatureCollection", "features": []}', "application/geo+json", 400),
        (b'{"type": "Feature", "properties": [], "geometry": null}', "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"{", "application/geo+json", 400),
        (b"\xff", "application/geo+json", 400),
        (b'{"type": "Feature", "properties": {"name": "\\ud800"}}', "application/json", 400),
        (b'{"type": "Feature", "properties": {"area_m2": NaN}}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"<wfs/>", "application/xml", 415),
        (b" " * 10_000_001, "application/json", 413),
    ],
)
def test_a_body_that_is_no_feature_is_refused(
    client: TestClient, body: bytes, form: str, status: int
) -> None:
    answer = client.post(ITEMS, content=body, headers=EDITOR | {"Content-Type": form})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_code_is_given_once_and_stays(client: TestClient) -> None:
    address = _post(client, "KEY1")

    again = client.post(ITEMS, json=_shelter(" KEY1 "), headers=EDITOR)
    renamed = client.put(address, json=_shelter("KEY2"), headers=EDITOR)
    nowhere = client.put(f"{ITEMS}/KEY9", json=_shelter("KEY9"), headers=EDITOR)

    assert (again.status_code, renamed.status_code, nowhere.status_code) == (409, 400, 404)


def test_only_who_may_edit_is_offered_to(client: TestClient) -> None:
    here, there = ITEMS, f"{ITEMS}/unknown_id"  # what QGIS asks of an empty layer

    offered = [client.options(a, headers=EDITOR).headers["Allow"] for a in (here, there)]
    plain = [client.options(a).headers["Allow"] for a in (here, there)]
    written = [name for name, _ in client.options(here).headers.raw]

    assert offered == ["GET, HEAD, OPTIONS, POST", "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"]
    assert plain == ["GET, HEAD, OPTIONS"] * 2
    assert b"Allow" in written
    assert client.options("/ogc/collections/dem/items").status_code == 404


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_without_the_token_nothing_is_written(
    client: TestClient, method: str, shown: dict[str, str]
) -> None:
    address = ITEMS if method == "POST" else f"{ITEMS}/AUTH1"

    answer = client.request(method, address, json=_shelter("AUTH1"), headers=shown)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"{ITEMS}/AUTH1").status_code == 404


def test_without_a_setting_nobody_may_edit(database_url: str, application: Application) -> None:
    closed = build(url=database_url, layers_dir=ROOT / "layers", data_dir=application.data_dir)
    with TestClient(create_app(closed)) as client:
        answer = client.post(ITEMS, json=_shelter("OFF1"), headers=EDITOR)
        offered = client.options(ITEMS, headers=EDITOR).headers["Allow"]
        kept = client.get("/ogc/conformance").json()["conformsTo"]
        described = client.get("/ogc/api").json()
    closed.close()

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/editing-disabled"
    assert offered == "GET, HEAD, OPTIONS"
    assert not [name for name in kept if "features-4" in name]
    assert "post" not in described["paths"]["/collections/shelter/items"]


def test_the_api_document_offers_editing_where_it_is_possible(client: TestClient) -> None:
    document = client.get("/ogc/api").json()

    paths = document["paths"]
    assert {"get", "post"} == paths["/collections/shelter/items"].keys()
    assert {"get", "put", "patch", "delete"} == paths[
        "/collections/shelter/items/{featureId}"
    ].keys()
    operations = [operation for path in paths.values() for operation in path.values()]
    identities = [operation["operationId"] for operation in operations]
    assert len(set(identities)) == len(identities)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert client.get("/ogc/api?f=html").status_code == 200


def test_a_page_on_this_machine_may_edit_through_the_browser(client: TestClient) -> None:
    answer = client.options(
        f"{ITEMS}/X",
        headers={
            "Origin": "http://localhost:5173",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,content-crs,if-match",
        },
    )

    assert answer.status_code == 200
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]


def _add_one(client: TestClient, address: str) -> None:
    """Count up as an honest editor does: read, add, write; read again when someone was faster."""
    status = 412
    while status == 412:
        read = client.get(address)
        count = read.json()["properties"]["capacity_persons"]
        answer = client.patch(
            address,
            json={"properties": {"capacity_persons": count + 1}},
            headers=EDITOR | {"If-Match": read.headers["ETag"]},
        )
        status = answer.status_code
    assert status == 204, answer.text


def test_twenty_editors_lose_no_update_and_every_version_is_kept(
    client: TestClient, application: Application
) -> None:
    addresses = [_post(client, f"RACE{number}", capacity_persons=0) for number in range(5)]

    with ThreadPoolExecutor(20) as editors:
        work = [editors.submit(_add_one, client, a) for _ in range(20) for a in addresses]
        for done in work:
            done.result(timeout=120)

    for number in range(5):
        history = application.read_history.run("shelter", f"RACE{number}")
        told = [version for version in history if version.valid_to is None]
        assert [version.values["capacity_persons"] for version in told] == list(range(21))
        assert [version.known_to is None for version in told] == [False] * 20 + [True]
