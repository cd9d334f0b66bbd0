"""What a scenario assumes: other values of a raster within a place."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from yingji_map.domain.errors import InvalidParameter

_WHAT_IF = re.compile(
    r"(?P<layer>[a-z][a-z0-9_]*)\s*(?P<sign>[=+*×-])\s*(?P<amount>\d+(\.\d+)?)\s*"
    r"(?P<unit>[^@\d]*?)\s*(@\s*(?P<place>.+?)\s*)?"
)


class AssumptionKind(StrEnum):
    """How the assumed amount meets the values that are there."""

    VALUE = "value"
    DELTA = "delta"
    FACTOR = "factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Within a place, a raster has other values than the stored ones.

    Attributes
    ----------
    layer_id
        Raster layer.
    kind, amount
        The values become `amount` (VALUE), or grow by it (DELTA), or are multiplied with it
        (FACTOR). Pixels without a value keep none, but for VALUE.
    unit
        Unit of the layer, for reading only.
    place
        Name of the place, for reading only.
    geom_wkb
        The place as hex WKB, a polygon or multipolygon in degrees.
    """

    layer_id: str
    kind: AssumptionKind
    amount: float
    unit: str
    place: str
    geom_wkb: str

    @property
    def text(self) -> str:
        """Return the assumption as `yingji risk run --what-if` takes it."""
        signs = {AssumptionKind.VALUE: "=", AssumptionKind.DELTA: "", AssumptionKind.FACTOR: "*"}
        amount = f"{self.amount:+g}" if self.kind is AssumptionKind.DELTA else f"{self.amount:g}"
        unit = "" if self.kind is AssumptionKind.FACTOR else self.unit
        return f"{self.layer_id}{signs[self.kind]}{amount}{unit}@{self.place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A question as it is asked; `place` names a division, None means the whole county.

    `geom_wkb` draws the place instead, as hex WKB in degrees.
    """

    layer_id: str
    kind: AssumptionKind
    amount: float
    unit: str = ""
    place: str | None = None
    geom_wkb: str | None = None

    def checked(self) -> "WhatIf":
        """Return the question when its amount makes sense.

        Raises
        ------
        InvalidParameter
            It is not finite, or a value or factor below zero.
        """
        is_signed = self.kind is AssumptionKind.DELTA
        if not math.isfinite(self.amount) or (self.amount < 0 and not is_signed):
            zh, en = "应是不小于 0 的数", "must be a number, not below 0"
            raise InvalidParameter(
                parameter=self.kind.value, value=self.amount, reason_zh=zh, reason_en=en
            )
        return self


def read_what_if(text: str) -> WhatIf:
    """Read `rainfall_24h=200mm@白水镇`; `+50mm` and `-50mm` add, `*1.5` multiplies.

    Raises
    ------
    InvalidParameter
        It is not of this form.
    """
    found = _WHAT_IF.fullmatch(text.strip())
    if found is None:
        example = "rainfall_24h=200mm@白水镇"
        zh, en = f"应如 {example}（或 +50mm、*1.5）", f"write it as {example} (or +50mm, *1.5)"
        raise InvalidParameter(parameter="what-if", value=text, reason_zh=zh, reason_en=en)
    sign, amount = found["sign"], float(found["amount"])
    kind = {"=": AssumptionKind.VALUE, "*": AssumptionKind.FACTOR, "×": AssumptionKind.FACTOR}.get(
        sign, AssumptionKind.DELTA
    )
    return WhatIf(
        layer_id=found["layer"],
        kind=kind,
        amount=-amount if sign == "-" else amount,
        unit=found["unit"],
        place=found["place"],
    )
