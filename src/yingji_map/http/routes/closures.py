"""`/v1/closures`: roads that may not be used, for every question about travel."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from yingji_map.http.dependencies import ApplicationDep, shared_state_editor_of
from yingji_map.http.representations.closures import (
    ClosureBody,
    ClosureDocument,
    ClosureList,
    closure_document,
    closure_list,
)

router = APIRouter(tags=["reach"])
_VIA = "http"
_MAX_ID = 2**63 - 1
# A closure changes the answers of everybody, so it takes the token that editing takes.
_EDITORS = [Depends(shared_state_editor_of)]
ClosureId = Annotated[int, Path(ge=0, le=_MAX_ID)]


@router.post("/v1/closures", status_code=HTTPStatus.CREATED, dependencies=_EDITORS)
def post_closure(
    application: ApplicationDep,
    body: ClosureBody,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> ClosureDocument:
    """Close roads; the next answer about travel, of any worker, reckons with it.

    Takes `Authorization: Bearer …` where the installation has an editing token.
    """
    report = application.close_roads.run(body.request(), via=_VIA, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/v1/closures/{report.closure.closure_id}"
    return closure_document(report)


@router.get("/v1/closures")
def get_closures(
    application: ApplicationDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=0, le=_MAX_ID, description="上一页最后的编号")] = None,
) -> ClosureList:
    """List closures of any state, the newest first."""
    return closure_list(application.close_roads.all(limit=limit, before=before), limit)


@router.get("/v1/closures/{closure_id}")
def get_closure(application: ApplicationDep, closure_id: ClosureId) -> ClosureDocument:
    """Read a closure, whatever became of it."""
    return closure_document(application.close_roads.one(closure_id))


@router.delete("/v1/closures/{closure_id}", dependencies=_EDITORS)
def delete_closure(application: ApplicationDep, closure_id: ClosureId) -> ClosureDocument:
    """Lift a closure from now on; it stays in the list with when it was lifted.

    Takes `Authorization: Bearer …` where the installation has an editing token.
    """
    return closure_document(application.close_roads.lift(closure_id, via=_VIA))
