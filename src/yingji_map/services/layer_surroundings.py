"""What a layer's rows are checked against: other layers, and where they lie."""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.errors import NotReady
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_rule import WithinRule
from yingji_map.store.database import Store, Transaction
from yingji_map.store.features import read_features
from yingji_map.store.layers import find_layer_states

Bounds = tuple[float, float, float, float]


def expected_place(store: Store, definition: LayerDefinition) -> Bounds | None:
    """Return where rows are expected (degrees): in the layers around, else where others lie."""
    with store.read() as tx:
        states = find_layer_states(tx)
    names = (*_named(definition), definition.id)
    known = (states[name].bounds for name in names if name in states)
    return next((bounds for bounds in known if bounds is not None), None)


def surroundings_of(
    tx: Transaction, catalogue: dict[str, LayerDefinition], definition: LayerDefinition
) -> dict[str, npt.NDArray[np.object_]]:
    """Return the geometries (EPSG:4490) of the layers that the rules of a layer name.

    Raises
    ------
    NotReady
        One of them holds nothing yet.
    """
    found: dict[str, npt.NDArray[np.object_]] = {}
    states = find_layer_states(tx)
    for layer_id in _named(definition):
        other = catalogue[layer_id]
        if layer_id not in states or not states[layer_id].row_count:
            raise NotReady(
                what_zh=f"图层“{other.title.zh}”的数据（检查位置要用）",
                what_en=f"data of layer “{other.title.en}”, which places are checked against",
                fix=f"yingji layer import {layer_id} FILE",
            )
        found[layer_id] = read_features(tx, other, columns=()).geometry
    return found


def _named(definition: LayerDefinition) -> tuple[str, ...]:
    rules = [row_check.check for row_check in definition.rules]
    return tuple(dict.fromkeys(rule.layer for rule in rules if isinstance(rule, WithinRule)))
