"""Zonings cover the county exactly, and never look safer than the cells they are made of."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yingji_map.engine.grid import build_grid
from yingji_map.engine.patches import adjacent_rows, label_patches, sieve
from yingji_map.engine.zoning import dissolve

_AROUND = np.linspace(0, 2 * np.pi, 60, endpoint=False)
_OUTLINE = np.column_stack(
    [
        106.26 + 0.05 * (1 + 0.3 * np.sin(5 * _AROUND)) * np.cos(_AROUND),
        32.20 + 0.04 * (1 + 0.3 * np.sin(5 * _AROUND)) * np.sin(_AROUND),
    ]
)
# A county of two parts, one with a hole.
COUNTY = shapely.union_all(
    [
        shapely.difference(shapely.Polygon(_OUTLINE), shapely.box(106.255, 32.195, 106.27, 32.21)),
        shapely.box(106.36, 32.20, 106.39, 32.21),
    ]
)
GRID = build_grid(COUNTY, 8)
PAIRS = adjacent_rows(GRID.cells)
AREA_M2 = np.rint(GRID.area_km2 * 1e6).astype(np.int64)
KINDS_OF_CELLS = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 6, len(GRID)).astype(np.int64)
)
SIEVES = st.floats(0, 5e6)


@settings(max_examples=20)
@given(kind=KINDS_OF_CELLS)
def test_patches_tile_the_county_without_gap_or_overlap(kind: np.ndarray) -> None:
    patch = label_patches(kind, PAIRS)

    zones = dissolve(GRID.cells, patch, COUNTY)

    assert shapely.coverage_is_valid(zones)
    assert shapely.is_valid(zones).all()
    assert not shapely.is_empty(zones).any()
    assert abs(shapely.area(zones).sum() - COUNTY.area) < 1e-14
    assert shapely.union_all(zones).symmetric_difference(COUNTY).area < 1e-14


@settings(max_examples=20)
@given(kind=KINDS_OF_CELLS)
def test_every_cell_lies_in_the_zone_of_its_patch(kind: np.ndarray) -> None:
    patch = label_patches(kind, PAIRS)

    zones = dissolve(GRID.cells, patch, COUNTY)

    at = shapely.points(GRID.anchor)
    assert shapely.intersects(zones[patch], at).all()
    for number in range(patch.max() + 1):
        assert len(set(kind[patch == number])) == 1


@settings(max_examples=50)
@given(kind=KINDS_OF_CELLS, least_m2=SIEVES)
def test_a_sieved_zoning_never_looks_safer(kind: np.ndarray, least_m2: float) -> None:
    sieved = sieve(kind, PAIRS, AREA_M2, (least_m2, 4))

    coloured = kind < 4
    assert (sieved[coloured] <= kind[coloured]).all()
    assert (sieved[~coloured] == kind[~coloured]).all()
    assert (sieve(sieved, PAIRS, AREA_M2, (least_m2, 4)) == sieved).all()


@settings(max_examples=50)
@given(kind=KINDS_OF_CELLS, least_m2=SIEVES)
def test_no_small_patch_is_left_beside_a_more_dangerous_one(
    kind: np.ndarray, least_m2: float
) -> None:
    sieved = sieve(kind, PAIRS, AREA_M2, (least_m2, 4))

    patch = label_patches(sieved, PAIRS)
    area = np.bincount(patch, weights=AREA_M2)
    for a, b in PAIRS:
        for one, other in ((a, b), (b, a)):
            if sieved[one] < 4 and sieved[other] < sieved[one]:
                assert area[patch[one]] >= least_m2
