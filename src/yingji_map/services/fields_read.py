"""Which fields of which layers the risk models read."""

from collections.abc import Iterable, Mapping

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.risk_model import FireWeather, RiskModel
from yingji_map.engine.world import RIVER
from yingji_map.ingest.models import ModelSet

COUNTY = "county"


def fields_read(
    models: ModelSet, catalogue: Mapping[str, LayerDefinition]
) -> dict[str, tuple[str, ...]]:
    """Return the fields that the models read of each declared layer, sorted."""
    wanted: dict[str, set[str]] = {COUNTY: set(), RIVER: set()}
    for model in models.hazards:
        for layer_id, fields in _model_columns(model):
            wanted.setdefault(layer_id, set()).update(fields)
    return {
        layer_id: tuple(sorted(fields))
        for layer_id, fields in sorted(wanted.items())
        if layer_id in catalogue and not catalogue[layer_id].is_raster
    }


def _model_columns(model: RiskModel) -> Iterable[tuple[str, tuple[str, ...]]]:
    for measure in (*model.all_factors, *model.applicable.conditions):
        yield from measure.layer_fields()
    points = model.blocks.hazard.known_points
    if points is not None and points.source.layer is not None:
        own = (points.scale_field, points.measure_field, *points.source.where)
        yield points.source.layer, own
    weather = model.trigger
    if isinstance(weather, FireWeather):
        readings = (weather.temperature, weather.humidity, weather.dry_days, weather.wind_force)
        yield weather.layer, tuple(reading.field for reading in readings)


def label_field(definition: LayerDefinition) -> tuple[str, ...]:
    """Return the field that names a layer's features, if one does."""
    label = definition.tiles.label
    return (label,) if label else ()
