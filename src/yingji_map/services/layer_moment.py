"""Which layer and which moment of it is meant: a version's number, an instant, or now."""

from datetime import datetime

from yingji_map.domain.errors import InvalidParameter, LayerNotFound, VersionNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.database import Transaction
from yingji_map.store.layers import find_layer_states
from yingji_map.store.versions import find_version

Moment = int | datetime | None  # None is now


def declared_layer(catalogue: dict[str, LayerDefinition], layer_id: str) -> LayerDefinition:
    """Return a layer of features or of rasters.

    Raises
    ------
    LayerNotFound
        It is not declared.
    """
    definition = catalogue.get(layer_id)
    if definition is None:
        raise LayerNotFound(layer=layer_id)
    return definition


def vector_layer(catalogue: dict[str, LayerDefinition], layer_id: str) -> LayerDefinition:
    """Return a layer that has features.

    Raises
    ------
    LayerNotFound
        It is not declared.
    InvalidParameter
        It is a raster layer.
    """
    definition = declared_layer(catalogue, layer_id)
    if definition.is_raster:
        zh, en = "是栅格图层，没有要素", "is a raster layer, it has no features"
        raise InvalidParameter(parameter="layer", value=layer_id, reason_zh=zh, reason_en=en)
    return definition


def known_at_of(tx: Transaction, layer_id: str, moment: Moment) -> datetime:
    """Return the instant of knowledge at which the layer reads as it was meant.

    Raises
    ------
    VersionNotFound
        There is no such version, or the layer never held anything.
    InvalidParameter
        An instant without its zone.
    """
    state = find_layer_states(tx).get(layer_id)
    if state is None or state.version == 0:
        raise VersionNotFound(layer=layer_id, version="1" if moment is None else moment)
    if moment is None:
        return state.updated_at
    if isinstance(moment, datetime):
        require_zone("time", moment)
        return moment
    version = find_version(tx, layer_id, moment)
    if version is None:
        raise VersionNotFound(layer=layer_id, version=moment)
    return version.known_at


def require_zone(parameter: str, moment: datetime) -> None:
    """Refuse an instant that does not say its zone: it would be another one elsewhere."""
    if moment.tzinfo is None:
        zh, en = "要带时区，如 +08:00", "must state its zone, such as +08:00"
        raise InvalidParameter(parameter=parameter, value=moment, reason_zh=zh, reason_en=en)
