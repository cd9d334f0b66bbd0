"""The feature service as plain Chinese pages: a person can browse every layer and feature."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from yingji_map.domain.layer import FieldDefinition, LayerDefinition
from yingji_map.services.list_layers import LayerListing
from yingji_map.store.collections import FeaturePage

_STYLE = (
    "body{font:15px/1.6 'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;color:#1d2733;"
    "max-width:76rem;margin:0 auto;padding:1rem 1.5rem}a{color:#0b5cad}nav{color:#5b6775}"
    "h1{font-size:1.4rem;margin:.6rem 0}table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{border-bottom:1px solid #dde3ea;padding:.35rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#f3f6f9;white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "code,pre{font-family:monospace;font-size:.9em}pre{background:#f3f6f9;padding:.8rem;overflow:auto}"
    ".scroll{overflow-x:auto}"
)
_YES_NO = {True: "是", False: "否"}
_GEOMETRIES = {"point": "点", "line": "线", "polygon": "面"}


def landing_page(root: str) -> str:
    """Return `/ogc`."""
    return _page(
        "要素服务",
        [],
        "<p>全部矢量图层，按 OGC API - Features 提供，可直接接入 QGIS、GDAL 与浏览器。</p><ul>"
        f"<li>{_a(f'{root}/collections?f=html', '图层')}</li>"
        f"<li>{_a(f'{root}/api?f=html', '接口说明')}（{_a(f'{root}/api?f=json', 'OpenAPI 3.0')}）</li>"
        f"<li>{_a(f'{root}/conformance?f=html', '符合的标准')}</li></ul>"
        f"<p>QGIS 里新建“WFS / OGC API - Features”连接，地址填 <code>{escape(root)}</code></p>",
    )


def conformance_page(root: str, classes: Sequence[str]) -> str:
    """Return `/ogc/conformance`."""
    listed = "".join(f"<li><code>{escape(name)}</code></li>" for name in classes)
    return _page("符合的标准", [(root, "要素服务")], f"<ul>{listed}</ul>")


def collections_page(root: str, listings: Sequence[LayerListing]) -> str:
    """Return `/ogc/collections`."""
    rows = []
    for listing in listings:
        definition = listing.definition
        here = f"{root}/collections/{definition.id}"
        shape = _GEOMETRIES[definition.geometry] if definition.geometry else ""
        rows.append(
            f"<tr><td>{_a(f'{here}?f=html', definition.title.zh)}</td>"
            f"<td><code>{definition.id}</code></td><td>{shape}</td>"
            f"<td class=n>{listing.state.row_count if listing.state else 0:,}</td>"
            f"<td>{escape(definition.description.zh)}</td>"
            f"<td>{_a(f'{here}/items?f=html', '浏览')}</td></tr>"
        )
    table = _table(("图层", "标识", "几何", "个数", "说明", ""), rows)
    return _page("图层", [(root, "要素服务")], table)


def collection_page(root: str, listing: LayerListing) -> str:
    """Return `/ogc/collections/{id}`."""
    definition, state = listing.definition, listing.state
    here = f"{root}/collections/{definition.id}"
    bounds = state.bounds if state else None
    extent = "、".join(f"{edge:.5f}" for edge in bounds) if bounds else "（无数据）"
    source = f"{definition.source.publisher}：{definition.source.title}"
    body = (
        f"<p>{escape(definition.description.zh)}</p>"
        f"<p>{_a(f'{here}/items?f=html', '浏览要素')} · {_a(f'{here}/items?f=json', 'GeoJSON')} · "
        f"{_a(f'{here}/queryables?f=html', '可查询字段')} · {_a(f'{here}/schema?f=html', '字段')}</p>"
        f"<p>范围（西、南、东、北）：{extent}<br>来源：{escape(source)}<br>"
        f"许可：{escape(definition.licence)}</p>"
    )
    rows = [_field_row(field) for field in definition.public_fields]
    fields = _table(("字段", "名称", "类型", "单位", "取值"), rows)
    return _page(definition.title.zh, _trail(root), body + fields)


def items_page(
    root: str, definition: LayerDefinition, page: FeaturePage, next_href: str | None
) -> str:
    """Return `/ogc/collections/{id}/items`: a table, one row a feature."""
    here = f"{root}/collections/{definition.id}"
    fields = definition.public_fields
    rows = []
    for text in page.features:
        feature = json.loads(text)
        cells = [_cell(feature["properties"].get(field.name), field) for field in fields]
        href = f"{here}/items/{quote(str(feature['id']), safe='')}?f=html"
        rows.append(f"<tr><td>{_a(href, str(feature['id']))}</td>{''.join(cells)}</tr>")
    count = f"<p>共 {page.matched:,} 个，本页 {len(page.features):,} 个"
    onward = f" · {_a(next_href, '下一页')}" if next_href else ""
    heads = ("", *(_headed(field) for field in fields))
    crumbs = [*_trail(root), (here, definition.title.zh)]
    return _page("要素", crumbs, f"{count}{onward}</p>{_table(heads, rows)}<p>{onward}</p>")


def item_page(root: str, definition: LayerDefinition, feature_text: str) -> str:
    """Return one feature: its fields and its geometry."""
    here = f"{root}/collections/{definition.id}"
    feature = json.loads(feature_text)
    rows = [
        f"<tr><th>{escape(_headed(field))}</th>{_cell(feature['properties'][field.name], field)}</tr>"
        for field in definition.public_fields
        if field.name in feature["properties"]
    ]
    geometry = json.dumps(feature["geometry"])
    shown = geometry if len(geometry) <= 2000 else geometry[:2000] + " …"  # noqa: PLR2004 - a screen
    crumbs = [*_trail(root), (here, definition.title.zh), (f"{here}/items", "要素")]
    body = f"<table>{''.join(rows)}</table><pre>{escape(shown)}</pre>"
    return _page(str(feature["id"]), crumbs, body)


def document_page(
    root: str, title: str, document: Mapping[str, object], definition: LayerDefinition | None = None
) -> str:
    """Return a JSON document for people to read."""
    crumbs = [(root, "要素服务")]
    if definition is not None:
        here = f"{root}/collections/{definition.id}"
        crumbs = [*_trail(root), (here, definition.title.zh)]
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return _page(title, crumbs, f"<pre>{escape(text)}</pre>")


def api_page(root: str, document: Mapping[str, Any]) -> str:
    """Return the addresses and parameters of the OpenAPI document as tables."""
    known = document["components"]["parameters"]
    parameters = [
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(known[name]['description'])}</td></tr>"
        for name in known
    ]
    paths = [
        f"<tr><td>{_address(root, path)}</td><td>{escape(item['get']['summary'])}</td></tr>"
        for path, item in document["paths"].items()
    ]
    body = (
        f"<p>{_a(f'{root}/api?f=json', 'OpenAPI 3.0 文档')}。字段名可直接作查询参数，如 "
        "<code>items?township_code=510821100000</code>；见各图层的“可查询字段”。</p>"
        f"<h2>参数</h2>{_table(('参数', '说明'), parameters)}"
        f"<h2>地址</h2>{_table(('地址', '内容'), paths)}"
    )
    return _page("接口说明", [(root, "要素服务")], body)


def _address(root: str, path: str) -> str:
    return f"<code>{escape(path)}</code>" if "{" in path else _a(f"{root}{path}", path)


def _trail(root: str) -> list[tuple[str, str]]:
    return [(root, "要素服务"), (f"{root}/collections", "图层")]


def _field_row(field: FieldDefinition) -> str:
    values = "、".join(field.enum) if field.enum else ""
    return (
        f"<tr><td><code>{field.name}</code></td><td>{escape(field.title.zh)}</td>"
        f"<td>{field.type}</td><td>{escape(field.unit or '')}</td><td>{escape(values)}</td></tr>"
    )


def _headed(field: FieldDefinition) -> str:
    return f"{field.title.zh}（{field.unit}）" if field.unit else field.title.zh


def _cell(value: object, field: FieldDefinition) -> str:
    if isinstance(value, bool):
        return f"<td>{_YES_NO[value]}</td>"
    if field.unit and isinstance(value, int | float):
        return f"<td class=n>{value:,}</td>"
    return f"<td>{'' if value is None else escape(str(value))}</td>"


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f"<div class=scroll><table><tr>{head}</tr>{''.join(rows)}</table></div>"


def _a(href: str, text: str) -> str:
    return f'<a href="{escape(href, quote=True)}">{escape(text)}</a>'


def _page(title: str, crumbs: Sequence[tuple[str, str]], body: str) -> str:
    trail = " › ".join(_a(f"{href}?f=html", text) for href, text in crumbs)
    return (
        f"<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{escape(title)} · 应急一张图</title><style>{_STYLE}</style></head><body>"
        f"<nav>{trail}</nav><h1>{escape(title)}</h1>{body}</body></html>"
    )
