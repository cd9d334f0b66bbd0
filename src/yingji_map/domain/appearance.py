"""A declared style with its colours filled in: what MapLibre, QML, SLD and the legend all write down."""

from dataclasses import dataclass, replace
from typing import Literal

from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition, Title
from yingji_map.domain.palette import Colour, SymbolColours, Theme, colour_of
from yingji_map.domain.risk import CellState, RiskLevel
from yingji_map.domain.style import LineStyle, Style, SymbolStyle

SYMBOL_PX = 19.0
"""Width of a symbol's shape; its image is `SYMBOL_BOX_PX` wide, halo included."""
SYMBOL_BOX_PX = 28.0
SMALL_SYMBOL_PX, SMALL_BOX_PX = 12.0, 18.0
DOT_PX = 8.0
PATTERN_PX = {"hatch": 4.5, "dots": 5.0, "no_data": 6.0}
"""Distance from line to line and from dot to dot."""
OTHERS = Title(zh="其他", en="Others")
_LEVEL_TITLES = {
    RiskLevel.RED: Title(zh="红色 Ⅰ级", en="Red (Level I)"),
    RiskLevel.ORANGE: Title(zh="橙色 Ⅱ级", en="Orange (Level II)"),
    RiskLevel.YELLOW: Title(zh="黄色 Ⅲ级", en="Yellow (Level III)"),
    RiskLevel.BLUE: Title(zh="蓝色 Ⅳ级", en="Blue (Level IV)"),
}
_NO_DATA = Title(zh="无数据", en="No data")
Value = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line; `dash` in pixels, `casing` the line under it."""

    colour: Colour
    width_px: float
    dash: tuple[float, ...] = ()
    casing: "Stroke | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A filled polygon; `pattern` in its own ink lies over the fill."""

    fill: Colour
    pattern: Literal["hatch", "dots", "no_data"] | None = None
    ink: Colour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A symbol; `name` is its address under `/symbols/`."""

    name: str
    shape: Literal["diamond", "rounded_square", "circle", "pill", "dot"]
    colours: SymbolColours
    halo: Colour
    character: str
    size_px: float
    size_field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How features of one value look; the value None stands for all that no other part names."""

    value: Value | None
    title: Title
    mark: Mark | None = None
    area: Area | None = None
    stroke: Stroke | None = None
    ring: Stroke | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is written beside a feature; switched off where the layer does not ask for it."""

    field: str
    size_px: float
    weight: Literal["medium", "bold", "italic"]
    colour: Colour
    halo: Colour
    minzoom: float
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """One layer as it looks; `field` picks the part, None where there is only one."""

    layer_id: str
    title: Title
    geometry: Literal["point", "line", "polygon"]
    field: str | None
    parts: tuple[Part, ...]
    label: Label | None
    fields: tuple[FieldDefinition, ...]
    is_visible: bool = True

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return its symbols, each once."""
        return tuple(dict.fromkeys(part.mark for part in self.parts if part.mark))


def appearance_of(definition: LayerDefinition, theme: Theme) -> Appearance | None:
    """Return how a layer looks under a theme; None for rasters and layers without a style.

    Raises
    ------
    KeyError
        The style names a colour that the palette lacks.
    """
    style = definition.style
    if style is None or definition.geometry is None:
        return None
    plain = Part(value=None, title=definition.title)
    field: str | None = None
    parts: tuple[Part, ...] = (plain,)
    if style.symbol is not None and style.symbol.shape != "none":
        field = style.symbol.character_field if style.symbol.characters else None
        parts = _symbol_parts(definition, style.symbol, theme)
    elif style.line is not None:
        field = style.line.class_field
        parts = _line_parts(definition, style.line, theme)
    if style.fill is not None:
        fill = colour_of(theme.tokens[style.fill.token]).faded(style.fill.opacity)
        parts = tuple(replace(part, area=Area(fill=fill)) for part in parts)
    return Appearance(
        layer_id=definition.id,
        title=definition.title,
        geometry=definition.geometry.value,
        field=field,
        parts=parts,
        label=_label_of(definition, style, theme),
        fields=definition.public_fields,
        is_visible=style.visible,
    )


