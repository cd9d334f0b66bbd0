"""A county's census imported, against plain ogr2ogr into the same database: seconds, memory, ratio.

usage: python benchmarks/load.py [buildings] [database-url]   (180595 with the 337, 706 and 1,567
records is a real county's census; the database is a PostGIS that may be written to, by default the
embedded one of a temporary folder)

ogr2ogr copies; the import also finds columns, judges every row by the shipped layer's rules, keeps
history and hashes content. Peak memory is that of the importing process.
"""

import multiprocessing
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio.raw
import shapely
from sqlalchemy import text
from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.cluster import Cluster
from yingji_map.store.database import Store, open_store
from yingji_map.store.schema import upgrade_schema

ROOT = Path(__file__).parents[1]
OUTLINE = ROOT / "sample_data" / "county_outline.geojson"
SEED = 510821
# Source: the census result of one county: exposure, history and capacity records.
RECORDS = {"settlement": 337, "historical_event": 706, "shelter": 1567}
METRE = 9e-6  # degrees of latitude
LIMIT_S, LIMIT_MIB = 60, 1536
Shapes = npt.NDArray[np.object_]


def main(buildings: int, url: str | None) -> None:
    rows = {"building_block": buildings, **RECORDS}
    with tempfile.TemporaryDirectory(prefix="yingji-bench-") as name, a_database(url) as address:
        folder = Path(name)
        writer = multiprocessing.get_context("spawn").Process(
            target=write_census, args=(folder, rows)
        )
        writer.start()  # a process of its own, so that its memory is not counted
        writer.join()
        store = open_store(address)
        upgrade_schema(store.engine, ROOT / "migrations")
        took_s = timed_imports(store, folder, list(rows))
        again_s = timed_imports(store, folder, list(rows))
        report(sum(rows.values()), took_s, again_s)
        copied_s = timed_copy(address, [folder / f"{layer}.gpkg" for layer in rows])
        if copied_s is None:
            print("no ogr2ogr here to compare with")
        else:
            print(
                f"ogr2ogr {copied_s:.1f} s: the import takes {took_s / copied_s:.1f} times as long"
            )
        clear(store, rows)
        store.dispose()


def report(rows: int, took_s: float, again_s: float) -> None:
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:,} rows: {took_s:.1f} s, {rows / took_s:,.0f} rows/s, peak {peak_mib:,.0f} MiB")
    print(f"the same files again, nothing changed: {again_s:.1f} s")
    kept = "kept" if took_s < LIMIT_S and peak_mib < LIMIT_MIB else "BROKEN"
    print(f"limits of a county ({LIMIT_S} s, {LIMIT_MIB:,} MiB): {kept}")


def write_census(folder: Path, rows: dict[str, int]) -> None:
    """Write one GeoPackage a layer, its columns under their Chinese titles; the same every time."""
    rng = np.random.default_rng(SEED)
    outline = shapely.from_geojson(OUTLINE.read_text(encoding="utf-8"))
    county = shapely.multipolygons(shapely.get_parts(shapely.get_parts(outline)))
    shutil.copy(OUTLINE, folder / "county.geojson")
    catalogue = read_catalogue(ROOT / "layers")
    for layer, count in rows.items():
        places = places_within(county, count, rng)
        shapes = houses(places, rng) if layer == "building_block" else shapely.points(places)
        fields = catalogue[layer].fields
        pyogrio.raw.write(
            folder / f"{layer}.gpkg",
            shapely.to_wkb(shapes),
            [values_of(field, catalogue[layer], count, rng) for field in fields],
            np.array([field.title.zh for field in fields], dtype=object),
            driver="GPKG",
            geometry_type="Polygon" if layer == "building_block" else "Point",
            crs="EPSG:4490",
        )


