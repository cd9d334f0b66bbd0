"""What happens to every request: an id, HEAD like GET, header names as strict clients expect them."""

import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Exact(bytes):
    """A header name that stays as it is written: uvicorn over httptools lowers every name."""

    __slots__ = ()

    def lower(self) -> "_Exact":
        return self


# QGIS compares the header name `Location` letter by letter (measured against 3.40), Starlette
# writes names in lower case. `Allow` is what it opens layers for editing by, so no risk is taken.
_EXACT_NAMES = {b"location": _Exact(b"Location"), b"allow": _Exact(b"Allow")}


class RequestFrame:
    """Give each request an id (`X-Request-Id`, kept when the proxy sends one)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        sent = headers.get(b"x-request-id", b"").decode("latin-1")[:64]
        request_id = sent if sent.replace("-", "").isalnum() else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = [(_EXACT_NAMES.get(k.lower(), k), v) for k, v in message["headers"]]
                message["headers"] = [*named, (b"x-request-id", request_id.encode())]
            await send(message)

        await self._app(scope, receive, send_framed)


class HeadAsGet:
    """Answer HEAD with the very headers of GET and no body, for every address that answers GET.

    GDAL's /vsicurl reads the size of a file from there; a length of 0 breaks it (measured).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app({**scope, "method": "GET"}, receive, send_head)
