"""`/ogc/collections`: the layers, their queryables and schemas."""

from fastapi import APIRouter, Response

from yingji_map.http.dependencies import OgcCallDep
from yingji_map.http.negotiation import HEADERS, SCHEMA, as_json, respond
from yingji_map.http.parameters import read_parameters
from yingji_map.http.representations import ogc, ogc_pages, ogc_schemas

router = APIRouter(prefix="/ogc/collections", include_in_schema=False)

_SCHEMAS = {
    "queryables": ("可查询字段", ogc_schemas.queryables_document),
    "sortables": ("可排序字段", ogc_schemas.sortables_document),
    "schema/feature": ("GeoJSON 要素的结构", ogc_schemas.feature_schema_document),
}


@router.get("")
def get_collections(call: OgcCallDep) -> Response:
    """Answer every collection."""
    read_parameters(call.request, ("f",))
    listings = call.application.find_features.collections()
    document = ogc.collections_document(call.root, listings, call.language, call.offered.all())
    return respond(
        call.request,
        lambda: as_json(document),
        lambda: ogc_pages.collections_page(call.root, listings),
    )


@router.get("/{layer_id}")
def get_collection(call: OgcCallDep, layer_id: str) -> Response:
    """Answer one collection."""
    read_parameters(call.request, ("f",))
    listing = call.application.find_features.collection(layer_id)
    document = ogc.collection_document(call.root, listing, call.language, call.offered.all())
    return respond(
        call.request,
        lambda: as_json(document),
        lambda: ogc_pages.collection_page(call.root, listing),
    )


@router.get("/{layer_id}/schema")
def get_schema(call: OgcCallDep, layer_id: str) -> Response:
    """Answer the fields with their roles; to an editor also those that can be sent only."""
    read_parameters(call.request, ("f",))
    definition = call.application.find_features.collection(layer_id).definition
    document = ogc_schemas.schema_document(
        f"{call.root}/collections/{layer_id}/schema",
        definition,
        call.language,
        is_editor=call.application.editors.admits(call.request.headers.get("authorization")),
    )
    return respond(
        call.request,
        lambda: as_json(document),
        lambda: ogc_pages.document_page(call.root, "字段", document, definition),
        media_type=SCHEMA,
        headers={"Vary": f"{HEADERS['Vary']}, Authorization"},
    )


@router.get("/{layer_id}/queryables")
@router.get("/{layer_id}/sortables")
@router.get("/{layer_id}/schema/feature")
def get_fields(call: OgcCallDep, layer_id: str) -> Response:
    """Answer the fields of one collection, in the form that the address names."""
    read_parameters(call.request, ("f",))
    definition = call.application.find_features.collection(layer_id).definition
    here = f"{call.root}/collections/{layer_id}/"
    part = call.request.url.path.partition(f"/{layer_id}/")[2]
    title, describe = _SCHEMAS[part]
    document = describe(here + part, definition, call.language)
    return respond(
        call.request,
        lambda: as_json(document),
        lambda: ogc_pages.document_page(call.root, title, document, definition),
        media_type=SCHEMA,
    )