def places_within(
    county: shapely.Geometry, count: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return `(count, 2)` places in a county, in villages of some hundred houses."""
    west, south, east, north = county.bounds
    shapely.prepare(county)
    found = np.empty((0, 2))
    while len(found) < count:
        villages = rng.uniform((west, south), (east, north), (max(count // 300, 8), 2))
        houses_of = villages[rng.integers(0, len(villages), count)]
        tried = houses_of + rng.normal(0, 200 * METRE, (count, 2))
        found = np.vstack([found, tried[shapely.contains_xy(county, tried)]])
    return found[:count]


def houses(places: npt.NDArray[np.float64], rng: np.random.Generator) -> Shapes:
    """Return turned footprints at places, every third with a wing."""
    count = len(places)
    long, wide = rng.uniform(8, 22, count) * METRE, rng.uniform(5, 12, count) * METRE
    zero = np.zeros(count)
    is_winged = np.arange(count) % 3 == 0
    wing = np.where(is_winged, wide * 0.6, wide)
    corner = np.where(is_winged, long * 0.5, long)
    xs = np.stack([zero, long, long, corner, corner, zero], axis=1)
    ys = np.stack([zero, zero, wing, wing, wide, wide], axis=1)
    turn = rng.uniform(0, np.pi, (count, 1))
    turned = np.stack(
        [xs * np.cos(turn) - ys * np.sin(turn), xs * np.sin(turn) + ys * np.cos(turn)], axis=2
    )
    return shapely.polygons(turned + places[:, None, :])  # type: ignore[no-any-return]  # object array


def values_of(
    field: FieldDefinition, layer: LayerDefinition, count: int, rng: np.random.Generator
) -> npt.NDArray[np.generic]:
    """Return values that a field may have."""
    if field.name == layer.key:
        return np.array([f"{number:07d}" for number in rng.permutation(count)], dtype=object)
    if field.enum:
        return rng.choice(np.array(field.enum, dtype=object), count)
    if field.type in {FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN}:
        least, most = field.range or (0, 2)
        low = least or 0
        high = low + 50 if most is None else most
        is_whole = field.type is not FieldType.NUMBER
        return rng.integers(low, high, count) if is_whole else rng.uniform(low, high, count)
    if field.type is FieldType.DATE:
        return np.datetime64("1998-01-01") + rng.integers(0, 9000, count)
    return np.array([f"{field.title.zh}{number}" for number in rng.integers(0, 99, count)], object)


@contextmanager
def a_database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="yingji-bench-") as name:
        Path(name).chmod(0o755)
        with Cluster(home=Path(name) / "postgres", progress=lambda *_: None).running() as address:
            yield address


def timed_imports(store: Store, folder: Path, layers: list[str]) -> float:
    importer = ImportLayer(store=store, catalogue=read_catalogue(ROOT / "layers"))
    importer.run(ImportRequest(path=folder / "county.geojson", layer_id="county"))
    start = time.perf_counter()
    for layer in layers:
        report = importer.run(ImportRequest(path=folder / f"{layer}.gpkg", layer_id=layer))
        assert report.refused == 0
    return time.perf_counter() - start


def timed_copy(url: str, paths: list[Path]) -> float | None:
    program = shutil.which("ogr2ogr")
    if program is None:
        return None
    address = make_url(url)
    parts = {
        "dbname": address.database,
        "user": address.username,
        "password": address.password,
        "host": address.host or address.query.get("host"),
        "port": address.port or address.query.get("port"),
    }
    target = "PG:" + " ".join(f"{name}='{value}'" for name, value in parts.items() if value)
    options = ["-overwrite", "-lco", "SCHEMA=public", "--config", "PG_USE_COPY", "YES"]
    start = time.perf_counter()
    for path in paths:
        name = ["-nln", f"benchmark_{path.stem}"]
        command = [program, "-f", "PostgreSQL", target, str(path), *name, *options]
        subprocess.run(command, check=True)  # noqa: S603 - the program just found
    return time.perf_counter() - start


def clear(store: Store, rows: dict[str, int]) -> None:
    with store.transaction() as tx:
        for layer in rows:
            tx.execute(text(f"DROP TABLE IF EXISTS public.benchmark_{layer}"))


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 20_000,
        sys.argv[2] if len(sys.argv) > 2 else None,
    )
