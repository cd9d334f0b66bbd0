"""A legend as a picture: the symbols of the map, beside their names."""

from dataclasses import dataclass

from yingji_map.domain.appearance import Appearance, Area, Part, Stroke
from yingji_map.domain.palette import Theme, colour_of
from yingji_map.publish.symbol_svg import (
    fill_attributes,
    pattern_svg,
    stroke_attributes,
    symbol_shapes,
    text_svg,
)

ROW_PX, SWATCH_PX = 30.0, 40.0
PAD_PX = 8.0
_HEIGHT_PX = 22.0
_TEXT_PX = 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendRow:
    """One line of a legend and where the middle of its swatch stands, in pixels."""

    part: Part
    text: str
    middle: tuple[float, float]


def legend_rows(appearance: Appearance, *, language: str) -> list[LegendRow]:
    """Return the lines from top to bottom."""
    return [
        LegendRow(
            part=part,
            text=part.title.en if language == "en" else part.title.zh,
            middle=(PAD_PX + SWATCH_PX / 2, PAD_PX + ROW_PX * (position + 0.5)),
        )
        for position, part in enumerate(appearance.parts)
    ]


def legend_svg(appearance: Appearance, theme: Theme, *, language: str) -> str:
    """Return the legend of a layer as SVG on the map's land."""
    rows = legend_rows(appearance, language=language)
    widest = max(_width_px(row.text) for row in rows)
    width = round(PAD_PX * 3 + SWATCH_PX + widest)
    height = round(PAD_PX * 2 + ROW_PX * len(rows))
    drawn = "".join(_row(row, position, theme) for position, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<rect width="{width}" height="{height}" {fill_attributes(colour_of(theme.land))}/>'
        f"{drawn}</svg>"
    )


def _row(row: LegendRow, position: int, theme: Theme) -> str:
    x, y = row.middle
    part = row.part
    shapes = ""
    if part.area is not None:
        shapes += _area(part.area, part.stroke, position)
    elif part.stroke is not None:
        shapes += "".join(_line(s) for s in (part.stroke.casing, part.stroke) if s)
    if part.ring is not None:
        shapes += _rectangle(f'fill="none" {_stroke(part.ring)}', inset=1.5)
    if part.mark is not None:
        shapes += symbol_shapes(part.mark)
    words = text_svg(
        row.text,
        (PAD_PX * 2 + SWATCH_PX, y + _TEXT_PX * 0.36),
        _TEXT_PX,
        colour_of(theme.text),
    )
    return f'<g transform="translate({x:g} {y:g})">{shapes}</g>{words}'


def _area(area: Area, stroke: Stroke | None, position: int) -> str:
    shapes = _rectangle(fill_attributes(area.fill))
    if area.pattern is not None and area.ink is not None:
        name = f"pattern-{position}"
        shapes += f"<defs>{pattern_svg(area.pattern, area.ink, name)}</defs>"
        shapes += _rectangle(f'fill="url(#{name})"')
    return shapes + ("" if stroke is None else _rectangle(f'fill="none" {_stroke(stroke)}'))


def _rectangle(attributes: str, inset: float = 0) -> str:
    width, height = SWATCH_PX - 2 * inset - 4, _HEIGHT_PX - 2 * inset
    return (
        f'<rect x="{-width / 2:g}" y="{-height / 2:g}" width="{width:g}" height="{height:g}" '
        f'rx="3" {attributes}/>'
    )


def _line(stroke: Stroke) -> str:
    half = SWATCH_PX / 2 - 2
    return f'<path d="M{-half:g} 0H{half:g}" fill="none" {_stroke(stroke)}/>'


def _stroke(stroke: Stroke) -> str:
    return stroke_attributes(stroke.colour, stroke.width_px, stroke.dash)


def _width_px(text: str) -> float:
    """Return about how wide a text is: a Chinese character is as wide as it is high."""
    return sum(1.02 if ord(sign) > 0x2E80 else 0.62 for sign in text) * _TEXT_PX  # noqa: PLR2004
