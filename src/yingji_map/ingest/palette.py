"""`layers/palette.yaml` as the palette that styles take their colours from."""

from collections.abc import Mapping
from pathlib import Path

from yingji_map.domain.errors import InvalidDefinition
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.palette import Palette
from yingji_map.ingest.yaml_source import line_of, read_model

PALETTE_FILE = "palette.yaml"


def read_palette(layers_dir: Path, catalogue: Mapping[str, LayerDefinition]) -> Palette:
    """Read the colours and hold every style to them.

    Parameters
    ----------
    layers_dir
        Folder of the layers; without a palette of its own the shipped colours hold.

    Raises
    ------
    InvalidDefinition
        The file breaks the schema, or a style names a colour that it lacks.
    """
    own = layers_dir / PALETTE_FILE
    palette = read_model(own if own.is_file() else _shipped(), Palette)
    known = palette.day.tokens.keys() & palette.night.tokens.keys()
    for definition in catalogue.values():
        for place, token in _tokens_of(definition):
            if token not in known:
                path = layers_dir / definition.kind / f"{definition.id}.yaml"
                listed = " ".join(sorted(known))
                raise InvalidDefinition(
                    file=str(path),
                    line=line_of(path, ("style", *place)),
                    reason_zh=f"{PALETTE_FILE} 里没有颜色 {token}；有 {listed}",
                    reason_en=f"{PALETTE_FILE} has no colour {token}; it has {listed}",
                )
    return palette


def _shipped() -> Path:
    package = Path(__file__).parents[1]
    inside = package / "_data" / "layers" / PALETTE_FILE
    return inside if inside.is_file() else package.parents[1] / "layers" / PALETTE_FILE


def _tokens_of(definition: LayerDefinition) -> list[tuple[tuple[str, ...], str]]:
    style = definition.style
    found: list[tuple[tuple[str, ...], str]] = []
    if style is not None and style.line is not None:
        found.append((("line", "token"), style.line.token))
        found += [
            (("line", "class_tokens", value), token)
            for value, token in style.line.class_tokens.items()
        ]
    if style is not None and style.fill is not None:
        found.append((("fill", "token"), style.fill.token))
    return found
