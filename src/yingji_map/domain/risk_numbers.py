"""The numbers of a risk model, each with where it comes from."""

from fractions import Fraction
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from yingji_map.domain.layer import Identifier


def _judgement(value: object) -> object:
    """Return `1/3` as the number it means."""
    return float(Fraction(value)) if isinstance(value, str) and "/" in value else value


Judgement = Annotated[float, BeforeValidator(_judgement), Field(gt=0)]


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


class GullyRules(Cited):
    """Which catchments are gullies, and how much debris one of them brings down."""

    min_km2: float = Field(gt=0)
    max_km2: float = Field(gt=0)
    volume_m3_per_km2: float = Field(gt=0)
    reach_ratio: float = Field(ge=1, description="A flow's longest way over its travel distance.")


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


class DurationLaw(Strict):
    """Rain intensity in mm/h as `factor · D^power`, D in hours."""

    factor: float = Field(gt=0)
    power: float = Field(lt=0)


class DurationLaws(Cited):
    """Trigger 0 at the lowest intensity that set off a flow, 1 at the highest, logarithmic between."""

    hours: float = Field(gt=0)
    lowest: DurationLaw
    highest: DurationLaw

    @model_validator(mode="after")
    def _rise(self) -> "DurationLaws":
        low, high = (law.factor * self.hours**law.power for law in (self.lowest, self.highest))
        if low >= high:
            message = "the lowest law must lie below the highest at that duration"
            raise ValueError(message)
        return self
