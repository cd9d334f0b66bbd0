"""How much a request may send: the answer to more is 413, before it is kept anywhere."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 10_000_000
_MULTIPART_BYTES = 64 * 1024  # headings around the file and the fields beside it


class BodyLimit:
    """Stop reading a body where its limit is passed, whatever its `Content-Length` claims.

    The refusal is raised inside the application, so that it becomes a problem document there.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self._app = app
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["method"] == "POST" and scope["path"] == "/v1/imports"
        limit = self._upload_bytes + _MULTIPART_BYTES if is_upload else MAX_BODY_BYTES
        claimed = dict(scope["headers"]).get(b"content-length", b"0")
        read = int(claimed) if claimed.isdigit() and int(claimed) > limit else 0

        async def receive_limited() -> Message:
            nonlocal read
            message = await receive() if read <= limit else {"type": "http.request"}
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_limited, send)
