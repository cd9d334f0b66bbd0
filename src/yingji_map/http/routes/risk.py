"""`/v1/risk/…`: models, runs, and why a cell has its colour."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from yingji_map.domain.run import RunKind
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.risk_cells import CellBody, cell_body
from yingji_map.http.representations.risk_runs import (
    ModelList,
    RunBody,
    RunList,
    model_list,
    run_body,
    run_list,
)

router = APIRouter(tags=["risk"])


@router.get("/v1/risk/models")
def get_models(application: ApplicationDep) -> ModelList:
    """List the models with their factors, weights, curves and sources."""
    return model_list(application.list_runs.models)


@router.get("/v1/risk/runs")
def get_runs(
    application: ApplicationDep,
    limit: Annotated[int, Query(description="1–1000")] = 20,
    kind: Annotated[RunKind | None, Query(description="只看一种；情景须点名 / one kind")] = None,
    superseded: Annotated[bool | None, Query(description="只看（未）被取代的 / replaced")] = None,
) -> RunList:
    """List runs, the latest first: dynamic before static, then the newest."""
    found = application.list_runs.run(limit, kind=kind, is_superseded=superseded)
    return run_list(found)


@router.get("/v1/risk/runs/{run}")
def get_run(application: ApplicationDep, run: str) -> RunBody:
    """Return one run with everything it was made of; `latest` is the latest."""
    return run_body(application.list_runs.one(None if run == "latest" else run))


@router.get("/v1/risk/cells/{cell}", response_model=CellBody)
def get_cell(
    application: ApplicationDep,
    request: Request,
    cell: str,
    hazard: Annotated[str, Query(description="landslide, flood, composite …")],
    run: Annotated[str | None, Query(description="默认最新 / the latest by default")] = None,
) -> Response:
    """Explain one cell, recomputed from the run's own inputs."""
    found = cell_body(application.explain_cell.run(run, hazard, cell))
    body = found.model_dump_json().encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)
