"""How a layer says what it looks like: shapes and widths here, colours by name in the palette."""

from typing import Literal

from pydantic import Field

from yingji_map.domain.declared import Declared, Identifier


class SymbolStyle(Declared):
    """One shape per kind, one character per type (docs/explanation/cartography)."""

    shape: Literal["diamond", "rounded_square", "circle", "pill", "dot", "none"]
    fill: Literal["open", "solid"] = "open"
    character: str = Field(default="", max_length=1)
    character_field: Identifier | None = Field(
        default=None, description="Field whose value picks the character from `characters`."
    )
    characters: dict[str, str] = Field(default_factory=dict)
    size_field: Identifier | None = Field(
        default=None, description="Field whose square root a dot grows with (people)."
    )


class LineStyle(Declared):
    """A line drawn with a colour token; a field's value may pick another token and width."""

    token: str
    width_px: float = Field(gt=0)
    class_field: Identifier | None = None
    class_widths_px: dict[str, float] = Field(default_factory=dict)
    class_tokens: dict[str, str] = Field(
        default_factory=dict, description="Colour token by value; others take `token`."
    )
    dash: tuple[float, ...] = Field(default=(), description="Dashes and gaps in line widths.")
    casing_px: float = Field(
        default=0,
        ge=0,
        description="How much wider the line under it is, drawn where `<token>-casing` is a colour.",
    )


class FillStyle(Declared):
    """A polygon filled with a colour token."""

    token: str
    opacity: float = Field(ge=0, le=1)


class LabelStyle(Declared):
    """How the field `tiles.label` is written beside the features."""

    size_px: float = Field(default=12, gt=0)
    weight: Literal["medium", "bold", "italic"] = "medium"
    colour: Literal["text", "text_2", "water_text"] = "text_2"
    minzoom: float = Field(default=11.2, ge=0, le=22)


class Style(Declared):
    """The one declaration from which every client's style is made."""

    group: Literal["risk", "hazard", "capacity", "monitoring", "base"]
    visible: bool = Field(
        default=True, description="False for layers for study: shown when the user asks for them."
    )
    symbol: SymbolStyle | None = None
    line: LineStyle | None = None
    fill: FillStyle | None = None
    label: LabelStyle | None = None
