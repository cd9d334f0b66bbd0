"""`/v1/reach/…`: ways and travel times on the road network."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.parameters import position_of, whole_numbers_of
from yingji_map.http.representations.isochrone import Isochrone, isochrone
from yingji_map.http.representations.reach import Matrix, MatrixRequest, Route, matrix, route
from yingji_map.http.representations.trips import CLOSURES_HELP
from yingji_map.services.find_isochrone import IsochroneQuery
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


@router.get("/v1/reach/isochrone", response_model=Isochrone)
def get_isochrone(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    request: Request,
    minutes: Annotated[str, Query(description="如 15,30；每个 1–240")],
    lon: Annotated[float | None, Query(description="经度，度 / degrees")] = None,
    lat: Annotated[float | None, Query(description="纬度，度 / degrees")] = None,
    layer: Annotated[str | None, Query(description="不给点时：这个图层的每一处")] = None,
    profile: ProfileId = ProfileId.CAR,
    direction: Annotated[
        Direction | None, Query(description="from：从那里出发（点和队伍的缺省）；to：前往那里")
    ] = None,
    closures: ClosuresQuery = IN_FORCE,
    resolution: Annotated[int, Query(description="H3，8–10")] = 9,
    mode: Annotated[
        TravelMode, Query(description="road：离路直线步行；drive_walk：下车后按地形走")
    ] = TravelMode.ROAD,
) -> Response:
    """Return the cells that can be reached in time from a point, or from a layer's places."""
    query = IsochroneQuery(
        minutes=whole_numbers_of("minutes", minutes),
        place=None if lon is None or lat is None else (lon, lat),
        layer_id=layer,
        profile=profile,
        direction=direction,
        closures=choice_of(closures),
        resolution=resolution,
        mode=mode,
    )
    body = isochrone(application.find_isochrone.run(query)).model_dump_json().encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)
