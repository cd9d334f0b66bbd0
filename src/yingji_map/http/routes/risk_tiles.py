"""`/tiles/risk/{hazard}…`: vector tiles of risk cells, with TileJSON and GDAL metadata."""

from fastapi import APIRouter, Request, Response

from yingji_map.http.compressed import compressed_answer
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep, TileAddressDep
from yingji_map.http.representations.tiles import (
    VECTOR_TILE,
    TileJson,
    risk_tilejson,
    tile_metadata,
)

router = APIRouter(tags=["tiles"])


@router.get("/tiles/risk/{hazard}.json")
def get_risk_tilejson(
    hazard: str, application: ApplicationDep, base_url: BaseUrlDep, run: str | None = None
) -> TileJson:
    """Describe the tiles of a hazard (TileJSON 3.0); without `run` they follow the latest run."""
    return risk_tilejson(application.serve_risk_tiles.tileset(run, hazard), base_url, run)


@router.get("/tiles/risk/{hazard}/metadata.json")
def get_risk_metadata(
    hazard: str, application: ApplicationDep, base_url: BaseUrlDep, run: str | None = None
) -> dict[str, str]:
    """Describe the tiles of a hazard as GDAL reads them."""
    tileset = application.serve_risk_tiles.tileset(run, hazard)
    return tile_metadata(risk_tilejson(tileset, base_url, run))


@router.get("/tiles/risk/{hazard}/{z}/{x}/{y}", response_class=Response)  # noqa: FAST003 - in TileAddressDep
# Decorators register from below: the longer path must be looked at first.
@router.get("/tiles/risk/{hazard}/{z}/{x}/{y}.pbf", response_class=Response)
def get_risk_tile(
    hazard: str,
    address: TileAddressDep,
    request: Request,
    application: ApplicationDep,
    run: str | None = None,
) -> Response:
    """Answer one Mapbox Vector Tile of whole cells; 204 where there are none."""
    tiles = application.serve_risk_tiles
    found = tiles.resident.find(run, hazard).run_id
    return compressed_answer(
        request,
        tiles.tag(found, hazard),
        lambda: tiles.tile(found, hazard, address),
        media_type=VECTOR_TILE,
    )
