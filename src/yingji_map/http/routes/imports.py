"""`/v1/imports`: hand a file in, see how it goes, take back the rows that were refused."""

import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse

from yingji_map.http.dependencies import ApplicationDep, LanguageDep
from yingji_map.http.representations.imports import (
    ImportBody,
    ImportList,
    import_body,
    import_list,
)
from yingji_map.http.uploads import EditorDep, ReceivedDep

router = APIRouter(prefix="/v1/imports", tags=["imports"], dependencies=[EditorDep])
ImportId = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
_GEOPACKAGE = "application/geopackage+sqlite3"


def temporary_folder() -> Iterator[Path]:
    """Yield a folder that is gone after the answer was sent."""
    with tempfile.TemporaryDirectory(prefix="yingji-refused-") as folder:
        yield Path(folder)


@router.post("", status_code=HTTPStatus.ACCEPTED)
def post_import(
    application: ApplicationDep,
    received: ReceivedDep,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> ImportBody:
    """Take a file, as `multipart/form-data` or as the body; it is imported in the background."""
    status = application.receive_uploads.start(received, idempotency_key)
    response.headers["Location"] = f"/v1/imports/{status.import_id}"
    return import_body(status)


@router.get("")
def get_imports(
    application: ApplicationDep,
    layer: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="Id of the last one read.")
    ] = None,
) -> ImportList:
    """List what was handed in, newest first."""
    records = application.list_imports.run(layer_id=layer, limit=limit, before=before)
    return import_list(records, limit)


@router.get("/{import_id}")
def get_import(application: ApplicationDep, import_id: ImportId, response: Response) -> ImportBody:
    """Read where an import stands, and its report once it has ended."""
    response.headers["Cache-Control"] = "no-store"
    return import_body(application.receive_uploads.status(import_id))


@router.get("/{import_id}/refused.gpkg", response_class=FileResponse)
def get_refused(
    application: ApplicationDep,
    import_id: ImportId,
    language: LanguageDep,
    folder: Annotated[Path, Depends(temporary_folder)],
) -> FileResponse:
    """Take back the refused rows with their reasons, as a GeoPackage."""
    path = folder / "refused.gpkg"
    application.list_imports.write_refused(import_id, path, language)
    return FileResponse(path, media_type=_GEOPACKAGE, filename=f"refused-{import_id}.gpkg")
