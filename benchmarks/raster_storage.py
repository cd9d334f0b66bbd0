"""Kept rasters as COG against a plain GeoTIFF of the same pixels: bytes, and time to read.

usage: python benchmarks/raster_storage.py [side]   (3600 pixels is a degree at one second)
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.layer import RasterOptions
from yingji_map.domain.raster import Raster
from yingji_map.ingest.raster import read_raster
from yingji_map.ingest.raster_cog import write_grid

WEST, NORTH = 106.0, 33.0
PICTURE = 512  # pixels: what an overview of a whole county shows
REPEATS = 5


def main(side: int) -> None:
    step = 1 / side
    rng = np.random.default_rng(7)
    rough = ndimage.gaussian_filter(rng.normal(size=(side, side)), 12)
    heights = np.round(1200 + 400 * rough / rough.std(), 1).astype(np.float32)
    grid = Raster(values=heights, west=WEST, north=NORTH, step_lon=step, step_lat=step, sha256="")
    options = RasterOptions(unit="m", valid_range=(-500, 9000), statistic="mean")
    window = (WEST + 0.45, NORTH - 0.55, WEST + 0.55, NORTH - 0.45)
    with tempfile.TemporaryDirectory() as name:
        plain, cog = Path(name) / "plain.tif", Path(name) / "cog.tif"
        write_plain(plain, heights, step)
        write_grid(grid, heights, cog, options)
        assert np.array_equal(read_raster(plain).values, read_raster(cog).values)
        print(f"{side} x {side} pixels, the same values bit for bit")
        sizes = [path.stat().st_size for path in (plain, cog)]
        print(
            f"bytes     plain {sizes[0]:,}, COG {sizes[1]:,}: {sizes[0] / sizes[1]:.2f} times as many"
        )
        for label, read in (
            ("whole", lambda path: read_raster(path, sha256="-")),
            ("window", lambda path: read_raster(path, sha256="-", bounds=window)),
            ("picture", picture),
        ):
            before, after = (fastest(read, path) for path in (plain, cog))
            print(
                f"{label:<9} plain {before * 1000:.1f} ms, COG {after * 1000:.1f} ms: "
                f"{before / after:.1f} times as long"
            )


def picture(path: Path) -> object:
    with rasterio.open(path) as dataset:
        return dataset.read(1, out_shape=(PICTURE, PICTURE), resampling=Resampling.average)


def fastest(read: Callable[[Path], object], path: Path) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        read(path)
        times.append(time.perf_counter() - start)
    return min(times)


def write_plain(path: Path, values: np.ndarray, step: float) -> None:
    """Write what most programs write: stripes, LZW, no coarser levels."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=values.shape[1],
        height=values.shape[0],
        crs="EPSG:4490",
        transform=rasterio.Affine(step, 0, WEST, 0, -step, NORTH),
        nodata=float("nan"),
        compress="lzw",
    ) as dataset:
        dataset.write(values, 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1800)
