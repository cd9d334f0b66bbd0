"""Derived layers follow what they come from, and tell it."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from sqlalchemy import text
from tests.support.builders import a_definition, a_raster_definition
from tests.support.files import write_geojson

from yingji_map.domain.errors import InvalidParameter, LayerNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.ingest.raster import read_raster
from yingji_map.services.derive_rasters import DeriveRasters
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.services.import_raster import ImportRaster, RasterImportRequest
from yingji_map.services.restore_layer import RestoreLayer
from yingji_map.store.database import Store
from yingji_map.store.raster_files import raster_path
from yingji_map.store.rasters import RasterRecord, find_rasters

pytestmark = pytest.mark.db


def _layer(name: str, **derived: object) -> LayerDefinition:
    options = {"derived": {"from": "height", **derived}, "valid_range": (-1000, 9000)}
    return a_raster_definition(**options).model_copy(update={"id": name})


NAME = {"name": "code", "type": "text", "title": {"zh": "编号", "en": "Code"}}
CATALOGUE = {
    "height": a_raster_definition(),
    "steep": _layer("steep", method="slope"),
    "above": _layer("above", method="height_above_river", rivers="brook"),
    "brook": a_definition(id="brook", geometry="line", key="code", fields=[NAME]),
}


@pytest.fixture(autouse=True)
def _fresh(store: Store) -> None:
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE IF EXISTS layer.brook"))
        tx.execute(text("TRUNCATE core.layers CASCADE"))


@pytest.fixture
def importer(store: Store, tmp_path: Path) -> ImportRaster:
    return ImportRaster(store=store, catalogue=CATALOGUE, data_dir=tmp_path / "data")


def _dem(folder: Path, name: str, factor: float) -> RasterImportRequest:
    path = folder / f"{name}.tif"
    rows, columns = np.mgrid[0:30, 0:30]
    values = (500 - rows * 2.0 + np.abs(columns - 10) * 8.0) * factor
    values[3, 4] = np.nan
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=30,
        height=30,
        crs="EPSG:4490",
        transform=from_origin(106, 32.5, 1 / 3600, 1 / 3600),
        nodata=np.nan,
    ) as dataset:
        dataset.write(values.astype(np.float32), 1)
    return RasterImportRequest(path=path, layer_id="height")


def _in_force(store: Store, layer_id: str) -> list[RasterRecord]:
    with store.read() as tx:
        return find_rasters(tx, layer_id)


def _import_brook(store: Store, folder: Path) -> None:
    line = shapely.LineString([(106 + 10.5 / 3600, 32.4999), (106 + 10.5 / 3600, 32.4920)])
    path = write_geojson(folder / "brook.geojson", [{"code": "1", "geom": line}])
    ImportLayer(store=store, catalogue=CATALOGUE).run(ImportRequest(path=path, layer_id="brook"))


def test_a_new_elevation_model_makes_its_followers_anew(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    first = importer.run(_dem(tmp_path, "a", 1))
    slope = _in_force(store, "steep")
    again = importer.run_all(_dem(tmp_path, "a", 1)).report
    same = _in_force(store, "steep")
    importer.run(_dem(tmp_path, "b", 2))
    other = _in_force(store, "steep")

    assert (again.unchanged, same) == (1, slope)
    assert slope[0].sha256 != other[0].sha256
    assert slope[0].description
    assert slope[0].description["derived"]["from"] == {"layer": "height", "sha256": first.sha256}
    assert slope[0].description["derived"]["method_version"] == "horn-1981-1"
    values = read_raster(raster_path(importer.data_dir, other[0].sha256)).values
    assert np.isnan(values[3, 4])
    assert np.isfinite(values).sum() == values.size - 1


def test_what_waits_for_rivers_is_made_when_they_are_there(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    importer.run(_dem(tmp_path, "a", 1))
    derive = DeriveRasters(store=store, catalogue=CATALOGUE, data_dir=importer.data_dir)
    before = derive.run("above")
    _import_brook(store, tmp_path)

    after = derive.run()
    again = derive.run()

    assert [one.outcome for one in before] == ["missing"]
    assert {one.layer_id: one.outcome for one in after} == {
        "steep": "unchanged",
        "above": "written",
    }
    assert {one.outcome for one in again} == {"unchanged"}
    values = read_raster(raster_path(importer.data_dir, _in_force(store, "above")[0].sha256)).values
    assert (values[5:25, 10] == 0).all()


def test_a_restored_elevation_model_takes_its_followers_back(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    importer.run(_dem(tmp_path, "a", 1))
    slope = _in_force(store, "steep")[0]
    importer.run(_dem(tmp_path, "b", 2))
    derive = DeriveRasters(store=store, catalogue=CATALOGUE, data_dir=importer.data_dir)

    RestoreLayer(store=store, catalogue=CATALOGUE, derive=derive).run("height", 1)

    assert _in_force(store, "steep")[0].sha256 == slope.sha256


def test_only_derived_layers_are_derived_and_they_take_no_files(
    importer: ImportRaster, store: Store, tmp_path: Path
) -> None:
    derive = DeriveRasters(store=store, catalogue=CATALOGUE, data_dir=importer.data_dir)
    request = _dem(tmp_path, "a", 1)

    with pytest.raises(InvalidParameter):
        derive.run("height")
    with pytest.raises(LayerNotFound):
        derive.run("nothing")
    with pytest.raises(InvalidParameter, match="raster derive"):
        importer.run(RasterImportRequest(path=request.path, layer_id="steep"))
