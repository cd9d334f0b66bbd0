"""Terrain tiles over HTTP: of the elevation model in force, and gone flat without one."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from starlette.testclient import TestClient

from yingji_map.bootstrap import Application
from yingji_map.domain.tile import tile_holding
from yingji_map.services.import_raster import RasterImportRequest

pytestmark = pytest.mark.db
HOME = tile_holding(106.29, 32.23, 12)
PATH = f"/tiles/dem/{HOME.z}/{HOME.x}/{HOME.y}.png"


def _import(application: Application, folder: Path, height_m: float) -> None:
    path = folder / f"dem-{height_m}.tif"
    shape = {"width": 360, "height": 360, "count": 1, "dtype": "float32", "nodata": -9999}
    place = from_origin(106.19, 32.33, 2 / 3600, 2 / 3600)
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4490", transform=place, **shape) as out:
        out.write(np.full((1, 360, 360), height_m, dtype=np.float32))
    application.import_raster.run(RasterImportRequest(path=path, layer_id="dem"))


def _heights(png: bytes) -> npt.NDArray[np.float64]:
    with warnings.catch_warnings(), MemoryFile(png) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open(driver="PNG") as opened:
            red, green, blue = opened.read().astype(np.float64)
    return np.asarray(red * 256 + green + blue / 256 - 32768)


def test_without_an_elevation_model_there_are_no_tiles(
    application: Application, client: TestClient
) -> None:
    with application.store.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM core.rasters")

    response = client.get("/tiles/dem.json")

    assert (response.status_code, response.json()["type"]) == (503, "/problems/not-ready")


def test_pictures_tell_the_heights(
    application: Application, client: TestClient, tmp_path: Path
) -> None:
    _import(application, tmp_path, 1234.5)

    response = client.get(PATH)

    assert response.headers["content-type"] == "image/png"
    assert _heights(response.content).shape == (256, 256)
    assert (_heights(response.content) == 1234.5).all()


def test_tilejson_says_how_to_read_them(
    application: Application, client: TestClient, tmp_path: Path
) -> None:
    _import(application, tmp_path, 700)

    tilejson = client.get("/tiles/dem.json").json()

    assert tilejson["encoding"] == "terrarium"
    assert tilejson["tileSize"] == 256
    assert tilejson["maxzoom"] == 12
    assert tilejson["bounds"] == pytest.approx([106.19, 32.13, 106.39, 32.33])
    assert tilejson["tiles"] == ["http://testserver/tiles/dem/{z}/{x}/{y}.png"]


def test_a_new_elevation_model_shows_in_the_next_tile(
    application: Application, client: TestClient, tmp_path: Path
) -> None:
    _import(application, tmp_path, 300)
    before = client.get(PATH)
    again = client.get(PATH, headers={"If-None-Match": before.headers["etag"]})
    _import(application, tmp_path, 900)

    after = client.get(PATH, headers={"If-None-Match": before.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert (_heights(after.content) == 900).all()


def test_a_tile_that_does_not_exist_is_a_problem(client: TestClient) -> None:
    response = client.get("/tiles/dem/2/4/0.png")

    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-parameter")


def test_the_shaded_relief_is_a_picture_with_a_tag(
    application: Application, client: TestClient, tmp_path: Path
) -> None:
    _import(application, tmp_path, 900)
    path = f"/tiles/hillshade/{HOME.z}/{HOME.x}/{HOME.y}.png"

    described = client.get("/tiles/hillshade.json").json()
    response = client.get(path)
    again = client.get(path, headers={"If-None-Match": response.headers["etag"]})
    far = client.get(f"/tiles/hillshade/{HOME.z}/0/0.png")

    assert described["tiles"][0].endswith("/tiles/hillshade/{z}/{x}/{y}.png")
    assert (response.headers["content-type"], again.status_code) == ("image/png", 304)
    grey, alpha = _channels(response.content)
    assert (grey.shape, set(np.unique(alpha))) == ((256, 256), {255})
    # Level ground under a light 45° high: 1 + 254 · sin 45°.
    assert set(np.unique(grey)) == {181}
    assert not _channels(far.content).any()


def _channels(png: bytes) -> npt.NDArray[np.uint8]:
    with warnings.catch_warnings(), MemoryFile(png) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open(driver="PNG") as opened:
            return np.asarray(opened.read())
