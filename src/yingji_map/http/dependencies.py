"""What every route may ask for: the application and the reader's language."""

from typing import Annotated

from fastapi import Depends, Request

from yingji_map.bootstrap import Application
from yingji_map.domain.tile import TileAddress


def application_of(request: Request) -> Application:
    """Return the application that serves this request."""
    application: Application = request.app.state.application
    return application


def language_of(request: Request) -> str:
    """Return `en` when the reader prefers English to Chinese, else `zh`."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def base_url_of(request: Request) -> str:
    """Return the address under which the client reached the service, without a last slash."""
    return str(request.base_url).rstrip("/")


def tile_address_of(z: int, x: int, y: int) -> TileAddress:
    """Return the tile of a path `…/{z}/{x}/{y}`."""
    return TileAddress(z, x, y)


ApplicationDep = Annotated[Application, Depends(application_of)]
LanguageDep = Annotated[str, Depends(language_of)]
BaseUrlDep = Annotated[str, Depends(base_url_of)]
TileAddressDep = Annotated[TileAddress, Depends(tile_address_of)]
