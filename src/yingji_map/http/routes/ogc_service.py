"""`/ogc`: landing page, API definition and conformance of the feature service."""

from fastapi import APIRouter, Response

from yingji_map.http.dependencies import OgcCallDep
from yingji_map.http.negotiation import OPENAPI, as_json, respond
from yingji_map.http.parameters import read_parameters
from yingji_map.http.representations import ogc, ogc_openapi, ogc_pages

# Described by its own document at /ogc/api.
router = APIRouter(include_in_schema=False)


@router.get("/ogc")
@router.get("/ogc/")
def get_landing(call: OgcCallDep) -> Response:
    """Answer the landing page; clients append a slash to the address they are given."""
    read_parameters(call.request, ("f",))
    document = ogc.landing_document(call.root)
    return respond(
        call.request, lambda: as_json(document), lambda: ogc_pages.landing_page(call.root)
    )


@router.get("/ogc/conformance")
def get_conformance(call: OgcCallDep) -> Response:
    """Answer which classes of the standards are kept."""
    read_parameters(call.request, ("f",))
    classes = ogc.conformance_classes(is_editable=call.application.editors.is_open)
    return respond(
        call.request,
        lambda: as_json({"conformsTo": classes}),
        lambda: ogc_pages.conformance_page(call.root, classes),
    )


@router.get("/ogc/api")
def get_api(call: OgcCallDep) -> Response:
    """Answer the OpenAPI 3.0 document."""
    read_parameters(call.request, ("f",))
    listings = call.application.find_features.collections()
    definitions = [listing.definition for listing in listings]
    document = ogc_openapi.openapi_document(
        call.root,
        definitions,
        call.language,
        systems=call.offered.all(),
        is_editable=call.application.editors.is_open,
    )
    return respond(
        call.request,
        lambda: as_json(document),
        lambda: ogc_pages.api_page(call.root, document),
        media_type=OPENAPI,
    )
