"""Runs of one county as it changes: which is current, what changed and why, which may go."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.support.risk_county import RAIN_AT, features, put, put_county
from tests.support.tiles import decoded

from yingji_map.bootstrap import Application, build
from yingji_map.domain.assumption import read_what_if
from yingji_map.domain.division import KINDS
from yingji_map.domain.errors import InvalidParameter, RunsNotComparable
from yingji_map.domain.run import RunKind, RunRecord
from yingji_map.domain.run_diff import SIDES, Change
from yingji_map.domain.tile import TileAddress
from yingji_map.domain.warning import WarningState
from yingji_map.domain.warning_draft import DraftRequest
from yingji_map.domain.warning_events import WarningLevel
from yingji_map.engine.grid import cell_centre, cell_text
from yingji_map.engine.run_diff import compare_surfaces
from yingji_map.services.assess_risk import AssessRequest
from yingji_map.store.runs import load_surface

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
SETTLEMENT = features(1)["settlement"]


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    application = build(
        url=database_url, layers_dir=ROOT / "layers", data_dir=tmp_path_factory.mktemp("data")
    )
    put_county(application, tmp_path_factory.mktemp("files"))
    yield application
    application.close()


def _run(application: Application, *, is_dynamic: bool = False, resolution: int = 8) -> RunRecord:
    request = AssessRequest(at=RAIN_AT if is_dynamic else None, resolution=resolution)
    return application.assess_risk.run(request).record


@pytest.fixture(scope="module")
def before(application: Application) -> RunRecord:
    return _run(application)


@pytest.fixture(scope="module")
def rainy(application: Application, before: RunRecord) -> RunRecord:
    assert before.cell_count
    return _run(application, is_dynamic=True)


@pytest.fixture(scope="module")
def after(application: Application, rainy: RunRecord) -> RunRecord:
    """Run again when ten villages have grown, after the others."""
    assert rainy.cell_count
    grown = {
        key: (shape, {**values, "population_persons": 20_000})
        for key, (shape, values) in list(SETTLEMENT.items())[:10]
    }
    put(application, "settlement", grown)
    return _run(application)


def test_the_newest_run_of_an_instant_replaces_the_others(
    application: Application, before: RunRecord, after: RunRecord
) -> None:
    listed = {run.run_id: run.is_superseded for run in application.list_runs.run()}
    current = application.list_runs.run(is_superseded=False)

    assert listed[before.run_id]
    assert not listed[after.run_id]
    assert before.run_id not in {run.run_id for run in current}


def test_what_is_undone_is_current_again(
    application: Application, before: RunRecord, after: RunRecord
) -> None:
    grown = {key: SETTLEMENT[key] for key in list(SETTLEMENT)[:10]}
    put(application, "settlement", grown)
    again = _run(application)
    currency = (again.is_superseded, application.list_runs.one(after.run_id).is_superseded)
    put(
        application,
        "settlement",
        {k: (s, {**v, "population_persons": 20_000}) for k, (s, v) in grown.items()},
    )
    back = _run(application)

    assert (again.run_id, back.run_id) == (before.run_id, after.run_id)
    assert currency == (False, True)
    assert not back.is_superseded


def test_counts_of_a_difference_are_those_of_its_runs(
    application: Application, before: RunRecord, after: RunRecord
) -> None:
    found = application.runs.diff.run(before, after, "landslide")

    cells = np.array(found.transitions.cells)
    origin, target = (
        next(s.counts for s in run.hazards if s.hazard == "landslide") for run in (before, after)
    )
    assert dict(zip(KINDS, cells.sum(axis=1), strict=False)) == origin
    assert dict(zip(KINDS, cells.sum(axis=0), strict=False)) == target
    assert sum(found.changes.values()) == cells.sum() == before.cell_count
    assert found.changes[Change.UP] > 0
    assert found.changes[Change.UP] == sum(each.up for each in found.divisions)
    coloured = np.array(found.transitions.population_persons)[:4, :4]
    assert np.tril(coloured, -1).sum() == sum(each.persons_up for each in found.divisions) > 0


@pytest.mark.parametrize("hazard", ["flood", "landslide", "composite"])
def test_causes_add_up_to_the_change_of_scores(
    application: Application, before: RunRecord, after: RunRecord, rainy: RunRecord, hazard: str
) -> None:
    for target in (after, rainy):
        found = application.runs.diff.run(before, target, hazard)

        with application.store.read() as tx:
            old, new = (load_surface(tx, run.run_id, hazard) for run in (before, target))
        diff = compare_surfaces(old, new)
        changed = np.nan_to_num(new.score_ratio) - np.nan_to_num(old.score_ratio)
        expected = changed[diff.change != Change.SAME].sum()
        assert found.causes
        total = sum(cause.gain + cause.loss for cause in found.causes)
        assert total == pytest.approx(expected, abs=1e-9)
        assert found.score_change == pytest.approx(expected, abs=1e-12)


def test_causes_are_what_was_changed_and_nothing_else(
    application: Application, before: RunRecord, after: RunRecord, rainy: RunRecord
) -> None:
    people = application.runs.diff.run(before, after, "landslide").causes
    rain = application.runs.diff.run(before, rainy, "landslide").causes

    assert people is not None
    assert rain is not None
    assert {cause.id for cause in people} <= {"people", "population", "dependent", "shelter_places"}
    assert {cause.id for cause in rain if cause.gain or cause.loss} == {"trigger"}


def test_a_difference_turned_round_is_the_other_way(
    application: Application, before: RunRecord, after: RunRecord
) -> None:
    there = application.runs.diff.run(before, after, "flood")
    back = application.runs.diff.run(after, before, "flood")

    assert np.array_equal(np.array(there.transitions.cells).T, np.array(back.transitions.cells))
    assert there.score_change == pytest.approx(-back.score_change, abs=1e-12)


def test_tiles_hold_the_cells_that_changed(
    application: Application, before: RunRecord, after: RunRecord
) -> None:
    diff = application.runs.diff.surface(before, after, "flood")
    told = {}
    for y in (414, 415):
        address = TileAddress(z=10, x=814, y=y)
        body = application.runs.diff_tiles.tile(before, after, "flood", address).plain()
        features_ = decoded(body, "risk-diff").values() if body else ()
        told |= {feature["properties"]["cell"]: feature["properties"] for feature in features_}

    changed = diff.change != Change.SAME
    assert len(told) == changed.sum() > 0
    for row in np.flatnonzero(changed):
        found = told[f"{int(diff.cells[row]):x}"]
        assert found["change"] == Change(int(diff.change[row])).name.lower()
        assert found["from"] == SIDES[diff.side_from[row]]
        assert found["to"] == SIDES[diff.side_to[row]]


def test_what_cannot_be_compared_is_refused(application: Application, before: RunRecord) -> None:
    coarse = _run(application, is_dynamic=True, resolution=7)

    with pytest.raises(RunsNotComparable, match="r8/r7"):
        application.runs.diff.find(before.run_id, coarse.run_id, "flood")
    with pytest.raises(InvalidParameter):
        application.runs.diff.find(before.run_id, before.run_id, "flood")


def test_a_scenario_changes_its_place_only_and_stays_apart(
    application: Application, rainy: RunRecord
) -> None:
    latest = application.list_runs.one()
    question = read_what_if("rainfall_24h=400mm@1镇")

    found = application.runs.scenario.run([question], rainy.run_id)
    again = application.runs.scenario.run([question], rainy.run_id)

    assert found.kind is RunKind.SCENARIO
    assert (found.valid_at, found.inputs.base_run_id) == (rainy.valid_at, rainy.run_id)
    assert [a.text for a in found.inputs.assumptions] == ["rainfall_24h=400mm@1镇"]
    assert again.run_id == found.run_id
    assert application.list_runs.one() == latest
    assert found.run_id not in {run.run_id for run in application.list_runs.run()}
    listed = application.list_runs.run(kind=RunKind.SCENARIO)
    assert found.run_id in {run.run_id for run in listed}
    told = application.runs.diff.run(rainy, found, "landslide")
    assert told.causes
    assert {cause.id for cause in told.causes} == {"trigger"}
    assert [each.up for each in told.divisions if each.code == "510821102"] == [0]
    assert told.changes[Change.UP] > 0


def test_a_scenario_of_a_dry_day_rains_on_it_and_explains_itself(
    application: Application, before: RunRecord
) -> None:
    found = application.runs.scenario.run([read_what_if("rainfall_24h+150")], before.run_id)

    with application.store.read() as tx:
        surface = load_surface(tx, found.run_id, "landslide")
    cell = cell_text(int(surface.cells[np.nanargmax(surface.score_ratio)]))
    told = application.explain_cell.run(found.run_id, "landslide", cell)
    assert told.recomputes_exactly
    assert told.trigger is not None
    assert told.trigger.rain_mm == 150


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("rainfall_24h=much", "what-if"),
        ("road=3@1镇", "layer"),
        ("rainfall_24h=200cm@1镇", "unit"),
        ("rainfall_24h=200mm@无此镇", "division"),
    ],
)
def test_a_question_without_sense_is_refused(
    application: Application, before: RunRecord, text: str, parameter: str
) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        application.runs.scenario.run([read_what_if(text)], before.run_id)

    assert refusal.value.fields["parameter"] == parameter


def test_red_and_orange_zones_become_candidates_once(
    application: Application, rainy: RunRecord, before: RunRecord
) -> None:
    lived_in = application.runs.propose.run(rainy.run_id, via="test")
    first = [*lived_in, *application.runs.propose.run(rainy.run_id, min_persons=0, via="test")]
    again = application.runs.propose.run(rainy.run_id, min_persons=0, via="test")

    assert first
    assert again == []
    with application.store.read() as tx:
        for hazard in ("landslide", "flood", "debris_flow", "forest_fire"):
            surface = load_surface(tx, rainy.run_id, hazard)
            event = "fire_danger" if hazard == "forest_fire" else hazard
            own = [w for w in first if w.hazard == event]
            at = [shapely.Point(cell_centre(int(c))) for c in surface.cells[surface.level >= 3]]
            # Every dangerous cell lies in one zone, and no zone in another.
            assert all(sum(w.zone.buffer(0.003).intersects(p) for w in own) >= 1 for p in at)
            assert bool(own) == bool(at)
    for warning in first:
        assert warning.state is WarningState.CANDIDATE
        assert warning.level in (WarningLevel.RED, WarningLevel.ORANGE)
        assert (warning.audience.population_persons or 0) >= 0
    listed = application.list_warnings.run(limit=500).warnings
    candidates = application.list_warnings.run(limit=500, state=WarningState.CANDIDATE).warnings
    assert not {w.warning_id for w in listed} & {w.warning_id for w in first}
    assert {w.warning_id for w in first} <= {w.warning_id for w in candidates}
    assert b"<status>Draft</status>" in application.export_warning.run(first[0].warning_id).body
    with pytest.raises(InvalidParameter):
        application.runs.propose.run(before.run_id, via="test")


def test_a_candidate_that_is_saved_is_a_draft(application: Application) -> None:
    coarse = _run(application, is_dynamic=True, resolution=7)
    candidate = application.runs.propose.run(coarse.run_id, min_persons=0, via="test")[0]
    request = DraftRequest(
        hazard=candidate.hazard,
        level="yellow",
        zone=json.loads(shapely.to_geojson(candidate.zone)),
        effective_at=None,
        expires_at=candidate.expires_at,
    )

    saved = application.draft_warning.revise(
        candidate.warning_id, request, expected_revision=1, via="test"
    )

    assert saved.state is WarningState.DRAFT
    assert application.runs.propose.run(coarse.run_id, min_persons=0, via="test") == []
