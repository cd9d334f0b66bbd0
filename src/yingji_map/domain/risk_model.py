"""The shape of `layers/risk/<hazard>.yaml`: blocks of factors and how they make a score."""

from typing import Literal

from pydantic import Field, model_validator

from yingji_map.domain.layer import Identifier, Title
from yingji_map.domain.risk_factor import AhpMatrix, Factor, Measure, PointKernel, Statistic
from yingji_map.domain.risk_numbers import (
    Cited,
    CitedNumber,
    Curve,
    DurationLaws,
    GullyRules,
    Strict,
)

_SUM_TOLERANCE = 1e-6


class Modifier(Strict):
    """What scales a weighted hazard: H = S · (base + (1 − base) · Σ weight · score)."""

    base: CitedNumber
    factors: tuple[Factor, ...] = Field(min_length=1)

    @property
    def weights(self) -> tuple[float, ...]:
        """Return the factors' weights, summing to 1."""
        return tuple(f.weight.value for f in self.factors if f.weight is not None)

    @model_validator(mode="after")
    def _is_weighted(self) -> "Modifier":
        if len(self.weights) != len(self.factors) or abs(sum(self.weights) - 1) > _SUM_TOLERANCE:
            message = "every factor of a modifier needs a weight, and they sum to 1"
            raise ValueError(message)
        if not 0 <= self.base.value < 1:
            message = "the base of a modifier lies from 0 to below 1"
            raise ValueError(message)
        return self


class Block(Strict):
    """Weighted factors; weights sum to 1, given directly or by an AHP matrix."""

    exponent: CitedNumber | None = Field(
        default=None, description="Power in the product; the capacity block has a divisor instead."
    )
    divisor_slope: CitedNumber | None = Field(
        default=None, description="Capacity: risk is divided by 1 + slope · score."
    )
    confidence_weight: CitedNumber
    matrix: AhpMatrix | None = None
    factors: tuple[Factor, ...] = Field(min_length=1)
    known_points: PointKernel | None = None
    modifier: Modifier | None = None
    gullies: GullyRules | None = Field(
        default=None, description="Factors belong to gullies, and go where their flows go."
    )

    @property
    def weights(self) -> tuple[float, ...]:
        """Return the factors' weights, summing to 1."""
        if self.matrix is not None:
            return self.matrix.solved().weights
        return tuple(f.weight.value for f in self.factors if f.weight is not None)

    @model_validator(mode="after")
    def _has_weights(self) -> "Block":
        direct = [factor for factor in self.factors if factor.weight is not None]
        if self.matrix is not None:
            if direct:
                message = f"factor {direct[0].id}: a matrix and direct weights exclude each other"
                raise ValueError(message)
            if len(self.matrix.rows) != len(self.factors):
                message = "the matrix needs one row per factor"
                raise ValueError(message)
        elif len(direct) != len(self.factors):
            message = "without a matrix every factor needs a weight"
            raise ValueError(message)
        if abs(sum(self.weights) - 1) > _SUM_TOLERANCE:
            message = f"the weights sum to {sum(self.weights):.6f} instead of 1"
            raise ValueError(message)
        return self


class Blocks(Strict):
    """The four blocks of a risk."""

    hazard: Block
    exposure: Block
    vulnerability: Block
    capacity: Block

    @model_validator(mode="after")
    def _has_roles(self) -> "Blocks":
        multiplied = (self.hazard, self.exposure, self.vulnerability)
        if any(b.exponent is None or b.divisor_slope is not None for b in multiplied):
            message = "hazard, exposure and vulnerability need an exponent and no divisor"
            raise ValueError(message)
        others = (*multiplied[1:], self.capacity)
        if any(b.known_points or b.modifier or b.gullies for b in others):
            message = "only the hazard has known points, gullies and a modifier"
            raise ValueError(message)
        scaling = self.hazard.modifier.factors if self.hazard.modifier else ()
        reaches = [factor.statistic is Statistic.GULLY_REACH for factor in scaling]
        if reaches != ([True] if self.hazard.gullies else [False] * len(reaches)):
            message = "gullies go with one modifier, gully_reach"
            raise ValueError(message)
        if self.capacity.exponent is not None or self.capacity.divisor_slope is None:
            message = "capacity needs a divisor and no exponent"
            raise ValueError(message)
        total = sum(b.exponent.value for b in multiplied if b.exponent is not None)
        if abs(total - 1) > _SUM_TOLERANCE:
            message = f"the exponents sum to {total:.6f} instead of 1: shares would not add up"
            raise ValueError(message)
        return self


class Condition(Cited, Measure):
    """A bound on a measure."""

    operator: Literal["<=", ">="]
    value: float


