"""Degrees as people write them: decimal, with compass words, in minutes and seconds."""

import re
import unicodedata

from yingji_map.ingest.numbers import parse_number

_DMS = re.compile(
    r"(?P<deg>\d{1,3})\s*[°º度]\s*(?:(?P<min>\d{1,2})\s*['′’分]\s*)?(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|秒)\s*)?"
)
_COMPASS = re.compile(r"^(东经|北纬|[EN])|[EN]$")
_DECORATION = re.compile(r"^(东经|北纬|[EN])?\s*(.*?)\s*(°|度)?\s*([EN])?$", re.IGNORECASE)
_SIXTY = 60.0


def parse_degrees(text: str) -> float | None:
    """Return degrees from `106.29`, `东经106.29`, `106°17′24″` or None when it is none of them."""
    angle = _angle(text)
    if angle is not None:
        minutes, seconds = float(angle["min"] or 0), float(angle["sec"] or 0)
        if minutes > _SIXTY or seconds > _SIXTY:
            return None
        return float(angle["deg"]) + minutes / 60 + seconds / 3600
    inner = _DECORATION.match(unicodedata.normalize("NFKC", text).strip())
    return parse_number(inner[2]) if inner else None


def has_minutes(text: str) -> bool:
    """Return whether a text says an angle in degrees and minutes, perhaps seconds."""
    return _angle(text) is not None


def _angle(text: str) -> re.Match[str] | None:
    # Matched as written: NFKC would turn the sign of seconds into two signs of minutes.
    angle = _DMS.fullmatch(_COMPASS.sub("", text.strip()).strip())
    return angle if angle and (angle["min"] or angle["sec"]) else None
