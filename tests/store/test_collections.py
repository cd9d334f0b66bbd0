"""Pages of features: whatever is asked, SQL finds what a plain filter finds, each feature once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from tests.support.builders import a_definition, a_well_table

from yingji_map.domain.errors import LayerNotFound, NotReady
from yingji_map.domain.query import FeatureQuery, ValidTime
from yingji_map.services.find_features import FindFeatures
from yingji_map.store.collections import find_page
from yingji_map.store.database import Store
from yingji_map.store.features import WriteOptions, write_features
from yingji_map.store.layers import apply_layer

pytestmark = pytest.mark.db

WELL = a_definition()
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
# Keys that sort differently in byte order and in a language's order, or need quoting.
KEYS = ["a", "B", "b", "Z", "é", "井", "井 2", 'x"y', "a'b", "10", "9", "_"]
# Depth of each well from each day on; None of them changes on the days between.
HISTORY = {
    0: {key: float(number % 3) for number, key in enumerate(KEYS)},
    10: {key: float(number % 2) for number, key in enumerate(KEYS[:7])},
    20: dict.fromkeys(KEYS[3:9], 5.0),
}


@pytest.fixture
def places(tx: Connection) -> dict[str, shapely.Point]:
    rng = np.random.default_rng(7)
    spots = dict(
        zip(KEYS, shapely.points(rng.integers((100, 30), (105, 35), (len(KEYS), 2))), strict=True)
    )
    apply_layer(tx, WELL)
    for day, depths in HISTORY.items():
        table = a_well_table(depths)
        geometry = np.array([spots[key] for key in table.keys], dtype=object)
        options = WriteOptions(valid_from=START + day * DAY)
        write_features(tx, WELL, replace(table, geometry=geometry), options)
    return spots


_EDGES = st.tuples(st.integers(99, 106), st.integers(29, 36))
QUESTIONS = st.builds(
    FeatureQuery,
    boxes=st.tuples(
        st.tuples(_EDGES, _EDGES).map(
            lambda corners: tuple(map(min, *corners)) + tuple(map(max, *corners))
        )
    ),
    valid=st.tuples(st.integers(-3, 30), st.integers(0, 12)).map(
        lambda days: ValidTime(start=START + days[0] * DAY, end=START + sum(days) * DAY)
    ),
    equals=st.sampled_from([{}, {"depth_m": 0.0}, {"depth_m": 1.0}, {"depth_m": 5.0}]),
    limit=st.integers(1, 13),
)


def _depths_during(key: str, valid: ValidTime) -> list[float]:
    """Return the depths that a well had in a stretch of time, the latest last."""
    assert valid.start is not None
    assert valid.end is not None
    begun = [day for day, depths in HISTORY.items() if key in depths]
    return [
        HISTORY[day][key]
        for day, until in zip(begun, [*begun[1:], 10**6], strict=True)
        if START + day * DAY <= valid.end and START + until * DAY > valid.start
    ]


def _plain_filter(places: dict[str, shapely.Point], query: FeatureQuery) -> list[tuple[str, float]]:
    assert query.boxes is not None
    assert query.valid is not None
    found = []
    for key in sorted(KEYS, key=str.encode):
        wanted = query.equals.get("depth_m")
        had = [d for d in _depths_during(key, query.valid) if wanted in {None, d}]
        if had and places[key].intersects(shapely.box(*query.boxes[0])):
            found.append((key, had[-1]))
    return found


@given(query=QUESTIONS)
def test_a_walk_through_pages_agrees_with_a_plain_filter(
    tx: Connection, places: dict[str, shapely.Point], query: FeatureQuery
) -> None:
    found: list[tuple[str, float]] = []
    matched = set()
    after: str | None = None
    while True:
        page = find_page(tx, WELL, replace(query, after=after))
        features = [json.loads(text) for text in page.features]
        found += [(f["id"], f["properties"]["depth_m"]) for f in features]
        matched.add(page.matched)
        after = page.next_after
        if after is None:
            break

    expected = _plain_filter(places, query)
    assert found == expected
    assert matched == {len(expected)}


def test_a_restricted_layer_is_as_if_it_were_not_there(store: Store) -> None:
    secret = a_definition(id="secret", access="restricted")
    with store.transaction() as tx:
        apply_layer(tx, secret)
    features = FindFeatures(store=store, catalogue={"secret": secret})

    assert features.collections() == []
    with pytest.raises(LayerNotFound):
        features.page("secret", FeatureQuery())


def test_a_layer_whose_table_was_never_made_is_not_ready(store: Store) -> None:
    features = FindFeatures(store=store, catalogue={"later": a_definition(id="later")})

    assert features.collections() == []
    with pytest.raises(NotReady) as caught:
        features.page("later", FeatureQuery())
    assert "yingji layer apply" in caught.value.text("zh")
