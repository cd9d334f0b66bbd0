"""Answers whose bodies are kept under gzip: 304 before any work, plain bytes for who asks so."""

from collections.abc import Callable

from fastapi import Request, Response

from yingji_map.http.caching import REVALIDATE, is_known, not_modified
from yingji_map.services.compressed import CompressedBody


def accepts_gzip(request: Request) -> bool:
    """Return whether the client takes gzip; `gzip;q=0` does not."""
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = part.replace(" ", "").partition(";q=")
        if name in {"gzip", "*"}:
            return not quality or quality.strip("0.") != ""
    return False


def compressed_answer(
    request: Request,
    tag: str,
    make: Callable[[], CompressedBody],
    *,
    media_type: str,
    cache_control: str = REVALIDATE,
) -> Response:
    """Answer 304, or the body that `make` returns; 204 when that is empty.

    Parameters
    ----------
    tag
        Tag of the present state; `make` runs only when the client holds another.
    """
    suffix = "-gz" if accepts_gzip(request) else ""  # another coding is another strong tag
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if is_known(request, f'"{tag}{suffix}"'):
        return not_modified(f'"{tag}{suffix}"', headers)
    made = make()
    headers["ETag"] = f'"{made.tag}{suffix}"'
    if not made.gzipped:
        return Response(status_code=204, headers=headers)
    if suffix:
        headers["Content-Encoding"] = "gzip"
    body = made.gzipped if suffix else made.plain()
    return Response(body, media_type=media_type, headers=headers)
