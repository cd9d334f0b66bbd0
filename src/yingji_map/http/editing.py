"""What an edit request says: who sends it, against which state, in which form."""

import re
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from yingji_map.domain.crs import ServedCrs
from yingji_map.http.coordinate_systems import OfferedCrs
from yingji_map.http.dependencies import ApplicationDep, OgcCall
from yingji_map.services.edit_features import Edit

READING = "GET, HEAD, OPTIONS"
_MAX_BODY = 10_000_000
_CONTENT_CRS = "Content-Crs"
_FORMS = frozenset({"application/geo+json", "application/json", "application/merge-patch+json"})
# What `state_tag` writes, the suffix of its form left aside; QGIS and proxies may weaken it.
_STATE = re.compile(r'(?:W/)?"(\d{1,18})(?:-[0-9a-f]+)?"')


def content_crs_of(request: Request, application: ApplicationDep) -> ServedCrs:
    """Return the system of the coordinates sent; in a thread, for it may ask the database."""
    offered = OfferedCrs(application.find_features.local_systems)
    return offered.named(_CONTENT_CRS, request.headers.get(_CONTENT_CRS))


async def edit_of(
    request: Request,
    application: ApplicationDep,
    crs: Annotated[ServedCrs, Depends(content_crs_of)],
) -> Edit:
    """Return what the request sends, once it has shown the right to.

    Raises
    ------
    EditingDisabled, TokenRequired
        It has not.
    """
    application.editors.require(request.headers.get("authorization"))
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "DELETE" and form and form not in _FORMS:
        raise HTTPException(415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY:
            raise HTTPException(413)
    if_match = request.headers.get("if-match")
    return Edit(
        body=body, crs=crs, expected=_expected(if_match), is_conditional=if_match is not None
    )


def allowed_methods(call: OgcCall, editing: str) -> str:
    """Return the value of `Allow` for this client: who may not edit is not offered to."""
    may_edit = call.application.editors.admits(call.request.headers.get("authorization"))
    return f"{READING}, {editing}" if may_edit else READING


def _expected(if_match: str | None) -> frozenset[int] | None:
    if if_match is None or if_match.strip() == "*":
        return None
    # A tag that is none of ours is the tag of no state: nothing will match.
    found = (_STATE.fullmatch(part.strip()) for part in if_match.split(","))
    return frozenset(int(match[1]) for match in found if match)


EditDep = Annotated[Edit, Depends(edit_of)]
