"""A data set → the layer it belongs to: by what it is called, else by its columns and shapes."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import shapely

from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.ingest.column_names import match_columns
from yingji_map.ingest.source import SourceTable

_LEAST_COLUMNS = 3  # fewer fit anything: every table has a code and a name
_LEAST_NAME = 2  # characters
_DIMENSIONS = {GeometryType.POINT: 0, GeometryType.LINE: 1, GeometryType.POLYGON: 2}
_NOTHING_FITS = ("没有图层有这样的列和图形", "no layer has such columns and shapes")
_MANY_FIT = ("像是几个图层的", "fits several layers")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerMatch:
    """What a data set was found to be.

    Attributes
    ----------
    layer_id
        None when nobody can tell; `candidates` then says what it could be, best first.
    matched_by
        `name` or `columns`; empty when undecided.
    """

    layer_id: str | None = None
    matched_by: str = ""
    candidates: tuple[str, ...] = ()
    reason_zh: str = ""
    reason_en: str = ""


def match_layer(
    title: str, catalogue: Mapping[str, LayerDefinition], read: Callable[[], SourceTable]
) -> LayerMatch:
    """Find the one layer that a data set belongs to; a guess between two is never made.

    A name that is a layer's id, title or alias decides; then one that holds the longest of them
    (`旺苍县避难场所2025`); then the columns, where all that the layer requires are there, the shapes
    are of its kind, and no other layer fits as well.

    Parameters
    ----------
    title
        What the file, or the layer in it, is called.
    read
        Reads the data set; called only when its name does not decide.

    Raises
    ------
    YingjiError
        Whatever `read` raises.
    """
    layers = [layer for layer in catalogue.values() if not layer.is_raster]
    named = _by_name(_plain(title), layers)
    if len(named) == 1:
        return LayerMatch(layer_id=named[0], matched_by="name")
    table = read()
    fitting = _by_columns(table, [layer for layer in layers if not named or layer.id in named])
    if len(fitting) == 1:
        return LayerMatch(layer_id=fitting[0], matched_by="columns")
    candidates = tuple(fitting or named)
    zh, en = _MANY_FIT if candidates else _NOTHING_FITS
    return LayerMatch(candidates=candidates, reason_zh=zh, reason_en=en)


def _by_name(name: str, layers: list[LayerDefinition]) -> list[str]:
    """Return the layers that a name means: those it names, else those whose longest word it holds."""
    exact = [layer.id for layer in layers if name in _words(layer)]
    if exact:
        return exact
    held = {
        layer.id: max((len(word) for word in _words(layer) if word in name), default=0)
        for layer in layers
    }
    longest = max(held.values(), default=0)
    return [layer_id for layer_id, length in held.items() if longest and length == longest]


def _words(layer: LayerDefinition) -> set[str]:
    words = {_plain(w) for w in (layer.id, layer.title.zh, layer.title.en, *layer.aliases)}
    return {word for word in words if len(word) >= _LEAST_NAME}


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", name)).casefold()


def _by_columns(table: SourceTable, layers: list[LayerDefinition]) -> list[str]:
    dimensions = set(shapely.get_dimensions(table.geometry).tolist()) - {-1}
    scores: dict[str, int] = {}
    for layer in layers:
        match = match_columns(table.columns, layer)
        found = set(match.fields.values())
        needed = {f.name for f in layer.fields if f.required or f.name == layer.key}
        is_shape = layer.geometry is not None and dimensions <= {_DIMENSIONS[layer.geometry]}
        if is_shape and needed <= found and len(found) >= _LEAST_COLUMNS and not match.faults:
            scores[layer.id] = len(found)
    best = max(scores.values(), default=0)
    return [layer_id for layer_id, score in scores.items() if score == best]
