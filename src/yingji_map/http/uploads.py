"""What an upload sends: a file as multipart or as the whole body, and how it is meant."""

import shutil
from dataclasses import replace as replaced
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from yingji_map.domain.china_datum import Datum
from yingji_map.domain.errors import InvalidParameter
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.ingest.raster_source import GridOptions
from yingji_map.ingest.raster_time import parse_zone
from yingji_map.services.import_layer import ImportRequest
from yingji_map.services.import_raster import RasterImportRequest
from yingji_map.services.judge_grids import Said
from yingji_map.services.receive_uploads import ReceiveUploads, Upload

_MULTIPART = "multipart/form-data"
_MAX_FIELDS = 20


def editor_of(request: Request, application: ApplicationDep) -> None:
    """Let only those pass who show the editing token: reports quote private values.

    Raises
    ------
    EditingDisabled, TokenRequired
        It was not shown, or there is none.
    """
    application.editors.require(request.headers.get("authorization"))


EditorDep = Depends(editor_of)


def upload_options(  # noqa: PLR0913 - one query parameter each
    *,
    layer: Annotated[str, Query(description="Layer that the file becomes part of.")],
    mode: Annotated[Literal["strict", "lenient"], Query()] = "strict",
    crs: Annotated[str | None, Query(description="Such as EPSG:4523.", max_length=4000)] = None,
    encoding: Annotated[str | None, Query(description="Such as GBK.", max_length=40)] = None,
    source_layer: Annotated[str | None, Query(max_length=400)] = None,
    datum: Annotated[Datum | None, Query(description="Shifted degrees, undone.")] = None,
    repair: bool = False,
    replace: bool = False,
    dry_run: bool = False,
    valid_from: datetime | None = None,
) -> ImportRequest:
    """Return what is asked for; the path is filled in when the file has been received."""
    return ImportRequest(
        path=Path(),
        layer_id=layer,
        crs=crs,
        encoding=encoding,
        source_layer=source_layer,
        datum=datum,
        is_lenient=mode == "lenient",
        is_repairing=repair,
        is_replacing=replace,
        is_dry_run=dry_run,
        valid_from=valid_from,
    )


def grid_options(
    *,
    valid_at: Annotated[datetime | None, Query(description="Grids: the instant described.")] = None,
    zone: Annotated[
        str | None, Query(description="Grids: zone of their times.", max_length=40)
    ] = None,
    variable: Annotated[
        str | None, Query(description="Grids: variable or band.", max_length=400)
    ] = None,
    unit: Annotated[str | None, Query(description="Grids: such as 0.1mm.", max_length=40)] = None,
    nodata: Annotated[float | None, Query(description="Grids: number of a void.")] = None,
) -> Said:
    """Return what is said of grids.

    Raises
    ------
    InvalidParameter
        There is no such zone.
    """
    told = None if zone is None else parse_zone(zone.replace(" ", "+"))  # an unescaped plus
    if zone is not None and told is None:
        zh, en = "写成 +08:00 或 UTC", "such as +08:00 or UTC"
        raise InvalidParameter(parameter="zone", value=zone, reason_zh=zh, reason_en=en)
    options = GridOptions(variable=variable, unit=unit, nodata=nodata, zone=told)
    return Said(options, valid_at)


UploadOptionsDep = Annotated[ImportRequest, Depends(upload_options)]
GridOptionsDep = Annotated[Said, Depends(grid_options)]


async def received(
    request: Request,
    application: ApplicationDep,
    options: UploadOptionsDep,
    said: GridOptionsDep,
    file: Annotated[
        str | None, Query(description="Name of the file, where the body does not tell it.")
    ] = None,
) -> Upload:
    """Write the file of a request to where uploads wait, and return what is asked for it.

    Raises
    ------
    LayerNotFound
        There is no layer that could take it.
    InvalidParameter
        There is no file, or it has no name.
    HTTPException
        413, when it is too large.
    """
    uploads = application.receive_uploads
    uploads.check_layer(options.layer_id)
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    receive = _from_multipart if form == _MULTIPART else _from_body
    path = await receive(request, uploads, file)
    if not uploads.is_raster(options.layer_id):
        return replaced(options, path=path)
    return RasterImportRequest(
        path=path,
        layer_id=options.layer_id,
        valid_at=said.valid_at,
        crs=options.crs,
        said=said.options,
        is_dry_run=options.is_dry_run,
    )


ReceivedDep = Annotated[Upload, Depends(received)]


async def _from_body(request: Request, uploads: ReceiveUploads, name: str | None) -> Path:
    with uploads.place_for(name or "") as place:
        with await run_in_threadpool(place.open, "wb") as sink:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                _refuse_large(size, uploads)
                await run_in_threadpool(sink.write, chunk)
        return place


async def _from_multipart(request: Request, uploads: ReceiveUploads, name: str | None) -> Path:
    async with request.form(max_files=1, max_fields=_MAX_FIELDS) as form:
        file = next((part for part in form.values() if isinstance(part, UploadFile)), None)
        if file is None:
            raise InvalidParameter(
                parameter="file", value="", reason_zh="没有文件", reason_en="no file was sent"
            )
        _refuse_large(file.size or 0, uploads)
        with uploads.place_for(name or file.filename or "") as place:
            await run_in_threadpool(_copy, file.file, place)
            return place


def _copy(source: BinaryIO, place: Path) -> None:
    with place.open("wb") as sink:
        shutil.copyfileobj(source, sink)


def _refuse_large(size: int, uploads: ReceiveUploads) -> None:
    if size > uploads.max_bytes:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
