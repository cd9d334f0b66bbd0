"""`/v1/risk/divisions`: a risk run by township."""

from fastapi import APIRouter, Request, Response

from yingji_map.http.caching import REVALIDATE, etag_of, is_known, not_modified
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.divisions import DivisionList, division_list

router = APIRouter(tags=["risk"])


@router.get("/v1/risk/divisions", response_model=DivisionList)
def get_divisions(
    request: Request,
    response: Response,
    application: ApplicationDep,
    hazard: str,
    run: str | None = None,
) -> DivisionList | Response:
    """Count cells, area and people of each colour by township; they add up to the county."""
    tally = application.tally_divisions
    found, tag = tally.find(run, hazard)
    headers = {"ETag": etag_of(tag, is_weak=True), "Cache-Control": REVALIDATE}
    if is_known(request, headers["ETag"]):
        return not_modified(headers["ETag"], headers)
    response.headers.update(headers)
    return division_list(tally.run(found, hazard, tag))
