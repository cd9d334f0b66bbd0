"""What a CAP 1.2 message must keep beyond its schema, so that no reader is misled."""

import re
from collections.abc import Iterator
from datetime import datetime

import shapely
from lxml import etree

from yingji_map.domain.errors import InvalidAlert
from yingji_map.publish.cap import CAP_NAMESPACE
from yingji_map.publish.cap_structure import CapFault, check_structure

MAX_BYTES = 4_000_000
MAX_EVENT = 35  # Source: wmo-raf/cap-composer limits the event to 35 characters
MAX_HEADLINE = 160  # Source: CAP 1.2 §3.2.2, headline (recalled)
# China with its seas, west, south, east, north in degrees: a polygon outside has its axes swapped.
_WEST, _SOUTH, _EAST, _NORTH = 73, 3, 136, 54
_REFERRING = {"Update", "Cancel", "Ack", "Error"}
_NS = {"cap": CAP_NAMESPACE}
_HAN = re.compile(r"[㐀-鿿]")


def check_cap(document: bytes) -> list[CapFault]:
    """Return every fault of a message; an empty list means that it may go out.

    The schema accepts an open ring, swapped axes, an end before the beginning, an update of
    nothing and an area without a shape. This does not.

    Parameters
    ----------
    document
        The message; external entities and document types are refused unread.
    """
    root, fault = _parsed(document)
    if root is None:
        return [fault] if fault else []
    faults = check_structure(root, CAP_NAMESPACE, "alert")
    if faults:
        return faults  # meaning is judged only where the form is right
    faults = [*_check_head(root)]
    for number, info in enumerate(root.findall("cap:info", _NS), start=1):
        where = f"alert/info[{number}]"
        faults += _check_times(root, info, where)
        faults += _check_words(info, where)
        for area_number, area in enumerate(info.findall("cap:area", _NS), start=1):
            faults += _check_area(area, f"{where}/area[{area_number}]")
    return faults


def refuse_faulty_cap(document: bytes) -> None:
    """Refuse a message that has any fault.

    Raises
    ------
    InvalidAlert
        With every fault, the first one in words.
    """
    faults = check_cap(document)
    if faults:
        first = faults[0]
        raise InvalidAlert(
            first_zh=f"{first.where}：{first.zh}",
            first_en=f"{first.where} {first.en}",
            faults=[{"code": fault.code, "where": fault.where} for fault in faults],
        )


