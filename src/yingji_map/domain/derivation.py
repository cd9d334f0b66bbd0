"""Rasters that are reckoned from another one, as layers declare them."""

from enum import StrEnum

from pydantic import Field, model_validator

from yingji_map.domain.declared import Declared, Identifier


class DerivationMethod(StrEnum):
    """What is reckoned from an elevation model; formulas are in `engine/derive.py`."""

    SLOPE = "slope"
    ASPECT = "aspect"
    RELIEF = "relief"
    HEIGHT_ABOVE_RIVER = "height_above_river"
    WETNESS = "wetness"


class Derivation(Declared):
    """Which raster a layer is made of, and how; it is made again when that one changes."""

    from_: Identifier = Field(alias="from", description="Raster layer it is reckoned from.")
    method: DerivationMethod
    window_m: float = Field(
        default=1000,
        gt=0,
        le=20_000,
        description="Side of the square in which relief is highest minus lowest, metres.",
    )
    rivers: Identifier | None = Field(
        default=None, description="Line layer of the rivers that heights are measured above."
    )

    @model_validator(mode="after")
    def _has_its_rivers(self) -> "Derivation":
        if (self.rivers is not None) != (self.method is DerivationMethod.HEIGHT_ABOVE_RIVER):
            message = "`rivers` belongs to the method height_above_river, which needs it"
            raise ValueError(message)
        return self