class Applicability(Strict):
    """Where a model applies at all; cells in reach of a known point always count as inside."""

    combine: Literal["any", "all"]
    conditions: tuple[Condition, ...] = Field(description="All of none: it applies everywhere.")

    @model_validator(mode="after")
    def _can_hold(self) -> "Applicability":
        if self.combine == "any" and not self.conditions:
            message = "any of no conditions never holds"
            raise ValueError(message)
        return self


class SteppedField(Cited):
    """Points of a field: those of the first bound that the value does not pass, else the last."""

    field: Identifier
    steps: tuple[tuple[float, float], ...] = Field(
        min_length=1, description="(upper bound, points)"
    )
    beyond: float


class ScaledField(Cited):
    """Points of a field: value times `each`, at most `most`."""

    field: Identifier
    each: float
    most: float


class Antecedent(Cited):
    """Rain of the days before: effective rain = rain + Σ decayⁱ · rain i days before."""

    decay: float = Field(gt=0, lt=1)
    days: int = Field(ge=1, le=30)


class Trigger(Strict):
    """What turns the static hazard into today's: H = min(1, H · m(T)), T = curve(rain)."""

    raster: Identifier
    support: Literal["cell", "catchment"]
    antecedent: Antecedent | None = None
    curve: Curve | DurationLaws
    multiplier: Curve


class FireWeather(Strict):
    """What turns static fire hazard into today's: H = min(1, H · m(T)), T = curve(HTZ).

    HTZ = temperature + humidity + dry days + wind points of the nearest station (LY/T 1172-95).
    """

    layer: Identifier
    radius_m: CitedNumber
    temperature: SteppedField
    humidity: SteppedField
    dry_days: ScaledField
    wind_force: ScaledField
    curve: Curve
    multiplier: Curve


class Thresholds(Cited):
    """Lower bounds (inclusive) of yellow, orange and red; below is blue."""

    yellow: float
    orange: float
    red: float

    @model_validator(mode="after")
    def _rise(self) -> "Thresholds":
        if not 0 < self.yellow < self.orange < self.red < 1:
            message = "thresholds must rise between 0 and 1"
            raise ValueError(message)
        return self


class RiskModel(Strict):
    """The model of one hazard."""

    id: Identifier
    version: int = Field(ge=1)
    title: Title
    description: Title
    combine: Literal["geometric"]
    applicable: Applicability
    blocks: Blocks
    trigger: Trigger | FireWeather | None = Field(
        description="What today's hazard follows; null: it is the same at any time."
    )
    classify: Thresholds
    min_confidence: CitedNumber

    @property
    def factor_ids(self) -> tuple[str, ...]:
        """Return the contributors in the order of every contribution array."""
        ids = [factor.id for block in self.named_blocks.values() for factor in block.factors]
        points = self.blocks.hazard.known_points
        scaling = tuple(factor.id for factor in self.modifying_factors)
        return (*ids, *((points.id,) if points else ()), *scaling)

    @property
    def modifying_factors(self) -> tuple[Factor, ...]:
        """Return the factors that scale the hazard."""
        modifier = self.blocks.hazard.modifier
        return modifier.factors if modifier else ()

    @property
    def all_factors(self) -> tuple[Factor, ...]:
        """Return every factor that is measured."""
        weighted = [factor for block in self.named_blocks.values() for factor in block.factors]
        return (*weighted, *self.modifying_factors)

    @property
    def rain(self) -> Trigger | None:
        """Return the trigger when it is rain."""
        return self.trigger if isinstance(self.trigger, Trigger) else None

    @property
    def named_blocks(self) -> dict[str, Block]:
        """Return the blocks by name, in the order of `domain.run.BLOCKS`."""
        return {
            "hazard": self.blocks.hazard,
            "exposure": self.blocks.exposure,
            "vulnerability": self.blocks.vulnerability,
            "capacity": self.blocks.capacity,
        }

    @model_validator(mode="after")
    def _is_coherent(self) -> "RiskModel":
        ids = self.factor_ids
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            message = f"factor ids are repeated: {', '.join(repeated)}"
            raise ValueError(message)
        return self


class CompositeModel(Strict):
    """Several hazards in one: half the largest, half the weighted mean, with a floor on the level."""

    id: Literal["composite"]
    version: int = Field(ge=1)
    title: Title
    description: Title
    members: tuple[Identifier, ...] = Field(min_length=1)
    matrix: AhpMatrix
    max_share: CitedNumber
    level_steps_below: CitedNumber = Field(
        description="At most so many levels below the highest single level."
    )
    classify: Thresholds
    min_confidence: CitedNumber

    @property
    def weights(self) -> tuple[float, ...]:
        """Return the members' weights, summing to 1."""
        return self.matrix.solved().weights

    @model_validator(mode="after")
    def _is_coherent(self) -> "CompositeModel":
        if len(self.matrix.rows) != len(self.members):
            message = "the matrix needs one row per member"
            raise ValueError(message)
        return self
