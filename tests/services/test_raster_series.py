"""Series of grids in: NetCDF, folders, archives; all or nothing, counted, the same twice unchanged."""

import json
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from rasterio.transform import from_origin
from tests.support.builders import a_raster_definition
from tests.support.grids import write_netcdf

from yingji_map.domain.errors import (
    InvalidParameter,
    RasterRefused,
    UnreadableFile,
    VersionNotFound,
    YingjiError,
)
from yingji_map.domain.layer_version import ChangeKind
from yingji_map.domain.raster import Raster
from yingji_map.ingest.raster import read_raster
from yingji_map.ingest.raster_cog import facts_of
from yingji_map.ingest.raster_source import GridOptions
from yingji_map.ingest.raster_time import BEIJING
from yingji_map.services.diff_layer import DiffLayer
from yingji_map.services.import_raster import ImportRaster, RasterImportRequest
from yingji_map.services.restore_layer import RestoreLayer
from yingji_map.store.database import Store
from yingji_map.store.imports import find_imports
from yingji_map.store.layers import find_layer_states
from yingji_map.store.raster_files import raster_path
from yingji_map.store.rasters import RasterRecord, find_rasters
from yingji_map.store.tables import rasters

pytestmark = pytest.mark.db
LON, LAT = np.arange(5) * 0.1 + 106, np.arange(4) * 0.1 + 32
RAIN = np.arange(60, dtype=np.float64).reshape(3, 4, 5) / 2
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)


def _write(path: Path, values: npt.NDArray[Any], **profile: object) -> Path:
    settings: dict[str, Any] = {
        "driver": "AAIGrid" if path.suffix == ".asc" else "GTiff",
        "dtype": values.dtype,
        "count": 1,
        "height": values.shape[0],
        "width": values.shape[1],
        "crs": "EPSG:4490",
        "transform": from_origin(106, 32.5, 0.1, 0.1),
        "nodata": -999,
    }
    with rasterio.open(path, "w", **{**settings, **profile}) as dataset:
        dataset.write(values, 1)
    return path


@pytest.fixture(autouse=True)
def _empty_register(store: Store) -> None:
    with store.transaction() as tx:
        tx.execute(rasters.delete())


def _importer(store: Store, tmp_path: Path, **options: Any) -> ImportRaster:
    return ImportRaster(
        store=store,
        catalogue={"height": a_raster_definition(**options)},
        data_dir=tmp_path / "data",
    )


@pytest.fixture
def importer(store: Store, tmp_path: Path) -> ImportRaster:
    return _importer(store, tmp_path, temporal=True, unit="mm")


def _request(path: Path, *further: Path, **options: Any) -> RasterImportRequest:
    special = {name: options.pop(name) for name in ("valid_at", "is_dry_run") if name in options}
    return RasterImportRequest(
        path=path, further=further, layer_id="height", said=GridOptions(**options), **special
    )


def _found(importer: ImportRaster) -> list[RasterRecord]:
    with importer.store.read() as tx:
        return find_rasters(tx, "height")


def _read(importer: ImportRaster, record: RasterRecord) -> Raster:
    return read_raster(raster_path(importer.data_dir, record.sha256))


def _content_hash(importer: ImportRaster) -> str:
    with importer.store.read() as tx:
        return find_layer_states(tx)["height"].content_hash


def _version(importer: ImportRaster) -> int:
    with importer.store.read() as tx:
        return find_layer_states(tx)["height"].version


def _rain(tmp_path: Path, **options: Any) -> Path:
    values = options.pop("values", RAIN)
    return write_netcdf(
        tmp_path / "rain.nc", values, **{"lon": LON, "lat": LAT, "hours": (0, 6, 12), **options}
    )


