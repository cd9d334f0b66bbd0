"""`/tiles/{layer}…`: vector tiles of every layer, with TileJSON and GDAL metadata."""

from fastapi import APIRouter, Request, Response

from yingji_map.http.compressed import compressed_answer
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep, TileAddressDep
from yingji_map.http.parameters import view_of
from yingji_map.http.representations.tiles import (
    VECTOR_TILE,
    TileJson,
    layer_tilejson,
    tile_metadata,
)

router = APIRouter(tags=["tiles"])


@router.get("/tiles/{layer}.json")
def get_layer_tilejson(
    layer: str, request: Request, application: ApplicationDep, base_url: BaseUrlDep
) -> TileJson:
    """Describe a layer's tiles (TileJSON 3.0), in the view that the query states, as its tiles."""
    tileset = application.serve_layer_tiles.tileset(layer)
    only = view_of(request, tileset.definition)
    return layer_tilejson(tileset, base_url, {} if only is None else dict(only.words))


@router.get("/tiles/{layer}/metadata.json")
def get_layer_metadata(
    layer: str, application: ApplicationDep, base_url: BaseUrlDep
) -> dict[str, str]:
    """Describe a layer's tiles as GDAL reads them."""
    return tile_metadata(layer_tilejson(application.serve_layer_tiles.tileset(layer), base_url))


@router.get("/tiles/{layer}/{z}/{x}/{y}", response_class=Response)  # noqa: FAST003 - in TileAddressDep
# Decorators register from below: the longer path must be looked at first.
@router.get("/tiles/{layer}/{z}/{x}/{y}.pbf", response_class=Response)
def get_layer_tile(
    layer: str, address: TileAddressDep, request: Request, application: ApplicationDep
) -> Response:
    """Answer one Mapbox Vector Tile of the layer's present state; 204 where nothing lies.

    `filter`, `filter-lang`, `filter-crs`, `datetime` and `known_at` mean what they do on `/items`.
    """
    tiles = application.serve_layer_tiles
    only = view_of(request, tiles.definition(layer))
    tag = tiles.tag(layer, only)
    return compressed_answer(
        request, tag, lambda: tiles.tile(layer, address, tag, only), media_type=VECTOR_TILE
    )
