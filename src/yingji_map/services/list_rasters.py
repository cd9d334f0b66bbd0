"""The rasters in force, layer by layer."""

from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.errors import LayerNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.database import Store
from yingji_map.store.rasters import RasterRecord, find_rasters


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRasters:
    """Answer which rasters there are."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(
        self, layer_id: str | None = None, *, known_at: datetime | None = None
    ) -> list[RasterRecord]:
        """Return the rasters of one raster layer, or of all, oldest instant first.

        Parameters
        ----------
        known_at
            Time of knowledge; None means now.

        Raises
        ------
        LayerNotFound
            There is no such raster layer.
        """
        ids = [one.id for one in self.catalogue.values() if one.is_raster]
        if layer_id is not None and layer_id not in ids:
            raise LayerNotFound(layer=layer_id)
        with self.store.read() as tx:
            chosen = ids if layer_id is None else [layer_id]
            return [record for one in chosen for record in find_rasters(tx, one, known_at=known_at)]
