"""`/v1/reach/…`: ways and travel times on the road network."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import ProfileId
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.parameters import position_of
from yingji_map.http.representations.reach import Matrix, MatrixRequest, Route, matrix, route
from yingji_map.http.representations.trips import CLOSURES_HELP
from yingji_map.services.find_route import RouteQuery

router = APIRouter(tags=["reach"])
ClosuresQuery = Annotated[str, Query(description=CLOSURES_HELP)]


@router.get("/v1/reach/route", response_model=Route)
def get_route(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    request: Request,
    start: Annotated[str, Query(alias="from", description="lon,lat，度 / degrees")],
    end: Annotated[str, Query(alias="to", description="lon,lat，度 / degrees")],
    profile: ProfileId = ProfileId.CAR,
    closures: ClosuresQuery = IN_FORCE,
) -> Response:
    """Return the quickest way from one place to another."""
    query = RouteQuery(
        start=position_of("from", start),
        end=position_of("to", end),
        profile=profile,
        closures=choice_of(closures),
    )
    body = route(application.find_route.run(query)).model_dump_json().encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)


@router.post("/v1/reach/matrix")
def post_matrix(application: ApplicationDep, asked: MatrixRequest) -> Matrix:
    """Return the travel times between many places; one row an origin."""
    return matrix(application.find_route.matrix(asked.query()))
