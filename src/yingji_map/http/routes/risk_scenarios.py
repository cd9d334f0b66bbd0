"""`POST /v1/risk/scenarios`: what would be if a raster had other values somewhere."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.risk_runs import RunBody, run_body
from yingji_map.http.representations.risk_scenarios import ScenarioBody

router = APIRouter(tags=["risk"])


@router.post("/v1/risk/scenarios", status_code=HTTPStatus.CREATED)
def post_scenario(application: ApplicationDep, body: ScenarioBody, response: Response) -> RunBody:
    """Compute a scenario of a run; it stays apart from the runs that the map shows."""
    record = application.runs.scenario.run([body.question()], body.base)
    response.headers["Location"] = f"/v1/risk/runs/{record.run_id}"
    return run_body(record)
