"""`/v1/evacuation/plans`: make a plan, read it, take it as table or as a sheet to print."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.evacuation import (
    PlanDocument,
    PlanList,
    plan_document,
    plan_list,
)
from yingji_map.http.representations.evacuation_request import PlanBody
from yingji_map.services.export_plan import PlanFile, PlanForm

router = APIRouter(tags=["reach"], prefix="/v1/evacuation/plans")
_VIA = "http"
_MAX_ID = 2**63 - 1
# The sheet carries its own style and nothing else may run or load in it.
_SHEET_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
PlanId = Annotated[int, Path(ge=0, le=_MAX_ID)]


@router.post("", status_code=HTTPStatus.CREATED)
def post_plan(
    application: ApplicationDep,
    body: PlanBody,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> PlanDocument:
    """Plan an evacuation on the data of now, proven the best, and keep the plan."""
    saved = application.planning.plan_evacuation.run(
        body.request(), via=_VIA, idempotency_key=idempotency_key
    )
    document = plan_document(saved)
    response.headers["Location"] = document.links.self
    return document


@router.get("")
def get_plans(
    application: ApplicationDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=_MAX_ID, description="上一页最后的编号")] = None,
) -> PlanList:
    """List plans, the newest first."""
    return plan_list(application.planning.plan_evacuation.all(limit=limit, before=before), limit)


@router.get("/{plan_id}")
def get_plan(application: ApplicationDep, plan_id: PlanId) -> PlanDocument:
    """Read a plan as it was made."""
    return plan_document(application.planning.plan_evacuation.one(plan_id))


@router.get("/{plan_id}/table.csv", response_class=Response)
def get_csv(application: ApplicationDep, plan_id: PlanId) -> Response:
    """Return the plan as CSV, one row a move."""
    return _file(application.planning.export_plan.run(plan_id, PlanForm.CSV))


@router.get("/{plan_id}/table.xlsx", response_class=Response)
def get_workbook(application: ApplicationDep, plan_id: PlanId) -> Response:
    """Return the plan as XLSX."""
    return _file(application.planning.export_plan.run(plan_id, PlanForm.XLSX))


@router.get("/{plan_id}/sheet", response_class=Response)
def get_sheet(application: ApplicationDep, plan_id: PlanId) -> Response:
    """Return the plan as a page to print."""
    document = application.planning.export_plan.run(plan_id, PlanForm.HTML)
    headers = {"Content-Security-Policy": _SHEET_POLICY}
    return Response(document.body, media_type=document.media_type, headers=headers)


def _file(document: PlanFile) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{document.file_name}"'}
    return Response(document.body, media_type=document.media_type, headers=headers)
