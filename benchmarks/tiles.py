"""Risk tiles from resident arrays against ST_AsMVT: the same cells, the same tiles, one run.

usage: python benchmarks/tiles.py [rings]   (rings of r9 cells about the middle; 100 gives 30,301)
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h3.api.numpy_int as h3
import mapbox_vector_tile
import numpy as np
import shapely
from sqlalchemy import Connection, create_engine, text

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from yingji_map.domain.crs import transformer
from yingji_map.domain.risk import CellState, RiskSurface
from yingji_map.domain.tile import BUFFER, EXTENT, TileAddress, tile_holding
from yingji_map.engine.risk_tiles import RiskTileLayer, resolution_for_zoom, risk_tile_layer
from yingji_map.engine.roll_up import roll_up
from yingji_map.store.cluster import Cluster

LON, LAT, ROUNDS = 106.29, 32.23, 15
STATES = ("scored", "no_data", "not_applicable")
TABLE = """
CREATE TABLE cells (row_id bigint, cell text, level int, state text, confidence float8,
    score float8, geom geometry(Polygon, 3857))
"""
TILE = text("""
SELECT ST_AsMVT(q, 'risk', 4096, 'geom', 'row_id') FROM (
    SELECT row_id, cell, level, state, confidence, score,
        ST_AsMVTGeom(geom, ST_TileEnvelope(:z, :x, :y), 4096, 64, false) AS geom
    FROM cells
    WHERE geom && ST_Expand(ST_TileEnvelope(:z, :x, :y), :margin)
    ORDER BY row_id) q
""")


def main(rings: int) -> None:
    surface = made_up_surface(rings)
    print(f"{len(surface):,} cells at r9; median of {ROUNDS} interleaved rounds, wall time")
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server runs as another user when this runs as root
        with Cluster(home=Path(folder) / "pg").running() as url:
            engine = create_engine(url)
            with engine.connect() as tx:
                tx.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
                tx.execute(text("SET jit = off"))
                for zoom in (8, 9, 10, 11, 12, 13):
                    compare(tx, roll_up(surface, resolution_for_zoom(zoom)), zoom)
            engine.dispose()


def compare(tx: Connection, surface: RiskSurface, zoom: int) -> None:
    tile, layer = tile_holding(LON, LAT, zoom), risk_tile_layer(surface)
    place = {"z": tile.z, "x": tile.x, "y": tile.y, "margin": tile.buffer_m}
    fill_table(tx, surface)

    def from_database() -> bytes:
        return bytes(tx.execute(TILE, place).scalar_one())

    ours, theirs = _interleaved(lambda: layer.encode(tile), from_database)
    count = check_equal(layer, tile, from_database())
    print(
        f"z{zoom:<2} r{surface.resolution} {count:6,} cells: array {ours * 1e3:7.2f} ms, "
        f"ST_AsMVT {theirs * 1e3:7.2f} ms, array is {theirs / ours:5.1f} times as fast"
    )


def check_equal(layer: RiskTileLayer, tile: TileAddress, theirs: bytes) -> int:
    """Both must hold the same cells with the same attributes and outlines.

    PostGIS compares boxes in single precision, a metre wide here: what it has beside lies outside.
    """
    here, there = (_decoded(one) for one in (layer.encode(tile), theirs))
    drawn = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    assert here.keys() <= there.keys()
    for row in there.keys() - here.keys():
        assert there[row][1].intersection(drawn).area == 0
    for row, (properties, outline) in here.items():
        assert properties == there[row][0]
        assert outline.equals(there[row][1]), row
    return len(here)


def made_up_surface(rings: int) -> RiskSurface:
    cells = np.sort(h3.grid_disk(h3.latlng_to_cell(LAT, LON, 9), rings).astype(np.uint64))
    rng = np.random.default_rng(1)
    state = (rng.random(len(cells)) < 0.05).astype(np.uint8)
    score = np.where(state == CellState.SCORED, rng.random(len(cells)).round(3), np.nan)
    level = np.where(state == CellState.SCORED, np.digitize(score, [0.3, 0.45, 0.6]) + 1, 0)
    return RiskSurface(
        run_id="",
        hazard="flood",
        resolution=9,
        cells=cells,
        score_ratio=score,
        level=level.astype(np.uint8),
        state=state,
        confidence_ratio=rng.random(len(cells)).round(3),
    )


def fill_table(tx: Connection, surface: RiskSurface) -> None:
    to_mercator = transformer(4326, 3857)
    tx.execute(text("DROP TABLE IF EXISTS cells"))
    tx.execute(text(TABLE))
    with tx.connection.cursor().copy("COPY cells FROM STDIN") as copy:
        for row, cell in enumerate(surface.cells):
            lat, lon = zip(*h3.cell_to_boundary(cell), strict=True)
            ring = np.column_stack(to_mercator.transform(lon, lat))
            shape = shapely.set_srid(shapely.Polygon(ring), 3857)
            score = surface.score_ratio[row]
            copy.write_row(
                (
                    row,
                    h3.int_to_str(cell),
                    int(surface.level[row]),
                    STATES[surface.state[row]],
                    float(surface.confidence_ratio[row]),
                    None if np.isnan(score) else float(score),
                    shapely.to_wkb(shape, hex=True, include_srid=True),
                )
            )
    tx.execute(text("CREATE INDEX ON cells USING gist (geom)"))
    tx.execute(text("ANALYZE cells"))


def _interleaved(*tasks: Callable[[], bytes]) -> list[float]:
    times: list[list[float]] = [[] for _ in tasks]
    for _ in range(ROUNDS):
        for task, taken in zip(tasks, times, strict=True):
            began = time.perf_counter()
            task()
            taken.append(time.perf_counter() - began)
    return [statistics.median(taken) for taken in times]


def _decoded(tile: bytes) -> dict[int, tuple[dict[str, object], shapely.Geometry]]:
    layer = mapbox_vector_tile.decode(tile)["risk"]
    return {
        feature["id"]: (feature["properties"], shapely.geometry.shape(feature["geometry"]))
        for feature in layer["features"]
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
