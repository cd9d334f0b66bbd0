"""Absolute addresses as the client sees them, also behind a reverse proxy."""

import re
from urllib.parse import urlencode

from fastapi import Request

_HOST = re.compile(r"^[A-Za-z0-9._-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$")
_PREFIX = re.compile(r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$")


def base_of(request: Request) -> str:
    """Return scheme, host and prefix, without a slash at the end.

    What the proxy says (`X-Forwarded-Proto`, `-Host`, `-Prefix`) wins over what the socket says;
    text that is no host or path never gets into an answer.
    """
    proto = _forwarded(request, "proto").lower()
    scheme = proto if proto in {"http", "https"} else request.url.scheme
    hosts = (_forwarded(request, "host"), request.headers.get("host", ""))
    host = next((name for name in hosts if _HOST.match(name)), "localhost")
    prefix = _forwarded(request, "prefix").rstrip("/")
    return f"{scheme}://{host}{prefix if _PREFIX.match(prefix) else ''}"


def self_of(request: Request, **changes: str | None) -> str:
    """Return the address of this request; `changes` replace or (None) drop query parameters."""
    pairs = [(name, value) for name, value in request.query_params.multi_items()]
    kept = [(name, value) for name, value in pairs if name not in changes]
    added = [(name, value) for name, value in changes.items() if value is not None]
    query = urlencode(kept + added)
    address = base_of(request) + request.url.path
    return f"{address}?{query}" if query else address


def link(rel: str, href: str, media_type: str, title: str | None = None) -> dict[str, str]:
    """Return one link object."""
    found = {"rel": rel, "href": href, "type": media_type}
    return found if title is None else {**found, "title": title}


def _forwarded(request: Request, name: str) -> str:
    # A chain of proxies lists its members; the first is the one the client spoke to.
    return request.headers.get(f"x-forwarded-{name}", "").split(",")[0].strip()
