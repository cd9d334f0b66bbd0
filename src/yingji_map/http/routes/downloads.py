"""`/v1/layers/{layer}/download`: a layer, or a drawn area of it, as a file."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.download import FileForm, FileFormat, TextEncoding, srid_of
from yingji_map.domain.shapes import polygon_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.file_answer import file_answer
from yingji_map.http.parameters import extract_query
from yingji_map.http.representations.downloads import AreaRequest
from yingji_map.services.export_layer import ExportRequest

router = APIRouter(tags=["layers"])
_FORM = ("format", "crs", "encoding")
Format = Annotated[FileFormat, Query(alias="format", description="a Shapefile comes as a zip")]
Crs = Annotated[str, Query(description="EPSG:4490, 4326, 3857 or a Gauss-Kruger zone (4491…4554)")]
Encoding = Annotated[TextEncoding, Query(description="gbk is for shp and csv")]


@router.get("/v1/layers/{layer}/download", response_class=Response)
async def get_download(  # noqa: PLR0913, PLR0917 - what a file depends on
    request: Request,
    application: ApplicationDep,
    layer: str,
    file_format: Format = FileFormat.GPKG,
    crs: Crs = "EPSG:4490",
    encoding: Encoding = TextEncoding.UTF_8,
) -> Response:
    """Answer a layer as a file; `bbox`, `filter`, `datetime`, `known_at` and fields narrow it."""
    form = FileForm(format=file_format, srid=srid_of(crs), encoding=encoding)
    return await _answer(request, application, layer, form, None)


@router.post("/v1/layers/{layer}/download", response_class=Response)
async def post_download(  # noqa: PLR0913, PLR0917 - what a file depends on
    request: Request,
    application: ApplicationDep,
    layer: str,
    area: AreaRequest,
    file_format: Format = FileFormat.GPKG,
    crs: Crs = "EPSG:4490",
    encoding: Encoding = TextEncoding.UTF_8,
) -> Response:
    """Answer what of a layer touches a drawn area; parameters as for GET."""
    form = FileForm(format=file_format, srid=srid_of(crs), encoding=encoding)
    return await _answer(request, application, layer, form, polygon_of(area.geometry))


async def _answer(
    request: Request,
    application: ApplicationDep,
    layer: str,
    form: FileForm,
    zone: BaseGeometry | None,
) -> Response:
    definition = application.find_features.definition(layer)
    query, _ = extract_query(request, definition, _FORM)
    return await file_answer(
        request,
        f"{definition.title.zh}{form.format.suffix}",
        form.format.media_type,
        lambda path, is_wanted: application.export_layer.run(
            ExportRequest(
                layer_id=layer, path=path, query=query, zone=zone, form=form, is_wanted=is_wanted
            )
        ),
    )
