"""Landing page, conformance and collections of OGC API Features as documents."""

from collections.abc import Sequence

from yingji_map.domain.crs import CRS84, STORAGE_CRS, ServedCrs
from yingji_map.domain.layer import LayerDefinition, Title
from yingji_map.http.links import link
from yingji_map.http.negotiation import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from yingji_map.services.list_layers import LayerListing

Document = dict[str, object]
Link = dict[str, str]

_SPEC = "http://www.opengis.net/spec/ogcapi-features"
CONFORMANCE = (
    f"{_SPEC}-1/1.0/conf/core",
    f"{_SPEC}-1/1.0/conf/oas30",
    f"{_SPEC}-1/1.0/conf/html",
    f"{_SPEC}-1/1.0/conf/geojson",
    f"{_SPEC}-2/1.0/conf/crs",
    f"{_SPEC}-3/1.0/conf/queryables",
    f"{_SPEC}-3/1.0/conf/queryables-query-parameters",
    f"{_SPEC}-3/1.0/conf/filter",
    f"{_SPEC}-3/1.0/conf/features-filter",
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "datetime", "mvt")
    ),
    *(
        f"http://www.opengis.net/spec/tms/2.0/conf/{name}"
        for name in ("tilematrixset", "json-tilematrixset", "json-tilematrixsetlimits")
    ),
    *(
        f"{_SPEC}-5/1.0/conf/{name}"
        for name in (
            "schemas",
            "core-roles-features",
            "returnables-and-receivables",
            "queryables",
            "sortables",
        )
    ),
    f"{_SPEC}-6/1.0/conf/properties",
    f"{_SPEC}-6/1.0/conf/properties-features",
    f"{_SPEC}-8/1.0/conf/sortables",
    f"{_SPEC}-8/1.0/conf/sorting",
    f"{_SPEC}-8/1.0/conf/features-sorting",
)
EDITING_CONFORMANCE = (
    f"{_SPEC}-4/1.0/conf/create-replace-delete",
    f"{_SPEC}-4/1.0/conf/update",
    f"{_SPEC}-4/1.0/conf/optimistic-locking-etags",
    f"{_SPEC}-4/1.0/conf/features",
)
_REL = "http://www.opengis.net/def/rel/ogc/1.0"


def landing_document(root: str) -> Document:
    """Return the landing page; `root` is the absolute address of `/ogc`."""
    return {
        "title": "应急一张图 · 要素服务",
        "description": "应急风险地图的全部矢量图层，OGC API - Features。"
        " All vector layers of the emergency risk map.",
        "links": [
            link("self", root, JSON, "本页"),
            link("alternate", f"{root}?f=html", HTML, "本页（网页）"),
            link("service-desc", f"{root}/api", OPENAPI, "接口定义 OpenAPI 3.0"),
            link("service-doc", f"{root}/api?f=html", HTML, "接口说明"),
            link("conformance", f"{root}/conformance", JSON, "符合的标准"),
            link("data", f"{root}/collections", JSON, "图层"),
            link(f"{_REL}/tiling-schemes", f"{root}/tileMatrixSets", JSON, "瓦片方案"),
        ],
    }


def conformance_classes(*, is_editable: bool) -> list[str]:
    """Return the classes this service keeps; those of editing only where somebody may edit."""
    return [*CONFORMANCE, *(EDITING_CONFORMANCE if is_editable else ())]


def collections_document(
    root: str, listings: Sequence[LayerListing], language: str, systems: Sequence[ServedCrs]
) -> Document:
    """Return every collection; each comes in every one of `systems`."""
    return {
        "links": [
            link("self", f"{root}/collections", JSON, "图层"),
            link("alternate", f"{root}/collections?f=html", HTML, "图层（网页）"),
        ],
        "crs": [crs.uri for crs in systems],
        "collections": [
            collection_document(root, listing, language, systems) for listing in listings
        ],
    }


def collection_document(
    root: str, listing: LayerListing, language: str, systems: Sequence[ServedCrs]
) -> Document:
    """Return one collection: what it is, where it lies, which systems it comes in."""
    definition, state = listing.definition, listing.state
    document: Document = {
        "id": definition.id,
        "title": spoken(definition.title, language),
        "description": spoken(definition.description, language),
        "attribution": f"{definition.source.publisher}：{definition.source.title}",
        "itemType": "feature",
        "crs": [crs.uri for crs in systems],
        "storageCrs": STORAGE_CRS.uri,
        "links": _collection_links(root, definition),
    }
    if state is not None and state.bounds is not None:
        document["extent"] = {"spatial": {"bbox": [list(state.bounds)], "crs": CRS84.uri}}
    return document


def spoken(title: Title, language: str) -> str:
    """Return the name in the reader's language."""
    return title.en if language == "en" else title.zh


def _collection_links(root: str, definition: LayerDefinition) -> list[Link]:
    here = f"{root}/collections/{definition.id}"
    return [
        link("self", here, JSON, "图层说明"),
        link("alternate", f"{here}?f=html", HTML, "图层说明（网页）"),
        link("items", f"{here}/items", GEOJSON, "要素"),
        link("items", f"{here}/items?f=html", HTML, "要素（网页）"),
        link(f"{_REL}/queryables", f"{here}/queryables", SCHEMA, "可查询字段"),
        link(f"{_REL}/sortables", f"{here}/sortables", SCHEMA, "可排序字段"),
        link(f"{_REL}/schema", f"{here}/schema", SCHEMA, "字段"),
        # GDAL takes field types and the geometry type from here, also of an empty layer.
        link("describedby", f"{here}/schema/feature", SCHEMA, "GeoJSON 要素的结构"),
        link(f"{_REL}/tilesets-vector", f"{here}/tiles", JSON, "矢量瓦片"),
        link("changes", f"{here}/changes", GEOJSON, "某一版以来的变更（since=版本号）"),
    ]
