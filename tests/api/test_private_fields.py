"""Private values of every layer, at every door: none lets them out, by value or by name."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from shapely.geometry import mapping
from starlette.testclient import TestClient

from tests.api.conftest import LONG_AGO, ROOT, Row, put
from yingji_map.bootstrap import Application
from yingji_map.domain.download import FileFormat
from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.services.export_layer import ExportRequest

pytestmark = pytest.mark.db

LON, LAT = 106.25, 32.255
POINT = f"lon={LON}&lat={LAT}"
TILE = "14/13027/6639"  # holds the point
MARK = "秘密张三13900000000"
LAYERS = [
    definition
    for definition in read_catalogue(ROOT / "layers").values()
    if not definition.is_raster and len(definition.public_fields) < len(definition.fields)
]
GEOMETRY = {
    GeometryType.POINT: shapely.Point(LON, LAT),
    GeometryType.LINE: shapely.MultiLineString([[(LON, LAT), (LON + 0.002, LAT)]]),
    GeometryType.POLYGON: shapely.MultiPolygon([shapely.box(LON, LAT, LON + 0.002, LAT + 0.002)]),
}
ZONE = mapping(shapely.box(LON - 0.05, LAT - 0.05, LON + 0.05, LAT + 0.05))


def _value(field: FieldDefinition) -> object:
    if field.private:
        return MARK if field.type is FieldType.TEXT else None
    if not field.required:
        return None
    if field.enum:
        return field.enum[0]
    return {FieldType.TEXT: "公开", FieldType.BOOLEAN: True}.get(field.type, 1)


def _row(definition: LayerDefinition) -> Row:
    assert definition.geometry is not None
    return GEOMETRY[definition.geometry], {f.name: _value(f) for f in definition.fields}


def _answers(client: TestClient, layer: str) -> Iterator[tuple[str, str]]:
    """Yield each door with what comes out of it."""
    here = f"/ogc/collections/{layer}"
    places = ("", "/queryables", "/schema", "/items", "/items/K1")
    addresses = [f"{here}{place}?f={form}" for place in places for form in ("json", "html")]
    addresses += [
        *(
            "/v1/layers",
            "/ogc/collections",
            f"/tiles/{layer}.json",
            f"/tiles/{layer}/metadata.json",
        ),
        f"{here}/items?bbox=106,32,107,33&limit=5",
        f"/v1/within?{POINT}&radius_m=3000&layers={layer}",
        f"/v1/buffer?{POINT}&radius_m=3000&layers={layer}",
        f"/v1/nearest?{POINT}&layer={layer}",
    ]
    for address in addresses:
        yield address, client.get(address).text
    body = {"geometry": ZONE, "layers": [layer]}
    yield "POST /v1/within", client.post("/v1/within", json=body).text
    yield "POST /v1/buffer", client.post("/v1/buffer", json={**body, "radius_m": 100}).text
    tile = client.get(f"/tiles/{layer}/{TILE}.pbf").content
    yield (
        "tile",
        (gzip.decompress(tile) if tile[:2] == b"\x1f\x8b" else tile).decode(errors="replace"),
    )


@pytest.mark.parametrize("definition", LAYERS, ids=lambda definition: definition.id)
def test_private_values_leave_by_no_door(
    application: Application, client: TestClient, tmp_path: Path, definition: LayerDefinition
) -> None:
    put(application, definition.id, {"K1": _row(definition)})
    hidden_names = {f.name for f in definition.fields if f.private} - {"name"}

    answers = dict(_answers(client, definition.id))
    for form in FileFormat:
        path = tmp_path / f"{definition.id}{form.suffix}"
        application.export_layer.run(ExportRequest(layer_id=definition.id, path=path))
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content = b"".join(archive.read(name) for name in archive.namelist())
        answers[f"export to {form}"] = content.decode(errors="replace")

    difference = application.diff_layer.run(definition.id, LONG_AGO)
    application.diff_layer.write(difference, tmp_path / "difference.geojson")
    answers["difference"] = (tmp_path / "difference.geojson").read_text(encoding="utf-8")

    assert "K1" in answers["tile"]
    assert "K1" in answers["POST /v1/within"]
    assert all("K1" in answers[f"export to {form}"] for form in FileFormat)
    assert "K1" in answers["difference"]
    assert ("K1" in answers[f"/v1/nearest?{POINT}&layer={definition.id}"]) == (
        definition.geometry is GeometryType.POINT
    )
    assert [door for door, text in answers.items() if MARK[:4] in text] == []
    assert {
        (door, name)
        for door, text in answers.items()
        for name in hidden_names
        if door not in {"/v1/layers", "/ogc/collections"} and f'"{name}"' in text
    } == set()


@pytest.mark.parametrize("definition", LAYERS, ids=lambda definition: definition.id)
def test_private_fields_are_not_listed_as_fields(
    client: TestClient, definition: LayerDefinition
) -> None:
    listed = {layer["id"]: layer for layer in client.get("/v1/layers").json()["layers"]}

    fields = {field["name"] for field in listed[definition.id]["fields"]}

    assert fields == {field.name for field in definition.public_fields}


@pytest.mark.parametrize("definition", LAYERS, ids=lambda definition: definition.id)
@pytest.mark.parametrize(
    "question", ["filter={name}='x'&filter-lang=cql2-text", "sortby={name}", "properties={name}"]
)
def test_nobody_can_ask_by_a_private_field(
    client: TestClient, definition: LayerDefinition, question: str
) -> None:
    name = next(field.name for field in definition.fields if field.private)

    answer = client.get(f"/ogc/collections/{definition.id}/items?{question.format(name=name)}")

    assert answer.status_code == 400
    assert MARK not in answer.text
