"""The network in memory follows the roads, and answers while it does."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from tests.support.roads import Road, a_place_table, a_road_table, at, complete

from yingji_map.bootstrap import Application, build
from yingji_map.domain.errors import InvalidParameter, NotReady
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.network import ProfileId
from yingji_map.engine.graph import RoadGraph
from yingji_map.engine.profile_network import RoadNetwork, build_network
from yingji_map.services import keep_network
from yingji_map.services.find_nearest import NearestAnswer, NearestQuery
from yingji_map.store.features import WriteOptions, write_features

pytestmark = pytest.mark.db
LAYERS = Path(__file__).parents[2] / "layers"
LONG = {"a": Road([(0, 0), (0, 2), (4, 2), (4, 0)])}
SHORT = {**LONG, "b": Road([(0, 0), (4, 0)])}


@pytest.fixture
def application(database_url: str, tmp_path: Path) -> Iterator[Application]:
    application = build(url=database_url, layers_dir=LAYERS, data_dir=tmp_path)
    application.apply_layers.run()
    _write(application, "shelter", a_place_table({"S1": (4, 0)}))
    yield application
    application.close()


def _write(
    application: Application,
    layer: str,
    table: FeatureTable,
    valid_from: datetime | None = None,
) -> None:
    definition = application.catalogue[layer]
    options = WriteOptions(is_replacing=True, valid_from=valid_from)
    with application.store.transaction() as tx:
        write_features(tx, definition, complete(table, definition), options)


def _ask(application: Application) -> NearestAnswer:
    lon, lat = at(0, 0)
    return application.find_nearest.run(NearestQuery(layer_id="shelter", lon=lon, lat=lat))


def _seconds(answer: NearestAnswer) -> float:
    return answer.results[0].trip.travel_time_s


def _settled(application: Application) -> NearestAnswer:
    for _ in range(200):
        answer = _ask(application)
        if answer.is_network_current:
            return answer
        time.sleep(0.02)
    raise AssertionError


def test_without_roads_it_says_what_to_do(application: Application) -> None:
    _write(application, "road", a_road_table({}))

    assert not application.network.readiness().is_ready
    with pytest.raises(NotReady, match="--layer road"):
        _ask(application)


def test_new_roads_are_used_and_the_old_answer_until_then(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(application, "road", a_road_table(LONG))
    before = _ask(application)
    may_finish = Event()

    def slow(graph: RoadGraph) -> RoadNetwork:
        assert may_finish.wait(10)
        return build_network(graph)

    monkeypatch.setattr(keep_network, "build_network", slow)
    _write(application, "road", a_road_table(SHORT))
    meanwhile = _ask(application)
    state = application.network.readiness()
    may_finish.set()
    after = _settled(application)

    assert (_seconds(meanwhile), meanwhile.is_network_current) == (_seconds(before), False)
    assert (state.is_ready, state.is_current, state.is_building) == (True, False, True)
    assert _seconds(after) < _seconds(before) / 1.5
    assert after.road_version > before.road_version


def test_when_building_fails_the_old_network_goes_on_answering(
    application: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _write(application, "road", a_road_table(LONG))
    before = _ask(application)

    def broken(_graph: RoadGraph) -> RoadNetwork:
        raise MemoryError

    monkeypatch.setattr(keep_network, "build_network", broken)
    _write(application, "road", a_road_table(SHORT))
    _ask(application)
    application.network.close()
    meanwhile = _ask(application)
    application.network.close()
    monkeypatch.setattr(keep_network, "build_network", build_network)
    after = _settled(application)

    assert (_seconds(meanwhile), meanwhile.is_network_current) == (_seconds(before), False)
    assert "network.build_failed" in caplog.text
    assert _seconds(after) < _seconds(before)


def test_roads_that_all_open_later_are_no_roads_yet(application: Application) -> None:
    _write(application, "road", a_road_table({}))
    opens_at = datetime.now(UTC) + timedelta(days=1)
    _write(application, "road", a_road_table({"z": LONG["a"]}), valid_from=opens_at)

    with pytest.raises(NotReady):
        _ask(application)


def test_a_road_that_opens_later_is_used_from_then_on(application: Application) -> None:
    _write(application, "road", a_road_table(LONG))
    opens_at = datetime.now(UTC) + timedelta(seconds=1.5)
    _write(application, "road", a_road_table(SHORT), valid_from=opens_at)

    before = _ask(application)
    time.sleep(max(0.0, (opens_at - datetime.now(UTC)).total_seconds()) + 0.05)
    after = _settled(application)

    assert before.road_version == after.road_version
    assert _seconds(after) < _seconds(before) / 1.5


def test_a_shelter_that_closes_is_left_out_at_once(application: Application) -> None:
    _write(application, "road", a_road_table(LONG))
    before = _ask(application)

    _write(application, "shelter", a_place_table({"S1": (4, 0)}, is_open=[False]))
    after = _ask(application)

    assert (len(before.results), len(after.results)) == (1, 0)
    assert [place.key for place in after.excluded] == ["S1"]


def test_however_many_ask_one_builds(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(application, "road", a_road_table(LONG))
    built = []

    def counted(graph: RoadGraph) -> RoadNetwork:
        built.append(1)
        time.sleep(0.2)
        return build_network(graph)

    monkeypatch.setattr(keep_network, "build_network", counted)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(_ask, [application] * 16))

    assert len(built) == 1
    assert len({_seconds(answer) for answer in answers}) == 1


def test_a_profile_without_any_road_is_refused(application: Application) -> None:
    _write(application, "road", a_road_table({"a": Road([(0, 0), (4, 0)], width_m=2.0)}))
    lon, lat = at(0, 0)
    query = NearestQuery(layer_id="shelter", lon=lon, lat=lat, profile=ProfileId.FIRE_ENGINE)
    application.network.rebuilt()

    with pytest.raises(InvalidParameter, match="fire_engine"):
        application.find_nearest.run(query)


def test_readiness_starts_the_first_build(application: Application) -> None:
    _write(application, "road", a_road_table(LONG))

    first = application.network.readiness()
    application.network.close()
    second = application.network.readiness()

    assert (first.is_ready, second.is_ready, second.is_current) == (False, True, True)
