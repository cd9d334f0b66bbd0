"""`/ogc/collections/{id}/changes`: for those who keep a copy of a layer."""

from fastapi import APIRouter, Response

from yingji_map.http.caching import answer, etag_of
from yingji_map.http.dependencies import OgcCallDep
from yingji_map.http.negotiation import GEOJSON, HEADERS
from yingji_map.http.parameters import read_parameters, whole_numbers_of
from yingji_map.http.representations.ogc_changes import change_list
from yingji_map.http.values import refused

router = APIRouter(prefix="/ogc/collections", include_in_schema=False)
_SINCE = "since"


@router.get("/{layer_id}/changes")
def get_changes(call: OgcCallDep, layer_id: str) -> Response:
    """Answer what changed after version `since`; without it, the number of the newest version."""
    sent = read_parameters(call.request, ("f", _SINCE))
    since = None
    if _SINCE in sent:
        numbers = whole_numbers_of(_SINCE, sent[_SINCE])
        if len(numbers) != 1 or numbers[0] < 1:
            raise refused(_SINCE, sent[_SINCE], "要一个版本号", "must be one version number")
        since = numbers[0]
    definition = call.application.find_features.collection(layer_id).definition
    body = change_list(call.application.list_changes.run(definition, since))
    return answer(call.request, body, GEOJSON, etag=etag_of(body), headers=HEADERS)
