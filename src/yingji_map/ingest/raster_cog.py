"""The kept form of a raster: a cloud-optimised GeoTIFF, and what identifies its content."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.layer import RasterOptions
from yingji_map.domain.raster import Raster
from yingji_map.domain.raster_report import GridFacts

_BLOCK = 256
_FORM = b"yingji-grid-1"  # part of every content hash: another way to hash must give other hashes
_OVERVIEWS = {"majority": "MODE", "max": "NEAREST", "min": "NEAREST"}
_BAND_ROWS = 512


def write_cog(plain: Path, target: Path, options: RasterOptions) -> None:
    """Write a GeoTIFF of one float32 band as a COG, without loss, coarser levels included."""
    with rasterio.open(plain, "r+") as dataset:
        dataset.units = (options.unit,)
    copy_raster(
        plain,
        target,
        driver="COG",
        compress="DEFLATE",
        predictor="FLOATING_POINT",
        blocksize=_BLOCK,
        overview_resampling=_OVERVIEWS.get(options.statistic, "AVERAGE"),
        overviews="IGNORE_EXISTING",
        bigtiff="IF_SAFER",
        num_threads=1,  # the same bytes on every machine
    )


def facts_of(path: Path) -> GridFacts:
    """Return what a kept raster holds, its content hash included.

    The hash is of place and pixels as they are read, not of the file: how well GDAL compresses
    them changes with its version, what they are does not.
    """
    with rasterio.open(path) as dataset:
        digest = hashlib.sha256(_FORM)
        digest.update(struct.pack("<2q6d", dataset.width, dataset.height, *dataset.transform[:6]))
        low, high, known = np.inf, -np.inf, 0
        for row in range(0, dataset.height, _BAND_ROWS):
            rows = min(_BAND_ROWS, dataset.height - row)
            window = Window(0, row, dataset.width, rows)
            values = dataset.read(1, window=window, masked=True).astype("<f4").filled(np.nan)
            values[np.isnan(values)] = np.nan  # one of the many numbers that are none
            digest.update(np.ascontiguousarray(values).tobytes())
            real = values[~np.isnan(values)]
            if real.size:
                low, high = min(low, float(real.min())), max(high, float(real.max()))
                known += real.size
        return GridFacts(
            content_sha256=digest.hexdigest(),
            bounds=tuple(dataset.bounds),
            width=dataset.width,
            height=dataset.height,
            lowest=low if known else None,
            highest=high if known else None,
            voids=dataset.width * dataset.height - known,
        )


def write_grid(
    grid: Raster, values: npt.NDArray[np.float32], target: Path, options: RasterOptions
) -> GridFacts:
    """Write `values` on the pixels of `grid` in the kept form."""
    plain = target.with_suffix(".plain.tif")
    height, width = values.shape
    with rasterio.open(
        plain,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=width,
        height=height,
        crs=CRS.from_epsg(STORAGE_SRID),
        transform=Affine(grid.step_lon, 0, grid.west, 0, -grid.step_lat, grid.north),
        nodata=float("nan"),
        tiled=True,
        bigtiff="if_safer",
    ) as dataset:
        dataset.write(values, 1)
    write_cog(plain, target, options)
    plain.unlink()
    return facts_of(target)