def test_a_netcdf_of_several_times_is_one_version_of_as_many_instants(
    importer: ImportRaster, tmp_path: Path
) -> None:
    with_void = RAIN.copy()
    with_void[0, 0, 0] = np.nan

    report = importer.run_all(_request(_rain(tmp_path, values=with_void))).document()

    found = _found(importer)
    assert [r.valid_at for r in found] == [MIDNIGHT + timedelta(hours=h) for h in (0, 6, 12)]
    # Latitudes ascend in the file: row 0 of what is kept is the northernmost.
    np.testing.assert_array_equal(_read(importer, found[0]).values, with_void[0, ::-1])
    np.testing.assert_array_equal(_read(importer, found[2]).values, RAIN[2, ::-1])
    assert found[0].bounds == pytest.approx((105.95, 31.95, 106.45, 32.35))
    counts = {name: report[f"rows_{name}"] for name in ("read", "written", "unchanged", "refused")}
    assert counts == {"read": 3, "written": 3, "unchanged": 0, "refused": 0}
    assert report["version"] == _version(importer)
    grids: Any = report["grids"]
    assert [grid["voids"] for grid in grids] == [1, 0, 0]
    assert (grids[0]["lowest"], grids[2]["highest"]) == (0.5, 29.5)


def test_packed_numbers_come_back_in_their_unit(importer: ImportRaster, tmp_path: Path) -> None:
    values = RAIN / 1000  # metres of water in the file, millimetres in the layer
    path = _rain(tmp_path, values=values, packing=(0.0005, 0.004), unit="m")

    report = importer.run_all(_request(path))

    np.testing.assert_allclose(
        _read(importer, _found(importer)[1]).values, RAIN[1, ::-1], atol=1e-4
    )
    assert any("m" in note.en and "mm" in note.en for note in report.report.quality.notes)


def test_a_unit_that_nobody_can_convert_is_refused_until_it_is_named(
    importer: ImportRaster, tmp_path: Path
) -> None:
    path = _rain(tmp_path, unit="dBZ")

    with pytest.raises(RasterRefused, match="--unit mm"):
        importer.run_all(_request(path))
    importer.run_all(_request(path, unit="0.1mm"))

    np.testing.assert_allclose(_read(importer, _found(importer)[0]).values, RAIN[0, ::-1] / 10)


def test_the_same_series_again_is_unchanged_and_a_longer_one_writes_the_rest(
    importer: ImportRaster, tmp_path: Path
) -> None:
    importer.run_all(_request(_rain(tmp_path, values=RAIN[:2], hours=(0, 6))))
    version = _version(importer)

    again = importer.run_all(_request(_rain(tmp_path, values=RAIN[:2], hours=(0, 6)))).report
    after = _version(importer)
    longer = importer.run_all(_request(_rain(tmp_path))).report

    assert (again.written, again.unchanged, after) == (0, 2, version)
    assert (longer.written, longer.unchanged) == (1, 2)
    assert _version(importer) == version + 1


def test_a_corrected_grid_takes_the_place_of_its_instant_and_the_first_stays_known(
    importer: ImportRaster, tmp_path: Path
) -> None:
    importer.run_all(_request(_rain(tmp_path)))
    before = _found(importer)

    corrected = RAIN.copy()
    corrected[1] += 1
    report = importer.run_all(_request(_rain(tmp_path, values=corrected))).report

    assert (report.written, report.unchanged, report.closed) == (1, 2, 1)
    with importer.store.read() as tx:
        then = find_rasters(tx, "height", known_at=before[-1].registered_at)
    assert then == before
    np.testing.assert_array_equal(_read(importer, _found(importer)[1]).values, corrected[1, ::-1])


def test_one_bad_grid_refuses_the_whole_series_and_is_on_record(
    importer: ImportRaster, tmp_path: Path
) -> None:
    values = RAIN.copy()
    values[1, 2, 3] = 20_000

    with pytest.raises(RasterRefused, match=r"1 of 3 .*tp\[2\].*= 20000"):
        importer.run_all(_request(_rain(tmp_path, values=values)))

    assert _found(importer) == []
    assert list((importer.data_dir / "rasters").iterdir()) == []
    with importer.store.read() as tx:
        report = find_imports(tx, "height", 1)[0].report
    counts = [report[f"rows_{name}"] for name in ("read", "written", "unchanged", "refused")]
    assert counts == [3, 0, 0, 3]
    assert [finding["row"] for finding in report["findings"]] == [2]


