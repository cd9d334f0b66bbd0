"""The rows of a layer as one value: the shape in which features cross the floors."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """Features of one layer, sorted by key.

    Attributes
    ----------
    layer_id
        Layer the rows belong to.
    keys
        Business codes, sorted, unique.
    row_ids
        Stored row numbers, `(n,)` int64; zeros before the rows are stored.
    geometry
        Shapely geometries in EPSG:4490, longitude first, `(n,)` object.
    columns
        Attribute arrays by field name, each `(n,)` object; a missing value is None.
    """

    layer_id: str
    keys: tuple[str, ...]
    row_ids: npt.NDArray[np.int64]
    geometry: npt.NDArray[np.object_]
    columns: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.keys)

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a numeric column as `(n,)` float64, NaN where the value is missing."""
        values = self.columns[name]
        return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def content_hashes(table: FeatureTable) -> list[str]:
    """Return one hash per feature over its attributes and geometry: equal content, equal hash."""
    names = sorted(table.columns)
    shapes = shapely.to_wkb(table.geometry, byte_order=1)
    return [
        _content_hash([table.columns[name][row] for name in names], shapes[row])
        for row in range(len(table))
    ]


def _content_hash(values: list[object], shape: bytes) -> str:
    digest = hashlib.blake2b(shape, digest_size=16)
    digest.update(json.dumps(values, ensure_ascii=False, default=str).encode())
    return digest.hexdigest()
