"""Default words of a warning, by hazard and level; an officer may replace each of them."""

from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.warning import BEIJING, WarningTexts
from yingji_map.domain.warning_events import (
    LEVELS,
    AdviceFamily,
    EventType,
    LevelMeaning,
    WarningLevel,
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, in words and as CAP 1.2 response types (§3.2.2)."""

    instruction_zh: str
    response_types: tuple[str, ...]


_RED, _ORANGE, _YELLOW, _BLUE = WarningLevel
ADVICE: dict[AdviceFamily, dict[WarningLevel, Advice]] = {
    AdviceFamily.SLOPE: {
        _RED: Advice(
            "危险区人员立即转移到避难场所，不在沟口、陡坡下停留，解除前不返回。", ("Evacuate",)
        ),
        _ORANGE: Advice(
            "危险区人员准备转移，老人、儿童和行动不便者先走；停止坡下和沟道作业。",
            ("Prepare", "Avoid"),
        ),
        _YELLOW: Advice("加密巡查隐患点，备好应急物品，夜间有人值守。", ("Prepare", "Monitor")),
        _BLUE: Advice("留意天气和坡体变化，发现裂缝、浑水及时上报。", ("Monitor",)),
    },
    AdviceFamily.WATER: {
        _RED: Advice(
            "低洼处和河道两岸人员立即转移到高处，不涉水，不驾车过水淹路段。", ("Evacuate", "Avoid")
        ),
        _ORANGE: Advice(
            "低洼处和河道两岸人员准备转移，停止涉水活动和户外集会。", ("Prepare", "Avoid")
        ),
        _YELLOW: Advice("远离河道和低洼路段，检查排水，备好应急物品。", ("Prepare", "Avoid")),
        _BLUE: Advice("留意水情和天气，不在河滩停留。", ("Monitor",)),
    },
    AdviceFamily.WILDFIRE: {
        _RED: Advice("火场周边人员立即按指引转移，不自行进山扑火。", ("Evacuate",)),
        _ORANGE: Advice("火场下风向人员准备转移，关好门窗，不自行进山扑火。", ("Prepare", "Avoid")),
        _YELLOW: Advice("不进入火场周边林区，留意风向变化。", ("Avoid",)),
        _BLUE: Advice("留意火情通报，不进入封控林区。", ("Monitor",)),
    },
    AdviceFamily.FIRE_DANGER: {
        _RED: Advice("禁止一切野外用火，非必要不进林区，发现烟火立即报警。", ("Avoid",)),
        _ORANGE: Advice("禁止野外用火，进山路口设卡检查，加密巡护。", ("Avoid",)),
        _YELLOW: Advice("严控野外用火，加强巡护。", ("Prepare",)),
        _BLUE: Advice("注意野外用火安全。", ("Monitor",)),
    },
    AdviceFamily.EARTHQUAKE: {
        _RED: Advice(
            "立即到开阔地避险，远离危房、陡坡和高压线，防范余震。", ("Evacuate", "Shelter")
        ),
        _ORANGE: Advice("离开受损房屋，远离陡坡和沟口，防范余震和滑坡。", ("Evacuate",)),
        _YELLOW: Advice("不进入受损房屋，检查燃气和用电，防范余震。", ("Avoid",)),
        _BLUE: Advice("留意震情通报，检查房屋和边坡。", ("Monitor",)),
    },
    AdviceFamily.DAM: {
        _RED: Advice("下游人员立即向沟谷两侧高处转移，不沿沟谷往下游跑。", ("Evacuate",)),
        _ORANGE: Advice("下游人员准备向沟谷两侧高处转移，停止下游沟道作业。", ("Prepare", "Avoid")),
        _YELLOW: Advice("加密巡查坝体和排洪设施，下游留人值守。", ("Prepare", "Monitor")),
        _BLUE: Advice("留意库水位和坝体变化，发现渗漏及时上报。", ("Monitor",)),
    },
}


def advice_of(event: EventType, level: WarningLevel) -> Advice:
    """Return what people are told to do."""
    return ADVICE[event.family][level]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """What the default words are made from."""

    event: EventType
    level: WarningLevel
    office: str
    place: str
    effective_at: datetime
    expires_at: datetime
    is_exercise: bool

    @property
    def meaning(self) -> LevelMeaning:
        """What the level stands for."""
        return LEVELS[self.level]


def default_texts(facts: TextFacts) -> WarningTexts:
    """Return headline, description and instruction in Chinese."""
    event, meaning = facts.event, facts.meaning
    drill = "演练：" if facts.is_exercise else ""
    span = f"{_clock(facts.effective_at)}至{_clock(facts.expires_at)}"
    what = (
        f"{facts.place}发生{event.title_zh}，{span}须防范"
        if event.is_occurring
        else f"{span}，{facts.place}发生{event.happening_zh}的可能性{meaning.chance_zh}"
    )
    return WarningTexts(
        headline=f"{drill}{facts.office}发布{event.title_zh}预警：{meaning.label_zh}",
        description=f"{drill}{what}。",
        instruction=advice_of(event, facts.level).instruction_zh,
    )


def _clock(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
