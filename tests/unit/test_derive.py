"""Derived rasters, held to gdaldem, to planes and cones, and to what a void must never do."""

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from yingji_map.domain.derivation import Derivation, DerivationMethod
from yingji_map.domain.raster import Raster
from yingji_map.engine.derive import derive, relief_m, wetness
from yingji_map.engine.relief import pixel_sizes_m

STEP = 1 / 3600
WEST, NORTH = 106.0, 32.5
Array = npt.NDArray[np.float64]


def _raster(values: npt.NDArray[np.generic], step_lon: float = STEP) -> Raster:
    return Raster(
        values=values.astype(np.float32),
        west=WEST,
        north=NORTH,
        step_lon=step_lon,
        step_lat=STEP,
        sha256="0" * 64,
    )


def _hills() -> Array:
    rows, columns = np.mgrid[0:90, 0:110]
    return np.asarray(1000 + 150 * np.sin(columns / 9) * np.cos(rows / 11) + columns)


def _derived(values: Array, method: DerivationMethod) -> npt.NDArray[np.float32]:
    return derive(_raster(values), Derivation.model_validate({"from": "dem", "method": method}))


def _gdaldem(values: Array, folder: Path, mode: str) -> Array:
    """Return what gdaldem makes of the same heights on pixels of the same size on the ground."""
    if shutil.which("gdaldem") is None:
        pytest.skip("gdaldem is not installed")
    widths, height = pixel_sizes_m(_raster(values))
    with rasterio.open(
        folder / "dem.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=values.shape[1],
        height=values.shape[0],
        crs="EPSG:4544",
        transform=from_origin(600_000, 3_600_000, float(widths.mean()), height),
        nodata=-9999,
    ) as dataset:
        dataset.write(np.nan_to_num(values, nan=-9999).astype(np.float32), 1)
    command = ["gdaldem", mode, "-q", "dem.tif", "out.tif"]
    subprocess.run(command, cwd=folder, check=True)
    with rasterio.open(folder / "out.tif") as dataset:
        return np.asarray(dataset.read(1, masked=True).astype(np.float64).filled(np.nan))


def test_slope_is_that_of_gdaldem(tmp_path: Path) -> None:
    expected = _gdaldem(_hills(), tmp_path, "slope")[1:-1, 1:-1]

    found = _derived(_hills(), DerivationMethod.SLOPE)[1:-1, 1:-1]

    # Pixels narrow by 0.02 % from the first row to the last; gdaldem has one width for all.
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert expected.max() > 25


def test_aspect_is_that_of_gdaldem(tmp_path: Path) -> None:
    # gdaldem takes every pixel for a square, up to 5° off on degrees: here they are squares.
    widths, height = pixel_sizes_m(_raster(_hills()))
    square = _raster(_hills(), STEP * height / float(widths.mean()))
    expected = _gdaldem(_hills(), tmp_path, "aspect")[1:-1, 1:-1]
    aspect = Derivation.model_validate({"from": "dem", "method": "aspect"})
    steep = _derived(_hills(), DerivationMethod.SLOPE)[1:-1, 1:-1] > 1

    found = derive(square, aspect)[1:-1, 1:-1]

    turned = np.abs((found - expected + 180) % 360 - 180)
    assert turned[steep].max() < 0.05
    assert steep.mean() > 0.9


@pytest.mark.parametrize("azimuth", [0, 45, 90, 135, 200, 315])
def test_a_plane_has_one_slope_and_one_aspect(azimuth: float) -> None:
    widths, height = pixel_sizes_m(_raster(np.zeros((40, 40))))
    rows, columns = np.mgrid[0:40, 0:40]
    east, south = columns * widths[20], rows * height
    # Falls by 0.4 m a metre towards the azimuth.
    fall = east * math.sin(math.radians(azimuth)) - south * math.cos(math.radians(azimuth))
    values = 2000 - 0.4 * fall

    slope = _derived(values, DerivationMethod.SLOPE)[18:22, 18:22]
    aspect = _derived(values, DerivationMethod.ASPECT)[18:22, 18:22]

    np.testing.assert_allclose(slope, math.degrees(math.atan(0.4)), atol=0.01)
    np.testing.assert_allclose((aspect - azimuth + 180) % 360 - 180, 0, atol=0.05)


