"""The elements of CAP 1.2: their order, how often they occur, which words they take."""

import re
from dataclasses import dataclass, field

from lxml import etree


@dataclass(frozen=True, slots=True)
class CapFault:
    """One fault of a message: a stable code, where it is, and what is wrong in two languages."""

    code: str
    where: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Child:
    """An element inside a block; `words` or `pattern` bound its text."""

    name: str
    least: int = 0
    most: int | None = 1
    words: frozenset[str] = field(default_factory=frozenset)
    pattern: str = ""


_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Source: OASIS Common Alerting Protocol 1.2, §3.2 (data dictionary) and §3.4 (schema).
_PAIR = (Child("valueName", 1), Child("value", 1))
BLOCKS: dict[str, tuple[Child, ...]] = {
    "alert": (
        Child("identifier", 1, pattern=r"[^\s,<&]+"),
        Child("sender", 1, pattern=r"[^\s,<&]+"),
        Child("sent", 1, pattern=_TIME),
        Child("status", 1, words=_words("Actual Exercise System Test Draft")),
        Child("msgType", 1, words=_words("Alert Update Cancel Ack Error")),
        Child("source"),
        Child("scope", 1, words=_words("Public Restricted Private")),
        Child("restriction"),
        Child("addresses"),
        Child("code", most=None),
        Child("note"),
        Child("references"),
        Child("incidents"),
        Child("info", most=None),
    ),
    "info": (
        Child("language", pattern=r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
        Child(
            "category",
            1,
            None,
            _words("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other"),
        ),
        Child("event", 1),
        Child(
            "responseType",
            0,
            None,
            _words("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None"),
        ),
        Child("urgency", 1, words=_words("Immediate Expected Future Past Unknown")),
        Child("severity", 1, words=_words("Extreme Severe Moderate Minor Unknown")),
        Child("certainty", 1, words=_words("Observed Likely Possible Unlikely Unknown")),
        Child("audience"),
        Child("eventCode", most=None),
        Child("effective", pattern=_TIME),
        Child("onset", pattern=_TIME),
        Child("expires", pattern=_TIME),
        Child("senderName"),
        Child("headline"),
        Child("description"),
        Child("instruction"),
        Child("web"),
        Child("contact"),
        Child("parameter", most=None),
        Child("resource", most=None),
        Child("area", most=None),
    ),
    "resource": (
        Child("resourceDesc", 1),
        Child("mimeType", 1),
        Child("size", pattern=r"[+-]?\d+"),
        Child("uri"),
        Child("derefUri"),
        Child("digest"),
    ),
    "area": (
        Child("areaDesc", 1),
        Child("polygon", most=None),
        Child("circle", most=None),
        Child("geocode", most=None),
        Child("altitude", pattern=r"[+-]?(\d+\.?\d*|\.\d+)"),
        Child("ceiling", pattern=r"[+-]?(\d+\.?\d*|\.\d+)"),
    ),
    "eventCode": _PAIR,
    "parameter": _PAIR,
    "geocode": _PAIR,
}
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def check_structure(block: etree._Element, namespace: str, where: str) -> list[CapFault]:
    """Return what breaks the standard's structure in a block and in the blocks inside it."""
    name = etree.QName(block).localname
    allowed = {f"{{{namespace}}}{child.name}": child for child in BLOCKS[name]}
    order = list(allowed)
    faults: list[CapFault] = []
    counts: dict[str, int] = {}
    last = 0
    for element in block.iterchildren(tag=etree.Element):
        child = allowed.get(str(element.tag))
        if child is None:
            if not (name == "alert" and element.tag == _SIGNATURE):
                faults.append(_unknown(element, where))
            continue
        counts[child.name] = counts.get(child.name, 0) + 1
        place = f"{where}/{child.name}[{counts[child.name]}]"
        position = order.index(str(element.tag))
        if position < last:
            faults.append(CapFault("wrong-order", place, "元素次序不对", "is out of order"))
        last = max(last, position)
        if child.name in BLOCKS:
            faults += check_structure(element, namespace, place)
        else:
            faults += _check_text(child, element.text or "", place)
    for child in BLOCKS[name]:
        faults += _check_count(child, counts.get(child.name, 0), where)
    return faults


def _unknown(element: etree._Element, where: str) -> CapFault:
    name = etree.QName(element).localname
    return CapFault(
        "unknown-element", f"{where}/{name}", "CAP 1.2 没有这个元素", "is no CAP 1.2 element here"
    )


def _check_text(child: Child, text: str, place: str) -> list[CapFault]:
    if child.words and text not in child.words:
        known = ", ".join(sorted(child.words))
        return [
            CapFault("unknown-word", place, f"“{text}”不在 {known} 之中", f"“{text}”: not {known}")
        ]
    if child.pattern and not re.fullmatch(child.pattern, text):
        return [CapFault("bad-form", place, f"“{text}”写法不对", f"“{text}” has a wrong form")]
    if child.least and not text.strip():
        return [CapFault("empty", place, "不能为空", "must not be empty")]
    return []


def _check_count(child: Child, count: int, where: str) -> list[CapFault]:
    place = f"{where}/{child.name}"
    if count < child.least:
        return [CapFault("missing", place, "缺少这个元素", "is missing")]
    if child.most is not None and count > child.most:
        return [CapFault("repeated", place, "只能出现一次", "may occur once only")]
    return []
