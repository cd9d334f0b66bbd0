"""What every route may ask for: the application and the reader's language."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from yingji_map.bootstrap import Application
from yingji_map.domain.tile import TileAddress
from yingji_map.http.coordinate_systems import OfferedCrs
from yingji_map.http.links import base_of


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


def tile_address_of(z: int, x: int, y: int) -> TileAddress:
    """Return the tile of a path `…/{z}/{x}/{y}`."""
    return TileAddress(z, x, y)


ApplicationDep = Annotated[Application, Depends(application_of)]
LanguageDep = Annotated[str, Depends(language_of)]
BaseUrlDep = Annotated[str, Depends(base_of)]
TileAddressDep = Annotated[TileAddress, Depends(tile_address_of)]


@dataclass(frozen=True, slots=True)
class OgcCall:
    """One request to the feature service; `root` is the absolute address of `/ogc`."""

    request: Request
    application: Application
    language: str
    root: str

    @property
    def offered(self) -> OfferedCrs:
        """The coordinate systems that the client may name."""
        return OfferedCrs(self.application.find_features.local_systems)


def ogc_call_of(request: Request, application: ApplicationDep, language: LanguageDep) -> OgcCall:
    """Return the request with what every answer of the feature service needs."""
    return OgcCall(request, application, language, f"{base_of(request)}/ogc")


OgcCallDep = Annotated[OgcCall, Depends(ogc_call_of)]


def shared_state_editor_of(request: Request, application: ApplicationDep) -> None:
    """Let only editors change what changes everybody's answers, where there is a token.

    Raises
    ------
    TokenRequired
        There is a token, and the request does not show it.
    """
    application.editors.require_if_set(request.headers.get("authorization"))
