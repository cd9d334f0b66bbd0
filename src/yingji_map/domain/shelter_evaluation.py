"""How a shelter does in the five dimensions of the national practice, finding by finding."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """规划布局、功能特点、服务半径、承载人数、配套设施."""

    LAYOUT = "layout"
    FUNCTION = "function"
    SERVICE_RADIUS = "service_radius"
    CAPACITY = "capacity"
    FACILITIES = "facilities"


class Verdict(StrEnum):
    """Whether something is as it should be; `unknown` when a number or a fact is missing."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: what was found, what is asked for, and by whom."""

    id: str
    dimension: Dimension
    verdict: Verdict
    zh: str
    en: str
    found: float | None = None
    wanted: float | None = None
    source: str | None = None
    is_verified: bool | None = None


def joined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on many: one that is not met decides, then one that is unknown."""
    if Verdict.NOT_MET in verdicts:
        return Verdict.NOT_MET
    return Verdict.MET if verdicts and Verdict.UNKNOWN not in verdicts else Verdict.UNKNOWN


DIMENSIONS_ZH = {
    Dimension.LAYOUT: "规划布局",
    Dimension.FUNCTION: "功能特点",
    Dimension.SERVICE_RADIUS: "服务半径",
    Dimension.CAPACITY: "承载人数",
    Dimension.FACILITIES: "配套设施",
}
VERDICTS_ZH = {Verdict.MET: "符合", Verdict.NOT_MET: "不符合", Verdict.UNKNOWN: "未评"}