def _parsed(document: bytes) -> tuple[etree._Element | None, CapFault | None]:
    if len(document) > MAX_BYTES:
        return None, CapFault("too-large", "alert", "消息太大", "is too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        reason = str(error.msg)
        return None, CapFault("not-xml", "alert", f"不是 XML：{reason}", f"is no XML: {reason}")
    if root.getroottree().docinfo.doctype:
        return None, CapFault("has-doctype", "alert", "不接受 DOCTYPE", "has a document type")
    if root.tag != f"{{{CAP_NAMESPACE}}}alert":
        return None, CapFault("not-cap", "alert", "不是 CAP 1.2 消息", "is no CAP 1.2 alert")
    return root, None


def _check_head(root: etree._Element) -> Iterator[CapFault]:
    references, kind, scope = (
        _text(root, "references"),
        _text(root, "msgType"),
        _text(root, "scope"),
    )
    if kind in _REFERRING and not references:
        yield CapFault(
            "no-references", "alert/references", f"{kind} 必须指明所指的消息", f"{kind} needs one"
        )
    for reference in references.split():
        yield from _check_reference(root, reference)
    if (scope == "Restricted") != bool(_text(root, "restriction")):
        yield CapFault(
            "restriction-mismatch",
            "alert/restriction",
            "Restricted 必须、其他不能写 restriction",
            "belongs to the scope Restricted and to no other",
        )
    if scope == "Private" and not _text(root, "addresses"):
        yield CapFault("no-addresses", "alert/addresses", "Private 必须写收件人", "is missing")


def _check_reference(root: etree._Element, reference: str) -> Iterator[CapFault]:
    parts = reference.split(",")
    where = "alert/references"
    moment = _moment(parts[2]) if len(parts) == 3 else None  # noqa: PLR2004 - sender,identifier,sent
    if moment is None:
        yield CapFault(
            "bad-reference", where, f"“{reference}”不是 发送者,标识,时间", "is no sender,id,sent"
        )
        return
    if parts[:2] == [_text(root, "sender"), _text(root, "identifier")]:
        yield CapFault("circular-reference", where, "指向了自己", "refers to the message itself")
    sent = _moment(_text(root, "sent"))
    if sent is None or moment > sent:
        yield CapFault("postdated-reference", where, "所指消息比自己还晚", "is later than sent")


def _check_times(root: etree._Element, info: etree._Element, where: str) -> Iterator[CapFault]:
    stated = {name: _text(info, name) for name in ("effective", "onset", "expires")}
    stated["sent"] = _text(root, "sent")
    times = {name: _moment(text) for name, text in stated.items() if text}
    for name, moment in times.items():
        if moment is None:
            yield CapFault("no-such-time", f"{where}/{name}", "没有这个时刻", "is no real time")
    end = times.get("expires")
    if "expires" not in times:
        yield CapFault("no-expires", f"{where}/expires", "必须写明失效时间", "is missing")
    for name in ("sent", "effective", "onset"):
        begin = times.get(name)
        if begin and end and end <= begin:
            yield CapFault(
                "expires-too-early", f"{where}/expires", f"不晚于 {name}", f"is not after {name}"
            )


def _check_words(info: etree._Element, where: str) -> Iterator[CapFault]:
    language, event = _text(info, "language"), _text(info, "event")
    # A reader takes a block without language for en-US (CAP 1.2 §3.2.2).
    if not language.lower().startswith("zh") and _HAN.search(event + _text(info, "headline")):
        yield CapFault(
            "wrong-language", f"{where}/language", "中文内容须标 zh-CN", "must be zh-CN for Chinese"
        )
    for name, limit in (("event", MAX_EVENT), ("headline", MAX_HEADLINE)):
        if len(_text(info, name)) > limit:
            yield CapFault(
                "too-long", f"{where}/{name}", f"超过 {limit} 字", f"has over {limit} characters"
            )


def _check_area(area: etree._Element, where: str) -> Iterator[CapFault]:
    polygons = [element.text or "" for element in area.findall("cap:polygon", _NS)]
    circles = area.findall("cap:circle", _NS)
    if not (polygons or circles or area.findall("cap:geocode", _NS)):
        yield CapFault("no-shape", where, "只有文字，没有图形或代码", "has neither shape nor code")
    if len(polygons) + len(circles) > 1:
        yield CapFault(
            "many-shapes", where, "一个 area 只放一个图形", "has more than one shape; split it"
        )
    for polygon in polygons:
        yield from _check_polygon(polygon, f"{where}/polygon")
    altitude, ceiling = _text(area, "altitude"), _text(area, "ceiling")
    if ceiling and (not altitude or float(ceiling) < float(altitude)):
        yield CapFault("bad-ceiling", f"{where}/ceiling", "须有且不低于 altitude", "needs altitude")


def _check_polygon(text: str, where: str) -> Iterator[CapFault]:
    pairs = [re.fullmatch(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)", pair) for pair in text.split()]
    ring = [(float(pair[2]), float(pair[1])) for pair in pairs if pair]
    if len(ring) < len(pairs) or len(ring) < 4:  # noqa: PLR2004 - CAP 1.2 §3.2.4
        yield CapFault(
            "bad-polygon", where, "至少四对“纬度,经度”", "needs four pairs of latitude,longitude"
        )
    elif ring[0] != ring[-1]:
        yield CapFault("open-polygon", where, "首尾不是同一点", "does not end where it begins")
    elif not all(_WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH for lon, lat in ring):
        yield CapFault(
            "swapped-axes", where, "不在国境内，经纬度可能写反", "lies outside China: axes swapped?"
        )
    elif not shapely.Polygon(ring).is_valid:
        yield CapFault("crossing-polygon", where, "边线自相交", "crosses itself")


def _text(parent: etree._Element, name: str) -> str:
    return parent.findtext(f"cap:{name}", default="", namespaces=_NS)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None
