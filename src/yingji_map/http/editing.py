"""What an edit request says: who sends it, against which state, in which form."""

import re
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from yingji_map.domain.crs import CRS84, SERVED_CRS
from yingji_map.http.dependencies import ApplicationDep, OgcCall
from yingji_map.http.values import refused
from yingji_map.services.edit_features import Edit

READING = "GET, HEAD, OPTIONS"
_MAX_BODY = 10_000_000
_CONTENT_CRS = "Content-Crs"
_FORMS = frozenset({"application/geo+json", "application/json", "application/merge-patch+json"})
# What `state_tag` writes, the suffix of its form left aside; QGIS and proxies may weaken it.
_STATE = re.compile(r'(?:W/)?"(\d{1,18})(?:-[0-9a-f]+)?"')


async def edit_of(request: Request, application: ApplicationDep) -> Edit:
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
    named = request.headers.get(_CONTENT_CRS, CRS84.uri)
    crs = SERVED_CRS.get(named.strip().strip("<>"))  # QGIS writes it without the brackets
    if crs is None:
        known = ", ".join(SERVED_CRS)
        raise refused(_CONTENT_CRS, named, f"不支持；可用：{known}", f"not supported: {known}")
    return Edit(body=body, crs=crs, expected=_expected(request.headers.get("if-match")))


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
