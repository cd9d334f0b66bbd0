"""Risk tiles decode to exactly the cells, and a coarse map never looks safer than the fine one."""

from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.support.risk_runs import a_surface
from tests.support.tiles import decoded, grid_shape, to_grid

from yingji_map.domain.risk import CellState, RiskSurface
from yingji_map.domain.tile import BUFFER, EXTENT, TileAddress, tile_holding
from yingji_map.engine.cell_rings import cell_rings
from yingji_map.engine.risk_tiles import resolution_for_zoom, risk_tile_layer
from yingji_map.engine.roll_up import parents_of, roll_up

SURFACE = a_surface(rings=12)
_STATES = ("scored", "no_data", "not_applicable")


def _surface(cells: Any) -> RiskSurface:
    n_cells = len(cells)
    return RiskSurface(
        run_id="",
        hazard="flood",
        resolution=h3.get_resolution(cells[0]),
        cells=np.sort(np.asarray(cells, dtype=np.uint64)),
        score_ratio=np.full(n_cells, 0.5),
        level=np.full(n_cells, 2, dtype=np.uint8),
        state=np.zeros(n_cells, dtype=np.uint8),
        confidence_ratio=np.ones(n_cells),
    )


def _outline(cell: int) -> shapely.Polygon:
    return shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])


def _expected(surface: RiskSurface, row: int) -> dict[str, Any]:
    score = surface.score_ratio[row]
    properties: dict[str, Any] = {
        "cell": h3.int_to_str(surface.cells[row]),
        "level": int(surface.level[row]),
        "state": _STATES[surface.state[row]],
        "confidence": round(float(surface.confidence_ratio[row]), 3),
    }
    return properties if np.isnan(score) else {**properties, "score": round(float(score), 3)}


@pytest.mark.parametrize("zoom", [10, 12, 14])
def test_a_tile_decodes_to_the_very_cells(zoom: int) -> None:
    tile = tile_holding(106.29, 32.23, zoom)

    features = decoded(risk_tile_layer(SURFACE).encode(tile), "risk")

    drawn = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    exact = [to_grid(_outline(cell), tile) for cell in SURFACE.cells]
    touching = {row for row, outline in enumerate(exact) if outline.intersects(drawn)}
    assert touching <= set(features)
    for row, feature in features.items():
        assert feature["properties"] == _expected(SURFACE, row)
        rounded = shapely.transform(exact[row], np.rint)
        assert grid_shape(feature).normalize() == rounded.normalize()
        assert exact[row].envelope.buffer(1).intersects(drawn)


def test_rings_turn_as_the_specification_demands() -> None:
    tile = tile_holding(106.29, 32.23, 12)

    features = decoded(risk_tile_layer(SURFACE).encode(tile), "risk")

    rings = [grid_shape(feature).exterior for feature in features.values()]
    # Positive area with y down, that is: anticlockwise in mathematics' own axes.
    assert all(ring.is_ccw for ring in rings)


def test_a_cell_on_an_edge_is_whole_in_both_neighbours() -> None:
    tile = tile_holding(106.29, 32.23, 13)
    east = TileAddress(tile.z, tile.x + 1, tile.y)
    layer = risk_tile_layer(SURFACE)

    here, there = (decoded(layer.encode(place), "risk") for place in (tile, east))

    shared = set(here) & set(there)
    assert shared
    for row in shared:
        moved = shapely.transform(grid_shape(there[row]), lambda xy: xy + np.array([EXTENT, 0]))
        assert moved.normalize() == grid_shape(here[row]).normalize()


