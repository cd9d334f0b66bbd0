"""What happens to every request: an id, and header names as strict clients expect them."""

import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# QGIS compares the header name `Location` letter by letter (measured against 3.40), Starlette
# writes names in lower case.
_EXACT_NAMES = {b"location": b"Location"}


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
