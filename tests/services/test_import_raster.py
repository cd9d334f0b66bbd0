"""Rasters in: kept once, read back as they were, refused with a reason."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine
from rasterio.transform import from_origin
from sqlalchemy import select
from tests.support.builders import a_raster_definition

from yingji_map.domain.errors import (
    CrsNotConvertible,
    InvalidParameter,
    RasterRefused,
    UnknownCrs,
    UnreadableFile,
)
from yingji_map.ingest.raster import read_raster
from yingji_map.services.import_raster import ImportRaster, RasterImportRequest
from yingji_map.store.database import Store
from yingji_map.store.imports import find_imports
from yingji_map.store.layers import LayerState, find_layer_states
from yingji_map.store.raster_files import raster_path
from yingji_map.store.rasters import find_rasters
from yingji_map.store.tables import rasters

pytestmark = pytest.mark.db
VALUES = np.array([[500, 600, np.nan], [700, 800, 900]], dtype=np.float32)


def _write(path: Path, values: npt.NDArray[Any] = VALUES, **profile: object) -> Path:
    settings: dict[str, Any] = {
        "driver": "GTiff",
        "dtype": values.dtype,
        "count": 1,
        "height": values.shape[0],
        "width": values.shape[1],
        "crs": "EPSG:4490",
        "transform": from_origin(106, 32.5, 0.01, 0.01),
        "nodata": np.nan if values.dtype.kind == "f" else None,
    }
    scale = profile.pop("scale", 1.0)
    with rasterio.open(path, "w", **{**settings, **profile}) as dataset:
        dataset.scales = (scale,) * dataset.count
        for band in range(1, dataset.count + 1):
            dataset.write(values, band)
    return path


@pytest.fixture
def importer(store: Store, tmp_path: Path) -> ImportRaster:
    return ImportRaster(
        store=store, catalogue={"height": a_raster_definition()}, data_dir=tmp_path / "data"
    )


@pytest.fixture(autouse=True)
def _empty_register(store: Store) -> None:
    with store.transaction() as tx:
        tx.execute(rasters.delete())


def _state(store: Store) -> LayerState | None:
    with store.read() as tx:
        return find_layer_states(tx).get("height")


def _kept_files(importer: ImportRaster) -> list[Path]:
    return sorted((importer.data_dir / "rasters").glob("*"))


def test_values_and_voids_come_back_as_they_went_in(importer: ImportRaster, tmp_path: Path) -> None:
    path = _write(tmp_path / "dem.tif")

    record = importer.run(RasterImportRequest(path=path, layer_id="height"))
    raster = read_raster(raster_path(importer.data_dir, record.sha256))

    np.testing.assert_array_equal(raster.values, VALUES)
    assert raster.bounds == pytest.approx((106, 32.48, 106.03, 32.5))
    assert raster.sha256 == record.sha256
    assert record.bounds == pytest.approx(raster.bounds)
    assert (record.width, record.height) == (3, 2)


def test_the_same_raster_twice_is_one_raster(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    path = _write(tmp_path / "dem.tif")
    first = importer.run(RasterImportRequest(path=path, layer_id="height"))
    before = _state(store)

    second = importer.run(RasterImportRequest(path=path, layer_id="height"))

    assert second == first
    assert _state(store) == before
    assert [file.name for file in _kept_files(importer)] == [f"{first.sha256}.tif"]


def test_a_new_raster_takes_the_place_of_the_old_and_the_old_stays_known(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    old = importer.run(RasterImportRequest(path=_write(tmp_path / "a.tif"), layer_id="height"))
    before = _state(store)
    new = importer.run(
        RasterImportRequest(path=_write(tmp_path / "b.tif", VALUES + 1), layer_id="height")
    )
    after = _state(store)

    with store.read() as tx:
        now = find_rasters(tx, "height")
        then = find_rasters(tx, "height", known_at=old.registered_at)

    assert ([r.sha256 for r in now], [r.sha256 for r in then]) == ([new.sha256], [old.sha256])
    assert before
    assert after
    assert after.version == before.version + 1
    assert after.content_hash != before.content_hash


def test_going_back_to_an_older_raster_gives_the_older_content_hash(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    one = RasterImportRequest(path=_write(tmp_path / "a.tif"), layer_id="height")
    other = RasterImportRequest(path=_write(tmp_path / "b.tif", VALUES + 1), layer_id="height")
    hashes = []
    for request in (one, other, one):
        importer.run(request)
        hashes.append(getattr(_state(store), "content_hash", None))

    assert hashes[0] == hashes[2] != hashes[1]


def test_a_temporal_layer_keeps_one_raster_an_instant_in_order(
    store: Store, tmp_path: Path
) -> None:
    importer = ImportRaster(
        store=store,
        catalogue={"height": a_raster_definition(temporal=True)},
        data_dir=tmp_path / "data",
    )
    noon, dawn = (datetime(2026, 7, 1, hour, tzinfo=UTC) for hour in (12, 6))
    path = _write(tmp_path / "rain.tif")
    for at in (noon, dawn):
        importer.run(RasterImportRequest(path=path, layer_id="height", valid_at=at))

    with store.read() as tx:
        found = find_rasters(tx, "height")

    assert [record.valid_at for record in found] == [dawn, noon]
    with pytest.raises(InvalidParameter):
        importer.run(RasterImportRequest(path=path, layer_id="height"))


def test_a_time_without_zone_or_on_a_timeless_layer_is_refused(
    importer: ImportRaster, tmp_path: Path
) -> None:
    path = _write(tmp_path / "dem.tif")

    with pytest.raises(InvalidParameter, match="no instants"):
        importer.run(
            RasterImportRequest(
                path=path, layer_id="height", valid_at=datetime(2026, 7, 1, tzinfo=UTC)
            )
        )


@pytest.mark.parametrize(
    "case",
    [
        (np.array([[500, 12000]], dtype=np.float32), {}, r"1 pixels .* \(1, 2\) = 12000"),
        (np.array([[np.inf, 1]], dtype=np.float32), {}, r"\(1, 1\) = inf"),
        (np.full((2, 2), np.nan, dtype=np.float32), {}, "no value at all"),
        (VALUES, {"count": 3}, "3 bands"),
        (np.array([[1, 200]], dtype=np.uint8), {"scale": 100.0}, "= 20000"),
    ],
)
def test_what_breaks_the_layers_rules_is_refused_and_nothing_is_kept(
    importer: ImportRaster,
    store: Store,
    tmp_path: Path,
    case: tuple[npt.NDArray[Any], dict[str, Any], str],
) -> None:
    values, profile, reason = case
    path = _write(tmp_path / "dem.tif", values, **profile)

    with pytest.raises(RasterRefused, match=reason):
        importer.run(RasterImportRequest(path=path, layer_id="height"))

    with store.read() as tx:
        assert tx.execute(select(rasters)).all() == []
        newest = find_imports(tx, "height", 1)[0]
    assert _kept_files(importer) == []
    assert newest.is_accepted is False


def test_a_rehearsal_judges_and_keeps_nothing(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    good = _write(tmp_path / "dem.tif", np.array([[100, 200]], dtype=np.int16))
    bad = _write(tmp_path / "bad.tif", np.array([[100, 32000]], dtype=np.int16))

    with store.read() as tx:
        before = find_imports(tx, "height", 9)

    found = importer.run_all(RasterImportRequest(path=good, layer_id="height", is_dry_run=True))
    with pytest.raises(RasterRefused):
        importer.run_all(RasterImportRequest(path=bad, layer_id="height", is_dry_run=True))

    facts = found.grids[0].facts
    assert facts
    assert (facts.width, facts.height) == (2, 1)
    assert _kept_files(importer) == []
    with store.read() as tx:
        assert tx.execute(select(rasters)).all() == []
        assert find_imports(tx, "height", 9) == before


def test_scaled_integers_are_kept_in_their_unit(importer: ImportRaster, tmp_path: Path) -> None:
    path = _write(tmp_path / "dem.tif", np.array([[100, 255]], dtype=np.uint8), nodata=255)
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.5,), (10.0,)

    record = importer.run(RasterImportRequest(path=path, layer_id="height"))

    raster = read_raster(raster_path(importer.data_dir, record.sha256))
    np.testing.assert_array_equal(raster.values, np.array([[60, np.nan]], dtype=np.float32))


def test_a_projected_raster_lands_where_it_lies(importer: ImportRaster, tmp_path: Path) -> None:
    # EPSG:4544, central meridian 105°E; the plane z = northing is kept by bilinear resampling.
    rows = np.arange(60, dtype=np.float32)[:, None]
    values = np.repeat(3_600 - rows, 50, axis=1)
    path = _write(
        tmp_path / "gk.tif",
        values,
        crs="EPSG:4544",
        transform=from_origin(600_000, 3_600_000, 100, 100),
    )

    record = importer.run(RasterImportRequest(path=path, layer_id="height"))

    raster = read_raster(raster_path(importer.data_dir, record.sha256))
    west, south, east, north = raster.bounds
    assert (west, north) == pytest.approx((106.066, 32.524), abs=0.01)
    assert east - west == pytest.approx(0.0535, abs=0.002)
    assert north - south == pytest.approx(0.0545, abs=0.002)
    height, width = raster.values.shape
    middle = raster.values[height // 2, width // 2]
    assert middle == pytest.approx(3_570, abs=2)
    assert np.isnan(raster.values).any()  # corners of the turned square are voids, not zeros
    assert np.nanmin(raster.values) >= 3_540


def test_a_raster_that_stands_on_its_head_is_turned(importer: ImportRaster, tmp_path: Path) -> None:
    path = _write(
        tmp_path / "dem.tif", VALUES[::-1], transform=Affine(0.01, 0, 106, 0, 0.01, 32.48)
    )

    record = importer.run(RasterImportRequest(path=path, layer_id="height"))

    raster = read_raster(raster_path(importer.data_dir, record.sha256))
    np.testing.assert_allclose(raster.values, VALUES)
    assert raster.bounds == pytest.approx((106, 32.48, 106.03, 32.5))


def test_people_are_neither_lost_nor_doubled_by_a_turned_grid(store: Store, tmp_path: Path) -> None:
    importer = ImportRaster(
        store=store,
        catalogue={"height": a_raster_definition(statistic="sum")},
        data_dir=tmp_path / "data",
    )
    people = np.zeros((40, 40), dtype=np.float32)
    people[10:30, 10:30] = 7
    path = _write(
        tmp_path / "people.tif",
        people,
        crs="EPSG:4544",
        transform=from_origin(600_000, 3_600_000, 100, 100),
    )

    record = importer.run(RasterImportRequest(path=path, layer_id="height"))

    raster = read_raster(raster_path(importer.data_dir, record.sha256))
    assert np.nansum(raster.values) == pytest.approx(people.sum(), rel=1e-3)


def test_a_datum_that_needs_local_parameters_is_refused(
    importer: ImportRaster, tmp_path: Path
) -> None:
    with pytest.raises(CrsNotConvertible):
        importer.run(
            RasterImportRequest(
                path=_write(tmp_path / "dem.tif", crs="EPSG:4610"), layer_id="height"
            )
        )


def test_a_raster_without_crs_needs_one_named(importer: ImportRaster, tmp_path: Path) -> None:
    path = _write(tmp_path / "dem.tif", crs=None)

    with pytest.raises(UnknownCrs, match="--crs"):
        importer.run(RasterImportRequest(path=path, layer_id="height"))
    record = importer.run(RasterImportRequest(path=path, layer_id="height", crs="EPSG:4490"))

    assert record.bounds == pytest.approx((106, 32.48, 106.03, 32.5))


@pytest.mark.parametrize("content", [b"", b"II*\x00garbage", b"<VRTDataset></VRTDataset>"])
def test_garbage_is_refused(importer: ImportRaster, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dem.tif"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile):
        importer.run(RasterImportRequest(path=path, layer_id="height"))
    with pytest.raises(UnreadableFile, match="no such file"):
        importer.run(RasterImportRequest(path=tmp_path / "none.tif", layer_id="height"))


def test_a_cut_file_is_refused(importer: ImportRaster, tmp_path: Path) -> None:
    whole = _write(tmp_path / "whole.tif", np.ones((400, 400), dtype=np.float32)).read_bytes()
    path = tmp_path / "cut.tif"
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(UnreadableFile, match="cut short"):
        importer.run(RasterImportRequest(path=path, layer_id="height"))
