"""The ASGI application: routers, problem documents, headers."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

import yingji_map
from yingji_map.bootstrap import Application
from yingji_map.http.body_limit import BodyLimit
from yingji_map.http.middleware import HeadAsGet, RequestFrame
from yingji_map.http.problems import install_problem_handlers
from yingji_map.http.routes import (
    closures,
    coverage,
    downloads,
    evacuation,
    health,
    imports,
    layer_tiles,
    layers,
    nearest,
    ogc_changes,
    ogc_collections,
    ogc_edits,
    ogc_items,
    ogc_service,
    ogc_tiles,
    planning,
    qgis,
    reach,
    risk,
    risk_diff,
    risk_divisions,
    risk_products,
    risk_scenarios,
    risk_tiles,
    shelters,
    styles,
    terrain_tiles,
    warnings,
    within,
)

# Pages of other machines may not read through the browser of someone who sits at this one;
# a reverse proxy that serves the map elsewhere serves the page from the same origin.
_OWN_MACHINE = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"


def create_app(application: Application, pages: Sequence[APIRouter] = ()) -> ASGIApp:
    """Return the ASGI application that serves `application` and the given pages for people."""
    app = FastAPI(
        title="应急一张图",
        version=yingji_map.__version__,
        summary="县级应急风险地图与预警服务",
        docs_url=None,
        redoc_url=None,
    )
    app.state.application = application
    install_problem_handlers(app)
    rooms = (
        health,
        layers,
        downloads,
        qgis,
        risk,
        risk_tiles,
        risk_diff,
        risk_scenarios,
        risk_products,
        terrain_tiles,
        layer_tiles,
        ogc_service,
        ogc_changes,
        ogc_collections,
        ogc_items,
        ogc_edits,
        ogc_tiles,
        nearest,
        within,
        warnings,
        risk_divisions,
        reach,
        closures,
        imports,
        coverage,
        styles,
        evacuation,
        shelters,
        planning,
    )
    for router in (*(room.router for room in rooms), *pages):
        app.include_router(router)
    app.add_middleware(BodyLimit, upload_bytes=application.receive_uploads.max_bytes)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=1)
    app.add_middleware(
        CORSMiddleware,
        allow_origin_regex=_OWN_MACHINE,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        allow_headers=[
            "Content-Type",
            "Content-Crs",
            "If-Match",
            "If-None-Match",
            "Authorization",
            "Idempotency-Key",
        ],
        expose_headers=["ETag", "Location", "Link", "Content-Crs", "X-Request-Id"],
    )
    return RequestFrame(HeadAsGet(app))
