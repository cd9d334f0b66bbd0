"""`/v1/warnings`: draft a warning, read it, count who is inside, take it as CAP."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.warning import WarningState
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.warnings import (
    AudienceBody,
    DraftBody,
    WarningBody,
    WarningList,
    audience_body,
    warning_body,
    warning_list,
)
from yingji_map.services.export_warning import CAP_MEDIA_TYPE

router = APIRouter(tags=["warnings"])
_VIA = "http"
RevisionQuery = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="The newest when left out.")
]


def revision_of(
    if_match: Annotated[str | None, Header(description='The `ETag` that was read: `"3"`.')] = None,
) -> int:
    """Return the revision that a change is meant for.

    Raises
    ------
    InvalidParameter
        The header is missing or is no revision.
    """
    found = re.fullmatch(r'"?([1-9]\d{0,8})"?', if_match or "")
    if found is None:
        raise InvalidParameter(
            parameter="If-Match",
            value=if_match,
            reason_zh="改草稿须带上读到的版本（ETag），以免盖掉别人的修改",
            reason_en="a change must name the revision that was read (its ETag)",
        )
    return int(found[1])


@router.post("/v1/warnings", status_code=HTTPStatus.CREATED)
def post_warning(
    application: ApplicationDep,
    body: DraftBody,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> WarningBody:
    """Draft a warning; with an `Idempotency-Key` a repeated request makes no second draft."""
    warning = application.draft_warning.run(
        body.request(), via=_VIA, idempotency_key=idempotency_key
    )
    represented = warning_body(warning)
    response.headers["Location"] = represented.links.self
    response.headers["ETag"] = f'"{warning.revision}"'
    return represented


@router.get("/v1/warnings")
def get_warnings(
    application: ApplicationDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[str | None, Query(description="Id of the last one already read.")] = None,
    state: Annotated[
        WarningState | None, Query(description="`candidate` must be asked for.")
    ] = None,
) -> WarningList:
    """List warnings at their newest revision, newest first."""
    page = application.list_warnings.run(limit=limit, before=before, state=state)
    return warning_list(page, limit, state)


@router.get("/v1/warnings/{warning_id}")
def get_warning(
    application: ApplicationDep, warning_id: str, response: Response, revision: RevisionQuery = None
) -> WarningBody:
    """Read a warning; the audience is the one counted when this revision was saved."""
    warning = application.list_warnings.one(warning_id, revision)
    response.headers["ETag"] = f'"{warning.revision}"'
    response.headers["Cache-Control"] = REVALIDATE
    return warning_body(warning)


@router.put("/v1/warnings/{warning_id}")
def put_warning(
    application: ApplicationDep,
    warning_id: str,
    body: DraftBody,
    expected: Annotated[int, Depends(revision_of)],
    response: Response,
) -> WarningBody:
    """Replace a draft's content as its next revision; of two writers one is refused."""
    warning = application.draft_warning.revise(
        warning_id, body.request(), expected_revision=expected, via=_VIA
    )
    response.headers["ETag"] = f'"{warning.revision}"'
    return warning_body(warning)


@router.get("/v1/warnings/{warning_id}/audience")
def get_audience(application: ApplicationDep, warning_id: str) -> AudienceBody:
    """Count again who is inside the zone, on the data of now."""
    return audience_body(application.list_warnings.audience(warning_id))


@router.get("/v1/warnings/{warning_id}/cap.xml", response_class=Response)
def get_cap(
    application: ApplicationDep, request: Request, warning_id: str, revision: RevisionQuery = None
) -> Response:
    """Return the warning as an OASIS CAP 1.2 message; a draft says `Draft`."""
    message = application.export_warning.run(warning_id, revision)
    return answer(
        request,
        message.body,
        f"{CAP_MEDIA_TYPE}; charset=utf-8",
        etag=etag_of(message.body),
        headers={"Cache-Control": REVALIDATE},
    )
