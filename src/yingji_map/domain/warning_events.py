"""Hazards, levels and what each means in CAP: the tables of the warning rules."""

from dataclasses import dataclass
from enum import StrEnum

from yingji_map.domain.errors import InvalidParameter


class WarningLevel(StrEnum):
    """The four colours of a warning, highest first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class AdviceFamily(StrEnum):
    """Hazards that share what people are told to do."""

    SLOPE = "slope"
    WATER = "water"
    WILDFIRE = "wildfire"
    FIRE_DANGER = "fire_danger"
    EARTHQUAKE = "earthquake"
    DAM = "dam"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMeaning:
    """One colour: its words, and the three CAP scales it stands for.

    `is_verified` tells whether `severity` was read in a source or only recalled.
    """

    colour_zh: str
    numeral_zh: str
    colour_en: str
    numeral_en: str
    severity: str
    urgency: str
    certainty: str
    chance_zh: str
    source: str
    is_verified: bool

    @property
    def label_zh(self) -> str:
        """The pair in which a level is always written."""
        return f"{self.colour_zh} / {self.numeral_zh}"

    @property
    def label_en(self) -> str:
        """The same pair in English."""
        return f"{self.colour_en} / {self.numeral_en}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One kind of event that can be warned of.

    `code` is the national event code; None where no public source shows one. `happening_zh` is
    what may happen, where the event itself is named a risk. `is_occurring` marks events that are
    warned of once they are seen, not forecast.
    """

    hazard: str
    title_zh: str
    title_en: str
    code: str | None
    categories: tuple[str, ...]
    family: AdviceFamily
    source: str
    is_verified: bool
    happening_zh: str
    is_occurring: bool = False


# Severity. Source: QWeather alert documents map yellow to Moderate and blue to Minor (read); orange
# and red continue the scale (recalled). Urgency and certainty are this project's choice: CAP 1.2
# §3.2.2 gives the scales, no Chinese source gives a mapping. Chance words. Source: provincial notes
# on geological-hazard weather warnings (secondary).
_QWEATHER = "qwd/dev-site weather-alert-v1"
_RECALLED = "recalled"
# fmt: off
_LEVEL_ROWS = (
    ("red", "红色", "Ⅰ级", "Red", "Level I", "Extreme", "Immediate", "Likely", "极大", _RECALLED),
    ("orange", "橙色", "Ⅱ级", "Orange", "Level II", "Severe", "Expected", "Likely", "很大", _RECALLED),
    ("yellow", "黄色", "Ⅲ级", "Yellow", "Level III", "Moderate", "Expected", "Possible", "较大", _QWEATHER),
    ("blue", "蓝色", "Ⅳ级", "Blue", "Level IV", "Minor", "Future", "Possible", "一般", _QWEATHER),
)
# fmt: on
LEVELS: dict[WarningLevel, LevelMeaning] = {
    WarningLevel(row[0]): LevelMeaning(
        colour_zh=row[1],
        numeral_zh=row[2],
        colour_en=row[3],
        numeral_en=row[4],
        severity=row[5],
        urgency=row[6],
        certainty=row[7],
        chance_zh=row[8],
        source=row[9],
        is_verified=row[9] != _RECALLED,
    )
    for row in _LEVEL_ROWS
}

# Codes. Source: three public programs that agree with each other, not the standard's own text.
# Categories. Source: CAP 1.2 §3.2.2: Geo includes landslide, Met includes flood, Fire is fire
# suppression and rescue, Safety is general emergency and public safety.
_COMMUNITY = "community"
_HAPPENING_ZH = {"geohazard_weather": "地质灾害", "fire_danger": "森林火灾"}
EVENTS: dict[str, EventType] = {
    row[0]: EventType(
        hazard=row[0],
        title_zh=row[1],
        title_en=row[2],
        code=row[3],
        categories=row[4],
        family=row[5],
        source=_COMMUNITY if row[3] else "none",
        is_verified=row[3] is not None,
        happening_zh=_HAPPENING_ZH.get(row[0], row[1]),
        is_occurring=row[0] in {"earthquake", "wildfire"},
    )
    for row in (
        ("landslide", "滑坡", "Landslide", "11D01", ("Geo",), AdviceFamily.SLOPE),
        ("debris_flow", "泥石流", "Debris flow", "11D02", ("Geo",), AdviceFamily.SLOPE),
        # No public program shows a code for 崩塌.
        ("collapse", "崩塌", "Rock collapse", None, ("Geo",), AdviceFamily.SLOPE),
        # A forecast risk (11B37) is not an occurring landslide (11D01).
        (
            "geohazard_weather",
            "地质灾害气象风险",
            "Geological hazard weather risk",
            "11B37",
            ("Geo", "Met"),
            AdviceFamily.SLOPE,
        ),
        ("flood", "洪水", "Flood", "11A01", ("Met",), AdviceFamily.WATER),
        ("flash_flood", "山洪", "Flash flood", "11A51", ("Met",), AdviceFamily.WATER),
        ("waterlogging", "内涝", "Waterlogging", "11A02", ("Met",), AdviceFamily.WATER),
        ("rainstorm", "暴雨", "Rainstorm", "11B03", ("Met",), AdviceFamily.WATER),
        ("earthquake", "地震", "Earthquake", "11C02", ("Geo",), AdviceFamily.EARTHQUAKE),
        ("wildfire", "森林火灾", "Forest fire", "11G01", ("Fire",), AdviceFamily.WILDFIRE),
        (
            "fire_danger",
            "森林火险",
            "Forest fire danger",
            "11B25",
            ("Fire", "Met"),
            AdviceFamily.FIRE_DANGER,
        ),
        (
            "tailings_breach",
            "尾矿库险情",
            "Tailings pond breach",
            None,
            ("Safety",),
            AdviceFamily.DAM,
        ),
    )
}


def event_of(hazard: str) -> EventType:
    """Return the event a hazard is warned of as.

    Raises
    ------
    InvalidParameter
        No such hazard.
    """
    event = EVENTS.get(hazard)
    if event is None:
        known = ", ".join(EVENTS)
        raise InvalidParameter(
            parameter="hazard",
            value=hazard,
            reason_zh=f"不认识的灾种，可用：{known}",
            reason_en=f"unknown hazard, known are: {known}",
        )
    return event


def level_of(name: str) -> WarningLevel:
    """Return the level called `name`.

    Raises
    ------
    InvalidParameter
        No such level.
    """
    if name not in set(WarningLevel):
        known = ", ".join(WarningLevel)
        raise InvalidParameter(
            parameter="level",
            value=name,
            reason_zh=f"不认识的级别，可用：{known}",
            reason_en=f"unknown level, known are: {known}",
        )
    return WarningLevel(name)
