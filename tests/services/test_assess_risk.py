"""From stored layers to a run, and back from a cell to its reasons."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.support.risk_county import RAIN_AT, features, put, put_county

from yingji_map.bootstrap import Application, build
from yingji_map.domain.errors import (
    CellNotFound,
    HazardNotFound,
    InvalidParameter,
    NotReady,
    RunInputsChanged,
)
from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface
from yingji_map.engine.grid import cell_number, cell_text
from yingji_map.engine.roll_up import parents_of, roll_up
from yingji_map.services.assess_risk import AssessRequest, RunSummary
from yingji_map.store.runs import load_surface

pytestmark = pytest.mark.db
ROOT = Path(__file__).parents[2]
HAZARDS = ("flood", "landslide", "composite")


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


@pytest.fixture(scope="module")
def static(application: Application) -> RunSummary:
    return application.assess_risk.run(AssessRequest())


@pytest.fixture(scope="module")
def dynamic(application: Application) -> RunSummary:
    return application.assess_risk.run(AssessRequest(at=RAIN_AT + timedelta(hours=1)))


def _surface(application: Application, summary: RunSummary, hazard: str) -> RiskSurface:
    with application.store.read() as tx:
        return load_surface(tx, summary.record.run_id, hazard)


def test_a_run_covers_the_county_with_every_hazard(
    application: Application, static: RunSummary
) -> None:
    surfaces = {hazard: _surface(application, static, hazard) for hazard in HAZARDS}

    for surface in surfaces.values():
        assert len(surface) == static.record.cell_count > 900
        scored = surface.state == CellState.SCORED
        assert scored.mean() > 0.1
        assert np.all(np.isfinite(surface.score_ratio[scored]))
        assert np.all(np.isnan(surface.score_ratio[~scored]))
        assert np.all((surface.level > 0) == scored)
    assert set(np.unique(surfaces["flood"].state)) >= {CellState.SCORED, CellState.NOT_APPLICABLE}
    assert {s.hazard for s in static.record.hazards} == {
        *HAZARDS,
        "earthquake",
        "forest_fire",
        "debris_flow",
        "snow_ice",
    }


def test_equal_inputs_are_not_computed_twice(application: Application, static: RunSummary) -> None:
    again = application.assess_risk.run(AssessRequest())

    assert (again.is_new, again.record) == (False, static.record)


def test_a_dynamic_run_belongs_to_the_instant_of_its_rain(
    application: Application, dynamic: RunSummary
) -> None:
    exact = application.assess_risk.run(AssessRequest(at=RAIN_AT))

    assert dynamic.record.valid_at == RAIN_AT
    assert exact.record.run_id == dynamic.record.run_id
    assert application.list_runs.one().run_id == dynamic.record.run_id
    assert application.assess_risk.newest_rain_at() == RAIN_AT


def test_without_rain_nothing_is_dynamic(application: Application) -> None:
    with pytest.raises(NotReady, match="rainfall_24h"):
        application.assess_risk.run(AssessRequest(at=datetime(2020, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("hazard", HAZARDS)
@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_ten_random_cells_recompute_bit_for_bit(
    application: Application, request: pytest.FixtureRequest, hazard: str, kind: str
) -> None:
    summary: RunSummary = request.getfixturevalue(kind)
    surface = _surface(application, summary, hazard)
    rng = np.random.default_rng(7)
    scored = np.flatnonzero(surface.state == CellState.SCORED)
    rows = [*rng.choice(scored, 7, replace=False), *rng.integers(0, len(surface), 3)]

    for row in rows:
        cell = cell_text(int(surface.cells[row]))
        found = application.explain_cell.run(summary.record.run_id, hazard, cell)
        assert found.recomputes_exactly, (hazard, cell)
        total = sum(part.value for part in found.contributions)
        assert total == pytest.approx(found.score or 0.0, abs=1e-12)
        assert found.township is not None


def test_an_explanation_goes_down_to_the_rows(application: Application, static: RunSummary) -> None:
    surface = _surface(application, static, "landslide")
    row = int(np.nanargmax(surface.score_ratio))

    found = application.explain_cell.run(
        static.record.run_id, "landslide", cell_text(int(surface.cells[row]))
    )

    factors = {factor.id: factor for block in found.blocks for factor in block.factors}
    assert factors["lithology"].source[0].rows[0].name in {"坚硬层状", "软硬互层", "软弱"}
    assert factors["lithology"].source[0].version >= 1
    assert factors["slope"].source[0].sha256
    assert factors["fault"].source[0].rows[0].key == "F1"
    assert factors["ndvi"].state == "no_data"
    assert factors["team"].state in {"no_data", "not_measured"}
    assert all(factor.citation for factor in factors.values())
    persons = sum(r.amount for r in factors["people"].source[0].rows)
    assert factors["people"].raw == pytest.approx(persons / _area_km2(found.cell), rel=1e-9)


def _area_km2(cell: str) -> float:
    from yingji_map.domain.crs import metric_srid  # noqa: PLC0415
    from yingji_map.engine.grid import cell_number, cell_polygons, to_metric  # noqa: PLC0415

    number = cell_number(cell)
    assert number is not None
    county = features(1)["county"]["510821"][0]
    inside = shapely.intersection(cell_polygons(np.array([number], dtype=np.uint64)), county)
    srid = metric_srid(float(shapely.centroid(county).x))
    return float(shapely.area(to_metric(inside, srid))[0]) / 1e6


def test_an_old_run_stays_explainable_after_the_layers_changed(
    application: Application, static: RunSummary
) -> None:
    surface = _surface(application, static, "landslide")
    cell = cell_text(int(surface.cells[np.nanargmax(surface.score_ratio)]))
    rows = features(1)["settlement"]
    shape, values = rows["S00"]
    put(application, "settlement", {"S00": (shape, {**values, "population_persons": 9999})})
    fresh = application.assess_risk.run(AssessRequest())
    put(application, "settlement", {"S00": rows["S00"]})
    application.explain_cell.recall.prepared.get("push", dict)  # type: ignore[arg-type]  # evicts a world
    application.explain_cell.recall.prepared.get("out", dict)  # type: ignore[arg-type]  # evicts the other

    found = application.explain_cell.run(static.record.run_id, "landslide", cell)
    restored = application.assess_risk.run(AssessRequest())

    assert restored.record.run_id == static.record.run_id
    assert fresh.record.run_id != static.record.run_id
    assert found.recomputes_exactly


def _rewrite(application: Application, statement: str) -> None:
    """Change rows as only the owner of the tables can, who may switch their guards off."""
    with application.store.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE layer.road DISABLE TRIGGER USER")
        tx.exec_driver_sql(statement)
        tx.exec_driver_sql("ALTER TABLE layer.road ENABLE TRIGGER USER")


def test_inputs_changed_behind_our_back_are_noticed(application: Application) -> None:
    fresh = application.assess_risk.run(AssessRequest(resolution=8))
    surface = _surface(application, fresh, "flood")
    _rewrite(application, "UPDATE layer.road SET road_class = '国道' WHERE code = 'L2'")
    for key in ("a", "b"):
        application.explain_cell.recall.prepared.get(key, dict)  # type: ignore[arg-type]  # evicts

    with pytest.raises(RunInputsChanged, match="road"):
        application.explain_cell.run(fresh.record.run_id, "flood", cell_text(int(surface.cells[0])))

    _rewrite(application, "UPDATE layer.road SET road_class = '村道' WHERE code = 'L2'")


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_cell_seen_from_afar_is_explained_by_the_cell_that_decides_its_colour(
    application: Application, static: RunSummary, hazard: str
) -> None:
    coarse = roll_up(_surface(application, static, hazard), 7)

    for row in (int(np.nanargmax(coarse.score_ratio)), 0):
        parent = int(coarse.cells[row])
        found = application.explain_cell.run(static.record.run_id, hazard, cell_text(parent))

        child = np.array([cell_number(found.cell)], dtype=np.uint64)
        assert int(parents_of(child, 7)[0]) == parent
        assert found.level == RiskLevel(int(coarse.level[row])).name.lower()
        assert found.recomputes_exactly
        if found.score is not None:
            assert found.score == coarse.score_ratio[row]


def test_what_cannot_be_explained_is_named(application: Application, static: RunSummary) -> None:
    run_id = static.record.run_id

    with pytest.raises(InvalidParameter, match="H3"):
        application.explain_cell.run(run_id, "flood", "tomato")
    with pytest.raises(CellNotFound):
        application.explain_cell.run(run_id, "flood", "8928308280fffff")
    surface = _surface(application, static, "flood")
    with pytest.raises(HazardNotFound):
        application.explain_cell.run(run_id, "tsunami", cell_text(int(surface.cells[0])))


@pytest.mark.parametrize(
    "request_",
    [AssessRequest(resolution=12), AssessRequest(at=datetime(2026, 7, 10))],  # noqa: DTZ001
)
def test_requests_out_of_domain_are_refused(
    application: Application, request_: AssessRequest
) -> None:
    with pytest.raises(InvalidParameter):
        application.assess_risk.run(request_)
