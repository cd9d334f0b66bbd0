"""Body of `POST /v1/risk/scenarios`."""

from typing import Any

import shapely
from pydantic import BaseModel, ConfigDict, Field

from yingji_map.domain.assumption import AssumptionKind, WhatIf
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.warning_zone import parse_zone


class ScenarioBody(BaseModel):
    """A question: one of `value`, `delta`, `factor`; one of `division`, `geometry`, or the county.

    `division` is a code or a name, `geometry` a GeoJSON Polygon or MultiPolygon, `base` the run to
    depart from (the latest when left out).
    """

    model_config = ConfigDict(extra="forbid")

    layer: str = Field(max_length=64)
    value: float | None = None
    delta: float | None = None
    factor: float | None = None
    division: str | None = Field(default=None, min_length=1, max_length=64)
    geometry: dict[str, Any] | None = None
    base: str | None = Field(default=None, max_length=64)

    def question(self) -> WhatIf:
        """Return what is asked.

        Raises
        ------
        InvalidParameter
            Not exactly one amount, or two places.
        InvalidGeometry
            The geometry is no area.
        """
        given = {kind: getattr(self, kind.value) for kind in AssumptionKind}
        amounts = {kind: amount for kind, amount in given.items() if amount is not None}
        if len(amounts) != 1:
            zh, en = "value、delta、factor 给且只给一个", "give exactly one of value, delta, factor"
            raise InvalidParameter(
                parameter="value", value=sorted(amounts), reason_zh=zh, reason_en=en
            )
        if self.division is not None and self.geometry is not None:
            zh, en = "乡镇与范围只能给一个", "give a division or a geometry, not both"
            raise InvalidParameter(
                parameter="geometry", value=self.division, reason_zh=zh, reason_en=en
            )
        drawn = None if self.geometry is None else parse_zone(self.geometry)
        (kind, amount), *_ = amounts.items()
        return WhatIf(
            layer_id=self.layer,
            kind=kind,
            amount=amount,
            place=self.division,
            geom_wkb=None if drawn is None else shapely.to_wkb(drawn, hex=True),
        )
