"""What is asked of `POST /v1/evacuation/plans`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from yingji_map.domain.closure import choice_of
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.evacuation import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    DEFAULT_TOGETHER_RATIO,
    AvoidedRisk,
    PlanRequest,
)
from yingji_map.domain.network import ProfileId
from yingji_map.domain.risk import RiskLevel
from yingji_map.domain.shapes import polygon_of
from yingji_map.http.representations.trips import CLOSURES_FIELD


class AvoidBody(BaseModel):
    """Shelters in cells of this hazard at this level or above are not used (latest run)."""

    model_config = ConfigDict(extra="forbid")

    hazard: str
    level: Literal["red", "orange", "yellow", "blue"] = "orange"


class PlanBody(BaseModel):
    """Who must leave (one of zone, warning, settlements) and what to reckon with."""

    model_config = ConfigDict(extra="forbid")

    zone: dict[str, object] | None = Field(
        default=None, description="GeoJSON 面：里面的村社都转移，里面的场所不用"
    )
    warning: str | None = Field(default=None, description="预警编号：用它的范围")
    settlements: list[str] = Field(default=[], description="村社编号 / codes of settlements")
    profile: ProfileId = DEFAULT_PROFILE
    minutes: int = Field(default=DEFAULT_MINUTES, description="多少分钟内要到，1–1440")
    avoid: AvoidBody | None = None
    together_ratio: float = Field(
        default=DEFAULT_TOGETHER_RATIO,
        description="为让同村在一起，行程总和最多可多几成，0–1 / how much longer all may travel",
    )
    closures: str | dict[str, object] = CLOSURES_FIELD

    def request(self) -> PlanRequest:
        """Return the request as a domain value."""
        return PlanRequest(
            zone=None if self.zone is None else polygon_of(self.zone),
            warning_id=self.warning,
            settlement_keys=tuple(self.settlements),
            profile=self.profile,
            minutes=self.minutes,
            avoid=None if self.avoid is None else avoided(self.avoid.hazard, self.avoid.level),
            together_ratio=self.together_ratio,
            closures=choice_of(self.closures),
        )


def avoided(hazard: str, level: str) -> AvoidedRisk:
    """Return a hazard and level named in words.

    Raises
    ------
    InvalidParameter
        There is no such level.
    """
    known = {one.name.lower(): one for one in RiskLevel if one is not RiskLevel.NONE}
    if level not in known:
        listed = "、".join(known)
        raise InvalidParameter(
            parameter="avoid",
            value=level,
            reason_zh=f"等级应为 {listed} 之一",
            reason_en=f"the level must be one of {listed}",
        )
    return AvoidedRisk(hazard=hazard, level=known[level])


def avoided_text(text: str | None) -> AvoidedRisk | None:
    """Return what `hazard` or `hazard:level` names; the level is orange when left out."""
    hazard, _, level = (text or "").partition(":")
    return avoided(hazard, level or "orange") if hazard else None
