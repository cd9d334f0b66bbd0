"""The parts of a risk model: sources, statistics, factors, pairwise judgements, known points."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field, model_validator

from yingji_map.domain.ahp import MAX_CONSISTENCY_RATIO, AhpWeights, principal_weights
from yingji_map.domain.layer import Identifier, Title
from yingji_map.domain.risk_numbers import (
    Cited,
    CitedNumber,
    CitedNumbers,
    Curve,
    IntensityLaw,
    Judgement,
    Lapse,
    Recent,
    SiteFactor,
    Strict,
)


class Terrain(StrEnum):
    """Grids derived from `dem` and `river` with every run."""

    SLOPE = "slope"
    RUNOUT = "runout"
    HAND = "hand"
    UPSTREAM = "upstream"
    ASPECT = "aspect"
    GULLY = "gully"


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
    GULLY_VALUE = "gully_value"
    GULLY_REACH = "gully_reach"
    KERNEL_DENSITY = "kernel_density"
    TRAVEL_TIME = "travel_time"
    PLACES_PER_PERSON = "places_per_person"


GULLY_STATISTICS = frozenset({Statistic.GULLY_VALUE, Statistic.GULLY_REACH})
RASTER_STATISTICS = frozenset(
    {Statistic.MEAN, Statistic.MAX, Statistic.P10, Statistic.AT_CENTRE, Statistic.PIXEL_SHARE}
)
LAYER_STATISTICS = frozenset(Statistic) - RASTER_STATISTICS - GULLY_STATISTICS | {
    Statistic.AT_CENTRE
}
GULLY_FIELDS = frozenset({"area_km2", "relief_m", "gradient_permille", "runout_m"})


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
    inside: Source | None = Field(
        default=None, description="Gullies: pixels count only inside polygons of this layer."
    )

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return everything that is read."""
        return (self.source, self.inside) if self.inside else (self.source,)

    def layer_fields(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield every layer that is read, with its fields."""
        if self.source.layer is not None:
            yield self.source.layer, self.fields
        yield from ((name, ()) for name in self.source.also)
        if self.inside is not None and self.inside.layer is not None:
            yield self.inside.layer, tuple(self.inside.where)

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
            Statistic.GULLY_VALUE: ("field",),
        }.get(self.statistic, ())
        missing = [name for name in lacks if getattr(self, name) is None]
        if missing:
            message = f"{self.statistic} needs {', '.join(missing)}"
            raise ValueError(message)
        kind, allowed = "a layer", LAYER_STATISTICS
        if self.source.layer is None:
            kind, allowed = "a raster", RASTER_STATISTICS
        if self.source.terrain is Terrain.GULLY:
            kind, allowed = "gullies", GULLY_STATISTICS
        if self.statistic not in allowed:
            message = f"{self.statistic} cannot be taken of {kind}"
            raise ValueError(message)
        if self.statistic is Statistic.AT_CENTRE and self.source.layer and self.field is None:
            message = "at_centre of a layer needs field"
            raise ValueError(message)
        if self.statistic is Statistic.GULLY_VALUE and self.field not in GULLY_FIELDS:
            message = f"a gully has no {self.field}: it has {', '.join(sorted(GULLY_FIELDS))}"
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
