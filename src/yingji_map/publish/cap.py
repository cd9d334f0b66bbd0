"""A warning as an OASIS CAP 1.2 message."""

from collections.abc import Iterable
from datetime import datetime

from lxml import etree
from shapely import Polygon

from yingji_map.domain.warning import (
    BEIJING,
    HazardWarning,
    WarningArea,
    WarningState,
    WarningTexts,
)
from yingji_map.domain.warning_texts import advice_of
from yingji_map.domain.warning_zone import DECIMALS

CAP_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
_STATUS = {WarningState.CANDIDATE: "Draft", WarningState.DRAFT: "Draft"}
_EXERCISE_NOTE = "演练，不是真实预警。This is an exercise, not a real warning."


def cap_document(warning: HazardWarning) -> bytes:
    """Return the message as UTF-8; the same revision always gives the same bytes.

    The scope is Public: a draft is what will go out but for its status, and the status Draft is
    what tells every reader not to act on it (CAP 1.2 §3.2.1).

    Parameters
    ----------
    warning
        Any revision of a warning.
    """
    alert = etree.Element(f"{{{CAP_NAMESPACE}}}alert", nsmap={None: CAP_NAMESPACE})
    head = [
        ("identifier", warning.warning_id),
        ("sender", warning.issuer.sender),
        ("sent", cap_time(warning.revised_at)),
        ("status", "Exercise" if warning.is_exercise else _STATUS.get(warning.state, "Actual")),
        ("msgType", "Alert"),
        ("scope", "Public"),
    ]
    if warning.is_exercise:
        head.append(("note", _EXERCISE_NOTE))
    _add_all(alert, head)
    _add_info(alert, warning, "zh-CN", warning.texts)
    if warning.texts_en is not None:
        _add_info(alert, warning, "en-US", warning.texts_en)
    return etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def cap_time(moment: datetime) -> str:
    """Return an instant as CAP wants it: whole seconds, Beijing offset, never `Z`."""
    return moment.astimezone(BEIJING).replace(microsecond=0).isoformat()


def cap_polygon(part: Polygon) -> str:
    """Return the outer ring as `lat,lon lat,lon …`, first position last again."""
    return " ".join(
        f"{lat:.{DECIMALS}f},{lon:.{DECIMALS}f}" for lon, lat in list(part.exterior.coords)
    )


def _add_info(
    alert: etree._Element, warning: HazardWarning, language: str, texts: WarningTexts
) -> None:
    event, meaning, issuer = warning.event, warning.meaning, warning.issuer
    is_zh = language == "zh-CN"
    info = _add(alert, "info")
    _add_all(info, [("language", language)])
    _add_all(info, [("category", category) for category in event.categories])
    _add_all(info, [("event", event.title_zh if is_zh else event.title_en)])
    response_types = advice_of(event, warning.level).response_types
    _add_all(info, [("responseType", response) for response in response_types])
    _add_all(
        info,
        [
            ("urgency", meaning.urgency),
            ("severity", meaning.severity),
            ("certainty", "Observed" if event.is_occurring else meaning.certainty),
        ],
    )
    if event.code is not None:
        _add_pair(info, "eventCode", "eventType", event.code)
    _add_all(
        info,
        [
            ("effective", cap_time(warning.effective_at)),
            ("expires", cap_time(warning.expires_at)),
            ("senderName", issuer.name),
            ("headline", texts.headline),
            ("description", texts.description),
            ("instruction", texts.instruction),
            ("web", issuer.web),
            ("contact", issuer.contact),
        ],
    )
    # Colours are not among CAP's severities; GB/T 35965.1 readers look for them by name.
    _add_pair(info, "parameter", "color", meaning.colour_en)
    _add_pair(info, "parameter", "level", meaning.label_zh if is_zh else meaning.label_en)
    for part, area in zip(warning.zone.geoms, warning.areas, strict=True):
        _add_area(info, part, area)


def _add_area(info: etree._Element, part: Polygon, area: WarningArea) -> None:
    # One shape an area: readers were seen to drop a second polygon or to fail on it.
    element = _add(info, "area")
    _add_all(element, [("areaDesc", area.description), ("polygon", cap_polygon(part))])
    for code in area.division_codes:
        _add_pair(element, "geocode", _code_list(code), code)


def _code_list(code: str) -> str:
    """Name the list a division code is from: GB/T 2260 for counties, GB/T 10114 below them."""
    return "GBT2260" if len(code) == 6 else "GBT10114"  # noqa: PLR2004 - digits of a county code


def _add_pair(parent: etree._Element, tag: str, name: str, value: str) -> None:
    _add_all(_add(parent, tag), [("valueName", name), ("value", value)])


def _add_all(parent: etree._Element, pairs: Iterable[tuple[str, str | None]]) -> None:
    for tag, text in pairs:
        if text is not None:
            _add(parent, tag).text = text


def _add(parent: etree._Element, tag: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{CAP_NAMESPACE}}}{tag}")
