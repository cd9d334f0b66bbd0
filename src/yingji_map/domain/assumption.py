"""What a scenario assumes: other values of a raster within a place."""

from dataclasses import dataclass
from enum import StrEnum


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
