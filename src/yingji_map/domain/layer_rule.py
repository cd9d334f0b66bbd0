"""Checks on the rows of a layer, declared as data: places, comparisons, and values that follow from others."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from yingji_map.domain.declared import Declared, Identifier, Title

GradeName = str | float


class WithinRule(Declared):
    """The feature must lie within the features of another layer, widened by a tolerance."""

    rule: Literal["within"]
    layer: Identifier
    tolerance_m: float = Field(default=0, ge=0)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that the rule reads or fills."""
        return ()


class CompareRule(Declared):
    """One numeric field compared with another; rows where either is empty pass."""

    rule: Literal["compare"]
    left: Identifier
    operator: Literal["<=", "<", ">=", ">"]
    right: Identifier

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that the rule reads or fills."""
        return (self.left, self.right)


class GradeMeasure(Declared):
    """A number that grades: each bound reached (inclusive) is one grade higher."""

    field: Identifier
    bounds: tuple[float, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rises(self) -> "GradeMeasure":
        if any(b <= a for a, b in pairwise(self.bounds)):
            message = f"the bounds of {self.field} must increase"
            raise ValueError(message)
        return self


class GradeRule(Declared):
    """A grade follows from one or more numbers; an empty field is filled, another grade is a finding.

    The highest grade of all measures counts. Rows that lack a number are left alone.
    """

    rule: Literal["grade"]
    field: Identifier
    grades: tuple[GradeName, ...] = Field(min_length=2, description="Lowest first.")
    measures: tuple[GradeMeasure, ...] = Field(min_length=1)
    lower_when_apart: int | None = Field(
        default=None,
        ge=2,
        description="When measures lie this many grades or more apart, one below the highest counts.",
    )
    may_exceed_steps: int = Field(
        default=0, ge=0, description="A stated grade may be this many steps above the computed one."
    )

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that the rule reads or fills."""
        return (self.field, *self.inputs)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the fields that the value follows from."""
        return tuple(measure.field for measure in self.measures)

    def value_of(self, numbers: Sequence[float]) -> GradeName:
        """Return the grade of one feature; one number for each measure, in their order."""
        steps = [
            sum(number >= bound for bound in measure.bounds)
            for number, measure in zip(numbers, self.measures, strict=True)
        ]
        is_apart = (
            self.lower_when_apart is not None and max(steps) - min(steps) >= self.lower_when_apart
        )
        return self.grades[max(steps) - is_apart]

    def agrees(self, stated: object, numbers: Sequence[float]) -> bool:
        """Tell whether a stated grade is the computed one, or allowed above it."""
        computed = self.grades.index(self.value_of(numbers))
        return stated in self.grades[computed : computed + self.may_exceed_steps + 1]

    @model_validator(mode="after")
    def _has_a_grade_for_each_step(self) -> "GradeRule":
        for measure in self.measures:
            if len(measure.bounds) != len(self.grades) - 1:
                message = f"{len(self.grades)} grades need {len(self.grades) - 1} bounds of {measure.field}"
                raise ValueError(message)
        return self


class ProductRule(Declared):
    """A number is the product of others; an empty field is filled, another value is a finding."""

    rule: Literal["product"]
    field: Identifier
    factors: tuple[Identifier, ...] = Field(min_length=2)
    tolerance_ratio: float = Field(default=0.01, ge=0)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that the rule reads or fills."""
        return (self.field, *self.factors)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the fields that the value follows from."""
        return self.factors

    def value_of(self, numbers: Sequence[float]) -> float:
        """Return the product, six significant digits."""
        return float(f"{math.prod(numbers):.6g}")

    def agrees(self, stated: object, numbers: Sequence[float]) -> bool:
        """Tell whether a stated number is the product within the tolerance."""
        return isinstance(stated, int | float) and math.isclose(
            stated, math.prod(numbers), rel_tol=self.tolerance_ratio
        )


FollowingRule = GradeRule | ProductRule


class RowCheck(Declared):
    """A named check on every row; `refuse` stops the import, `warn` is reported only."""

    id: Identifier
    check: Annotated[
        WithinRule | CompareRule | GradeRule | ProductRule, Field(discriminator="rule")
    ]
    severity: Literal["refuse", "warn"] = "refuse"
    message: Title