def test_a_dry_run_counts_and_keeps_nothing(importer: ImportRaster, tmp_path: Path) -> None:
    report = importer.run_all(_request(_rain(tmp_path), is_dry_run=True))

    assert (report.report.written, report.report.import_id) == (3, None)
    assert _found(importer) == []
    assert list((importer.data_dir / "rasters").iterdir()) == []


def test_of_several_variables_one_must_be_named(importer: ImportRaster, tmp_path: Path) -> None:
    path = _rain(tmp_path, names=("tp", "t2m"))

    with pytest.raises(InvalidParameter, match="tp、t2m"):
        importer.run_all(_request(path))
    with pytest.raises(InvalidParameter, match="no “rain”"):
        importer.run_all(_request(path, variable="rain"))
    assert importer.run_all(_request(path, variable="t2m")).report.written == 3


def test_longitudes_to_360_are_turned_to_where_they_lie(
    importer: ImportRaster, tmp_path: Path
) -> None:
    lon, lat = np.arange(360.0), np.arange(-90, 91.0, 10)
    values = np.broadcast_to(lon, (1, len(lat), 360)).copy()
    path = _rain(tmp_path, values=values, lon=lon, lat=lat, hours=(0,))

    importer.run_all(_request(path))

    raster = _read(importer, _found(importer)[0])
    assert raster.west == pytest.approx(-179.5, abs=1)
    for place in (106.0, -100.0, 0.0):
        column = int((place - raster.west) / raster.step_lon)
        assert raster.values[9, column] == place % 360


def test_an_uneven_grid_is_refused(importer: ImportRaster, tmp_path: Path) -> None:
    path = _rain(tmp_path, lat=[32, 32.1, 32.25, 32.3])

    with pytest.raises(RasterRefused, match=r"3 of 3 .* not evenly spaced"):
        importer.run_all(_request(path))


