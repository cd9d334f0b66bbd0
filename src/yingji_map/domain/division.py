"""What a risk run says about a division: cells, area and people of each colour and kind of empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.risk import RiskLevel
from yingji_map.domain.run import RunRecord

# The order of all counts: from the most dangerous colour down, then the two kinds of empty.
KINDS = ("red", "orange", "yellow", "blue", "no_data", "not_applicable")


class DivisionLevel(StrEnum):
    """Levels of divisions; a code begins with that of its parent."""

    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"

    @property
    def digits(self) -> int:
        """Return how many digits of a code name the division (GB/T 2260, GB/T 10114)."""
        return {"township": 9, "county": 6, "city": 4, "province": 2}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sums over the cells of one division, each in the order of KINDS.

    Attributes
    ----------
    area_m2
        Whole square metres, so that divisions add up to the county exactly.
    score_mean_ratio
        Mean score weighted by people, over scored cells; None where nobody lives on one.
    worst_level
        The highest level among the cells; None when no cell is scored.
    worst_share_ratio
        Share of the division's area that has this level; None likewise.
    """

    cells: tuple[int, ...]
    area_m2: tuple[int, ...]
    population_persons: tuple[int, ...]
    score_mean_ratio: float | None
    worst_level: RiskLevel | None
    worst_share_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionTally:
    """One division with its sums."""

    code: str
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyTally:
    """A hazard of a run, division by division, and all of them together."""

    run: RunRecord
    hazard: str
    divisions: tuple[DivisionTally, ...]
    county: Tally


def find_division(codes: Sequence[str], names: Sequence[str], wanted: str) -> int:
    """Return the row of the division with this code or name.

    Raises
    ------
    InvalidParameter
        There is none, or several have the name.
    """
    rows = [row for row, code in enumerate(codes) if code == wanted] or [
        row for row, name in enumerate(names) if name == wanted
    ]
    if len(rows) != 1:
        zh, en = "没有这个乡镇或县", "no such township or county"
        if rows:
            found = "、".join(codes[row] for row in rows)
            zh, en = f"重名，请用代码：{found}", f"several have this name, use a code: {found}"
        raise InvalidParameter(parameter="division", value=wanted, reason_zh=zh, reason_en=en)
    return rows[0]
