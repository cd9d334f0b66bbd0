"""Features as bytes: the database wrote each one, here they are framed and linked."""

import json
from datetime import datetime

from fastapi import Response

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.query import FeatureQuery
from yingji_map.http.caching import answer, etag_of, state_tag
from yingji_map.http.dependencies import OgcCall
from yingji_map.http.links import link, self_of
from yingji_map.http.negotiation import GEOJSON, HEADERS, HTML, JSON, respond, wants_page
from yingji_map.http.ordering import start_text
from yingji_map.http.representations import ogc_pages
from yingji_map.store.collections import FeaturePage, FoundFeature


def respond_page(
    call: OgcCall, definition: LayerDefinition, query: FeatureQuery, page: FeaturePage
) -> Response:
    """Answer a page of features; `next` repeats every parameter and starts after the last key."""
    request = call.request
    onward = (
        self_of(request, after=start_text(page.next_after), offset=None)
        if page.next_after is not None
        else None
    )
    if wants_page(request):
        hrefs = {
            "first": self_of(request, after=None, offset=None),
            "json": self_of(request, f="json"),
            **({} if onward is None else {"next": onward}),
        }
        return respond(
            request, bytes, lambda: ogc_pages.items_page(call.root, definition, page, hrefs)
        )
    links = [
        link("self", self_of(request), GEOJSON, "本页"),
        link("alternate", self_of(request, f="html"), HTML, "本页（网页）"),
        link("collection", f"{call.root}/collections/{definition.id}", JSON, "图层说明"),
    ]
    if onward is not None:
        links.append(link("next", onward, GEOJSON, "下一页"))
    return answer(
        request,
        feature_collection(page, links, answered_at=call.application.clock()),
        GEOJSON,
        etag=etag_of(json.dumps(links), page.matched, *page.features, is_weak=True),
        headers=HEADERS | _crs_header(query),
    )


def respond_feature(
    call: OgcCall, definition: LayerDefinition, query: FeatureQuery, feature: FoundFeature
) -> Response:
    """Answer one feature with its links; its tag names the state that a change is meant for."""
    request = call.request
    if wants_page(request):
        return respond(
            request,
            bytes,
            lambda: ogc_pages.item_page(
                call.root, definition, feature.text, self_of(request, f="json")
            ),
        )
    links = [
        link("self", self_of(request), GEOJSON, "本要素"),
        link("alternate", self_of(request, f="html"), HTML, "本要素（网页）"),
        link("collection", f"{call.root}/collections/{definition.id}", JSON, "图层说明"),
    ]
    body = feature_document(feature.text, links)
    return answer(
        request,
        body,
        GEOJSON,
        etag=state_tag(feature.row_id, body),
        headers=HEADERS | _crs_header(query),
    )


def feature_collection(
    page: FeaturePage, links: list[dict[str, str]], *, answered_at: datetime
) -> bytes:
    """Return a page as a GeoJSON FeatureCollection."""
    head = {
        "type": "FeatureCollection",
        "timeStamp": answered_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "links": links,
    }
    opened = json.dumps(head, ensure_ascii=False)[:-1]
    features = ",\n".join(page.features)
    return f'{opened}, "features": [\n{features}\n]}}\n'.encode()


def feature_document(feature: str, links: list[dict[str, str]]) -> bytes:
    """Return one feature with its links."""
    return f'{feature[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}\n'.encode()


def _crs_header(query: FeatureQuery) -> dict[str, str]:
    return {"Content-Crs": f"<{query.crs.uri}>"}
