"""Symbols, cells and patterns as SVG: one drawing for maps, desktop programs and legends."""

from xml.sax.saxutils import escape, quoteattr

from yingji_map.domain.appearance import (
    PATTERN_PX,
    SMALL_BOX_PX,
    SMALL_SYMBOL_PX,
    SYMBOL_BOX_PX,
    Mark,
)
from yingji_map.domain.palette import Colour, colour_of

FONTS = (
    "PingFang SC",
    "HarmonyOS Sans SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "sans-serif",
)
"""Families that hold Chinese, in the order of preference."""
_INK_PX, _HALO_PX = 1.4, 3.4
_SVG = 'xmlns="http://www.w3.org/2000/svg"'
# From the middle of a Chinese character's box down to its baseline, in font sizes.
_MIDDLE_EM = 0.37


def symbol_svg(mark: Mark, *, is_small: bool = False) -> str:
    """Return a symbol as an SVG document, its place in the middle."""
    box = SMALL_BOX_PX if is_small else SYMBOL_BOX_PX
    return (
        f'<svg {_SVG} width="{box:g}" height="{box:g}" '
        f'viewBox="{-box / 2:g} {-box / 2:g} {box:g} {box:g}">'
        f"{symbol_shapes(mark, is_small=is_small)}</svg>"
    )


def symbol_shapes(mark: Mark, *, is_small: bool = False) -> str:
    """Return the shapes of a symbol about (0, 0) in pixels."""
    size = SMALL_SYMBOL_PX if is_small and mark.shape != "dot" else mark.size_px
    half = size / 2
    colours = mark.colours
    outline = _outline(mark.shape, half)
    parts = [
        outline.format(f'fill="none" {_stroke(mark.halo, _HALO_PX)} stroke-linejoin="round"'),
        outline.format(
            f"{_fill(colour_of(colours.fill))} {_stroke(colour_of(colours.ink), _INK_PX)} "
            'stroke-linejoin="round"'
        ),
    ]
    if mark.character and not is_small:
        font_px = half * 1.24
        parts.append(
            text_svg(
                mark.character,
                (0.0, half * 0.07 + font_px * _MIDDLE_EM),
                font_px,
                colour_of(colours.character),
                weight=700,
                anchor="middle",
            )
        )
    return "".join(parts)


def text_svg(  # noqa: PLR0913 - what a text is made of
    text: str,
    place: tuple[float, float],
    size_px: float,
    colour: Colour,
    *,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    """Return a line of text with its baseline at `place`."""
    families = quoteattr(",".join(FONTS))
    return (
        f'<text x="{place[0]:g}" y="{place[1]:.4g}" font-family={families} '
        f'font-size="{size_px:.4g}" font-weight="{weight}" text-anchor="{anchor}" '
        f"{_fill(colour)}>{escape(text)}</text>"
    )


def pattern_svg(name: str, ink: Colour, identifier: str) -> str:
    """Return a `<pattern>` that repeats as the map's pattern does."""
    edge = PATTERN_PX[name]
    return (
        f'<pattern id="{identifier}" patternUnits="userSpaceOnUse" width="{edge:g}" '
        f'height="{edge:g}">{pattern_shapes(name, ink)}</pattern>'
    )


def pattern_shapes(name: str, ink: Colour, repeats: int = 1) -> str:
    """Return a square of `repeats` times the pattern each way, from (0, 0)."""
    edge = PATTERN_PX[name]
    side = edge * repeats
    if name == "dots":
        places = [edge / 2 + edge * step for step in range(repeats)]
        dots = [f'<circle cx="{x:g}" cy="{y:g}" r="0.85"/>' for x in places for y in places]
        return f"<g {_fill(ink)}>{''.join(dots)}</g>"
    width = 1.1 if name == "hatch" else 0.9
    shifts = [edge * step for step in range(-repeats, 2 * repeats)]
    lines = "".join(
        f"M{shift - side - 1:g} {side + 1:g}L{shift + 1:g} -1"
        for shift in (s + edge for s in shifts)
    )
    return f'<path d="{lines}" fill="none" {_stroke(ink, width)}/>'


def dots_svg(ink: Colour) -> str:
    """Return one repeat of the dots as an SVG document."""
    edge = PATTERN_PX["dots"]
    shapes = pattern_shapes("dots", ink)
    return f'<svg {_SVG} width="{edge:g}" height="{edge:g}">{shapes}</svg>'


def fill_attributes(colour: Colour) -> str:
    """Return the attributes that fill with a colour."""
    return _fill(colour)


def stroke_attributes(colour: Colour, width_px: float, dash: tuple[float, ...] = ()) -> str:
    """Return the attributes of a line."""
    dashes = f' stroke-dasharray="{" ".join(f"{step:g}" for step in dash)}"' if dash else ""
    return _stroke(colour, width_px) + dashes


def _outline(shape: str, half: float) -> str:
    match shape:
        case "diamond":
            reach = round(half * 1.22, 3)
            return f'<path d="M0 {-reach:g}L{reach:g} 0L0 {reach:g}L{-reach:g} 0Z" {{}}/>'
        case "rounded_square":
            return _rectangle(half, half, half * 0.34)
        case "pill":
            return _rectangle(half * 1.4, half * 0.8, half * 0.8)
        case _:
            return f'<circle r="{half:g}" {{}}/>'


def _rectangle(half_width: float, half_height: float, radius: float) -> str:
    return (
        f'<rect x="{-half_width:g}" y="{-half_height:g}" width="{half_width * 2:g}" '
        f'height="{half_height * 2:g}" rx="{radius:.4g}" {{}}/>'
    )


def _fill(colour: Colour) -> str:
    opacity = "" if colour.alpha == 1 else f' fill-opacity="{colour.alpha:g}"'
    return f'fill="{colour.hex}"{opacity}'


def _stroke(colour: Colour, width_px: float) -> str:
    opacity = "" if colour.alpha == 1 else f' stroke-opacity="{colour.alpha:g}"'
    return f'stroke="{colour.hex}"{opacity} stroke-width="{width_px:g}"'
