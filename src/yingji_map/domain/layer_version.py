"""The versions of a layer: what made each one, and how two of them differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry


class LayerAct(StrEnum):
    """What makes a new version of a layer."""

    IMPORT = "import"
    EDIT = "edit"
    END = "end"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a layer has a new version: the act, the import, the past that was written again."""

    act: LayerAct = LayerAct.IMPORT
    import_id: int | None = None
    restored_known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerVersion:
    """One version of a layer, never changed afterwards.

    Attributes
    ----------
    content_hash
        Hash over the features that hold until further notice; equal content, equal hash.
    bounds
        West, south, east, north in degrees; None when the layer is empty.
    known_at
        Since when the layer has been known like this; reading at it gives this version.
    """

    layer_id: str
    version: int
    content_hash: str
    row_count: int
    bounds: tuple[float, float, float, float] | None
    known_at: datetime
    cause: Cause


class ChangeKind(StrEnum):
    """How a feature of two versions differs."""

    ADDED = "added"
    CHANGED = "changed"
    REDATED = "redated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureState:
    """A feature as one version has it."""

    values: dict[str, object]
    geometry: BaseGeometry
    valid_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureChange:
    """One feature of two versions; `before` is None when added, `after` when ended."""

    key: str
    before: FeatureState | None
    after: FeatureState | None

    @property
    def kind(self) -> ChangeKind:
        """How it differs; `redated` has the same content, true since another time."""
        if self.before is None:
            return ChangeKind.ADDED
        if self.after is None:
            return ChangeKind.ENDED
        same = not self.fields and not self.is_moved
        return ChangeKind.REDATED if same else ChangeKind.CHANGED

    @property
    def fields(self) -> dict[str, tuple[object, object]]:
        """Old and new value of every field that changed."""
        if self.before is None or self.after is None:
            return {}
        old, new = self.before.values, self.after.values
        return {name: (old[name], new[name]) for name in new if old[name] != new[name]}

    @property
    def is_moved(self) -> bool:
        """True when place or shape changed, even in the order of vertices."""
        if self.before is None or self.after is None:
            return False
        return not self.before.geometry.equals_exact(self.after.geometry, 0)

    @property
    def geometry(self) -> BaseGeometry:
        """Where it is, or was when it ended."""
        state = self.after or self.before
        assert state is not None  # noqa: S101 - a change has at least one side
        return state.geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerDifference:
    """What changed between two moments of knowledge, sorted by key."""

    layer_id: str
    from_known_at: datetime
    to_known_at: datetime
    changes: Sequence[FeatureChange]

    @property
    def counts(self) -> dict[str, int]:
        """How many features there are of each kind."""
        kinds = [change.kind for change in self.changes]
        return {kind.value: kinds.count(kind) for kind in ChangeKind}
