"""Two moments of a layer → what was added, changed and ended between them."""

from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import LayerDifference
from yingji_map.publish.difference_file import write_difference
from yingji_map.services.layer_moment import Moment, declared_layer, known_at_of
from yingji_map.store.database import Store
from yingji_map.store.differences import find_changes
from yingji_map.store.rasters import RASTER_FIELDS, find_raster_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLayer:
    """Compare a layer with itself at another time."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self, layer_id: str, from_: Moment, to: Moment = None) -> LayerDifference:
        """Compare what held until further notice, as known at two moments.

        Raises
        ------
        LayerNotFound, InvalidParameter
            There is no such layer; an instant lacks its zone.
        VersionNotFound
            The layer has no such version.
        """
        definition = declared_layer(self.catalogue, layer_id)
        with self.store.read() as tx:
            from_known_at = known_at_of(tx, layer_id, from_)
            to_known_at = known_at_of(tx, layer_id, to)
            changes = (
                find_raster_changes(tx, layer_id, from_known_at, to_known_at)
                if definition.is_raster
                else find_changes(tx, definition, from_known_at, to_known_at)
            )
        return LayerDifference(
            layer_id=layer_id,
            from_known_at=from_known_at,
            to_known_at=to_known_at,
            changes=changes,
        )

    def write(self, difference: LayerDifference, path: Path, *, with_private: bool = False) -> None:
        """Write a difference as GeoJSON, private fields only when asked for."""
        definition = self.catalogue[difference.layer_id]
        fields = definition.fields if with_private else definition.public_fields
        names = RASTER_FIELDS if definition.is_raster else tuple(field.name for field in fields)
        write_difference(path, difference, names)
