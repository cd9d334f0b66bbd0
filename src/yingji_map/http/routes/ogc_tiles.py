"""`/ogc/tileMatrixSets` and `/ogc/collections/{id}/tiles`: OGC API Tiles."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from yingji_map.domain.errors import InvalidParameter, TileNotFound, TilesetNotFound
from yingji_map.domain.tile import TileAddress
from yingji_map.domain.tile_matrix import WEB_MERCATOR_QUAD
from yingji_map.http.compressed import compressed_answer
from yingji_map.http.dependencies import OgcCall, OgcCallDep
from yingji_map.http.negotiation import as_json, respond
from yingji_map.http.parameters import VIEW_PARAMETERS, read_parameters, view_of
from yingji_map.http.representations import ogc_pages, ogc_tiles
from yingji_map.http.representations.ogc import Document
from yingji_map.http.representations.tiles import VECTOR_TILE

# Described by the feature service's own document at /ogc/api.
router = APIRouter(prefix="/ogc", include_in_schema=False)


def address_of(z: int, row: int, col: int) -> TileAddress:
    """Return the tile of a path `…/{tileMatrix}/{tileRow}/{tileCol}`."""
    try:
        return TileAddress(z, col, row)
    except InvalidParameter as error:  # the standard wants 404 for what is beyond the limits
        raise TileNotFound(z=z, row=row, col=col) from error


MatrixAddressDep = Annotated[TileAddress, Depends(address_of)]


@router.get("/tileMatrixSets")
def get_tile_matrix_sets(call: OgcCallDep) -> Response:
    """Answer the tile matrix sets that there are."""
    return _described(call, "瓦片方案", ogc_tiles.matrix_sets_document(call.root))


@router.get("/tileMatrixSets/{tile_matrix_set}")
def get_tile_matrix_set(call: OgcCallDep, tile_matrix_set: str) -> Response:
    """Answer the definition of one tile matrix set."""
    _check_set(tile_matrix_set)
    return _described(call, WEB_MERCATOR_QUAD, ogc_tiles.matrix_set_document())


@router.get("/collections/{layer_id}/tiles")
def get_tilesets(call: OgcCallDep, layer_id: str) -> Response:
    """Answer in which tilesets a collection comes."""
    tileset = call.application.serve_layer_tiles.tileset(layer_id)
    document = ogc_tiles.tilesets_document(call.root, tileset, call.language)
    return _described(call, "瓦片集", document)


@router.get("/collections/{layer_id}/tiles/{tile_matrix_set}")
def get_tileset(call: OgcCallDep, layer_id: str, tile_matrix_set: str) -> Response:
    """Answer the metadata of one tileset."""
    _check_set(tile_matrix_set)
    tileset = call.application.serve_layer_tiles.tileset(layer_id)
    document = ogc_tiles.tileset_document(call.root, tileset, call.language)
    return _described(call, "瓦片集", document)


@router.get("/collections/{layer_id}/tiles/{tile_matrix_set}/{z}/{row}/{col}")  # noqa: FAST003 - in MatrixAddressDep
def get_tile(
    call: OgcCallDep, address: MatrixAddressDep, layer_id: str, tile_matrix_set: str
) -> Response:
    """Answer one tile; the row stands before the column, other than in the short addresses."""
    _check_set(tile_matrix_set)
    read_parameters(call.request, ("f", *VIEW_PARAMETERS))
    tiles = call.application.serve_layer_tiles
    only = view_of(call.request, tiles.definition(layer_id))
    tag = tiles.tag(layer_id, only)
    return compressed_answer(
        call.request,
        tag,
        lambda: tiles.tile(layer_id, address, tag, only),
        media_type=VECTOR_TILE,
    )


def _described(call: OgcCall, title: str, document: Document) -> Response:
    read_parameters(call.request, ("f",))
    return respond(
        call.request,
        lambda: as_json(document),
        lambda: ogc_pages.document_page(call.root, title, document),
    )


def _check_set(tile_matrix_set: str) -> None:
    if tile_matrix_set != WEB_MERCATOR_QUAD:
        raise TilesetNotFound(tile_matrix_set=tile_matrix_set)
