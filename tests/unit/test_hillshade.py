"""Shaded relief, held to gdaldem and to planes whose brightness is known."""

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from yingji_map.domain.raster import Raster
from yingji_map.domain.tile import TileAddress
from yingji_map.engine.hillshade import ground_sizes_m, hillshade_on_tile, multidirectional
from yingji_map.engine.terrain import (
    SIDE,
    build_terrain,
    heights_on_tile,
    known_on_tile,
    pixel_centres,
)

STEP = 0.001
TILE = TileAddress(12, 3257, 1659)  # about 106.3°E, 32.3°N


def _hills(*, void: bool = False) -> Raster:
    lon = np.arange(600) * STEP
    lat = np.arange(500) * STEP
    values = 1000 + 200 * np.sin(lon[None, :] * 90) * np.cos(lat[:, None] * 110)
    if void:
        values[200:260, 280:340] = np.nan
    return Raster(
        values=values.astype(np.float32),
        west=106.0,
        north=32.55,
        step_lon=STEP,
        step_lat=STEP,
        sha256="0" * 64,
    )


def test_brightness_is_that_of_gdaldem(tmp_path: Path) -> None:
    if shutil.which("gdaldem") is None:
        pytest.skip("gdaldem is not installed")
    heights = heights_on_tile(build_terrain(_hills()), TILE, margin=1)
    size = 32.0
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=SIDE + 2,
        height=SIDE + 2,
        crs="EPSG:4544",
        transform=from_origin(600_000, 3_600_000, size, size),
    ) as dataset:
        dataset.write(heights.astype(np.float32), 1)
    command = ["gdaldem", "hillshade", "-multidirectional", "-q", "dem.tif", "shade.tif"]
    subprocess.run(command, cwd=tmp_path, check=True)
    with rasterio.open(tmp_path / "shade.tif") as dataset:
        expected = dataset.read(1)[1:-1, 1:-1].astype(float)

    found = multidirectional(heights, np.full(SIDE, size))

    assert np.abs(np.rint(found) - expected).max() <= 1
    assert expected.std() > 10


@pytest.mark.parametrize("zoom", [9, 11, 13])
def test_a_plane_is_as_bright_as_its_slope_at_every_zoom(zoom: int) -> None:
    # Rises 0.3 m a metre towards the east, at the latitude of the middle of the tile.
    at = 2 ** (TILE.z - zoom) if zoom <= TILE.z else 0
    tile = (
        TileAddress(zoom, TILE.x // at, TILE.y // at)
        if at
        else TileAddress(13, TILE.x * 2, TILE.y * 2)
    )
    _, lat = pixel_centres(tile)
    sizes = ground_sizes_m(tile, lat)
    columns = np.arange(SIDE + 2)
    middle = SIDE // 2
    heights = np.broadcast_to(columns * sizes[middle] * 0.3, (SIDE + 2, SIDE + 2)).copy()

    found = multidirectional(heights, sizes)[middle, middle]

    low = high = math.sqrt(0.5)
    lights = [
        (0.5, low + high * 0.3 * math.sqrt(0.5)),
        (1.0, low + high * 0.3),
        (0.5, low + high * 0.3 * math.sqrt(0.5)),
    ]
    cosine = sum(weight * light for weight, light in lights) / 2 / math.sqrt(1.09)
    assert found == pytest.approx(1 + 254 * cosine, abs=0.01)


def test_pixels_are_as_large_as_the_ground_says() -> None:
    _, lat = pixel_centres(TILE)

    # 40 075 017 m round the equator in 256 · 2^12 pixels, shortened by cos 32.3°.
    assert ground_sizes_m(TILE, lat)[SIDE // 2] == pytest.approx(
        40_075_016.7 / 2**20 * math.cos(math.radians(lat[SIDE // 2])), rel=1e-6
    )


def test_tiles_meet_without_a_seam() -> None:
    terrain = build_terrain(_hills())
    right = TileAddress(TILE.z, TILE.x + 1, TILE.y)
    below = TileAddress(TILE.z, TILE.x, TILE.y + 1)

    own = heights_on_tile(terrain, TILE, margin=1)

    np.testing.assert_allclose(own[1:-1, -1], heights_on_tile(terrain, right)[:, 0], atol=1e-9)
    np.testing.assert_allclose(own[-1, 1:-1], heights_on_tile(terrain, below)[0], atol=1e-9)
    # The last column of one and the first of the next differ no more than columns do inside.
    left, next_to_it = (
        hillshade_on_tile(terrain, tile)[:, :, 0].astype(int) for tile in (TILE, right)
    )
    across = np.abs(left[:, -1] - next_to_it[:, 0]).max()
    assert across <= np.abs(np.diff(left, axis=1)).max() + 1


def test_voids_and_the_world_beyond_are_transparent() -> None:
    whole, holed = build_terrain(_hills()), build_terrain(_hills(void=True))
    far = TileAddress(TILE.z, TILE.x + 40, TILE.y)

    assert known_on_tile(whole, TILE).all()
    alpha = hillshade_on_tile(holed, TILE)[:, :, 1]
    assert 0 < (alpha == 0).sum() < alpha.size
    assert not hillshade_on_tile(whole, far).any()


def test_a_void_does_not_darken_the_ground_beside_it() -> None:
    whole, holed = build_terrain(_hills()), build_terrain(_hills(void=True))
    full, cut = hillshade_on_tile(whole, TILE), hillshade_on_tile(holed, TILE)
    known = known_on_tile(holed, TILE)
    reach = np.zeros_like(known)  # pixels within 8 of a void see it in their slope
    rows, columns = np.nonzero(~known)
    reach[
        max(rows.min() - 8, 0) : rows.max() + 8, max(columns.min() - 8, 0) : columns.max() + 8
    ] = True

    np.testing.assert_array_equal(full[~reach], cut[~reach])
    assert cut[known][:, 0].min() >= 1


def test_ground_that_is_level_is_evenly_lit() -> None:
    shade = multidirectional(np.full((6, 6), 500.0), np.full(4, 30.0))

    np.testing.assert_allclose(shade, 1 + 254 * math.sqrt(0.5))
