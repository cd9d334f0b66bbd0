"""`/qgis`: the map as a project and as a layer definition."""

from fastapi import APIRouter, Request, Response

from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep
from yingji_map.http.file_answer import disposition

router = APIRouter(prefix="/qgis", tags=["styles"])
_TYPES = {"qgs": "application/x-qgis-project", "qlr": "application/x-qgis-layer-definition"}


@router.get("/yingji.qgs", response_class=Response)
def get_project(request: Request, application: ApplicationDep, base_url: BaseUrlDep) -> Response:
    """Answer a QGIS project with every layer, group, style and label."""
    return _respond(request, application.compose_project.project(base_url), "qgs")


@router.get("/yingji.qlr", response_class=Response)
def get_layer_definition(
    request: Request, application: ApplicationDep, base_url: BaseUrlDep
) -> Response:
    """Answer the same layers as one group for a project that is open already."""
    return _respond(request, application.compose_project.layer_definition(base_url), "qlr")


def _respond(request: Request, body: bytes, kind: str) -> Response:
    headers = {
        "Cache-Control": REVALIDATE,
        "Vary": "Accept-Encoding",
        "Content-Disposition": disposition(f"应急一张图.{kind}"),
    }
    return answer(request, body, _TYPES[kind], etag=etag_of(body, is_weak=True), headers=headers)
