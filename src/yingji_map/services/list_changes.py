"""A version of a layer → what to do to a copy of it, so that it becomes the newest version."""

from collections.abc import Sequence
from dataclasses import dataclass

from yingji_map.domain.errors import ChangesNotListed
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import ChangeKind, FeatureChange
from yingji_map.services.diff_layer import DiffLayer
from yingji_map.store.database import Store
from yingji_map.store.features import has_dated_features
from yingji_map.store.layers import find_layer_states

MAX_CHANGES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeList:
    """The newest version and what led to it.

    Attributes
    ----------
    kept
        Features as they are now, added or changed since.
    ended
        Keys of those that are no more.
    """

    definition: LayerDefinition
    version: int
    kept: Sequence[FeatureChange]
    ended: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges:
    """Tell other bureaus what changed, so that they need not read the whole layer again."""

    store: Store
    diff_layer: DiffLayer

    def run(self, definition: LayerDefinition, since: int | None) -> ChangeList:
        """List what changed after a version; None asks for the number of the newest only.

        Raises
        ------
        VersionNotFound
            The layer has no such version.
        ChangesNotListed
            Too many, or features that begin or end at a time of their own: those change what a
            reader sees without a new version.
        """
        with self.store.read() as tx:
            state = find_layer_states(tx).get(definition.id)
            version = state.version if state else 0
            is_dated = since is not None and has_dated_features(tx, definition)
        if since is None or since == version:
            return ChangeList(definition=definition, version=version, kept=(), ended=())
        if is_dated:
            zh, en = "有按日期生效或失效的要素", "some features begin or end on a date"
            raise ChangesNotListed(layer=definition.id, since=since, reason_zh=zh, reason_en=en)
        changes = self.diff_layer.run(definition.id, since, version).changes
        if len(changes) > MAX_CHANGES:
            zh, en = f"有 {len(changes)} 处", f"there are {len(changes)}"
            raise ChangesNotListed(layer=definition.id, since=since, reason_zh=zh, reason_en=en)
        return ChangeList(
            definition=definition,
            version=version,
            kept=[change for change in changes if change.after is not None],
            ended=[change.key for change in changes if change.kind is ChangeKind.ENDED],
        )
