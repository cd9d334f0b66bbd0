"""Tiles of one grid laid together."""

from collections.abc import Sequence
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError
from rasterio.merge import merge

from yingji_map.domain.errors import RasterRefused
from yingji_map.domain.layer import RasterOptions
from yingji_map.domain.raster_report import GridFacts
from yingji_map.ingest.raster_cog import facts_of, write_cog

_SAME_STEP = 1e-6  # of a pixel size
_ALIGNED = 0.01  # of a pixel
_MOST_PIXELS = 2_000_000_000


def lay_together(
    tiles: Sequence[tuple[str, Path]], target: Path, options: RasterOptions
) -> GridFacts:
    """Write tiles of one grid, in their kept form, as one raster; voids of one show the next.

    Raises
    ------
    RasterRefused
        Their pixels are not of one grid, or the whole would be too large.
    """
    names = [name for name, _ in tiles]
    paths = [path for _, path in tiles]
    _refuse_misfits(names, paths)
    plain = target.with_suffix(".plain.tif")
    try:
        merge(  # type: ignore[no-untyped-call]  # rasterio has no types here
            paths, dst_path=plain, dst_kwds={"driver": "GTiff", "compress": None}, method="first"
        )
    except (RasterioError, MemoryError) as error:
        zh, en = "拼不成一个栅格", "the tiles do not make one raster"
        raise RasterRefused(file=names[0], reason_zh=zh, reason_en=en) from error
    write_cog(plain, target, options)
    plain.unlink()
    return facts_of(target)


def _refuse_misfits(names: list[str], paths: list[Path]) -> None:
    with rasterio.open(paths[0]) as first:
        step, west, north = first.res, first.bounds.left, first.bounds.top
        bounds = [first.bounds]
    for name, path in zip(names[1:], paths[1:], strict=True):
        with rasterio.open(path) as tile:
            shifts = ((tile.bounds.left - west) / step[0], (tile.bounds.top - north) / step[1])
            is_aligned = all(abs(shift - round(shift)) < _ALIGNED for shift in shifts)
            is_even = all(
                abs(own / wanted - 1) < _SAME_STEP
                for own, wanted in zip(tile.res, step, strict=True)
            )
            bounds.append(tile.bounds)
        if not (is_aligned and is_even):
            zh = "像元与其他幅对不齐；这个图层不分时刻，多个文件要能拼成一幅"
            en = "its pixels do not meet those of the others; files of this layer must make one"
            raise RasterRefused(file=name, reason_zh=zh, reason_en=en)
    wide = max(b.right for b in bounds) - min(b.left for b in bounds)
    high = max(b.top for b in bounds) - min(b.bottom for b in bounds)
    if wide / step[0] * high / step[1] > _MOST_PIXELS:
        zh, en = "拼起来超过 20 亿个像元", "together they have more than two billion pixels"
        raise RasterRefused(file=names[0], reason_zh=zh, reason_en=en)
