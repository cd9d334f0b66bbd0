"""Reading rasters by window and at fewer pixels."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from yingji_map.ingest.raster import read_raster

VALUES = np.arange(48, dtype=np.float32).reshape(6, 8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "grid.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=8,
        height=6,
        crs="EPSG:4490",
        transform=from_origin(106, 33, 0.1, 0.1),
        nodata=float("nan"),
    ) as dataset:
        dataset.write(VALUES, 1)
    return path


def test_a_window_is_widened_to_whole_pixels(path: Path) -> None:
    raster = read_raster(path, bounds=(106.25, 32.65, 106.45, 32.85))

    np.testing.assert_array_equal(raster.values, VALUES[1:4, 2:5])
    assert raster.bounds == pytest.approx((106.2, 32.6, 106.5, 32.9))


def test_a_window_on_pixel_edges_is_not_widened(path: Path) -> None:
    raster = read_raster(path, bounds=(106.3, 32.5, 106.5, 32.8))

    np.testing.assert_array_equal(raster.values, VALUES[2:5, 3:5])


def test_a_window_across_the_edge_is_cut(path: Path) -> None:
    raster = read_raster(path, bounds=(100, 32.85, 106.15, 40))

    np.testing.assert_array_equal(raster.values, VALUES[:2, :2])
    assert (raster.west, raster.north) == pytest.approx((106, 33))


@pytest.mark.parametrize(
    "bounds", [(0, 0, 1, 1), (107, 32, 108, 33), (105, 30, 105.9, 31), (106, 33, 107, 34)]
)
def test_a_window_beside_the_raster_is_empty(
    path: Path, bounds: tuple[float, float, float, float]
) -> None:
    assert read_raster(path, bounds=bounds).values.shape == (0, 0)


def test_fewer_pixels_are_averages_over_the_same_ground(path: Path) -> None:
    whole = read_raster(path)
    coarse = read_raster(path, max_side=4)

    assert coarse.values.shape == (3, 4)
    assert coarse.bounds == pytest.approx(whole.bounds)
    assert coarse.values[0, 0] == pytest.approx(VALUES[:2, :2].mean())