def test_level_ground_has_no_aspect() -> None:
    assert (_derived(np.full((5, 5), 7.0), DerivationMethod.ASPECT) == -1).all()


def test_relief_is_the_range_of_a_square() -> None:
    values = _hills()
    values[30:33, 40:44] = np.nan
    widths, height = pixel_sizes_m(_raster(values))
    window = 300.0
    # The odd numbers of pixels of 30.8 m and 26.1 m that are nearest to 300 m.
    half_rows, half_columns = 4, 5
    assert (round(window / height), round(window / widths[45])) == (10, 11)

    found = relief_m(_raster(values), window)

    stored = values.astype(np.float32).astype(np.float64)
    for row, column in ((0, 0), (31, 50), (34, 42), (89, 109), (20, 20)):
        square = stored[
            max(row - half_rows, 0) : row + half_rows + 1,
            max(column - half_columns, 0) : column + half_columns + 1,
        ]
        assert found[row, column] == pytest.approx(np.nanmax(square) - np.nanmin(square))
    assert np.isnan(found[30:33, 40:44]).all()
    assert np.isfinite(found).sum() == found.size - 12


def test_wetness_of_a_plane_grows_with_the_area_above() -> None:
    widths, height = pixel_sizes_m(_raster(np.zeros((30, 7))))
    values = np.repeat(3000 - np.arange(30)[:, None] * height * 0.2, 7, axis=1)

    found = wetness(_raster(values))

    # Straight down the middle, row n gathers n + 1 pixels; tan β is 0.2.
    contour = np.sqrt(widths * height)
    gathered = np.cumsum(widths * height)
    expected = np.log(gathered / contour / 0.2)
    np.testing.assert_allclose(found[1:-1, 3], expected[1:-1], atol=0.01)


def test_height_above_the_river_is_measured_down_the_flow() -> None:
    # A valley that falls to the south; its floor is column 10.
    rows, columns = np.mgrid[0:30, 0:21]
    values = 500 - rows * 2.0 + np.abs(columns - 10) * 8.0
    river = shapely.LineString(
        [(WEST + 10.5 * STEP, NORTH - 0.5 * STEP), (WEST + 10.5 * STEP, NORTH - 29.5 * STEP)]
    )
    derivation = Derivation.model_validate(
        {"from": "dem", "method": "height_above_river", "rivers": "river"}
    )

    found = derive(_raster(values), derivation, np.array([river], dtype=object))

    assert (found[:, 10] == 0).all()
    assert found[10, 13] > 0
    # Down the steepest way: three steps aside and down, each to a lower row or straight.
    assert 24 <= found[10, 13] <= 24 + 3 * 2


@pytest.mark.parametrize("method", [m for m in DerivationMethod if m != "height_above_river"])
def test_a_void_stays_a_void_and_taints_only_its_neighbours(method: DerivationMethod) -> None:
    values = _hills()
    holed = values.copy()
    holed[40:43, 60:63] = np.nan

    whole, cut = _derived(values, method), _derived(holed, method)

    assert np.isnan(cut[40:43, 60:63]).all()
    assert np.isfinite(cut).sum() == cut.size - 9
    if method in {DerivationMethod.SLOPE, DerivationMethod.ASPECT}:
        near = np.zeros(values.shape, dtype=bool)
        near[39:44, 59:64] = True
        np.testing.assert_array_equal(cut[~near], whole[~near])
    # A void read as 0 m would make a cliff of a thousand metres.
    if method is DerivationMethod.SLOPE:
        assert cut[39:44, 59:64][np.isfinite(cut[39:44, 59:64])].max() < 45
    if method is DerivationMethod.RELIEF:
        assert np.nanmax(cut) <= np.nanmax(whole)


@pytest.mark.parametrize("method", [m for m in DerivationMethod if m != "height_above_river"])
def test_of_nothing_comes_nothing(method: DerivationMethod) -> None:
    assert np.isnan(_derived(np.full((6, 7), np.nan), method)).all()
