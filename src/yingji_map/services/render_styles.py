"""What layers look like, for every client: one declaration, many ways to write it down."""

from collections.abc import Mapping
from dataclasses import dataclass

from yingji_map.domain.appearance import Appearance, Mark, appearance_of, risk_appearance
from yingji_map.domain.errors import LayerNotFound, StyleNotFound
from yingji_map.domain.layer import Access, LayerDefinition, Title
from yingji_map.domain.palette import Palette, ThemeName, colour_of
from yingji_map.ingest.models import ModelSet
from yingji_map.publish.legend import legend_svg
from yingji_map.publish.qgis_style import qml_document
from yingji_map.publish.sld import sld_document
from yingji_map.publish.sprite import sprite_images, sprite_index, sprite_svg
from yingji_map.publish.svg_image import svg_to_png
from yingji_map.publish.symbol_svg import dots_svg, symbol_svg
from yingji_map.services.single_flight import SingleFlightCache

RISK = "risk"
_DOTS = "pattern-dots"
_GROUPS = ("base", "hazard", "capacity", "monitoring")
_LINE_ORDER = {"polygon": 0, "line": 1, "point": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderStyles:
    """Write down the styles of layers and of risk.

    A hazard's style is called `risk_<hazard>`; `risk` is that of the composite, or of the first
    hazard where there is none.
    """

    catalogue: Mapping[str, LayerDefinition]
    models: ModelSet
    palette: Palette
    images: SingleFlightCache[str, bytes]

    def appearances(self, theme: ThemeName) -> list[Appearance]:
        """Return every layer that is drawn, the lowest first: areas, lines, borders, points."""
        colours = self.palette.theme(theme)
        found = [
            (self._order(definition), appearance)
            for definition in self.catalogue.values()
            if definition.access is not Access.RESTRICTED
            and (appearance := appearance_of(definition, colours)) is not None
        ]
        return [appearance for _, appearance in sorted(found, key=lambda pair: pair[0])]

    def hazards(self) -> dict[str, Title]:
        """Return the hazards that have cells, the composite first."""
        composite = self.models.composite
        first = {} if composite is None else {composite.id: composite.title}
        return first | {model.id: model.title for model in self.models.hazards}

    def appearance(self, style_id: str, theme: ThemeName) -> Appearance:
        """Return how a layer or the cells of a hazard look.

        Raises
        ------
        LayerNotFound
            No layer and no hazard has this name, or the layer is not drawn.
        """
        hazards = self.hazards()
        hazard = next(iter(hazards), "") if style_id == RISK else style_id.removeprefix("risk_")
        if (style_id == RISK or style_id.startswith("risk_")) and hazard in hazards:
            return risk_appearance(hazard, hazards[hazard], self.palette.theme(theme))
        definition = self.catalogue.get(style_id)
        found = None
        if definition is not None and definition.access is not Access.RESTRICTED:
            found = appearance_of(definition, self.palette.theme(theme))
        if found is None:
            raise LayerNotFound(layer=style_id)
        return found

    def qml(self, style_id: str, theme: ThemeName) -> bytes:
        """Return a QGIS style; raises as `appearance`."""
        return qml_document(self.appearance(style_id, theme))

    def sld(self, style_id: str, theme: ThemeName, symbols_url: str) -> bytes:
        """Return an SLD; raises as `appearance`."""
        return sld_document(self.appearance(style_id, theme), symbols_url)

    def symbol(self, name: str, theme: ThemeName) -> str:
        """Return a symbol as SVG.

        Raises
        ------
        StyleNotFound
            No layer has such a symbol.
        """
        if name == _DOTS:
            return dots_svg(colour_of(self.palette.theme(theme).risk.orange.pattern_ink))
        mark = self._marks(theme).get(name)
        if mark is None:
            raise StyleNotFound(style=name)
        return symbol_svg(mark)

    def legend(self, style_id: str, theme: ThemeName, language: str, zoom: float) -> bytes:
        """Return a legend as PNG; raises as `appearance`, and `NotReady` without a font."""
        appearance = self.appearance(style_id, theme)
        svg = legend_svg(appearance, self.palette.theme(theme), language=language)
        return self.images.get(f"{zoom}:{svg}", lambda: svg_to_png(svg, zoom=zoom))

    def sprite(self, theme: ThemeName, ratio: int) -> bytes:
        """Return the sheet of all symbols as PNG."""
        images = sprite_images(self.appearances(theme), self.palette.theme(theme))
        svg = sprite_svg(images)
        return self.images.get(f"{ratio}:{svg}", lambda: svg_to_png(svg, zoom=ratio))

    def sprite_index(self, theme: ThemeName, ratio: int) -> dict[str, dict[str, int]]:
        """Return where each symbol stands on the sheet."""
        images = sprite_images(self.appearances(theme), self.palette.theme(theme))
        return sprite_index(images, ratio)

    def _marks(self, theme: ThemeName) -> dict[str, Mark]:
        return {
            mark.name: mark for appearance in self.appearances(theme) for mark in appearance.marks
        }

    def _order(self, definition: LayerDefinition) -> tuple[int, ...]:
        style = definition.style
        assert style is not None  # noqa: S101 - it has an appearance
        is_border = style.line is not None and style.line.token.endswith("-border")
        is_county = definition.id == "county"
        kind = _LINE_ORDER[definition.geometry.value] if definition.geometry else 0
        if style.fill is None and kind == 0:
            kind = 1
        return (
            kind,
            is_border,
            is_county,
            _GROUPS.index(style.group) if style.group in _GROUPS else 0,
        )
