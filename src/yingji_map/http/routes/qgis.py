"""`/qgis` and `/v1/bundle`: the map as a project, as a layer definition, as one file to take along."""

from fastapi import APIRouter, Request, Response

from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep
from yingji_map.http.file_answer import disposition, file_answer
from yingji_map.services.map_outputs import map_outputs

router = APIRouter(tags=["styles"])
_TYPES = {"qgs": "application/x-qgis-project", "qlr": "application/x-qgis-layer-definition"}


@router.get("/qgis/yingji.qgs", response_class=Response)
def get_project(request: Request, application: ApplicationDep, base_url: BaseUrlDep) -> Response:
    """Answer a QGIS project with every layer, group, style and label."""
    return _respond(request, map_outputs(application).project.project(base_url), "qgs")


@router.get("/qgis/yingji.qlr", response_class=Response)
def get_layer_definition(
    request: Request, application: ApplicationDep, base_url: BaseUrlDep
) -> Response:
    """Answer the same layers as one group for a project that is open already."""
    return _respond(request, map_outputs(application).project.layer_definition(base_url), "qlr")


@router.get("/v1/bundle", response_class=Response)
async def get_bundle(request: Request, application: ApplicationDep) -> Response:
    """Answer one zip for a laptop without a network: data, tiles, styles, project, legends."""
    bundle = map_outputs(application).bundle
    return await file_answer(
        request,
        "应急一张图离线包.zip",
        "application/zip",
        lambda path, is_wanted: bundle.run(path, is_wanted=is_wanted),
    )


def _respond(request: Request, body: bytes, kind: str) -> Response:
    headers = {
        "Cache-Control": REVALIDATE,
        "Vary": "Accept-Encoding",
        "Content-Disposition": disposition(f"应急一张图.{kind}"),
    }
    return answer(request, body, _TYPES[kind], etag=etag_of(body, is_weak=True), headers=headers)