def test_pentagons_and_cells_over_an_edge_of_the_icosahedron_are_whole() -> None:
    pentagon = h3.get_pentagons(5)[1]
    cells = h3.grid_disk(pentagon, 2)
    assert len({len(h3.cell_to_boundary(cell)) for cell in cells}) > 1
    surface = _surface(cells)
    lat, lon = h3.cell_to_latlng(pentagon)
    tile = tile_holding(lon, lat, 7)

    features = decoded(risk_tile_layer(surface).encode(tile), "risk")

    assert int(np.searchsorted(surface.cells, np.uint64(pentagon))) in features
    assert len({len(h3.cell_to_boundary(surface.cells[row])) for row in features}) > 1
    for row, feature in features.items():
        rounded = shapely.transform(to_grid(_outline(surface.cells[row]), tile), np.rint)
        assert grid_shape(feature).normalize() == rounded.normalize()


def test_cells_that_vanish_on_the_grid_are_left_out() -> None:
    features = decoded(risk_tile_layer(SURFACE).encode(TileAddress(2, 3, 1)), "risk")

    assert 0 < len(features) < len(SURFACE)
    assert all(grid_shape(feature).area > 0 for feature in features.values())


def test_a_tile_far_away_is_empty() -> None:
    assert risk_tile_layer(SURFACE).encode(TileAddress(12, 0, 0)) == b""


def test_an_empty_surface_has_empty_tiles() -> None:
    nothing = np.zeros(0)
    surface = RiskSurface(
        run_id="",
        hazard="flood",
        resolution=9,
        cells=nothing.astype(np.uint64),
        score_ratio=nothing,
        level=nothing.astype(np.uint8),
        state=nothing.astype(np.uint8),
        confidence_ratio=nothing,
    )

    assert risk_tile_layer(roll_up(surface, 6)).encode(TileAddress(0, 0, 0)) == b""


def test_rings_are_found_by_the_box_they_touch() -> None:
    rings = cell_rings(SURFACE.cells)
    low, high = rings.low[40], rings.high[40]

    rows = rings.touching(tuple(low), tuple(high))

    brute = ((rings.low <= high) & (rings.high >= low)).all(axis=1)
    assert rows.tolist() == np.flatnonzero(brute).tolist()


@pytest.mark.parametrize("resolution", [0, 5, 6, 7, 8])
def test_parents_are_those_of_h3(resolution: int) -> None:
    expected = [h3.cell_to_parent(cell, resolution) for cell in SURFACE.cells]

    assert parents_of(SURFACE.cells, resolution).tolist() == [int(cell) for cell in expected]


@given(seed=st.integers(0, 2**20), resolution=st.integers(5, 8))
def test_a_parent_is_as_dangerous_as_its_most_dangerous_child(seed: int, resolution: int) -> None:
    surface = a_surface(rings=4, seed=seed)

    coarse = roll_up(surface, resolution)

    for row, parent in enumerate(coarse.cells):
        mine = parents_of(surface.cells, resolution) == parent
        scores = surface.score_ratio[mine]
        assert coarse.level[row] == surface.level[mine].max()
        assert coarse.state[row] == surface.state[mine].min()
        if (coarse.state[row] == CellState.SCORED) != (~np.isnan(coarse.score_ratio[row])):
            pytest.fail("a score goes with the state scored")
        if coarse.state[row] == CellState.SCORED:
            assert coarse.score_ratio[row] == np.nanmax(scores)
            top = mine & (surface.level == coarse.level[row])
            assert coarse.confidence_ratio[row] == surface.confidence_ratio[top].max()


def test_rolling_up_in_steps_or_at_once_is_the_same() -> None:
    stepwise = roll_up(roll_up(SURFACE, 8), 6)
    at_once = roll_up(SURFACE, 6)

    for name in ("cells", "level", "state", "score_ratio", "confidence_ratio"):
        np.testing.assert_array_equal(getattr(stepwise, name), getattr(at_once, name))


def test_zooms_show_cells_of_a_readable_size() -> None:
    shown = [resolution_for_zoom(zoom) for zoom in (0, 8, 9, 10, 11, 12, 14)]

    assert shown == [6, 6, 7, 8, 8, 9, 9]
