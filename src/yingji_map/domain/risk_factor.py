"""The parts of a risk model: sources, statistics, curves, cited numbers, pairwise judgements."""

from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from yingji_map.domain.ahp import MAX_CONSISTENCY_RATIO, AhpWeights, principal_weights
from yingji_map.domain.layer import Identifier, Title


def _judgement(value: object) -> object:
    """Return `1/3` as the number it means."""
    return float(Fraction(value)) if isinstance(value, str) and "/" in value else value


Judgement = Annotated[float, BeforeValidator(_judgement), Field(gt=0)]


class Terrain(StrEnum):
    """Grids derived from `dem` and `river` with every run."""

    SLOPE = "slope"
    RUNOUT = "runout"
    HAND = "hand"
    UPSTREAM = "upstream"


class Statistic(StrEnum):
    """How a source becomes one number per cell; see docs/explanation/risk-models.md."""

    MEAN = "mean"
    MAX = "max"
    P10 = "p10"
    AT_CENTRE = "at_centre"
    MIN_DISTANCE = "min_distance"
    CLASS_MEAN = "class_mean"
    LINE_DENSITY = "line_density"
    PEOPLE_DENSITY = "people_density"
    NEAREST_VALUE = "nearest_value"
    COUNT_WITHIN = "count_within"
    AREA_SHARE = "area_share"
    KERNEL_DENSITY = "kernel_density"
    TRAVEL_TIME = "travel_time"
    PLACES_PER_PERSON = "places_per_person"


RASTER_STATISTICS = frozenset({Statistic.MEAN, Statistic.MAX, Statistic.P10, Statistic.AT_CENTRE})


class Strict(BaseModel):
    """Frozen, and every key must be known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cited(Strict):
    """A number's origin; `verified` only when the source itself was read."""

    citation: str = Field(min_length=1)
    verified: bool


class CitedNumber(Cited):
    """One number with its origin; `2435/7957` is a number too."""

    value: Annotated[float, BeforeValidator(_judgement)]


class CitedNumbers(Cited):
    """Numbers by class or field name, with their origin."""

    values: dict[str, float] = Field(min_length=1)


class Curve(Cited):
    """Piecewise-linear `value → score`, clamped at both ends."""

    points: tuple[tuple[float, float], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _rises_in_value(self) -> "Curve":
        values = [value for value, _ in self.points]
        if any(b <= a for a, b in pairwise(values)):
            message = "the values of a curve must increase"
            raise ValueError(message)
        return self


class Source(Strict):
    """Where a factor comes from: exactly one of a layer, a raster and a derived terrain grid."""

    layer: Identifier | None = None
    raster: Identifier | None = None
    terrain: Terrain | None = None
    where: dict[Identifier, tuple[str | bool, ...]] = Field(
        default_factory=dict, description="Only features whose field has one of these values."
    )

    @model_validator(mode="after")
    def _is_one(self) -> "Source":
        if sum(x is not None for x in (self.layer, self.raster, self.terrain)) != 1:
            message = "name exactly one of layer, raster, terrain"
            raise ValueError(message)
        return self

    @property
    def name(self) -> str:
        """Return the layer, raster or grid that is meant."""
        return str(self.layer or self.raster or self.terrain)


class Measure(Strict):
    """A source with its statistic."""

    source: Source
    statistic: Statistic
    field: Identifier | None = Field(default=None, description="Field whose value is taken.")
    classes: CitedNumbers | None = Field(
        default=None, description="Value (or weight) of each class of `field`."
    )
    shares: CitedNumbers | None = Field(
        default=None, description="Score by share field: the value is Σ share·score / Σ share."
    )
    radius_m: CitedNumber | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of the source that are read."""
        own = (self.field,) if self.field else ()
        return (*own, *(self.shares.values if self.shares else ()), *self.source.where)

    @model_validator(mode="after")
    def _is_complete(self) -> "Measure":
        lacks = {
            Statistic.CLASS_MEAN: ("field", "classes"),
            Statistic.LINE_DENSITY: ("field", "classes"),
            Statistic.PEOPLE_DENSITY: ("field", "radius_m"),
            Statistic.COUNT_WITHIN: ("radius_m",),
            Statistic.NEAREST_VALUE: ("radius_m",),
        }.get(self.statistic, ())
        missing = [name for name in lacks if getattr(self, name) is None]
        if missing:
            message = f"{self.statistic} needs {', '.join(missing)}"
            raise ValueError(message)
        if (self.statistic in RASTER_STATISTICS) == (self.source.layer is not None):
            kind = "a layer" if self.source.layer is not None else "a raster"
            message = f"{self.statistic} cannot be taken of {kind}"
            raise ValueError(message)
        return self


class Factor(Measure):
    """One factor of a block."""

    id: Identifier
    title: Title
    unit: str = ""
    curve: Curve
    weight: CitedNumber | None = Field(default=None, description="Only in blocks without matrix.")


class AhpMatrix(Cited):
    """Pairwise judgements of a block's factors, in their order."""

    rows: tuple[tuple[Judgement, ...], ...]

    @model_validator(mode="after")
    def _is_consistent(self) -> "AhpMatrix":
        ratio = self.solved().consistency_ratio
        if ratio > MAX_CONSISTENCY_RATIO:
            message = f"inconsistent judgements: CR {ratio:.3f} is above {MAX_CONSISTENCY_RATIO}"
            raise ValueError(message)
        return self

    def solved(self) -> AhpWeights:
        """Return the weights that the judgements imply."""
        return principal_weights(self.rows)


class PointKernel(Strict):
    """Known points: strength · (1 − distance/radius), the largest counts; H = max(S, K)."""

    id: Identifier
    title: Title
    source: Source
    scale_field: Identifier
    scale: CitedNumbers = Field(description="Strength by scale.")
    radius_m: CitedNumbers = Field(description="Reach by scale; the kernel is 0 there.")
    measure_field: Identifier
    measure: CitedNumbers = Field(description="What remains after the measure taken.")
