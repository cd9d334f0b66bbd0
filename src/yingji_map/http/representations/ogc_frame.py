"""The frame of the feature service's pages: trail, other formats, map, tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from yingji_map.domain.layer import FieldDefinition

STYLE = (
    "body{font:15px/1.6 'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;color:#1d2733;"
    "max-width:76rem;margin:0 auto;padding:1rem 1.5rem}a{color:#0b5cad}nav,.other{color:#5b6775}"
    "h1{font-size:1.4rem;margin:.6rem 0}h2{font-size:1.1rem;margin:1.2rem 0 .4rem}"
    "th:first-child{width:1%}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{border-bottom:1px solid #dde3ea;padding:.35rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#f3f6f9;white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "th a{color:inherit}tr.chosen td{background:#fff1e6}"
    "code,pre{font-family:monospace;font-size:.9em}pre{background:#f3f6f9;padding:.8rem;overflow:auto}"
    ".scroll{overflow-x:auto}.map{height:24rem;margin:1rem 0;border:1px solid #dde3ea;border-radius:4px;"
    "background:#f3f5f2}form{margin:.6rem 0}input[type=text]{width:min(34rem,60%)}"
    "input,button{font:inherit;padding:.2rem .5rem}"
)
_YES_NO = {True: "是", False: "否"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMap:
    """The map of a page.

    Attributes
    ----------
    layer_id
        The layer that is drawn in its own colours; None draws the ground only.
    items
        Address of the layer's features, where a click on one leads.
    shown
        Address of the features that are drawn on top, as GeoJSON.
    bounds
        The layer's extent in degrees: drawn, and what is seen at first; else the features shown are.
    """

    layer_id: str | None = None
    items: str = ""
    shown: str = ""
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around the body of a page; `root` is the absolute address of `/ogc`."""

    root: str
    title: str
    crumbs: Sequence[tuple[str, str]] = ()
    others: Mapping[str, str] | None = None
    page_map: PageMap | None = None

    def around(self, body: str) -> str:
        """Return the page."""
        base = self.root.removesuffix("/ogc")
        trail = " › ".join(a(f"{href}?f=html", text) for href, text in self.crumbs)
        others = " · ".join(a(href, name) for name, href in (self.others or {}).items())
        head, shown = "", ""
        if self.page_map is not None:
            head = (
                f'<link rel="stylesheet" href="{escape(base)}/browse.css">'
                f'<script type="module" src="{escape(base)}/browse.js"></script>'
            )
            shown = _map_block(base, self.page_map)
        foot = f"<p class=other>其他格式：{others}</p>" if others else ""
        return (
            "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width,initial-scale=1'>"
            f"<title>{escape(self.title)} · 应急一张图</title><link rel='icon' href='data:,'>"
            f"<style>{STYLE}</style>{head}</head><body><nav>{trail}</nav>"
            f"<h1>{escape(self.title)}</h1>{shown}{body}{foot}</body></html>"
        )


def _map_block(base: str, page_map: PageMap) -> str:
    bounds = ",".join(str(edge) for edge in page_map.bounds or ())
    data = {
        "base": base,
        "layer": page_map.layer_id or "",
        "items": page_map.items,
        "page": page_map.shown,
        "bounds": bounds,
    }
    said = " ".join(f'data-{name}="{escape(value, quote=True)}"' for name, value in data.items())
    return f"<div id=map class=map role=region aria-label=地图 {said}></div>"


def a(href: str, text: str) -> str:
    """Return a link."""
    return f'<a href="{escape(href, quote=True)}">{escape(text)}</a>'


def table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table; `heads` are texts, `rows` are HTML."""
    return raw_table([escape(name) for name in heads], rows)


def raw_table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table whose heads are HTML, too."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"<div class=scroll><table><tr>{head}</tr>{''.join(rows)}</table></div>"


def headed(field: FieldDefinition) -> str:
    """Return a field's title with its unit."""
    return f"{field.title.zh}（{field.unit}）" if field.unit else field.title.zh


def cell(value: object, field: FieldDefinition) -> str:
    """Return a table cell with a value of the field."""
    if isinstance(value, bool):
        return f"<td>{_YES_NO[value]}</td>"
    if field.unit and isinstance(value, int | float):
        return f"<td class=n>{value:,}</td>"
    return f"<td>{'' if value is None else escape(str(value))}</td>"
