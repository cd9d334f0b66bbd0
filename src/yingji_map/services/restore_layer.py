"""A past moment of a layer → its newest version; nothing is deleted."""

from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.errors import VersionNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.services.derive_rasters import DeriveRasters
from yingji_map.services.layer_moment import Moment, declared_layer, known_at_of
from yingji_map.store.database import Store, Transaction
from yingji_map.store.layers import find_layer_states
from yingji_map.store.ledger import sum_up
from yingji_map.store.rasters import restore_rasters
from yingji_map.store.restoration import restore_layer
from yingji_map.store.versions import find_version_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What a restoration did, or would do in a dry run; `content_hash` is the layer's afterwards."""

    layer_id: str
    known_at: datetime
    version_before: int
    version: int
    written: int
    closed: int
    row_count: int
    content_hash: str
    is_dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreLayer:
    """Take back what was done to a layer since a moment, by writing that moment again."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    derive: DeriveRasters | None = None

    def run(
        self, layer_id: str, moment: int | datetime, *, is_dry_run: bool = False
    ) -> RestoreReport:
        """Make a layer what it was known to be; what it is already changes nothing.

        Of a raster layer the rasters come back that were in force, instant by instant; what is
        derived from a restored layer is made again.

        Raises
        ------
        LayerNotFound, InvalidParameter
            There is no such layer; the instant lacks its zone.
        VersionNotFound
            The layer has no such version, or held nothing yet at that instant.
        """
        definition = declared_layer(self.catalogue, layer_id)
        opened = self.store.rehearsal() if is_dry_run else self.store.transaction()
        with opened as tx:
            known_at = known_at_of(tx, layer_id, moment)
            _refuse_prehistory(tx, definition, known_at, moment)
            before = find_layer_states(tx)[layer_id]
            summary = (
                restore_rasters(tx, layer_id, known_at)
                if definition.is_raster
                else restore_layer(tx, definition, known_at)
            )
            after = find_layer_states(tx)[layer_id]
        if self.derive is not None and after.version > before.version and not is_dry_run:
            self.derive.follow(layer_id, lambda _zh, _en: None)
        return RestoreReport(
            layer_id=layer_id,
            known_at=known_at,
            version_before=before.version,
            version=summary.version,
            written=summary.written,
            closed=summary.closed,
            row_count=after.row_count,
            content_hash=after.content_hash,
            is_dry_run=is_dry_run,
        )


def _refuse_prehistory(
    tx: Transaction, definition: LayerDefinition, known_at: datetime, moment: Moment
) -> None:
    """Refuse a time before the first import: restoring it would end the whole layer."""
    if find_version_at(tx, definition.id, known_at) is not None:
        return
    if definition.is_raster or sum_up(tx, definition, known_at)[1] == 0:
        raise VersionNotFound(layer=definition.id, version=moment)
