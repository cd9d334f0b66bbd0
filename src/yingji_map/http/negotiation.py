"""Which form of an answer a client gets: JSON unless it asks for a page."""

import json
from collections.abc import Callable, Mapping

from fastapi import Request, Response

from yingji_map.domain.errors import InvalidParameter
from yingji_map.http.caching import answer, etag_of

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
HTML = "text/html"
HEADERS = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding, Accept-Language, Origin"}

# Scripts and tiles come from the service itself; what data says is never run.
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_FORMS = {"json": False, "geojson": False, "html": True}


def wants_page(request: Request) -> bool:
    """Return whether to answer HTML: `f=html`, or an `Accept` that puts HTML before JSON.

    Nothing is refused: scripts send no `Accept`, GDAL's GeoJSON driver `text/plain`, and a
    refusal helps neither (measured).

    Raises
    ------
    InvalidParameter
        `f` names no form.
    """
    form = request.query_params.get("f")
    if form is not None and form not in _FORMS:
        raise InvalidParameter(
            parameter="f",
            value=form,
            reason_zh="应为 json、geojson 或 html",
            reason_en="must be json, geojson or html",
        )
    if form is not None:
        return _FORMS[form]
    page, data = 0.0, 0.0
    for part in request.headers.get("accept", "").lower().split(","):
        name, _, options = part.partition(";")
        name = name.strip()
        if name == HTML:
            page = max(page, _quality(options))
        elif name == JSON or name.endswith("+json"):
            data = max(data, _quality(options))
    return page > data


def respond(
    request: Request,
    make_json: Callable[[], bytes],
    make_page: Callable[[], str],
    *,
    media_type: str = JSON,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer in the form the client wants, tagged by its content."""
    if wants_page(request):
        body, media_type = make_page().encode(), f"{HTML}; charset=utf-8"
        headers = {**(headers or {}), **_PAGE_HEADERS}
    else:
        body = make_json()
    return answer(
        request,
        body,
        media_type,
        etag=etag_of(body, is_weak=True),
        headers=HEADERS | (headers or {}),
    )


def as_json(document: Mapping[str, object]) -> bytes:
    """Return a document as UTF-8 JSON text."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _quality(options: str) -> float:
    for option in options.split(";"):
        name, _, value = option.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
