"""The shape of `layers/risk/<hazard>.yaml`: blocks of factors and how they make a score."""

from typing import Literal

from pydantic import Field, model_validator

from yingji_map.domain.layer import Identifier, Title
from yingji_map.domain.risk_factor import (
    AhpMatrix,
    Cited,
    CitedNumber,
    Curve,
    Factor,
    Measure,
    PointKernel,
    Strict,
)

_SUM_TOLERANCE = 1e-6


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
    conditions: tuple[Condition, ...] = Field(min_length=1)


class Antecedent(Cited):
    """Rain of the days before: effective rain = rain + Σ decayⁱ · rain i days before."""

    decay: float = Field(gt=0, lt=1)
    days: int = Field(ge=1, le=30)


class Trigger(Strict):
    """What turns the static hazard into today's: H = min(1, H · m(T)), T = curve(rain)."""

    raster: Identifier
    support: Literal["cell", "catchment"]
    antecedent: Antecedent | None = None
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
    trigger: Trigger
    classify: Thresholds
    min_confidence: CitedNumber

    @property
    def factor_ids(self) -> tuple[str, ...]:
        """Return the contributors in the order of every contribution array."""
        ids = [factor.id for block in self.named_blocks.values() for factor in block.factors]
        points = self.blocks.hazard.known_points
        return (*ids, points.id) if points else tuple(ids)

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
