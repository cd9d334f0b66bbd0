"""`/tiles/dem…`: heights as colours (Terrarium); `/tiles/hillshade…`: the relief already shaded."""

from fastapi import APIRouter, Request, Response

from yingji_map.http.caching import REVALIDATE, is_known, not_modified
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep, TileAddressDep
from yingji_map.http.representations.tiles import (
    HillshadeTileJson,
    TerrainTileJson,
    hillshade_tilejson,
    terrain_tilejson,
)

router = APIRouter(tags=["tiles"])


@router.get("/tiles/dem.json")
def get_terrain_tilejson(application: ApplicationDep, base_url: BaseUrlDep) -> TerrainTileJson:
    """Describe the terrain tiles (TileJSON 3.0); 503 while there is no elevation model."""
    terrain = application.serve_terrain
    return terrain_tilejson(terrain.terrain(terrain.in_force()), base_url)


@router.get("/tiles/dem/{z}/{x}/{y}.png", response_class=Response)  # noqa: FAST003 - in TileAddressDep
def get_terrain_tile(
    address: TileAddressDep, request: Request, application: ApplicationDep
) -> Response:
    """Answer one PNG of 256 × 256 pixels: height = red · 256 + green + blue / 256 − 32768 m."""
    terrain = application.serve_terrain
    in_force = terrain.in_force()
    etag, headers = f'"{terrain.tag(in_force)}"', {"Cache-Control": REVALIDATE}
    if is_known(request, etag):
        return not_modified(etag, headers)
    body = terrain.tile(in_force, address)
    return Response(body, media_type="image/png", headers={**headers, "ETag": etag})


@router.get("/tiles/hillshade.json")
def get_hillshade_tilejson(application: ApplicationDep, base_url: BaseUrlDep) -> HillshadeTileJson:
    """Describe the shaded relief (TileJSON 3.0); 503 while there is no elevation model."""
    terrain = application.serve_terrain
    return hillshade_tilejson(terrain.terrain(terrain.in_force()), base_url)


@router.get("/tiles/hillshade/{z}/{x}/{y}.png", response_class=Response)  # noqa: FAST003 - in TileAddressDep
def get_hillshade_tile(
    address: TileAddressDep, request: Request, application: ApplicationDep
) -> Response:
    """Answer one PNG of 256 × 256 pixels: light from four sides, transparent without heights."""
    terrain = application.serve_terrain
    in_force = terrain.in_force()
    etag, headers = f'"{terrain.shade_tag(in_force)}"', {"Cache-Control": REVALIDATE}
    if is_known(request, etag):
        return not_modified(etag, headers)
    body = terrain.shade(in_force, address)
    return Response(body, media_type="image/png", headers={**headers, "ETag": etag})