def risk_appearance(hazard: str, title: Title, theme: Theme) -> Appearance:
    """Return how the cells of a hazard look: four levels, and the cells without data.

    A cell without data has level 0; so has one that the hazard cannot reach, which is told apart
    by its `state`: parts are picked by the level as a number or by the state as text.
    """
    parts = []
    for level, level_title in _LEVEL_TITLES.items():
        paint = theme.risk.of(level)
        area = Area(
            fill=colour_of(paint.fill).faded(paint.opacity),
            pattern=paint.pattern,
            ink=colour_of(paint.pattern_ink) if paint.pattern else None,
        )
        outline = Stroke(colour=colour_of(paint.outline), width_px=paint.outline_px)
        ring = None if paint.ring is None else Stroke(colour=colour_of(paint.ring), width_px=1.5)
        parts.append(
            Part(value=int(level), title=level_title, area=area, stroke=outline, ring=ring)
        )
    no_data = colour_of(theme.no_data)
    empty = Area(fill=Colour(0, 0, 0, 0.0), pattern="no_data", ink=no_data)
    parts.append(Part(value=CellState.NO_DATA.name.lower(), title=_NO_DATA, area=empty))
    return Appearance(
        layer_id=f"risk_{hazard}",
        title=title,
        geometry="polygon",
        field="level",
        parts=tuple(parts),
        label=None,
        fields=(),
    )


def symbol_name(layer_id: str, character: str) -> str:
    """Return a symbol's address: it follows from the character, not from the order of types."""
    return f"{layer_id}-{ord(character):04x}" if character else layer_id


def _symbol_parts(
    definition: LayerDefinition, symbol: SymbolStyle, theme: Theme
) -> tuple[Part, ...]:
    is_capacity = definition.style is not None and definition.style.group == "capacity"
    colours: SymbolColours = getattr(
        theme.symbols, f"{symbol.fill}{'_capacity' if is_capacity else ''}"
    )

    def mark(character: str) -> Mark:
        assert symbol.shape != "none"  # noqa: S101 - the caller looked
        return Mark(
            name=symbol_name(definition.id, character),
            shape=symbol.shape,
            colours=colours,
            halo=colour_of(theme.symbol_halo),
            character=character,
            size_px=DOT_PX if symbol.shape == "dot" else SYMBOL_PX,
            size_field=symbol.size_field,
        )

    typed: list[Part] = []
    if symbol.character_field:
        typed = [
            Part(value=value, title=Title(zh=value, en=value), mark=mark(character))
            for value, character in symbol.characters.items()
        ]
    rest = OTHERS if typed else definition.title
    return (*typed, Part(value=None, title=rest, mark=mark(symbol.character)))


def _line_parts(definition: LayerDefinition, line: LineStyle, theme: Theme) -> tuple[Part, ...]:
    def stroke(token: str, width_px: float) -> Stroke:
        under = theme.tokens.get(f"{token}-casing") if line.casing_px else None
        return Stroke(
            colour=colour_of(theme.tokens[token]),
            width_px=width_px,
            dash=tuple(round(step * width_px, 3) for step in line.dash),
            casing=None
            if under is None
            else Stroke(colour=colour_of(under), width_px=round(width_px + line.casing_px, 3)),
        )

    field = definition.field(line.class_field) if line.class_field else None
    values = dict.fromkeys((*line.class_widths_px, *line.class_tokens)) if field else {}
    is_whole = field is not None and field.type is FieldType.INTEGER
    typed = [
        Part(
            value=int(value) if is_whole else value,
            title=_class_title(field, value),
            stroke=stroke(
                line.class_tokens.get(value, line.token),
                line.class_widths_px.get(value, line.width_px),
            ),
        )
        for value in values
    ]
    rest = OTHERS if typed else definition.title
    return (*typed, Part(value=None, title=rest, stroke=stroke(line.token, line.width_px)))


def _class_title(field: FieldDefinition | None, value: str) -> Title:
    if field is None or field.type is FieldType.TEXT:
        return Title(zh=value, en=value)
    return Title(zh=f"{field.title.zh} {value}", en=f"{field.title.en} {value}")


def _label_of(definition: LayerDefinition, style: Style, theme: Theme) -> Label | None:
    if definition.tiles.label is None:
        return None
    asked = style.label
    ink = theme.text_2 if asked is None else getattr(theme, asked.colour)
    return Label(
        field=definition.tiles.label,
        size_px=12 if asked is None else asked.size_px,
        weight="medium" if asked is None else asked.weight,
        colour=colour_of(ink),
        halo=colour_of(theme.halo),
        minzoom=11.2 if asked is None else asked.minzoom,
        is_shown=asked is not None,
    )
