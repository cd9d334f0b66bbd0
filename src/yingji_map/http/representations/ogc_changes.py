"""Changes of a layer as GeoJSON: features as they are now, and the keys of those that ended."""

import json
from datetime import date, datetime

import shapely

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import FeatureChange, FeatureState
from yingji_map.services.list_changes import ChangeList


def change_list(changes: ChangeList) -> bytes:
    """Return the document; private fields are left out, as everywhere."""
    document = {
        "type": "FeatureCollection",
        "version": changes.version,
        "ended": list(changes.ended),
        "features": [_feature(changes.definition, change) for change in changes.kept],
    }
    return json.dumps(document, ensure_ascii=False, default=_plain).encode()


def _feature(definition: LayerDefinition, change: FeatureChange) -> dict[str, object]:
    state = change.after
    assert isinstance(state, FeatureState)  # noqa: S101 - what ended is listed by its key only
    return {
        "type": "Feature",
        "id": change.key,
        "geometry": json.loads(shapely.to_geojson(state.geometry)),
        "properties": {field.name: state.values[field.name] for field in definition.public_fields},
    }


def _plain(value: object) -> str:
    assert isinstance(value, date | datetime)  # noqa: S101 - no other type of column needs it
    return value.isoformat()
