"""Shifted Chinese coordinates: there and back is nowhere, and abroad nothing moves."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from yingji_map.domain.china_datum import (
    bd09_from_wgs84,
    gcj02_from_wgs84,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from yingji_map.domain.crs import GEOD

Way = Callable[[Any, Any], tuple[Any, Any]]
WAYS = [(gcj02_from_wgs84, wgs84_from_gcj02), (bd09_from_wgs84, wgs84_from_bd09)]
TRIPLET = (
    Path(
        os.environ.get("YINGJI_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
    )
    / "admin"
    / "datum_triplet"
)
_CHINA = st.tuples(st.floats(73.5, 135.0), st.floats(3.9, 53.5))
_ABROAD = st.one_of(
    st.tuples(st.floats(-180, 72), st.floats(-90, 90)),
    st.tuples(st.floats(137.9, 180), st.floats(-90, 90)),
    st.tuples(st.floats(-180, 180), st.floats(-90, 0.8)),
)


def _metres(one: tuple[Any, Any], other: tuple[Any, Any]) -> float:
    return float(np.max(GEOD.inv(*one, *other)[2]))


@pytest.mark.parametrize(("there", "back"), WAYS)
@given(place=_CHINA)
def test_there_and_back_is_less_than_a_millimetre_away(
    there: Way, back: Way, place: tuple[float, float]
) -> None:
    origin = np.array([place[0]]), np.array([place[1]])

    shifted = there(*origin)

    assert _metres(back(*shifted), origin) < 1e-3
    assert 50 < _metres(shifted, origin) < 2_500  # it did move


@pytest.mark.parametrize("way", [way for pair in WAYS for way in pair])
@given(place=_ABROAD)
def test_nothing_moves_abroad(way: Way, place: tuple[float, float]) -> None:
    lon, lat = np.array([place[0]]), np.array([place[1]])

    assert way(lon, lat) == (lon, lat)


def _coordinates(name: str) -> Iterator[tuple[float, float]]:
    document = json.loads((TRIPLET / name).read_text(encoding="utf-8"))
    for polygon in document["features"][0]["geometry"]["coordinates"]:
        for ring in polygon:
            for lon, lat in ring:
                yield float(lon), float(lat)  # one of the files has them as texts


@pytest.mark.optional
@pytest.mark.skipif(not TRIPLET.is_dir(), reason="no shared data (set YINGJI_SHARED_DATA)")
@pytest.mark.parametrize(("name", "way"), [("gcj02", wgs84_from_gcj02), ("bd09", wgs84_from_bd09)])
def test_the_outline_of_china_comes_back_from_both(name: str, way: Way) -> None:
    shifted = np.array(list(_coordinates(f"china_{name}_sparse10.geojson"))).T
    true = np.array(list(_coordinates("china_wgs84_sparse10.geojson")))

    found = np.array(way(shifted[0], shifted[1])).T

    # Each file was thinned by itself, so that vertices pair by nearness; and the true outline was
    # made from the shifted one by the rough inverse, which is off by up to two metres.
    away_m = cKDTree(true).query(found)[0] * 111_320
    assert np.median(away_m) < 1.5
    assert np.percentile(away_m, 85) < 3
