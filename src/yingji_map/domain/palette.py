"""The shape of `layers/palette.yaml`: every colour of the map, by day and by night."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from yingji_map.domain.declared import Declared
from yingji_map.domain.risk import RiskLevel

_HEX = re.compile(r"#([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})")
_RGBA = re.compile(r"rgba\((\d{1,3}),(\d{1,3}),(\d{1,3}),(0|1|0?\.\d{1,3})\)")
_CHANNEL_MAX = 255


class ThemeName(StrEnum):
    """Day on paper, night on dark ground."""

    DAY = "day"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue 0..255, and how opaque it is, 0..1."""

    red: int
    green: int
    blue: int
    alpha: float = 1.0

    @property
    def hex(self) -> str:
        """Return `#rrggbb`, without its opacity."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def css(self) -> str:
        """Return the colour as CSS and MapLibre read it."""
        if self.alpha == 1:
            return self.hex
        return f"rgba({self.red},{self.green},{self.blue},{self.alpha:g})"

    def faded(self, opacity: float) -> "Colour":
        """Return the colour at a share of its opacity."""
        return Colour(self.red, self.green, self.blue, round(self.alpha * opacity, 4))


def colour_of(text: str) -> Colour:
    """Return the colour that `#RRGGBB` or `rgba(r,g,b,a)` writes.

    Raises
    ------
    ValueError
        It is written otherwise.
    """
    if found := _HEX.fullmatch(text.upper()):
        red, green, blue = (int(part, 16) for part in found.groups())
        return Colour(red, green, blue)
    if found := _RGBA.fullmatch(text.replace(" ", "")):
        red, green, blue = (int(part) for part in found.groups()[:3])
        if max(red, green, blue) <= _CHANNEL_MAX:
            return Colour(red, green, blue, float(found[4]))
    message = f"`{text}` is not a colour like #RRGGBB or rgba(r,g,b,.5)"
    raise ValueError(message)


def _checked(text: str) -> str:
    colour_of(text)
    return text


ColourText = Annotated[str, AfterValidator(_checked)]


class SymbolColours(Declared):
    """What a symbol is drawn with."""

    fill: ColourText
    ink: ColourText
    character: ColourText


class SymbolPalette(Declared):
    """Colours of symbols; those of capacity stand apart from all others."""

    open: SymbolColours
    solid: SymbolColours
    open_capacity: SymbolColours
    solid_capacity: SymbolColours


class LevelPaint(Declared):
    """One risk level: its badge in words, its cells on the map."""

    badge: ColourText
    on_badge: ColourText
    fill: ColourText
    opacity: float = Field(ge=0, le=1)
    outline: ColourText
    outline_px: float = Field(gt=0)
    pattern: Literal["hatch", "dots"] | None = None
    pattern_ink: ColourText = "rgba(0,0,0,0)"
    ring: ColourText | None = Field(
        default=None, description="Drawn inside the cell, where a fill would turn muddy."
    )


class RiskPaint(Declared):
    """The four levels."""

    red: LevelPaint
    orange: LevelPaint
    yellow: LevelPaint
    blue: LevelPaint

    def of(self, level: RiskLevel) -> LevelPaint:
        """Return how a level is painted."""
        paint: LevelPaint = getattr(self, level.name.lower())
        return paint


class Theme(Declared):
    """Every colour of the map under one light."""

    land: ColourText
    land_high: ColourText
    veil: ColourText
    shadow: ColourText
    light: ColourText
    text: ColourText
    text_2: ColourText
    water_text: ColourText
    halo: ColourText
    selection: ColourText
    selection_casing: ColourText
    no_data: ColourText
    symbol_halo: ColourText
    symbols: SymbolPalette
    tokens: dict[str, ColourText]
    risk: RiskPaint


class Palette(Declared):
    """The colours by day and by night."""

    day: Theme
    night: Theme

    def theme(self, name: ThemeName) -> Theme:
        """Return one of the two."""
        return self.night if name is ThemeName.NIGHT else self.day
