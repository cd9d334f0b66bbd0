"""The served sample county keeps its promises: every address family, exact explanations, honest refusals."""

import json
import random
import shutil
import subprocess
import urllib.error
import urllib.request
from typing import Any

import h3
import pytest
from tests.journeys.conftest import County

pytestmark = [pytest.mark.db, pytest.mark.slow]
_CENTRE = (106.29, 32.23)
_FAMILIES = [
    ("/", "text/html"),
    ("/docs", "text/html"),
    ("/openapi.json", "application/json"),
    ("/ogc", "application/json"),
    ("/ogc/conformance", "application/json"),
    ("/ogc/api", "application/vnd.oai.openapi+json"),
    ("/ogc/collections", "application/json"),
    ("/ogc/collections/shelter", "application/json"),
    ("/ogc/collections/shelter/items?limit=3", "application/geo+json"),
    ("/ogc/collections/shelter/queryables", "application/schema+json"),
    ("/tiles/road.json", "application/json"),
    ("/tiles/road/11/1628/830.pbf", "application/vnd.mapbox-vector-tile"),
    ("/tiles/dem/11/1628/830.png", "image/png"),
    ("/tiles/risk/composite.json", "application/json"),
    ("/tiles/risk/composite/11/1628/830.pbf", "application/vnd.mapbox-vector-tile"),
    ("/v1/layers", "application/json"),
    ("/v1/nearest?layer=shelter&lon=106.29&lat=32.23&k=3", "application/json"),
    ("/v1/within?lon=106.29&lat=32.23&radius_m=3000&layers=settlement", "application/json"),
    ("/v1/buffer?lon=106.29&lat=32.23&radius_m=3000&layers=settlement", "application/json"),
    ("/v1/risk/models", "application/json"),
    ("/v1/risk/runs", "application/json"),
    ("/v1/risk/divisions?hazard=composite", "application/json"),
    ("/v1/warnings", "application/json"),
    ("/healthz", "application/json"),
    ("/readyz", "application/json"),
]


def _ask(county: County, path: str, body: object = None, language: str = "zh") -> Any:
    """Return status, media type and parsed body of an answer, a refusal included."""
    request = urllib.request.Request(
        f"{county.url}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Accept-Language": language, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers["Content-Type"], response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def _get(county: County, path: str) -> Any:
    status, _, body = _ask(county, path)
    assert status == 200, body[:500]
    return json.loads(body)


@pytest.mark.parametrize(("path", "media_type"), _FAMILIES)
def test_every_family_of_addresses_answers(county: County, path: str, media_type: str) -> None:
    status, found, body = _ask(county, path)

    assert status == 200
    assert found.startswith(media_type)
    assert body


def test_ten_cells_recompute_to_their_stored_scores_and_their_parts_add_up(county: County) -> None:
    hazards = [h["hazard"] for h in _get(county, "/v1/risk/runs?limit=1")["runs"][0]["hazards"]]
    around = h3.grid_disk(h3.latlng_to_cell(_CENTRE[1], _CENTRE[0], 9), 40)
    cells = random.Random(20260714).sample(sorted(around), 10)  # noqa: S311 - a fixed choice

    answers = [
        _get(county, f"/v1/risk/cells/{cell}?hazard={hazard}")
        for cell in cells
        for hazard in hazards
    ]

    scored = [answer for answer in answers if answer["state"] == "scored"]
    assert len(scored) >= 10
    for answer in scored:
        assert answer["recomputed_score"] == answer["score"]
        parts = sum(part["value"] for part in answer["contributions"])
        assert parts == pytest.approx(answer["score"], abs=1e-12)


def test_every_model_has_colours_in_both_kinds_of_run(county: County) -> None:
    runs = _get(county, "/v1/risk/runs?limit=50")["runs"]

    for kind in ("static", "dynamic"):
        newest = next(run for run in runs if run["kind"] == kind)
        bare = [
            h["hazard"] for h in newest["hazards"] if sum(h["counts"][c] for c in _COLOURS) == 0
        ]
        assert bare == []


def test_townships_add_up_to_the_county(county: County) -> None:
    hazards = _get(county, "/v1/risk/runs?limit=1")["runs"][0]["hazards"]
    for hazard in hazards:
        found = _get(county, f"/v1/risk/divisions?hazard={hazard['hazard']}")

        for kind in hazard["counts"]:
            summed = sum(division["cells"][kind] for division in found["divisions"])
            assert summed == found["county"]["cells"][kind] == hazard["counts"][kind]


def test_gdal_lists_every_collection_with_its_count_and_chinese_text(county: County) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed (make setup-dev installs it)")
    counts = {
        layer["id"]: layer["count"]
        for layer in _get(county, "/v1/layers")["layers"]
        if layer["geometry"] != "raster"
    }

    listed = _ogrinfo(f"OAPIF:{county.url}/ogc")
    shelter = _ogrinfo("-so", f"OAPIF:{county.url}/ogc", "shelter")
    first = _ogrinfo(f"OAPIF:{county.url}/ogc", "shelter", "-fid", "1", "-oo", "PAGE_SIZE=1000")

    assert [layer for layer in counts if layer not in listed] == []
    assert f"Feature Count: {counts['shelter']}" in shelter
    assert any("\u4e00" <= character <= "\u9fff" for character in first + listed)


def _ogrinfo(*words: str) -> str:
    done = subprocess.run(
        ["ogrinfo", "-ro", *words], capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout


_COLOURS = ("red", "orange", "yellow", "blue")
_BOW_TIE = [[[106.2, 32.2], [106.3, 32.3], [106.3, 32.2], [106.2, 32.3], [106.2, 32.2]]]
_REFUSALS = [
    ("/ogc/collections/nowhere/items", None, 404, "layer-not-found"),
    ("/tiles/nowhere/11/1628/830.pbf", None, 404, "layer-not-found"),
    ("/v1/nearest?layer=nowhere&lon=106.29&lat=32.23", None, 404, "layer-not-found"),
    ("/v1/nearest?layer=shelter&lon=106.29&lat=32.23&k=100000", None, 400, "invalid-parameter"),
    ("/v1/nearest?layer=shelter&lon=106.29", None, 400, "invalid-parameter"),
    ("/v1/nearest?layer=shelter&lon=80&lat=40", None, 400, "place-out-of-reach"),
    ("/v1/risk/cells/8940f06299bffff?hazard=plague", None, 404, "hazard-not-found"),
    (
        "/v1/within",
        {"geometry": {"type": "Polygon", "coordinates": _BOW_TIE}, "layers": ["settlement"]},
        400,
        "invalid-geometry",
    ),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), _REFUSALS)
def test_bad_input_is_a_clear_problem_in_both_languages(
    county: County, path: str, body: object, status: int, code: str
) -> None:
    found, media_type, chinese = _ask(county, path, body)
    _, _, english = _ask(county, path, body, language="en")

    problem = json.loads(chinese)
    assert (found, problem["status"]) == (status, status)
    assert media_type.startswith("application/problem+json")
    assert problem["type"] == f"/problems/{code}"
    assert problem["request_id"]
    assert problem["detail"] != json.loads(english)["detail"]
