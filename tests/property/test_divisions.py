"""Townships add up to the county exactly: every cell once, nobody lost."""

import itertools

import h3.api.numpy_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.risk_runs import a_surface

from yingji_map.domain.division import KINDS
from yingji_map.domain.risk import RiskLevel
from yingji_map.domain.run import count_cells
from yingji_map.domain.shapes import geodesic_area_km2
from yingji_map.engine.divisions import (
    Residents,
    division_of,
    map_divisions,
    tally_divisions,
)

COUNTY = shapely.box(106.26, 32.21, 106.32, 32.25)


def _townships(cuts: list[float]) -> np.ndarray:
    """Return the county cut into strips at the given shares of its width."""
    west, south, east, north = COUNTY.bounds
    edges = [west, *(west + (east - west) * cut for cut in sorted(cuts)), east]
    strips = [shapely.box(a, south, b, north) for a, b in itertools.pairwise(edges)]
    return np.array(strips, dtype=object)


def _residents(seed: int, count: int) -> Residents:
    rng = np.random.default_rng(seed)
    # Some live beyond the cells, which reach about 6 km from the middle.
    return Residents(
        points=rng.uniform((106.15, 32.12), (106.43, 32.34), (count, 2)),
        persons=rng.integers(0, 900, count),
    )


@settings(max_examples=25)
@given(
    cuts=st.lists(st.floats(0.05, 0.95), max_size=4, unique_by=lambda cut: round(cut, 3)),
    seed=st.integers(0, 2**20),
    count=st.integers(0, 60),
)
def test_townships_add_up_to_the_county(cuts: list[float], seed: int, count: int) -> None:
    surface = a_surface(rings=14, seed=seed)
    residents = _residents(seed, count)
    mapped = map_divisions(surface.cells, _townships(cuts))

    each, county = tally_divisions(surface, mapped, residents)

    assert dict(zip(KINDS, county.cells, strict=True)) == count_cells(surface)
    assert sum(county.population_persons) == residents.persons.sum()
    assert sum(county.area_m2) == mapped.area_m2.sum()
    for name in ("cells", "area_m2", "population_persons"):
        summed = np.sum([getattr(tally, name) for tally in each], axis=0)
        assert tuple(summed.tolist()) == getattr(county, name)


def test_a_cell_belongs_to_the_township_of_its_centre() -> None:
    surface, townships = a_surface(rings=14), _townships([0.3, 0.6])

    mapped = map_divisions(surface.cells, townships)

    centres = [shapely.Point(h3.cell_to_latlng(cell)[::-1]) for cell in surface.cells]
    for centre, division in zip(centres, mapped.division, strict=True):
        if COUNTY.contains(centre):
            assert townships[division].intersects(centre)


def test_a_place_outside_goes_to_the_township_nearest_in_metres() -> None:
    # At 60°N a degree of longitude is half as long: the one to the north is farther in metres.
    townships = np.array([shapely.box(1.5, 59, 2, 61), shapely.box(-1, 61, 1, 62)], dtype=object)

    assert division_of(np.array([[0.0, 60.0]]), townships).tolist() == [0]


def test_a_place_on_a_shared_border_counts_once() -> None:
    townships = _townships([0.5])
    on_border = np.array([[float(townships[0].bounds[2]), 32.23]])

    assert division_of(on_border, townships).tolist() == [0]


def test_the_area_is_that_of_the_land_inside() -> None:
    cells = np.unique(
        np.concatenate([h3.grid_disk(h3.latlng_to_cell(32.23, 106.29, 9), 30)])
    ).astype(np.uint64)

    mapped = map_divisions(cells, _townships([0.5]))

    assert mapped.area_m2.sum() / 1e6 == pytest.approx(geodesic_area_km2(COUNTY), rel=1e-5)


def test_the_mean_score_is_weighted_by_people_and_the_worst_level_has_its_share() -> None:
    surface = a_surface(rings=3, seed=4)
    [bad] = np.flatnonzero(surface.level == RiskLevel.RED)[:1]
    [mild] = np.flatnonzero(surface.level == RiskLevel.BLUE)[:1]
    places = [h3.cell_to_latlng(surface.cells[row])[::-1] for row in (bad, mild)]
    residents = Residents(points=np.array(places), persons=np.array([300, 100]))
    mapped = map_divisions(surface.cells, np.array([COUNTY], dtype=object))

    [tally], county = tally_divisions(surface, mapped, residents)

    expected = 0.75 * surface.score_ratio[bad] + 0.25 * surface.score_ratio[mild]
    red = mapped.area_m2[surface.level == RiskLevel.RED].sum()
    assert tally == county
    assert tally.score_mean_ratio == pytest.approx(expected)
    assert tally.worst_level is RiskLevel.RED
    assert tally.worst_share_ratio == red / mapped.area_m2.sum()
    assert dict(zip(KINDS, tally.population_persons, strict=True))["red"] == 300


def test_where_nobody_lives_there_is_no_mean_score() -> None:
    surface = a_surface(rings=3)
    nobody = Residents(points=np.zeros((0, 2)), persons=np.zeros(0, dtype=np.int64))
    mapped = map_divisions(surface.cells, np.array([COUNTY], dtype=object))

    _, county = tally_divisions(surface, mapped, nobody)

    assert county.score_mean_ratio is None


@settings(max_examples=25)
@given(
    cuts=st.lists(st.floats(0.05, 0.95), min_size=2, max_size=5, unique_by=lambda c: round(c, 3)),
    seed=st.integers(0, 2**20),
    data=st.data(),
)
def test_parents_hold_their_children_and_nothing_else(
    cuts: list[float], seed: int, data: st.DataObject
) -> None:
    surface, residents = a_surface(rings=14, seed=seed), _residents(seed, 40)
    mapped = map_divisions(surface.cells, _townships(cuts))
    n_townships = len(cuts) + 1
    numbers = data.draw(st.lists(st.integers(0, 2), min_size=n_townships, max_size=n_townships))
    parent_of = np.unique(numbers, return_inverse=True)[1].astype(np.int64)

    children, all_children = tally_divisions(surface, mapped, residents)
    parents, all_parents = tally_divisions(surface, mapped, residents, parent_of)

    assert all_parents == all_children
    for number, parent in enumerate(parents):
        own = [child for child, of in zip(children, parent_of, strict=True) if of == number]
        for name in ("cells", "area_m2", "population_persons"):
            summed = np.sum([getattr(child, name) for child in own], axis=0)
            assert tuple(summed.tolist()) == getattr(parent, name)
        assert parent.worst_level == max(
            (c.worst_level for c in own if c.worst_level), default=None
        )
