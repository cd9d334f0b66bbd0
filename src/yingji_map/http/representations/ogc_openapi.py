"""The OpenAPI 3.0 document of the feature service: one literal path a collection."""

from collections.abc import Sequence

from yingji_map import __version__
from yingji_map.domain.crs import CRS84, ServedCrs
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.query import DEFAULT_LIMIT, MAX_LIMIT
from yingji_map.domain.tile_matrix import WEB_MERCATOR_QUAD
from yingji_map.http.negotiation import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from yingji_map.http.parameters import (
    ITEM_PARAMETERS,
    ITEMS_PARAMETERS,
    VIEW_PARAMETERS,
    queryable_fields,
)
from yingji_map.http.representations.ogc import Document, spoken
from yingji_map.http.representations.ogc_openapi_edits import (
    SECURITY,
    item_operations,
    items_operations,
)
from yingji_map.http.representations.ogc_schemas import field_schema
from yingji_map.http.representations.tiles import VECTOR_TILE

_TIME = "RFC 3339，带时区；只写日期则按北京时间整日"
_PARAMETERS: dict[str, tuple[str, Document]] = {
    "f": ("格式；不写则按 Accept", {"type": "string", "enum": ["json", "geojson", "html"]}),
    "bbox": (
        "外包框：4 或 6 个数，轴序从 bbox-crs",
        {
            "type": "array",
            "items": {"type": "number"},
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        },
    ),
    "bbox-crs": ("bbox 的坐标系", {}),
    "crs": ("回答的坐标系；EPSG 4326 与 4490 纬度在前，高斯-克吕格带北向在前", {}),
    "datetime": (f"有效时间：时刻或“起/止”，开口写 ..；{_TIME}；不写为现在", {"type": "string"}),
    "known_at": (f"当时所知：按那一刻已入库的内容回答；{_TIME}", {"type": "string"}),
    "filter": (
        "过滤条件（CQL2），与其他条件同时成立",
        {"type": "string", "example": "population_persons > 500 AND name LIKE '%村'"},
    ),
    "filter-lang": (
        "过滤条件的写法",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
    ),
    "filter-crs": ("过滤条件里图形的坐标系", {}),
    "sortby": (
        "按哪些字段排序，逗号分隔；- 开头为降序，缺值在最后",
        {"type": "array", "items": {"type": "string", "pattern": "^[+-]?.+$"}, "minItems": 1},
    ),
    "properties": (
        "只要哪些字段，逗号分隔；空着则一个不要",
        {"type": "array", "items": {"type": "string"}},
    ),
    "limit": (
        "每页个数；超过上限按上限",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    "after": ("从这个编号之后开始；由 next 链接给出", {"type": "string"}),
    "offset": ("跳过的个数；翻页请用 next 链接", {"type": "integer", "minimum": 0, "default": 0}),
}
_PROBLEM = {
    "description": "不能照办；原因见 detail",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


def openapi_document(
    root: str,
    definitions: Sequence[LayerDefinition],
    language: str,
    *,
    systems: Sequence[ServedCrs],
    is_editable: bool = False,
) -> Document:
    """Return the document; clients take page sizes and filterable fields from it."""
    crs: Document = {
        "type": "string",
        "format": "uri",
        "enum": [crs.uri for crs in systems],
        "default": CRS84.uri,
    }
    paths: Document = {
        "/": _operation("landing", "首页", JSON),
        "/api": _operation("api", "本文档", OPENAPI),
        "/conformance": _operation("conformance", "符合的标准", JSON),
        "/collections": _operation("collections", "图层", JSON),
        "/tileMatrixSets": _operation("tileMatrixSets", "瓦片方案", JSON),
        f"/tileMatrixSets/{WEB_MERCATOR_QUAD}": _operation("tileMatrixSet", "瓦片方案", JSON),
    }
    for definition in definitions:
        paths |= _collection_paths(definition, language, is_editable=is_editable)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "应急一张图 · 要素服务",
            "version": __version__,
            "description": "OGC API - Features：全部矢量图层",
        },
        "servers": [{"url": root}],
        "tags": [{"name": d.id, "description": spoken(d.title, language)} for d in definitions],
        "paths": paths,
        "components": {
            "parameters": {
                name: _parameter(name, description, schema or crs)
                for name, (description, schema) in _PARAMETERS.items()
            },
            **({"securitySchemes": SECURITY} if is_editable else {}),
        },
    }


def _collection_paths(definition: LayerDefinition, language: str, *, is_editable: bool) -> Document:
    here, title = f"/collections/{definition.id}", spoken(definition.title, language)
    fields = [
        _parameter(field.name, spoken(field.title, language), _plain(field_schema(field, language)))
        for field in queryable_fields(definition)
    ]
    key = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    tag = definition.id

    def about(part: str, said: str) -> Document:
        return _operation(f"{tag}.{part}", f"{title}：{said}", SCHEMA, tag=tag)

    items = [*map(_reference, ITEMS_PARAMETERS), *fields]
    item = [key, *map(_reference, ITEM_PARAMETERS)]
    return {
        here: _operation(tag, title, JSON, tag=tag),
        f"{here}/items": {
            **_operation(f"{tag}.items", f"{title}：要素", GEOJSON, items, tag=tag),
            **(items_operations(tag, title) if is_editable else {}),
        },
        f"{here}/items/{{featureId}}": {
            **_operation(f"{tag}.item", f"{title}：一个要素", GEOJSON, item, tag=tag),
            **(item_operations(tag, title) if is_editable else {}),
        },
        f"{here}/queryables": about("queryables", "可查询字段"),
        f"{here}/sortables": about("sortables", "可排序字段"),
        f"{here}/schema": about("schema", "字段"),
        f"{here}/schema/feature": about("featureSchema", "GeoJSON 要素的结构"),
        f"{here}/tiles": about("tilesets", "瓦片集"),
        f"{here}/tiles/{WEB_MERCATOR_QUAD}": about("tileset", "瓦片集说明"),
        f"{here}/tiles/{WEB_MERCATOR_QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _operation(
            f"{tag}.tile", f"{title}：瓦片", VECTOR_TILE, _tile_parameters(), tag=tag
        ),
    }


def _operation(
    identity: str,
    summary: str,
    media_type: str,
    parameters: Sequence[Document] = (),
    *,
    tag: str = "service",
) -> Document:
    schema = {"schema": {"type": "object"}}
    answers = {
        "description": "好",
        "content": {media_type: schema, HTML: {"schema": {"type": "string"}}},
    }
    chosen = list(parameters) or [_reference("f")]
    return {
        "get": {
            "operationId": identity,
            "summary": summary,
            "tags": [tag],
            "parameters": chosen,
            "responses": {"200": answers, "400": _PROBLEM, "404": _PROBLEM},
        }
    }


def _parameter(name: str, description: str, schema: Document) -> Document:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _tile_parameters() -> list[Document]:
    path = (("tileMatrix", "级"), ("tileRow", "行，自北"), ("tileCol", "列，自西"))
    schema: Document = {"type": "integer", "minimum": 0}
    return [
        *(
            {"name": name, "in": "path", "required": True, "description": said, "schema": schema}
            for name, said in path
        ),
        *map(_reference, VIEW_PARAMETERS),
    ]


def _reference(name: str) -> Document:
    return {"$ref": f"#/components/parameters/{name}"}


def _plain(schema: Document) -> Document:
    return {name: value for name, value in schema.items() if not name.startswith("x-")}
