"""`/` and `/docs`: the pages that `frontend/` builds into the package."""

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse

APP_DIR = Path(__file__).parent / "static" / "app"
_NOT_BUILT = (
    "<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>应急一张图</title>"
    "<p>地图页面还没有构建，请运行 <code>make frontend</code>。接口说明在 <a href='/openapi.json'>/openapi.json</a>。</p></html>"
)
_BROWSE = "src/browse.ts"
# Built files carry a hash of their content in their names.
_FOREVER = "public, max-age=31536000, immutable"
# Said outright: a module worker is refused unless it is JavaScript, and the machine's own table of
# types may not know `.mjs`.
_MEDIA_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}

# Nothing is fetched from, or sent to, another host; styles are set on elements by the map library.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
def get_map_page() -> Response:
    """Answer the map page; a hint when the front end has not been built."""
    return _page("index.html")


@router.get("/docs")
def get_docs_page() -> Response:
    """Answer the page that describes the interface, made from `/openapi.json`."""
    return _page("docs.html")


@router.get("/browse.js")
def get_browse_script() -> Response:
    """Lead to the script of the feature service's pages, whose name tells its content."""
    return _leading_to(_manifest().get(_BROWSE, {}).get("file"))


@router.get("/browse.css")
def get_browse_styles() -> Response:
    """Lead to the styles of the map on the feature service's pages."""
    manifest = _manifest()
    chunks = [manifest.get(_BROWSE, {})]
    chunks += [manifest[name] for name in chunks[0].get("imports", ())]
    return _leading_to(next((style for chunk in chunks for style in chunk.get("css", ())), None))


@router.get("/assets/{name}")
def get_asset(name: str) -> Response:
    """Answer one built file; only plain names inside the folder of assets are looked up."""
    path = APP_DIR / "assets" / name
    if path.parent != APP_DIR / "assets" or not path.is_file():
        return Response(status_code=404)
    media_type = _MEDIA_TYPES.get(path.suffix)
    return FileResponse(path, media_type=media_type, headers={"Cache-Control": _FOREVER})


def _manifest() -> dict[str, Any]:
    """Return what the build made of which source; nothing when there was no build."""
    path = APP_DIR / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _leading_to(name: str | None) -> Response:
    if name is None:
        return Response(status_code=404)
    # Relative, so that it holds behind a proxy's prefix, too.
    return Response(status_code=307, headers={"Location": name, "Cache-Control": "no-cache"})


def _page(name: str) -> Response:
    page = APP_DIR / name
    if not page.is_file():
        return HTMLResponse(_NOT_BUILT, status_code=503)
    return FileResponse(page, headers=_PAGE_HEADERS)
