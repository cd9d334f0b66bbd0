"""Files made for one client: given up when the client leaves, and never left behind."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from threading import Event
from typing import BinaryIO
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Request
from starlette.responses import StreamingResponse

_CHUNK_BYTES = 256 * 1024
_LOOK_EVERY_S = 0.25

Maker = Callable[[Path, Callable[[], bool]], object]
"""Writes the file at a path; asks in between whether anybody still waits for it."""


async def file_answer(
    request: Request, name: str, media_type: str, make: Maker
) -> StreamingResponse:
    """Answer a file that `make` writes; its name may be Chinese.

    The file has no name any more when the first byte leaves, so neither a client that goes away
    nor a program that is killed leaves anything behind.
    """
    gone = Event()
    watching = asyncio.create_task(_watch(request, gone))
    try:
        stream, size = await run_sync(_made, name, make, gone)
    finally:
        watching.cancel()
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": disposition(name),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_chunks(stream), media_type=media_type, headers=headers)


def disposition(name: str) -> str:
    """Return `Content-Disposition` with the name for new clients and for old ones (RFC 6266)."""
    suffix = "".join(Path(name).suffixes[-1:])
    plain = name if name.isascii() else f"download{suffix}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _made(name: str, make: Maker, gone: Event) -> tuple[BinaryIO, int]:
    with tempfile.TemporaryDirectory(prefix="yingji-download-") as folder:
        path = Path(folder) / f"download{Path(name).suffix}"
        make(path, lambda: not gone.is_set())
        stream = path.open("rb")
        return stream, path.stat().st_size


async def _watch(request: Request, gone: Event) -> None:
    while not await request.is_disconnected():  # noqa: ASYNC110 - ASGI has nothing to wait on
        await asyncio.sleep(_LOOK_EVERY_S)
    gone.set()


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    with stream:
        while chunk := await run_sync(stream.read, _CHUNK_BYTES):
            yield chunk
