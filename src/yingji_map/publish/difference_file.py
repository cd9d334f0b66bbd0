"""What changed between two moments of a layer, as GeoJSON that any GIS can colour by `change`."""

import json
import tempfile
from datetime import date, datetime
from pathlib import Path

import shapely

from yingji_map.domain.layer_version import FeatureChange, LayerDifference


def write_difference(path: Path, difference: LayerDifference, fields: tuple[str, ...]) -> None:
    """Write one feature a change, where it is or was; the file appears whole or not at all.

    Parameters
    ----------
    fields
        The fields that may be shown.
    """
    document = {
        "type": "FeatureCollection",
        "layer": difference.layer_id,
        "from_known_at": difference.from_known_at,
        "to_known_at": difference.to_known_at,
        "counts": difference.counts,
        "features": [_feature(change, fields) for change in difference.changes],
    }
    with tempfile.TemporaryDirectory(prefix=".diff-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        text = json.dumps(document, ensure_ascii=False, indent=1, default=_plain)
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(path)


def _feature(change: FeatureChange, fields: tuple[str, ...]) -> dict[str, object]:
    state = change.after or change.before
    assert state is not None  # noqa: S101 - a change has at least one side
    shown = [name for name in fields if name in change.fields]
    return {
        "type": "Feature",
        "id": change.key,
        "properties": {
            "change": change.kind.value,
            "changed_fields": ", ".join(shown),
            "is_moved": change.is_moved,
            **{name: state.values[name] for name in fields},
            **{f"old_{name}": change.fields[name][0] for name in shown},
        },
        "geometry": shapely.geometry.mapping(state.geometry),
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
