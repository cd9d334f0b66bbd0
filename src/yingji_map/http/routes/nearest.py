"""`/v1/nearest`: the nearest places of a layer by travel time."""

from typing import Annotated

import shapely
from fastapi import APIRouter, Query, Request, Response

from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import Direction, ProfileId
from yingji_map.domain.shapes import shape_of
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.nearest import Nearest, NearestRequest, nearest
from yingji_map.http.representations.trips import CLOSURES_HELP
from yingji_map.services.find_nearest import NearestQuery

router = APIRouter(tags=["reach"])


@router.get("/v1/nearest", response_model=Nearest)
def get_nearest(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    request: Request,
    layer: Annotated[str, Query(description="点图层 / a layer of points, e.g. shelter")],
    lon: Annotated[float, Query(description="经度，度 / degrees")],
    lat: Annotated[float, Query(description="纬度，度 / degrees")],
    k: Annotated[int, Query(description="1–50")] = 3,
    profile: ProfileId = ProfileId.CAR,
    direction: Annotated[
        Direction | None,
        Query(description="from：从该点出发；to：前往该点。队伍默认 to，其余默认 from"),
    ] = None,
    closures: Annotated[str, Query(description=CLOSURES_HELP)] = IN_FORCE,
) -> Response:
    """Return the places of `layer` that are nearest to a point by travel time."""
    query = NearestQuery(
        layer_id=layer,
        lon=lon,
        lat=lat,
        k=k,
        profile=profile,
        direction=direction,
        closures=choice_of(closures),
    )
    body = nearest(application.find_nearest.run(query)).model_dump_json().encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)


@router.post("/v1/nearest")
def post_nearest(application: ApplicationDep, asked: NearestRequest) -> Nearest:
    """Return the same for a GeoJSON Point in the body."""
    lon, lat = shapely.get_coordinates(shape_of(asked.geometry, ("Point",)))[0].tolist()
    query = NearestQuery(
        layer_id=asked.layer,
        lon=lon,
        lat=lat,
        k=asked.k,
        profile=asked.profile,
        direction=asked.direction,
        closures=choice_of(asked.closures),
    )
    return nearest(application.find_nearest.run(query))
