"""`/styles`, `/symbols`, `/legend`: what layers look like, for every client."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from yingji_map.domain.palette import ThemeName
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep, LanguageDep
from yingji_map.http.negotiation import JSON, as_json
from yingji_map.http.representations.styles import MAP_STYLE, map_document, style_document
from yingji_map.publish.sld import MEDIA_TYPE as SLD

router = APIRouter(tags=["styles"])
_SVG, _PNG, _QML = "image/svg+xml", "image/png", "application/xml"
Theme = Annotated[ThemeName, Query(description="day or night")]
Ratio = Annotated[int, Query(ge=1, le=4, description="pixels of the picture per pixel")]


@router.get("/styles/sprite/{theme}.json")
@router.get("/styles/sprite/{theme}@2x.json")
def get_sprite_index(request: Request, application: ApplicationDep, theme: ThemeName) -> Response:
    """Say where each symbol stands on the sheet."""
    index = application.render_styles.sprite_index(theme, _ratio_of(request))
    return _respond(request, as_json({name: dict(place) for name, place in index.items()}), JSON)


@router.get("/styles/sprite/{theme}.png")
@router.get("/styles/sprite/{theme}@2x.png")
def get_sprite(request: Request, application: ApplicationDep, theme: ThemeName) -> Response:
    """Answer the sheet of all symbols."""
    picture = application.render_styles.sprite(theme, _ratio_of(request))
    return _respond(request, picture, _PNG)


@router.get("/styles/{style_id}.json")
def get_maplibre_style(
    request: Request,
    application: ApplicationDep,
    base_url: BaseUrlDep,
    style_id: str,
    theme: Theme = ThemeName.DAY,
) -> Response:
    """Answer a MapLibre style: `yingji` is the whole map, all others are one layer."""
    if style_id == MAP_STYLE:
        document = map_document(application, theme, base_url)
    else:
        document = style_document(application, style_id, theme, base_url)
    return _respond(request, as_json(document), JSON)


@router.get("/styles/{style_id}.qml")
def get_qml(
    request: Request,
    application: ApplicationDep,
    style_id: str,
    theme: Theme = ThemeName.DAY,
) -> Response:
    """Answer a QGIS layer style; its symbols are in it."""
    return _respond(request, application.render_styles.qml(style_id, theme), _QML)


@router.get("/styles/{style_id}.sld")
def get_sld(
    request: Request,
    application: ApplicationDep,
    base_url: BaseUrlDep,
    style_id: str,
    theme: Theme = ThemeName.DAY,
) -> Response:
    """Answer an SLD 1.1; its symbols are named by address."""
    symbols = f"{base_url}/symbols"
    return _respond(request, application.render_styles.sld(style_id, theme, symbols), SLD)


@router.get("/symbols/{name}.svg")
def get_symbol(
    request: Request, application: ApplicationDep, name: str, theme: Theme = ThemeName.DAY
) -> Response:
    """Answer one symbol in its colours."""
    return _respond(request, application.render_styles.symbol(name, theme).encode(), _SVG)


@router.get("/legend/{style_id}.png")
def get_legend(  # noqa: PLR0913, PLR0917 - what a picture depends on
    request: Request,
    application: ApplicationDep,
    language: LanguageDep,
    style_id: str,
    theme: Theme = ThemeName.DAY,
    ratio: Ratio = 2,
) -> Response:
    """Answer the legend of a layer, of a hazard (`risk_flood`) or of risk as such (`risk`)."""
    picture = application.render_styles.legend(style_id, theme, language, ratio)
    return _respond(request, picture, _PNG)


def _ratio_of(request: Request) -> int:
    return 2 if "@2x." in request.url.path else 1


def _respond(request: Request, body: bytes, media_type: str) -> Response:
    # Addresses in it follow the host, texts in it the language.
    headers = {"Cache-Control": REVALIDATE, "Vary": "Accept-Encoding, Accept-Language"}
    return answer(request, body, media_type, etag=etag_of(body, is_weak=True), headers=headers)