@pytest.mark.parametrize(
    ("since", "zone", "first"),
    [
        ("hours since 2026-07-01 08:00:00 +08:00", None, MIDNIGHT),
        ("hours since 2026-07-01 08:00:00", BEIJING, MIDNIGHT),
        ("days since 1970-1-1", None, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_their_zone(
    importer: ImportRaster, tmp_path: Path, since: str, zone: Any, first: datetime
) -> None:
    importer.run_all(_request(_rain(tmp_path, since=since), zone=zone))

    assert _found(importer)[0].valid_at == first


def test_a_calendar_of_other_days_is_refused(importer: ImportRaster, tmp_path: Path) -> None:
    with pytest.raises(RasterRefused, match="360_day"):
        importer.run_all(_request(_rain(tmp_path, calendar="360_day")))


def test_files_of_a_folder_take_their_times_from_their_names(
    importer: ImportRaster, tmp_path: Path
) -> None:
    folder = tmp_path / "rain"
    folder.mkdir()
    for hour in (8, 14):
        _write(folder / f"雨量_202607{hour // 8:02d}{hour:02d}.asc", RAIN[0].astype(np.float32))
    (folder / "readme.txt").write_text("说明")

    with pytest.raises(RasterRefused, match="--zone"):
        importer.run_all(_request(folder, crs="EPSG:4490"))
    importer.run_all(_request(folder, crs="EPSG:4490", zone=BEIJING))

    hours = [
        record.valid_at and record.valid_at.astimezone(BEIJING).hour for record in _found(importer)
    ]
    assert hours == [8, 14]


def test_two_grids_of_one_instant_are_refused(importer: ImportRaster, tmp_path: Path) -> None:
    one = _write(tmp_path / "a_20260701T0000Z.tif", RAIN[0].astype(np.float32))
    other = _write(tmp_path / "b_20260701T0000Z.tif", RAIN[1].astype(np.float32))

    with pytest.raises(RasterRefused, match="same instant as a_2026"):
        importer.run_all(_request(one, other))


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives_are_unpacked(importer: ImportRaster, tmp_path: Path, kind: str) -> None:
    files = [
        _write(tmp_path / f"rain_2026070{day}00Z.tif", RAIN[day].astype(np.float32))
        for day in (1, 2)
    ]
    path = tmp_path / f"rain.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for file in files:
                archive.write(file, f"小时/{file.name}")
    else:
        with tarfile.open(path, "w:gz") as archive:
            for file in files:
                archive.add(file, f"hours/{file.name}")

    assert importer.run_all(_request(path)).report.written == 2


def test_a_tar_that_points_out_of_itself_is_refused(importer: ImportRaster, tmp_path: Path) -> None:
    inside = _write(tmp_path / "rain_2026070100Z.tif", RAIN[0].astype(np.float32))
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.add(inside, "../evil_2026070100Z.tif")

    with pytest.raises(UnreadableFile, match="not safe"):
        importer.run_all(_request(tmp_path / "evil.tar"))


def test_tiles_of_a_timeless_layer_become_one_raster(store: Store, tmp_path: Path) -> None:
    importer = _importer(store, tmp_path)
    values = np.arange(48, dtype=np.float32).reshape(4, 12)
    west = _write(tmp_path / "w.tif", values[:, :6])
    east = _write(tmp_path / "e.tif", values[:, 5:], transform=from_origin(106.5, 32.5, 0.1, 0.1))
    odd = _write(tmp_path / "odd.tif", values, transform=from_origin(106.53, 32.5, 0.1, 0.1))

    report = importer.run_all(_request(west, east))
    again = importer.run_all(_request(west, east)).report

    assert (report.report.written, again.written, again.unchanged) == (2, 0, 2)
    np.testing.assert_array_equal(_read(importer, _found(importer)[0]).values, values)
    with pytest.raises(RasterRefused, match="do not meet"):
        importer.run_all(_request(west, odd))


def test_undeclared_voids_are_named_and_taken_out(store: Store, tmp_path: Path) -> None:
    importer = _importer(store, tmp_path)
    values = np.array([[100, -32768], [300, 200]], dtype=np.int16)
    path = _write(tmp_path / "dem.tif", values, nodata=None)

    with pytest.raises(RasterRefused, match="--nodata -32768"):
        importer.run_all(_request(path))
    importer.run_all(_request(path, nodata=-32768))

    expected = np.array([[100, np.nan], [300, 200]], dtype=np.float32)
    np.testing.assert_array_equal(_read(importer, _found(importer)[0]).values, expected)


def test_what_is_kept_is_a_cog_with_unit_and_coarser_levels(store: Store, tmp_path: Path) -> None:
    importer = _importer(store, tmp_path)
    rng = np.random.default_rng(5)
    values = rng.uniform(0, 3000, (700, 900)).astype(np.float32)
    values[100:200, 300:500] = np.nan
    place = from_origin(106, 32.5, 0.0005, 0.0005)
    path = _write(tmp_path / "dem.tif", values, nodata=np.nan, transform=place)

    record = importer.run(_request(path))

    path = raster_path(importer.data_dir, record.sha256)
    with rasterio.open(path) as kept:
        assert kept.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert kept.overviews(1)
        assert kept.units == ("m",)
        assert np.isnan(kept.nodata)
    np.testing.assert_array_equal(read_raster(path).values, values)


def test_the_content_hash_is_of_pixels_not_of_their_compression(
    store: Store, tmp_path: Path
) -> None:
    importer = _importer(store, tmp_path)
    values = np.arange(40_000, dtype=np.float32).reshape(200, 200) / 7
    plain = importer.run(_request(_write(tmp_path / "a.tif", values)))
    packed = importer.run(
        _request(_write(tmp_path / "b.tif", values, compress="lzw", tiled=True, nodata=None))
    )

    assert packed == plain
    lzw = _write(tmp_path / "c.tif", values, compress="lzw")
    assert facts_of(lzw).content_sha256 == plain.content_sha256


def test_a_raster_of_before_contents_were_noted_is_known_again(
    store: Store, tmp_path: Path
) -> None:
    importer = _importer(store, tmp_path)
    path = _write(tmp_path / "dem.tif", RAIN[0].astype(np.float32))
    importer.run(_request(path))
    with store.transaction() as tx:
        tx.execute(rasters.update().values(content_sha256=None))

    assert importer.run_all(_request(path)).report.unchanged == 1


def test_a_layer_goes_back_to_what_it_was_and_nothing_is_lost(
    importer: ImportRaster, tmp_path: Path
) -> None:
    catalogue = importer.catalogue
    restore = RestoreLayer(store=importer.store, catalogue=catalogue)
    diff = DiffLayer(store=importer.store, catalogue=catalogue)
    first = importer.run_all(_request(_rain(tmp_path, values=RAIN[:2], hours=(0, 6)))).report
    before, hash_before = _found(importer), _content_hash(importer)
    corrected = RAIN + 1
    corrected[0] = RAIN[0]
    second = importer.run_all(_request(_rain(tmp_path, values=corrected))).report
    between = _found(importer)

    found = diff.run("height", first.version, second.version)
    rehearsed = restore.run("height", first.version, is_dry_run=True)
    untouched = _found(importer)
    report = restore.run("height", first.version)

    assert [(change.key[11:13], change.kind) for change in found.changes] == [
        ("06", ChangeKind.CHANGED),
        ("12", ChangeKind.ADDED),
    ]
    assert set(found.changes[0].fields) == {"sha256"}
    assert (rehearsed.written, rehearsed.closed, untouched) == (1, 2, between)
    assert (report.written, report.closed) == (1, 2)
    assert (report.content_hash, report.version) == (hash_before, second.version + 1)
    assert [(r.valid_at, r.sha256) for r in _found(importer)] == [
        (r.valid_at, r.sha256) for r in before
    ]
    with importer.store.read() as tx:
        then = find_rasters(tx, "height", known_at=between[-1].registered_at)
    assert then == between
    assert restore.run("height", first.version).version == report.version
    # And forward again: the instant that was taken back is true once more.
    restore.run("height", second.version)
    assert [r.sha256 for r in _found(importer)] == [r.sha256 for r in between]
    assert all(raster_path(importer.data_dir, r.sha256).exists() for r in between)


def test_a_difference_of_rasters_is_written_as_geojson(
    importer: ImportRaster, tmp_path: Path
) -> None:
    first = importer.run_all(_request(_rain(tmp_path))).report
    importer.run_all(_request(_rain(tmp_path, values=RAIN + 1)))
    diff = DiffLayer(store=importer.store, catalogue=importer.catalogue)

    diff.write(diff.run("height", first.version), tmp_path / "diff.geojson")

    document = json.loads((tmp_path / "diff.geojson").read_text())
    assert document["counts"]["changed"] == 3
    assert document["features"][0]["properties"]["old_sha256"]
    assert document["features"][0]["geometry"]["type"] == "Polygon"


def test_before_the_first_grid_there_is_nothing_to_go_back_to(
    importer: ImportRaster, tmp_path: Path
) -> None:
    importer.run_all(_request(_rain(tmp_path)))
    restore = RestoreLayer(store=importer.store, catalogue=importer.catalogue)

    with pytest.raises(VersionNotFound):
        restore.run("height", datetime(2020, 1, 1, tzinfo=UTC))


def test_every_refusal_speaks_both_languages(importer: ImportRaster, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "broken.nc").write_bytes(b"CDF\x01nothing")

    for path in (empty, tmp_path / "broken.nc"):
        with pytest.raises(YingjiError) as refusal:
            importer.run_all(_request(path))
        assert refusal.value.text("zh") != refusal.value.text("en")
