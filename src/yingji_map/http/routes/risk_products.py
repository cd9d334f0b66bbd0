"""`/v1/risk/zoning` and `/v1/risk/register`: what is handed on from a run."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.zoning import GEOJSON, zoning_collection
from yingji_map.publish.register_file import CSV, XLSX, register_csv, register_xlsx

router = APIRouter(tags=["risk"])
_WRITERS = {"xlsx": (XLSX, register_xlsx), "csv": (CSV, register_csv)}


@router.get("/v1/risk/zoning", response_class=Response)
def get_zoning(
    request: Request,
    application: ApplicationDep,
    hazard: str,
    run: str | None = None,
    sieve_km2: Annotated[float, Query(description="小于此面积的色斑并入更危险的邻斑")] = 0.0,
) -> Response:
    """Return the zoning polygons (区划图) as GeoJSON: no gaps, no overlaps, together the county."""
    found, _ = application.tally_divisions.find(run, hazard)
    zoning = application.runs.zone.run(found, hazard, sieve_km2)
    body = json.dumps(zoning_collection(zoning), ensure_ascii=False).encode()
    headers = {
        "Cache-Control": REVALIDATE,
        "Content-Disposition": f'inline; filename="zoning-{hazard}.geojson"',
    }
    return answer(request, body, GEOJSON, etag=etag_of(body), headers=headers)


@router.get("/v1/risk/register", response_class=Response)
def get_register(
    application: ApplicationDep,
    run: str | None = None,
    hazard: str | None = None,
    level: Annotated[str, Query(description="列到哪一级 / down to which level")] = "orange",
    f: Literal["xlsx", "csv"] = "xlsx",
) -> Response:
    """Return the risk register (风险清单): every dangerous patch with its people and causes."""
    media_type, write = _WRITERS[f]
    body = write(application.runs.register.run(run, hazard, level))
    headers = {
        "Content-Type": media_type,
        "Cache-Control": REVALIDATE,
        "Content-Disposition": f'attachment; filename="risk-register.{f}"',
    }
    return Response(body, headers=headers)
