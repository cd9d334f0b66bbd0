"""`/ogc/collections/{id}/items`: pages of features, and single ones."""

from fastapi import APIRouter, Response

from yingji_map.http.dependencies import OgcCallDep
from yingji_map.http.parameters import item_query, items_query
from yingji_map.http.representations.ogc_items import respond_feature, respond_page

router = APIRouter(prefix="/ogc/collections/{layer_id}/items", include_in_schema=False)


@router.get("")
def get_items(call: OgcCallDep, layer_id: str) -> Response:
    """Answer one page of the features that match the query."""
    definition = call.application.find_features.definition(layer_id)
    query = items_query(call.request, definition, call.offered)
    page = call.application.find_features.page(layer_id, query)
    return respond_page(call, definition, query, page)


@router.get("/{feature_id:path}")
def get_item(call: OgcCallDep, layer_id: str, feature_id: str) -> Response:
    """Answer one feature by its business code, which may hold any character."""
    definition = call.application.find_features.definition(layer_id)
    query = item_query(call.request, definition, call.offered)
    feature = call.application.find_features.feature(layer_id, feature_id, query)
    return respond_feature(call, definition, query, feature)
