"""A drawn zone becomes a draft with the right people in it, once, and never overwritten."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.support.county import CATALOGUE, NOW, settle_county
from tests.support.warnings import a_request, a_zone

from yingji_map.domain.errors import (
    IdempotencyKeyReused,
    InvalidGeometry,
    InvalidInput,
    InvalidParameter,
    WarningChanged,
    WarningNotFound,
)
from yingji_map.domain.warning_zone import parse_zone
from yingji_map.domain.zone import Zone
from yingji_map.services.draft_warning import DraftWarning
from yingji_map.services.find_within import FindWithin
from yingji_map.services.list_warnings import ListWarnings
from yingji_map.store.database import Store

pytestmark = pytest.mark.db
_RNG = np.random.default_rng(510821)
# The first four lie on the border of SQUARE or just outside it.
VILLAGES: dict[str, tuple[float, float, int, int | None]] = {
    "corner": (106.28, 32.1, 100, 30),
    "edge": (106.32, 32.15, 200, None),
    "inside": (106.3, 32.15, 400, 120),
    "outside": (106.320001, 32.15, 800, 250),
    **{
        f"v{i:03}": (float(lon), float(lat), i, i // 3)
        for i, (lon, lat) in enumerate(_RNG.uniform((106.0, 32.0), (106.6, 32.4), (300, 2)))
    },
}
SHELTERS = {
    f"s{i:02}": (float(lon), float(lat), 50 + i)
    for i, (lon, lat) in enumerate(_RNG.uniform((106.0, 32.0), (106.6, 32.4), (60, 2)))
}


@pytest.fixture(scope="module")
def county(store: Store) -> Store:
    settle_county(store, VILLAGES, SHELTERS)
    return store


@pytest.fixture
def service(county: Store) -> DraftWarning:
    return DraftWarning(store=county, catalogue=CATALOGUE, clock=lambda: NOW)


@pytest.fixture
def listing(county: Store) -> ListWarnings:
    return ListWarnings(store=county, catalogue=CATALOGUE)


def _stored(store: Store) -> int:
    with store.read() as tx:
        return int(tx.scalar(text("SELECT count(*) FROM core.warnings")) or 0)


def test_people_on_the_border_are_inside(service: DraftWarning) -> None:
    warning = service.run(a_request(), via="test")

    places = {place.place_id for place in warning.audience.places}
    assert {"corner", "edge", "inside"} <= places
    assert "outside" not in places
    assert warning.audience.settlements_without_households == 1


@settings(max_examples=25)
@given(
    st.tuples(
        st.floats(105.9, 106.55), st.floats(31.95, 32.35), st.floats(0.05, 0.4), st.integers(3, 30)
    )
)
def test_the_audience_equals_a_brute_force_count(
    service: DraftWarning, shape: tuple[float, float, float, int]
) -> None:
    lon, lat, radius, corners = shape
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    wobble = radius * (1 + 0.5 * np.sin(3 * angles))
    zone = shapely.Polygon(
        np.column_stack((lon + wobble * np.cos(angles), lat + wobble * np.sin(angles))).round(6)
    )
    # A zone that only touches the county from outside is refused: it has no land in it.
    if not (zone.is_valid and zone.intersection(shapely.box(106.0, 32.0, 106.6, 32.4)).area > 0):
        return
    inside = [v for v in VILLAGES.values() if zone.covers(shapely.Point(v[0], v[1]))]
    sheltered = [s for s in SHELTERS.values() if zone.covers(shapely.Point(s[0], s[1]))]

    audience = service.run(a_request(zone=a_zone(zone)), via="test").audience

    assert audience.settlements == len(audience.places) == len(inside)
    assert audience.population_persons == sum(v[2] for v in inside)
    assert audience.households == sum(v[3] or 0 for v in inside)
    assert audience.shelters == len(sheltered)
    assert audience.shelter_capacity_persons == sum(s[2] for s in sheltered)


def test_within_and_audience_give_the_same_numbers(service: DraftWarning) -> None:
    zone = parse_zone(a_zone(shapely.Point(106.31, 32.2).buffer(0.15)))

    audience = service.run(a_request(zone=a_zone(zone)), via="test").audience
    within = FindWithin(store=service.store, catalogue=CATALOGUE).run(
        Zone(shape=zone, outline=zone), ["settlement", "shelter"], limit=1000
    )

    settlements, shelters = within.layers
    assert audience.settlements == settlements.count > 50
    assert {place.place_id for place in audience.places} == {p.key for p in settlements.places}
    assert audience.population_persons == settlements.sums["population_persons"]
    assert audience.shelter_capacity_persons == shelters.sums["capacity_persons"]
    assert audience.area_km2 == pytest.approx(within.area_km2, abs=0.001)


def test_each_part_names_its_own_townships(service: DraftWarning) -> None:
    # The second part shares only its border with the township to the west.
    parts = shapely.MultiPolygon(
        [shapely.box(106.29, 32.1, 106.35, 32.2), shapely.box(106.3, 32.25, 106.4, 32.3)]
    )

    areas = service.run(a_request(zone=a_zone(parts)), via="test").areas

    assert [area.description for area in areas] == ["旺苍县嘉川镇、东河镇", "旺苍县嘉川镇"]
    assert [area.division_codes for area in areas] == [("510821102", "510821101"), ("510821102",)]


def test_ground_beyond_the_county_is_told(service: DraftWarning) -> None:
    half_outside = shapely.box(105.9, 32.1, 106.1, 32.2)

    audience = service.run(a_request(zone=a_zone(half_outside)), via="test").audience

    assert audience.outside_county_km2 == pytest.approx(audience.area_km2 / 2, rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"zone": a_zone(shapely.box(107.0, 32.0, 107.1, 32.1))}, "县界以外"),
        (
            {
                "zone": {
                    "type": "Polygon",
                    "coordinates": [
                        [[106.1, 32.1], [106.3, 32.3], [106.3, 32.1], [106.1, 32.3], [106.1, 32.1]]
                    ],
                }
            },
            "106.2, 32.2",
        ),
        ({"expires_at": NOW - timedelta(hours=1)}, "晚于生效时间"),
        ({"hazard": "ufo"}, "landslide"),
        ({"level": "purple"}, "red, orange, yellow, blue"),
        ({"headline": "x" * 161}, "160"),
        ({"text": "坏\x00字"}, "U+0000"),
    ],
)
def test_a_refused_draft_leaves_nothing_behind(
    service: DraftWarning, changes: dict[str, object], word: str
) -> None:
    before = _stored(service.store)

    with pytest.raises(InvalidInput) as caught:
        service.run(a_request(**changes), via="test", idempotency_key="refused")

    assert word in caught.value.text("zh")
    assert _stored(service.store) == before
    with service.store.read() as tx:
        kept = tx.scalar(
            text("SELECT count(*) FROM core.idempotency_keys WHERE idempotency_key = 'refused'")
        )
    assert kept == 0


def test_the_fault_of_a_zone_is_given_as_a_place(service: DraftWarning) -> None:
    bow = [[106.1, 32.1], [106.3, 32.3], [106.3, 32.1], [106.1, 32.3], [106.1, 32.1]]

    with pytest.raises(InvalidGeometry) as caught:
        service.run(a_request(zone={"type": "Polygon", "coordinates": [bow]}), via="test")

    assert (caught.value.fields["lon"], caught.value.fields["lat"]) == (106.2, 32.2)


def test_the_same_key_and_content_make_one_draft(service: DraftWarning) -> None:
    first = service.run(a_request(), via="test", idempotency_key="once")
    before = _stored(service.store)

    second = service.run(a_request(), via="test", idempotency_key="once")

    assert second == first
    assert _stored(service.store) == before


def test_a_key_is_still_answered_after_the_warning_has_ended(service: DraftWarning) -> None:
    first = service.run(a_request(), via="test", idempotency_key="late")
    tomorrow = DraftWarning(
        store=service.store, catalogue=CATALOGUE, clock=lambda: NOW + timedelta(days=1)
    )

    assert tomorrow.run(a_request(), via="test", idempotency_key="late") == first


def test_the_same_key_with_other_content_is_refused(service: DraftWarning) -> None:
    service.run(a_request(), via="test", idempotency_key="other")
    before = _stored(service.store)

    with pytest.raises(IdempotencyKeyReused):
        service.run(a_request(level="blue"), via="test", idempotency_key="other")

    assert _stored(service.store) == before


@pytest.mark.parametrize("key", ["", "x" * 201, "键", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused(service: DraftWarning, key: str) -> None:
    with pytest.raises(InvalidParameter):
        service.run(a_request(), via="test", idempotency_key=key)


def test_requests_that_race_with_one_key_make_one_draft(service: DraftWarning) -> None:
    before = _stored(service.store)

    made = _at_once(
        6, lambda: service.run(a_request(), via="test", idempotency_key="race").warning_id
    )

    assert len(made) == 6
    assert len(set(made)) == 1
    assert _stored(service.store) == before + 1


def test_drafts_of_one_second_have_different_identifiers(service: DraftWarning) -> None:
    later = NOW + timedelta(hours=1)
    busy = DraftWarning(store=service.store, catalogue=CATALOGUE, clock=lambda: later)

    made = _at_once(12, lambda: busy.run(a_request(), via="test").warning_id)

    seconds = {name.split("_")[1] for name in map(str, made)}
    assert len(set(made)) == 12
    assert seconds == {"20260713220000", "20260713220001"}


def test_a_revision_keeps_the_one_before(service: DraftWarning, listing: ListWarnings) -> None:
    first = service.run(a_request(), via="test")

    second = service.revise(
        first.warning_id, a_request(level="orange"), expected_revision=1, via="test"
    )

    assert (second.revision, second.level) == (2, "orange")
    assert listing.one(first.warning_id) == second
    assert listing.one(first.warning_id, revision=1) == first


def test_of_writers_at_once_exactly_one_wins(service: DraftWarning, listing: ListWarnings) -> None:
    draft = service.run(a_request(), via="test")

    def revise() -> object:
        try:
            return service.revise(
                draft.warning_id, a_request(level="blue"), expected_revision=1, via="test"
            ).revision
        except WarningChanged as error:
            return error

    results = _at_once(6, revise)

    assert sorted(str(r) for r in results if r == 2) == ["2"]
    assert sum(isinstance(r, WarningChanged) for r in results) == 5
    assert listing.one(draft.warning_id).revision == 2


def test_a_change_to_an_old_revision_is_refused(service: DraftWarning) -> None:
    draft = service.run(a_request(), via="test")
    service.revise(draft.warning_id, a_request(level="blue"), expected_revision=1, via="test")

    with pytest.raises(WarningChanged) as caught:
        service.revise(draft.warning_id, a_request(), expected_revision=1, via="test")

    assert caught.value.fields["current"] == 2


def test_a_change_to_nothing_is_refused(service: DraftWarning) -> None:
    with pytest.raises(WarningNotFound):
        service.revise("no-such", a_request(), expected_revision=1, via="test")


@pytest.mark.parametrize(
    "statement", ["UPDATE core.warnings SET level = 'blue'", "DELETE FROM core.warnings"]
)
def test_foreign_sql_cannot_rewrite_a_revision(service: DraftWarning, statement: str) -> None:
    service.run(a_request(), via="test")

    with pytest.raises(DBAPIError, match="append-only"), service.store.transaction() as tx:
        tx.execute(text(statement))


def test_the_list_is_paged_newest_first(county: Store, listing: ListWarnings) -> None:
    ticks = count()
    service = DraftWarning(
        store=county,
        catalogue=CATALOGUE,
        clock=lambda: NOW + timedelta(hours=2, minutes=next(ticks)),
    )
    made = [service.run(a_request(), via="test").warning_id for _ in range(5)]

    read: list[str] = []
    before = None
    while len(read) < 5:
        page = listing.run(limit=2, before=before)
        read += [warning.warning_id for warning in page.warnings]
        before = page.next_before

    assert read[:5] == made[::-1]


def test_the_audience_is_counted_again_on_new_data(
    service: DraftWarning, listing: ListWarnings
) -> None:
    draft = service.run(a_request(), via="test")

    recounted = listing.audience(draft.warning_id)

    assert recounted.population_persons == draft.audience.population_persons
    assert recounted.counted_at > draft.audience.counted_at


def _at_once(times: int, act: Callable[[], object]) -> list[object]:
    results: list[object] = []
    barrier = threading.Barrier(times)

    def run() -> None:
        barrier.wait()
        results.append(act())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
