"""Every symbol and pattern on one sheet, as MapLibre reads its images."""

from collections.abc import Sequence
from dataclasses import dataclass

from yingji_map.domain.appearance import PATTERN_PX, SMALL_BOX_PX, SYMBOL_BOX_PX, Appearance
from yingji_map.domain.palette import Theme, colour_of
from yingji_map.publish.symbol_svg import pattern_shapes, symbol_shapes

_COLUMNS = 16
_CELL_PX = 30
_REPEATS = 4
"""Patterns four times over: their edge is a whole number of pixels at every pixel ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpriteImage:
    """One image: its name, its shapes from its upper left corner, its edge in pixels."""

    name: str
    shapes: str
    edge_px: int


def sprite_images(appearances: Sequence[Appearance], theme: Theme) -> list[SpriteImage]:
    """Return the images of all layers and the three patterns."""
    images: dict[str, SpriteImage] = {}
    for appearance in appearances:
        for mark in appearance.marks:
            middle = f"translate({SYMBOL_BOX_PX / 2:g} {SYMBOL_BOX_PX / 2:g})"
            small = f"translate({SMALL_BOX_PX / 2:g} {SMALL_BOX_PX / 2:g})"
            drawn = f'<g transform="{middle}">{symbol_shapes(mark)}</g>'
            reduced = f'<g transform="{small}">{symbol_shapes(mark, is_small=True)}</g>'
            images[mark.name] = SpriteImage(name=mark.name, shapes=drawn, edge_px=28)
            name = f"{appearance.layer_id}-small"
            images[name] = SpriteImage(name=name, shapes=reduced, edge_px=18)
    inks = {
        "hatch": colour_of(theme.risk.red.pattern_ink),
        "dots": colour_of(theme.risk.orange.pattern_ink),
        "no_data": colour_of(theme.no_data),
    }
    for pattern, ink in inks.items():
        edge = round(PATTERN_PX[pattern] * _REPEATS)
        shapes = pattern_shapes(pattern, ink, _REPEATS)
        name = f"pattern-{pattern}"
        images[name] = SpriteImage(name=name, shapes=shapes, edge_px=edge)
    return [images[name] for name in sorted(images)]


def sprite_index(images: Sequence[SpriteImage], ratio: int) -> dict[str, dict[str, int]]:
    """Return where each image stands on the sheet, in its pixels."""
    return {
        image.name: {
            "x": position % _COLUMNS * _CELL_PX * ratio,
            "y": position // _COLUMNS * _CELL_PX * ratio,
            "width": image.edge_px * ratio,
            "height": image.edge_px * ratio,
            "pixelRatio": ratio,
        }
        for position, image in enumerate(images)
    }


def sprite_svg(images: Sequence[SpriteImage]) -> str:
    """Return the sheet as SVG; images cannot spill into each other."""
    rows = -(-len(images) // _COLUMNS)
    width, height = _COLUMNS * _CELL_PX, rows * _CELL_PX
    cells = "".join(
        f'<svg x="{position % _COLUMNS * _CELL_PX}" y="{position // _COLUMNS * _CELL_PX}" '
        f'width="{image.edge_px}" height="{image.edge_px}" '
        f'viewBox="0 0 {image.edge_px} {image.edge_px}" overflow="hidden">{image.shapes}</svg>'
        for position, image in enumerate(images)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{cells}</svg>'
    )
