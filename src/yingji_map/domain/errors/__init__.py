"""Every refusal the product can utter, with its stable public code and its text in two languages.

::

    YingjiError
    ├── InvalidInput    InvalidDefinition, InvalidParameter, InvalidGeometry, UnreadableFile,
    │                   UnknownCrs, CrsNotConvertible, ImportRefused, RasterRefused,
    │                   PlaceOutOfReach, InvalidAlert, BackupDamaged, BackupTooNew,
    │                   EditRefused, PlaceCutOff, DownloadTooLarge, FolderUndecided
    ├── NotFound        LayerNotFound, FeatureNotFound, RunNotFound, HazardNotFound,
    │                   CellNotFound, WarningNotFound, ImportNotFound, VersionNotFound,
    │                   ClosureNotFound, TileNotFound, TilesetNotFound,
    │                   StyleNotFound, PlanNotFound
    ├── Conflict        DestructiveChange, RunInputsChanged, RunsNotComparable,
    │                   WarningNotEditable, WarningChanged, IdempotencyKeyReused,
    │                   StoreNotEmpty, StoreInUse, FeatureExists
    ├── PreconditionFailed  FeatureChanged
    ├── Unauthenticated TokenRequired
    ├── Forbidden       EditingDisabled
    └── Unavailable     StoreUnavailable, ClusterUnavailable, NotReady, AddressInUse,
                        SampleNotMade, BackupFailed, ToolMissing, SourceUnusable,
                        DownloadAbandoned

A subclass declares its fields and two text templates (`zh`, `en`) over those fields; callers pass
facts, never sentences. Nothing here knows a status code: `http/problems.py` maps the families.
One file a subject; no code may occur twice (tests/unit/test_errors.py).
"""

from yingji_map.domain.errors.base import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
    YingjiError,
)
from yingji_map.domain.errors.input import (
    CrsNotConvertible,
    FolderUndecided,
    ImportNotFound,
    ImportRefused,
    InvalidDefinition,
    InvalidGeometry,
    InvalidParameter,
    RasterRefused,
    UnknownCrs,
    UnreadableFile,
)
from yingji_map.domain.errors.layers import (
    ChangesNotListed,
    DestructiveChange,
    DownloadAbandoned,
    DownloadTooLarge,
    EditingDisabled,
    EditRefused,
    FeatureChanged,
    FeatureExists,
    FeatureNotFound,
    IdempotencyKeyReused,
    LayerNotFound,
    SourceUnusable,
    StyleNotFound,
    TokenRequired,
    VersionNotFound,
)
from yingji_map.domain.errors.operation import (
    AddressInUse,
    BackupDamaged,
    BackupFailed,
    BackupTooNew,
    ClusterUnavailable,
    NotReady,
    SampleNotMade,
    StoreFull,
    StoreInUse,
    StoreNotEmpty,
    StoreUnavailable,
    ToolMissing,
)
from yingji_map.domain.errors.reach import (
    ClosureNotFound,
    PlaceCutOff,
    PlaceOutOfReach,
    PlanNotFound,
)
from yingji_map.domain.errors.risk import (
    CellNotFound,
    HazardNotFound,
    RunInputsChanged,
    RunNotFound,
    RunsNotComparable,
)
from yingji_map.domain.errors.tiles import TileNotFound, TilesetNotFound
from yingji_map.domain.errors.warnings import (
    InvalidAlert,
    WarningChanged,
    WarningNotEditable,
    WarningNotFound,
)

__all__ = [
    "AddressInUse",
    "BackupDamaged",
    "BackupFailed",
    "BackupTooNew",
    "CellNotFound",
    "ChangesNotListed",
    "ClosureNotFound",
    "ClusterUnavailable",
    "Conflict",
    "CrsNotConvertible",
    "DestructiveChange",
    "DownloadAbandoned",
    "DownloadTooLarge",
    "EditRefused",
    "EditingDisabled",
    "FeatureChanged",
    "FeatureExists",
    "FeatureNotFound",
    "FolderUndecided",
    "Forbidden",
    "HazardNotFound",
    "IdempotencyKeyReused",
    "ImportNotFound",
    "ImportRefused",
    "InvalidAlert",
    "InvalidDefinition",
    "InvalidGeometry",
    "InvalidInput",
    "InvalidParameter",
    "LayerNotFound",
    "NotFound",
    "NotReady",
    "PlaceCutOff",
    "PlaceOutOfReach",
    "PlanNotFound",
    "PreconditionFailed",
    "RasterRefused",
    "RunInputsChanged",
    "RunNotFound",
    "RunsNotComparable",
    "SampleNotMade",
    "SourceUnusable",
    "StoreFull",
    "StoreInUse",
    "StoreNotEmpty",
    "StoreUnavailable",
    "StyleNotFound",
    "TileNotFound",
    "TilesetNotFound",
    "TokenRequired",
    "ToolMissing",
    "Unauthenticated",
    "Unavailable",
    "UnknownCrs",
    "UnreadableFile",
    "VersionNotFound",
    "WarningChanged",
    "WarningNotEditable",
    "WarningNotFound",
    "YingjiError",
]
