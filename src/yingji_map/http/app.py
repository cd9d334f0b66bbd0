"""The ASGI application: routers, problem documents, headers."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

import yingji_map
from yingji_map.bootstrap import Application
from yingji_map.http.middleware import RequestFrame
from yingji_map.http.problems import install_problem_handlers
from yingji_map.http.routes import health, layer_tiles, layers


def create_app(application: Application, pages: Sequence[APIRouter] = ()) -> ASGIApp:
    """Return the ASGI application that serves `application` and the given pages for people."""
    app = FastAPI(
        title="应急一张图",
        version=yingji_map.__version__,
        summary="县级应急风险地图与预警服务",
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.application = application
    install_problem_handlers(app)
    for router in (health.router, layers.router, layer_tiles.router, *pages):
        app.include_router(router)
    return RequestFrame(app)
