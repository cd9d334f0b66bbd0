"""`/v1/risk/divisions`: a risk run by township."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from yingji_map.domain.division import DivisionLevel
from yingji_map.http.caching import REVALIDATE, etag_of, is_known, not_modified
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.divisions import DivisionList, division_list

router = APIRouter(tags=["risk"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which hazard of which run, by divisions of which level."""

    hazard: str
    run: str | None = None
    level: DivisionLevel = DivisionLevel.TOWNSHIP


@router.get("/v1/risk/divisions", response_model=DivisionList)
def get_divisions(
    request: Request,
    response: Response,
    application: ApplicationDep,
    asked: Annotated[_Asked, Depends()],
) -> DivisionList | Response:
    """Count cells, area and people of each colour by township (or county, city, province)."""
    tally = application.tally_divisions
    found, tag = tally.find(asked.run, asked.hazard)
    headers = {"ETag": etag_of(tag, asked.level, is_weak=True), "Cache-Control": REVALIDATE}
    if is_known(request, headers["ETag"]):
        return not_modified(headers["ETag"], headers)
    response.headers.update(headers)
    return division_list(tally.run(found, asked.hazard, tag, asked.level))
