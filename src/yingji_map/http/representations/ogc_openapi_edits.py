"""The editing operations of the feature service's OpenAPI document."""

from collections.abc import Mapping

from yingji_map.http.negotiation import GEOJSON
from yingji_map.http.representations.ogc import Document

SECURITY: Document = {"token": {"type": "http", "scheme": "bearer"}}
_MERGE_PATCH = "application/merge-patch+json"
_ANSWERS = {
    "201": "已新建；地址在 Location",
    "204": "已保存",
    "400": "内容不合规；原因见 detail",
    "401": "缺少令牌，或令牌不对",
    "403": "未开放编辑",
    "404": "没有这个要素",
    "409": "编号或 Idempotency-Key 已用过",
    "412": "别人先改过；请重新读取",
    "413": "内容太大",
    "415": "不接受这种格式",
}
_CONTENT_CRS = {
    "name": "Content-Crs",
    "in": "header",
    "description": "内容里坐标的坐标系，取值同 crs；EPSG 4326 与 4490 为纬度在前",
    "schema": {"type": "string", "format": "uri"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "读到的 ETag；要素若已变，不保存",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "同一个键重发不会多出一个要素",
    "schema": {"type": "string", "maxLength": 200},
}
_KEY = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}


def items_operations(tag: str, title: str) -> Document:
    """Return what may be done with a collection."""
    return {
        "post": _operation(
            tag,
            f"{tag}.create",
            f"{title}：新建要素",
            parameters=(_CONTENT_CRS, _IDEMPOTENCY_KEY),
            answers=("201", "400", "401", "403", "409", "413", "415"),
            form=GEOJSON,
        )
    }


def item_operations(tag: str, title: str) -> Document:
    """Return what may be done with one feature."""
    answers = ("204", "400", "401", "403", "404", "412", "413", "415")
    sent = (_KEY, _CONTENT_CRS, _IF_MATCH)
    return {
        "put": _operation(
            tag,
            f"{tag}.replace",
            f"{title}：换掉一个要素",
            parameters=sent,
            answers=answers,
            form=GEOJSON,
        ),
        "patch": _operation(
            tag,
            f"{tag}.update",
            f"{title}：改一个要素的几项",
            parameters=sent,
            answers=answers,
            form=_MERGE_PATCH,
        ),
        "delete": _operation(
            tag,
            f"{tag}.delete",
            f"{title}：删除一个要素，原来的状态留在历史里",
            parameters=(_KEY, _IF_MATCH),
            answers=("204", "401", "403", "404", "412"),
        ),
    }


def _operation(  # noqa: PLR0913 - keyword-only, the parts of one operation
    tag: str,
    identity: str,
    summary: str,
    *,
    parameters: tuple[Mapping[str, object], ...],
    answers: tuple[str, ...],
    form: str | None = None,
) -> Document:
    operation: Document = {
        "operationId": identity,
        "summary": summary,
        "tags": [tag],
        "security": [{name: [] for name in SECURITY}],
        "parameters": list(parameters),
        "responses": {status: {"description": _ANSWERS[status]} for status in answers},
    }
    if form is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {form: {"schema": {"type": "object"}}},
        }
    return operation
