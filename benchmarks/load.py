"""Importing buildings against plain ogr2ogr into the same database: rows a second, and the ratio.

usage: python benchmarks/load.py [rows] [database-url]   (180000 is a county; the database is a
PostGIS that may be written to, by default the embedded one of a temporary folder)

ogr2ogr copies; the import also judges every row, keeps history and hashes content. Peak memory is
that of this process.
"""

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
import pyogrio.raw
import shapely
from sqlalchemy import text
from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.layer import LayerDefinition
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.cluster import Cluster
from yingji_map.store.database import Store, open_store
from yingji_map.store.schema import upgrade_schema

ROOT = Path(__file__).parents[1]
WEST, SOUTH, SIDE = 106.0, 32.0, 0.0001


def a_layer() -> LayerDefinition:
    title = {"zh": "楼", "en": "Building"}
    fields = [
        {"name": "code", "type": "text", "title": title, "required": True},
        {"name": "use", "type": "text", "title": title, "enum": ["住宅", "办公", "工业"]},
        {"name": "floors", "type": "integer", "title": title, "range": [1, 120]},
        {"name": "built_on", "type": "date", "title": title},
    ]
    return LayerDefinition.model_validate(
        {
            "id": "benchmark_building",
            "kind": "exposure",
            "title": title,
            "description": title,
            "geometry": "polygon",
            "key": "code",
            "fields": fields,
            "source": {"title": "–", "publisher": "–"},
            "licence": "internal",
        }
    )


def write_buildings(path: Path, rows: int) -> None:
    rng = np.random.default_rng(510821)
    side = int(np.ceil(np.sqrt(rows)))
    at = np.arange(rows)
    x, y = WEST + at % side * 2 * SIDE, SOUTH + at // side * 2 * SIDE
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.box(x, y, x + SIDE, y + SIDE)),
        [
            np.array([f"B{number:07d}" for number in at], dtype=object),
            rng.choice(np.array(["住宅", "办公", "工业"], dtype=object), rows),
            rng.integers(1, 30, rows),
            np.full(rows, np.datetime64("2001-05-04"), dtype="datetime64[D]"),
        ],
        np.array(["code", "use", "floors", "built_on"], dtype=object),
        driver="GPKG",
        geometry_type="Polygon",
        crs="EPSG:4490",
    )


@contextmanager
def a_database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="yingji-bench-") as name:
        Path(name).chmod(0o755)
        with Cluster(home=Path(name) / "postgres", progress=lambda *_: None).running() as address:
            yield address


def timed_import(store: Store, path: Path) -> tuple[float, float]:
    """Return the seconds of the first import, and of the same file once more."""
    layer = a_layer()
    importer = ImportLayer(store=store, catalogue={layer.id: layer})
    request = ImportRequest(path=path, layer_id=layer.id)
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        importer.run(request)
        seconds.append(time.perf_counter() - start)
    return seconds[0], seconds[1]


def timed_copy(url: str, path: Path) -> float | None:
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
    options = ["-nln", "benchmark_copy", "-overwrite", "-lco", "SCHEMA=public"]
    start = time.perf_counter()
    subprocess.run(  # noqa: S603 - the program just found
        [
            program,
            "-f",
            "PostgreSQL",
            target,
            str(path),
            *options,
            "--config",
            "PG_USE_COPY",
            "YES",
        ],
        check=True,
    )
    return time.perf_counter() - start


def main(rows: int, url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder, a_database(url) as address:
        path = Path(folder) / "buildings.gpkg"
        write_buildings(path, rows)
        store = open_store(address)
        upgrade_schema(store.engine, ROOT / "migrations")
        first, again = timed_import(store, path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{rows:,} buildings: {first:.1f} s, {rows / first:,.0f} rows/s, peak {peak:,.0f} MiB"
        )
        print(f"the same file again, nothing changed: {again:.1f} s")
        copied = timed_copy(address, path)
        if copied is None:
            print("no ogr2ogr here to compare with")
        else:
            print(f"ogr2ogr {copied:.1f} s: the import takes {first / copied:.1f} times as long")
        with store.transaction() as tx:
            tx.execute(text("DROP TABLE IF EXISTS public.benchmark_copy"))
        store.dispose()


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 20_000,
        sys.argv[2] if len(sys.argv) > 2 else None,
    )
