"""`/v1/reach/coverage` and `/v1/reach/isolated`: who is served in time, who is out of reach."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.parameters import position_of
from yingji_map.http.representations.coverage import Coverage, Isolated, coverage, isolated
from yingji_map.http.representations.trips import CLOSURES_HELP
from yingji_map.services.find_isolated import DEFAULT_LAYERS, IsolatedQuery
from yingji_map.services.measure_coverage import CoverageQuery

router = APIRouter(tags=["reach"])
ClosuresQuery = Annotated[str, Query(description=CLOSURES_HELP)]


@router.get("/v1/reach/coverage", response_model=Coverage)
def get_coverage(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    request: Request,
    layer: Annotated[str, Query(description="点图层，如 rescue_team")],
    minutes: Annotated[int, Query(description="1–240")],
    profile: ProfileId = ProfileId.CAR,
    direction: Annotated[
        Direction | None, Query(description="from：从那里出发（队伍的缺省）；to：前往那里")
    ] = None,
    closures: ClosuresQuery = IN_FORCE,
    mode: Annotated[
        TravelMode, Query(description="road：离路直线步行；drive_walk：下车后按地形走")
    ] = TravelMode.ROAD,
) -> Response:
    """Return the people, townships, road and cells that a layer's places serve in time."""
    query = CoverageQuery(
        layer_id=layer,
        minutes=minutes,
        profile=profile,
        direction=direction,
        closures=choice_of(closures),
        mode=mode,
    )
    return _answer(request, coverage(application.measure_coverage.run(query)))


@router.get("/v1/reach/isolated", response_model=Isolated)
def get_isolated(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    request: Request,
    layers: Annotated[str, Query(description="逗号分隔的点图层")] = ",".join(DEFAULT_LAYERS),
    seat: Annotated[str | None, Query(description="县城 lon,lat，可不给")] = None,
    profile: ProfileId = ProfileId.CAR,
    closures: ClosuresQuery = IN_FORCE,
) -> Response:
    """Return the settlements that no team gets to, or that get to no shelter."""
    query = IsolatedQuery(
        layer_ids=tuple(layers.split(",")),
        seat=None if seat is None else position_of("seat", seat),
        profile=profile,
        closures=choice_of(closures),
    )
    return _answer(request, isolated(application.find_isolated.run(query)))


def _answer(request: Request, document: BaseModel) -> Response:
    body = document.model_dump_json().encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)
