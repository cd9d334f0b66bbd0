"""What a layer was, version by version."""

from dataclasses import dataclass

from yingji_map.domain.errors import InvalidParameter, LayerNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import LayerVersion
from yingji_map.store.database import Store
from yingji_map.store.versions import find_versions

_MAX_LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVersions:
    """List the versions of a vector or raster layer."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self, layer_id: str, *, limit: int, before: int | None = None) -> list[LayerVersion]:
        """Return the newest versions, newest first; none when nothing was ever imported.

        Parameters
        ----------
        limit
            At most so many, 1–1000.
        before
            Only versions older than this number: the next page.

        Raises
        ------
        LayerNotFound
            The layer is not declared.
        InvalidParameter
            The limit is out of its range.
        """
        if layer_id not in self.catalogue:
            raise LayerNotFound(layer=layer_id)
        if not 1 <= limit <= _MAX_LISTED:
            zh, en = f"应在 1–{_MAX_LISTED} 之间", f"must lie within 1–{_MAX_LISTED}"
            raise InvalidParameter(parameter="limit", value=limit, reason_zh=zh, reason_en=en)
        with self.store.read() as tx:
            return find_versions(tx, layer_id, limit=limit, before=before)
