"""The feature service as Chinese pages with a map: a person can browse every layer and feature."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from yingji_map.domain.layer import FieldDefinition, LayerDefinition
from yingji_map.http.representations.ogc_frame import (
    Frame,
    PageMap,
    a,
    cell,
    headed,
    raw_table,
    table,
)
from yingji_map.services.list_layers import LayerListing
from yingji_map.store.collections import FeaturePage

_SHOWN_FEATURES = 1000
_SHOWN_GEOMETRY = 2000  # characters: a screen
_GEOMETRIES = {"point": "点", "line": "线", "polygon": "面"}


def landing_page(root: str) -> str:
    """Return `/ogc`."""
    frame = Frame(
        root=root,
        title="要素服务",
        others={"JSON": f"{root}?f=json", "OpenAPI 3.0": f"{root}/api?f=json"},
        page_map=PageMap(),
    )
    return frame.around(
        "<p>全部矢量图层，按 OGC API - Features 提供，可直接接入 QGIS、GDAL 与浏览器。</p><ul>"
        f"<li>{a(f'{root}/collections?f=html', '图层')}</li>"
        f"<li>{a(f'{root}/api?f=html', '接口说明')}（{a(f'{root}/api?f=json', 'OpenAPI 3.0')}）</li>"
        f"<li>{a(f'{root}/conformance?f=html', '符合的标准')}</li></ul>"
        f"<p>QGIS 里新建“WFS / OGC API - Features”连接，地址填 <code>{escape(root)}</code></p>"
    )


def conformance_page(root: str, classes: Sequence[str]) -> str:
    """Return `/ogc/conformance`."""
    listed = "".join(f"<li><code>{escape(name)}</code></li>" for name in classes)
    frame = Frame(
        root=root,
        title="符合的标准",
        crumbs=[(root, "要素服务")],
        others={"JSON": f"{root}/conformance?f=json"},
    )
    return frame.around(f"<ul>{listed}</ul>")


def collections_page(root: str, listings: Sequence[LayerListing]) -> str:
    """Return `/ogc/collections`."""
    rows = []
    for listing in listings:
        definition = listing.definition
        here = f"{root}/collections/{definition.id}"
        shape = _GEOMETRIES[definition.geometry] if definition.geometry else ""
        rows.append(
            f"<tr><td>{a(f'{here}?f=html', definition.title.zh)}</td>"
            f"<td><code>{definition.id}</code></td><td>{shape}</td>"
            f"<td class=n>{listing.state.row_count if listing.state else 0:,}</td>"
            f"<td>{escape(definition.description.zh)}</td>"
            f"<td>{a(f'{here}/items?f=html', '浏览')}</td></tr>"
        )
    frame = Frame(
        root=root,
        title="图层",
        crumbs=[(root, "要素服务")],
        others={"JSON": f"{root}/collections?f=json"},
    )
    return frame.around(table(("图层", "标识", "几何", "个数", "说明", ""), rows))


def collection_page(root: str, listing: LayerListing) -> str:
    """Return `/ogc/collections/{id}`: the layer on the map in its own colours, and its fields."""
    definition, state = listing.definition, listing.state
    here = f"{root}/collections/{definition.id}"
    bounds = state.bounds if state else None
    extent = "、".join(f"{edge:.5f}" for edge in bounds) if bounds else "（无数据）"
    source = f"{definition.source.publisher}：{definition.source.title}"
    is_whole = state is None or state.row_count <= _SHOWN_FEATURES
    only = "" if is_whole else f"<p>地图上只画前 {_SHOWN_FEATURES:,} 个</p>"
    body = (
        f"<p>{escape(definition.description.zh)}</p>"
        f"<p>{a(f'{here}/items?f=html', '浏览要素')} · {a(f'{here}/items?f=json', 'GeoJSON')} · "
        f"{a(f'{here}/queryables?f=html', '可查询字段')} · "
        f"{a(f'{here}/sortables?f=html', '可排序字段')} · {a(f'{here}/schema?f=html', '字段')}</p>"
        f"{only}"
        f"<p>范围（西、南、东、北）：{extent}<br>来源：{escape(source)}<br>"
        f"许可：{escape(definition.licence)}</p>"
    )
    rows = [_field_row(field) for field in definition.public_fields]
    fields = table(("字段", "名称", "类型", "单位", "取值"), rows)
    frame = Frame(
        root=root,
        title=definition.title.zh,
        crumbs=_trail(root),
        others={"JSON": f"{here}?f=json"},
        page_map=PageMap(
            layer_id=definition.id,
            items=f"{here}/items",
            shown=f"{here}/items?f=json&properties=&limit={_SHOWN_FEATURES}",
            bounds=bounds,
        ),
    )
    return frame.around(body + fields)


def items_page(
    root: str, definition: LayerDefinition, page: FeaturePage, hrefs: Mapping[str, str]
) -> str:
    """Return `/ogc/collections/{id}/items`: a map, and a table with one row a feature.

    Parameters
    ----------
    hrefs
        Addresses of `first` and (where there is one) `next` page, and of this page as `json`.
    """
    here = f"{root}/collections/{definition.id}"
    fields = definition.public_fields
    rows = []
    for text in page.features:
        feature = json.loads(text)
        cells = [cell(feature["properties"].get(field.name), field) for field in fields]
        name = str(feature["id"])
        href = f"{here}/items/{quote(name, safe='')}?f=html"
        rows.append(
            f'<tr data-id="{escape(name, quote=True)}"><td>{a(href, name)}</td>{"".join(cells)}</tr>'
        )
    walk = [a(hrefs["first"], "第一页"), *([a(hrefs["next"], "下一页")] if "next" in hrefs else ())]
    onward = " · ".join(walk)
    count = f"<p>共 {page.matched:,} 个，本页 {len(page.features):,} 个 · {onward}</p>"
    frame = Frame(
        root=root,
        title=f"{definition.title.zh}：要素",
        crumbs=[*_trail(root), (here, definition.title.zh)],
        others={"GeoJSON": hrefs["json"]},
        page_map=PageMap(layer_id=definition.id, items=f"{here}/items", shown=hrefs["json"]),
    )
    heads = ["", *(_sorting_head(f"{here}/items", field) for field in fields)]
    return frame.around(
        f"{_filter_form(here, definition)}{count}{raw_table(heads, rows)}<p>{onward}</p>"
    )


def item_page(root: str, definition: LayerDefinition, feature_text: str, json_href: str) -> str:
    """Return one feature: where it lies, its fields and its geometry."""
    here = f"{root}/collections/{definition.id}"
    feature = json.loads(feature_text)
    rows = [
        f"<tr><th>{escape(headed(field))}</th>{cell(feature['properties'][field.name], field)}</tr>"
        for field in definition.public_fields
        if field.name in feature["properties"]
    ]
    geometry = json.dumps(feature["geometry"])
    if len(geometry) > _SHOWN_GEOMETRY:
        geometry = geometry[:_SHOWN_GEOMETRY] + " …"
    frame = Frame(
        root=root,
        title=str(feature["id"]),
        crumbs=[*_trail(root), (here, definition.title.zh), (f"{here}/items", "要素")],
        others={"GeoJSON": json_href},
        page_map=PageMap(layer_id=definition.id, items=f"{here}/items", shown=json_href),
    )
    return frame.around(f"<table>{''.join(rows)}</table><pre>{escape(geometry)}</pre>")


def document_page(
    root: str, title: str, document: Mapping[str, object], definition: LayerDefinition | None = None
) -> str:
    """Return a JSON document for people to read."""
    crumbs = [(root, "要素服务")]
    if definition is not None:
        here = f"{root}/collections/{definition.id}"
        crumbs = [*_trail(root), (here, definition.title.zh)]
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return Frame(root=root, title=title, crumbs=crumbs).around(f"<pre>{escape(text)}</pre>")


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
        f"<p>{a(f'{root}/api?f=json', 'OpenAPI 3.0 文档')}。字段名可直接作查询参数，如 "
        "<code>items?township_code=510821100000</code>；见各图层的“可查询字段”。</p>"
        f"<h2>参数</h2>{table(('参数', '说明'), parameters)}"
        f"<h2>地址</h2>{table(('地址', '内容'), paths)}"
    )
    return Frame(root=root, title="接口说明", crumbs=[(root, "要素服务")]).around(body)


def _filter_form(here: str, definition: LayerDefinition) -> str:
    """Return the form that asks for features by a filter."""
    key = definition.key or ""
    name = "name" if definition.field("name") is not None else key
    hint = escape(f"如 {name} LIKE '%村%'", quote=True)
    return (
        f'<form action="{escape(here, quote=True)}/items"><input type=hidden name=f value=html>'
        f'<label>过滤（CQL2）：<input type=text name=filter required placeholder="{hint}"></label> '
        "<button>查询</button></form>"
    )


def _sorting_head(items: str, field: FieldDefinition) -> str:
    up, down = (f"{items}?f=html&sortby={sign}{field.name}" for sign in ("", "-"))
    return f"{escape(headed(field))} {a(up, '↑')}{a(down, '↓')}"


def _address(root: str, path: str) -> str:
    return f"<code>{escape(path)}</code>" if "{" in path else a(f"{root}{path}", path)


def _trail(root: str) -> list[tuple[str, str]]:
    return [(root, "要素服务"), (f"{root}/collections", "图层")]


def _field_row(field: FieldDefinition) -> str:
    values = "、".join(field.enum) if field.enum else ""
    return (
        f"<tr><td><code>{field.name}</code></td><td>{escape(field.title.zh)}</td>"
        f"<td>{field.type}</td><td>{escape(field.unit or '')}</td><td>{escape(values)}</td></tr>"
    )
