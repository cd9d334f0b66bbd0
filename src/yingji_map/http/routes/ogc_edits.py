"""`/ogc/collections/{id}/items`: create, replace, update and delete features (Part 4)."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Response

from yingji_map.http.caching import state_tag
from yingji_map.http.dependencies import OgcCallDep
from yingji_map.http.editing import EditDep, allowed_methods
from yingji_map.http.parameters import read_parameters
from yingji_map.services.edit_features import EditedFeature

# Described by the feature service's own document at /ogc/api.
router = APIRouter(prefix="/ogc/collections/{layer_id}/items", include_in_schema=False)


@router.options("")
def options_items(call: OgcCallDep, layer_id: str) -> Response:
    """Say what this client may do with the collection; QGIS opens it for editing by that."""
    call.application.find_features.definition(layer_id)
    return Response(headers={"Allow": allowed_methods(call, "POST")})


@router.options("/{feature_id:path}")
def options_item(call: OgcCallDep, layer_id: str, feature_id: str) -> Response:  # noqa: ARG001 - any
    """Say what this client may do with features, one that is not there too: QGIS asks for any."""
    call.application.find_features.definition(layer_id)
    return Response(headers={"Allow": allowed_methods(call, "PUT, PATCH, DELETE")})


@router.post("")
def post_item(
    call: OgcCallDep,
    layer_id: str,
    edit: EditDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Make a feature; with an `Idempotency-Key` a repeated request makes no second one."""
    read_parameters(call.request, ())
    made = call.application.edit_features.create(layer_id, edit, idempotency_key)
    address = f"{call.root}/collections/{layer_id}/items/{quote(made.key, safe='')}"
    return _done(made, HTTPStatus.CREATED, Location=address)


@router.put("/{feature_id:path}")
def put_item(call: OgcCallDep, layer_id: str, feature_id: str, edit: EditDep) -> Response:
    """Replace a feature; `If-Match` guards against overwriting what someone else saved."""
    read_parameters(call.request, ())
    return _done(call.application.edit_features.replace(layer_id, feature_id, edit))


@router.patch("/{feature_id:path}")
def patch_item(call: OgcCallDep, layer_id: str, feature_id: str, edit: EditDep) -> Response:
    """Change parts of a feature (JSON Merge Patch)."""
    read_parameters(call.request, ())
    return _done(call.application.edit_features.update(layer_id, feature_id, edit))


@router.delete("/{feature_id:path}")
def delete_item(call: OgcCallDep, layer_id: str, feature_id: str, edit: EditDep) -> Response:
    """End a feature now; its past stays."""
    read_parameters(call.request, ())
    call.application.edit_features.delete(layer_id, feature_id, edit)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _done(
    feature: EditedFeature, status: HTTPStatus = HTTPStatus.NO_CONTENT, **headers: str
) -> Response:
    return Response(status_code=status, headers={**headers, "ETag": state_tag(feature.row_id)})
