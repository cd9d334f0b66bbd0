"""Rasters of the wild: each is brought to the kept form, or refused with a reason in two languages.

The files are not part of the repository: `YINGJI_SHARED_DATA`, or a folder `shared/data` beside
the repository, has them.
"""

import os
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.builders import a_raster_definition

from yingji_map.domain.errors import YingjiError
from yingji_map.ingest.raster import read_raster
from yingji_map.ingest.raster_source import GridOptions, find_grids
from yingji_map.services.judge_grids import Judgement, Said, judge_grids

pytestmark = pytest.mark.optional
DATA = Path(
    os.environ.get("YINGJI_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
)
FOLDER = DATA / "rasters"
if not FOLDER.is_dir():
    pytest.skip("no shared data (set YINGJI_SHARED_DATA)", allow_module_level=True)

ANY = (-1e9, 1e9)
# Source: DWD, RADOLAN composite format description 2.5, polar stereographic grid on a sphere.
RADOLAN = (
    "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=10 +k=1 +x_0=0 +y_0=0 "
    "+a=6370040 +b=6370040 +units=m +no_defs"
)
BAND: dict[str, Any] = {"variable": "1"}
# File, what is said of it, and what comes of it: the size of the first kept grid or a code.
TABLE: list[tuple[str, dict[str, Any], tuple[int, int] | str]] = [
    ("dem/N38W028.SRTMGL3.hgt.zip", {}, (1201, 1201)),
    ("dem/N38W029.SRTMGL3.hgt.zip", {}, (1201, 1201)),
    ("dem/N39W028.SRTMGL3.hgt.zip", {}, (1201, 1201)),
    ("dem/N39W029.SRTMGL3.hgt.zip", {}, (1201, 1201)),
    ("dem/bonn_gtopo.tif", {}, "unknown-crs"),
    ("dem/bonn_gtopo.tif", {"crs": "EPSG:4326"}, (480, 360)),
    ("dem/bonn_gtopo.tif", {"crs": "EPSG:no"}, "invalid-parameter"),
    ("kampen/exposure/landuse_map.tif", {}, "crs-not-convertible"),
    ("kampen/hazard/1in100_inundation_map.tif", {}, "crs-not-convertible"),
    ("rain/radolan_RW-20221018_hourly_asc.tar.gz", {"crs": RADOLAN}, "invalid-parameter"),
    ("rasterio/N10W110.hgt.zip", {}, (1201, 1201)),
    ("rasterio/RGB.byte.tif", {}, "raster-refused"),
    ("rasterio/RGB.byte.tif", BAND, (835, 696)),
    ("rasterio/RGB.byte.tif", {"variable": "4"}, "invalid-parameter"),
    ("rasterio/RGB.nc", {}, "invalid-parameter"),
    ("rasterio/RGB.nc", {"variable": "Band1"}, (835, 696)),
    ("rasterio/RGB.nc", {"variable": "Band2"}, "unknown-crs"),
    ("rasterio/all-nodata.tif", {}, "raster-refused"),
    ("rasterio/all-nodata.tif", BAND, "raster-refused"),
    ("rasterio/byte.tif", {}, "crs-not-convertible"),
    ("rasterio/cogeo.tif", BAND, (1135, 899)),
    ("rasterio/corrupt.tif", BAND, "unreadable-file"),
    ("rasterio/float_nan.tif", {}, "unknown-crs"),
    ("rasterio/float_raster_with_nodata.tif", {}, "crs-not-convertible"),
    ("rasterio/goes.tif", BAND, (602, 475)),
    ("rasterio/rotated.tif", {}, "unknown-crs"),
    ("rasterio/rotated.tif", {"crs": "EPSG:4544"}, (18, 17)),
    ("rasterio/shade.tif", {}, (1147, 884)),
    ("rasterio/test_esri_wkt.tif", {}, "crs-not-convertible"),
    ("rasterio/two-subs.h5", {}, "invalid-parameter"),
    ("rasterio/two-subs.h5", {"variable": "data"}, "raster-refused"),
    ("rasterio/world.byte.tif", {}, (2880, 1200)),
]


def _judged(paths: list[Path], folder: Path, *, temporal: bool = False, **said: Any) -> Judgement:
    layer_unit = "mm" if temporal else "m"
    definition = a_raster_definition(valid_range=ANY, temporal=temporal, unit=layer_unit)
    (folder / "unpacked").mkdir()
    (folder / "drafts").mkdir()
    options = GridOptions(**said)
    grids = find_grids(paths, options, folder / "unpacked")
    told = Said(options, None)
    return judge_grids(grids, definition, told, folder / "drafts", lambda _zh, _en: None)


@pytest.mark.parametrize(("name", "said", "expected"), TABLE)
def test_each_is_kept_or_refused(
    tmp_path: Path, name: str, said: dict[str, Any], expected: tuple[int, int] | str
) -> None:
    refusal: YingjiError | None = None
    try:
        judgement = _judged([FOLDER / name], tmp_path, temporal="radolan" in name, **said)
    except YingjiError as error:
        refusal = error
    else:
        refusal = judgement.faults[0][2] if judgement.faults else None

    if isinstance(expected, str):
        assert refusal is not None
        assert refusal.code == expected
        assert refusal.text("zh") != refusal.text("en")
        assert Path(name).name in refusal.text("zh") or expected == "invalid-parameter"
        return
    assert refusal is None
    grid = judgement.grids[0]
    assert (grid.facts.width, grid.facts.height) == expected
    west, south, east, north = grid.facts.bounds
    assert -180.1 <= west < east <= 180.1
    assert -90.1 <= south < north <= 90.1
    assert np.isfinite(read_raster(grid.draft).values).any()


def test_no_raster_is_missing_from_the_table() -> None:
    suffixes = {".tif", ".nc", ".h5", ".zip", ".gz"}
    present = {
        file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*") if file.suffix in suffixes
    }

    assert present == {name for name, _, _ in TABLE}


def test_a_day_of_hourly_radar_rain_is_one_series(tmp_path: Path) -> None:
    path = FOLDER / "rain" / "radolan_RW-20221018_hourly_asc.tar.gz"

    judgement = _judged([path], tmp_path, temporal=True, crs=RADOLAN, zone=UTC, unit="0.1mm")

    assert not judgement.faults
    moments = [grid.valid_at for grid in judgement.grids]
    assert len(moments) == 24
    assert {(m.hour - 0, m.minute) for m in moments if m} == {(hour, 50) for hour in range(24)}
    # Source: DWD, RADOLAN composite format description 2.5, corners of the national grid.
    west, south, east, north = judgement.grids[0].facts.bounds
    assert (west, south, east) == pytest.approx((2.0715, 46.9526, 15.7208), abs=0.02)
    assert 54.7405 < north < 55.1  # the middle of its upper edge lies farther north than its ends
    assert all((grid.facts.lowest or 0) >= 0 for grid in judgement.grids)
    assert max(grid.facts.highest or 0 for grid in judgement.grids) < 40


def test_four_tiles_of_heights_are_one_raster(tmp_path: Path) -> None:
    judgement = _judged(sorted((FOLDER / "dem").glob("*.zip")), tmp_path)

    assert not judgement.faults
    (whole,) = judgement.grids
    assert (whole.facts.width, whole.facts.height) == (2401, 2401)
    assert whole.facts.highest == 2304  # Pico lies on the tile N38W029
