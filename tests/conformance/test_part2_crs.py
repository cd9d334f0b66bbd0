"""OGC API - Features - Part 2: Coordinate Reference Systems by Reference (18-058r1)."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import shape
from starlette.testclient import TestClient

from tests.conformance.conftest import CRS84, DEPOTS, EDITOR, EPSG, SHELTERS, a_depot, document, ids

pytestmark = pytest.mark.db

# The county lies on both sides of 106.5°E, where the zones of 105°E and 108°E meet.
SYSTEMS = [4326, 4490, 3857, 4544, 4545]
_AXES = {srid: [axis.direction for axis in CRS.from_epsg(srid).axis_info] for srid in SYSTEMS}


def test_crs_fc_md_crs_list_and_storage_crs(client: TestClient) -> None:
    offered = [CRS84, *(EPSG.format(srid) for srid in SYSTEMS)]

    collections = document(client, "/ogc/collections")
    assert collections["crs"] == offered
    for collection in collections["collections"]:
        assert collection["crs"] == offered
        assert collection["storageCrs"] == EPSG.format(4490)


@pytest.mark.parametrize("srid", SYSTEMS)
@pytest.mark.parametrize("layer", ["shelter", "township", "road"])
def test_crs_fc_crs_action_and_geojson(client: TestClient, layer: str, srid: int) -> None:
    here = f"/ogc/collections/{layer}/items"
    tolerance = 1e-8 if CRS.from_epsg(srid).is_geographic else 1e-3
    mover = Transformer.from_crs(4490, srid)  # axes in and out as the authority orders them

    answer = client.get(here, params={"crs": EPSG.format(srid)})
    plain = client.get(here)
    assert answer.headers["content-crs"] == f"<{EPSG.format(srid)}>"
    assert plain.headers["content-crs"] == f"<{CRS84}>"
    for left, right in zip(plain.json()["features"], answer.json()["features"], strict=True):
        lonlat = shapely.get_coordinates(shape(left["geometry"]))
        there = shapely.get_coordinates(shape(right["geometry"]))
        expected = np.column_stack(mover.transform(lonlat[:, 1], lonlat[:, 0]))
        assert np.abs(there - expected).max() <= tolerance
        one = client.get(f"{here}/{left['id']}", params={"crs": EPSG.format(srid)})
        assert one.json()["geometry"] == right["geometry"]
        assert one.headers["content-crs"] == f"<{EPSG.format(srid)}>"


def test_crs_axis_order_of_a_gauss_kruger_zone(client: TestClient) -> None:
    feature = document(client, f"{SHELTERS}/BH000", {"crs": EPSG.format(4544)})

    northing, easting = feature["geometry"]["coordinates"]
    assert _AXES[4544] == ["north", "east"]
    assert 3_560_000 < northing < 3_570_000
    assert 600_000 < easting < 620_000


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("value", ["x", "EPSG:4326", EPSG.format(27700), EPSG.format(4547)])
def test_crs_fc_crs_valid_value(client: TestClient, name: str, value: str) -> None:
    answer = client.get(SHELTERS, params={name: value, "bbox": "106,32,107,33"})

    assert answer.status_code == 400


@pytest.mark.parametrize("srid", SYSTEMS)
def test_crs_fc_bbox_crs_action(client: TestClient, srid: int) -> None:
    # Nothing lies near the edges of this box, which are bent in a zone.
    west, south, east, north = 106.205, 32.15, 106.265, 32.35
    mover = Transformer.from_crs(4490, srid)
    low, high = mover.transform(south, west), mover.transform(north, east)
    box = ",".join(str(number) for number in (*low, *high))

    page = document(client, SHELTERS, {"bbox": box, "bbox-crs": EPSG.format(srid)})
    assert ids(page) == [f"BH00{number}" for number in range(1, 7)]
    assert page["numberMatched"] == 6


def test_crs_bbox_of_a_zone_is_that_box_and_no_other(client: TestClient) -> None:
    mover = Transformer.from_crs(4490, 4545, always_xy=True)
    places = {
        feature["id"]: mover.transform(*feature["geometry"]["coordinates"])
        for feature in document(client, SHELTERS)["features"]
    }
    west, east = places["BH005"][0] - 0.5, places["BH015"][0] + 0.5
    south, north = places["BH005"][1] - 0.5, places["BH015"][1] + 0.5

    box = f"{south},{west},{north},{east}"
    found = ids(document(client, SHELTERS, {"bbox": box, "bbox-crs": EPSG.format(4545)}))
    assert found == [k for k, (x, y) in places.items() if west <= x <= east and south <= y <= north]
    assert len(found) == 11


def test_crs_filter_crs_in_a_zone(client: TestClient) -> None:
    mover = Transformer.from_crs(4490, 4544)
    corners = [mover.transform(lat, lon) for lat, lon in ((32.15, 106.205), (32.35, 106.265))]
    (south, west), (north, east) = corners
    wanted = [f"BH00{number}" for number in range(1, 7)]

    ring = f"{south} {west}, {south} {east}, {north} {east}, {north} {west}, {south} {west}"
    for shape_text in (f"BBOX({south}, {west}, {north}, {east})", f"POLYGON(({ring}))"):
        condition = f"S_INTERSECTS(geometry, {shape_text})"
        query = {"filter": condition, "filter-crs": EPSG.format(4544)}
        assert ids(document(client, SHELTERS, query)) == wanted


@pytest.mark.parametrize("srid", SYSTEMS)
def test_crs_content_crs_of_what_is_sent(client: TestClient, srid: int) -> None:
    code = f"CRS{srid}"
    feature = a_depot(code)
    feature["geometry"]["coordinates"] = Transformer.from_crs(4490, srid).transform(32.25, 106.25)
    sent = {**EDITOR, "Content-Type": "application/geo+json", "Content-Crs": EPSG.format(srid)}

    made = client.post(DEPOTS, json=feature, headers=sent)
    assert made.status_code == 201
    found = document(client, f"{DEPOTS}/{code}")["geometry"]["coordinates"]
    assert found == pytest.approx([106.25, 32.25], abs=1e-8)
    assert client.delete(f"{DEPOTS}/{code}", headers=EDITOR).status_code == 204


def test_crs_ogc_crs_header_is_on_every_answer_with_features(client: TestClient) -> None:
    for address in (SHELTERS, f"{SHELTERS}/BH001", "/ogc/collections/reservoir/items"):
        assert client.get(address).headers["content-crs"] == f"<{CRS84}>"
