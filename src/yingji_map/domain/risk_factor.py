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
    ASPECT = "aspect"


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
    PIXEL_SHARE = "pixel_share"
    FELT_INTENSITY = "felt_intensity"
    KERNEL_DENSITY = "kernel_density"
    TRAVEL_TIME = "travel_time"
    PLACES_PER_PERSON = "places_per_person"


RASTER_STATISTICS = frozenset(
    {Statistic.MEAN, Statistic.MAX, Statistic.P10, Statistic.AT_CENTRE, Statistic.PIXEL_SHARE}
)
LAYER_STATISTICS = frozenset(Statistic) - RASTER_STATISTICS | {Statistic.AT_CENTRE}


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

    values: dict[str, Annotated[float, BeforeValidator(_judgement)]] = Field(min_length=1)


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


class Recent(Cited):
    """Only features of the years up to the newest one of their layer.

    Counted from the layer's own newest date, not from today, so that equal data stay one run.
    """

    field: Identifier
    years: int = Field(ge=1, le=1000)


class SiteFactor(Cited):
    """What a value is multiplied with on each class of ground; unstated ground multiplies by 1."""

    field: Identifier
    curves: dict[str, tuple[tuple[float, float], ...]] = Field(
        min_length=1, description="Factor by value, piecewise-linear, for each class of `field`."
    )


class IntensityLaw(Cited):
    """Felt intensity `a + b·M + c·lg(R + r0)`, R in km from the epicentre."""

    a: float
    b: float
    c: float = Field(lt=0)
    r0: float = Field(gt=0)


class Lapse(Cited):
    """Correction from the height of a station to that of the cell."""

    per_km: float
    elevation_field: Identifier


class Source(Strict):
    """Where a factor comes from: exactly one of a layer, a raster and a derived terrain grid."""

    layer: Identifier | None = None
    also: tuple[Identifier, ...] = Field(
        default=(), description="Layers that count like `layer`; the nearest of all is taken."
    )
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
    between: tuple[float, float] | None = Field(
        default=None,
        description="Share of pixels from the first value up to below the second; on a circle of "
        "degrees when the first is the larger.",
    )
    elsewhere: CitedNumber | None = Field(
        default=None, description="Value of ground that no polygon covers; without it, no data."
    )
    recent: Recent | None = None
    site: SiteFactor | None = None
    lapse: Lapse | None = None
    attenuation: IntensityLaw | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of the source that are read."""
        named = (
            self.field,
            self.recent and self.recent.field,
            self.site and self.site.field,
            self.lapse and self.lapse.elevation_field,
        )
        own = tuple(name for name in named if name)
        return (*own, *(self.shares.values if self.shares else ()), *self.source.where)

    @model_validator(mode="after")
    def _is_complete(self) -> "Measure":
        lacks = {
            Statistic.CLASS_MEAN: ("field", "classes"),
            Statistic.LINE_DENSITY: ("field", "classes"),
            Statistic.PEOPLE_DENSITY: ("field", "radius_m"),
            Statistic.COUNT_WITHIN: ("radius_m",),
            Statistic.NEAREST_VALUE: ("radius_m",),
            Statistic.FELT_INTENSITY: ("field", "attenuation"),
            Statistic.PIXEL_SHARE: ("between",),
        }.get(self.statistic, ())
        missing = [name for name in lacks if getattr(self, name) is None]
        if missing:
            message = f"{self.statistic} needs {', '.join(missing)}"
            raise ValueError(message)
        kind = "a raster" if self.source.layer is None else "a layer"
        if self.statistic not in (
            RASTER_STATISTICS if self.source.layer is None else LAYER_STATISTICS
        ):
            message = f"{self.statistic} cannot be taken of {kind}"
            raise ValueError(message)
        if self.statistic is Statistic.AT_CENTRE and self.source.layer and self.field is None:
            message = "at_centre of a layer needs field"
            raise ValueError(message)
        if self.source.also and self.statistic is not Statistic.MIN_DISTANCE:
            message = f"{self.statistic} takes one layer: only min_distance takes `also`"
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
