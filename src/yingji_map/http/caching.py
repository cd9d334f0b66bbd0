"""Conditional requests: entity tags, and answers that are not sent twice."""

import hashlib
from collections.abc import Mapping

from fastapi import Request, Response

REVALIDATE = "no-cache"


def etag_of(*parts: str | bytes | int | None, is_weak: bool = False) -> str:
    """Return a tag that changes when any part does.

    Parameters
    ----------
    is_weak
        The answer may differ in what does not matter (a time stamp, its compression).
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        piece = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(piece).to_bytes(8, "little"))
        digest.update(piece)
    return f'{"W/" if is_weak else ""}"{digest.hexdigest()}"'


def state_tag(state: int, body: bytes = b"") -> str:
    """Return a tag that shows its state, so that `If-Match` can name it whatever form was read."""
    suffix = f"-{hashlib.blake2b(body, digest_size=8).hexdigest()}" if body else ""
    return f'"{state}{suffix}"'


def is_known(request: Request, etag: str) -> bool:
    """Return whether the client already holds the answer of this tag (RFC 9110 §13.1.2)."""
    sent = request.headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in sent.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def not_modified(etag: str, headers: Mapping[str, str]) -> Response:
    """Return 304 with the headers that a cache must refresh."""
    return Response(status_code=304, headers={**headers, "ETag": etag})


def answer(
    request: Request, body: bytes, media_type: str, *, etag: str, headers: Mapping[str, str]
) -> Response:
    """Return the body, or 304 when the client holds it; `headers` should name `Cache-Control`."""
    if is_known(request, etag):
        return not_modified(etag, headers)
    return Response(
        body,
        headers={
            **headers,
            "ETag": etag,
            "Content-Type": media_type,
            "Cache-Control": headers.get("Cache-Control", REVALIDATE),
        },
    )
