"""A file's rows as they are, before a layer judges them: the shape all readers return."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.quality import Finding, Note, Repair


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the operator says about a file.

    Attributes
    ----------
    crs
        Coordinate system, such as `EPSG:4523`; overrides what the file states.
    encoding
        Text encoding, such as `GBK`; overrides what the file states.
    source_layer
        Which layer of a file that holds several.
    is_repairing
        Open rings are closed, and that is told, instead of refused.
    """

    crs: str | None = None
    encoding: str | None = None
    source_layer: str | None = None
    is_repairing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """Rows of a file.

    Attributes
    ----------
    columns
        Values by column name, each `(n,)` object; what is missing is None.
    geometry
        Shapely geometries in `crs`, `(n,)` object; None where there is none.
    crs
        Coordinate system as the file (or the format's definition) states it; empty if unknown.
    rows
        1-based number of each row in the file.
    faults
        What was wrong already on reading.
    """

    file: str
    encoding: str
    crs: str
    columns: Mapping[str, npt.NDArray[Any]]
    geometry: npt.NDArray[np.object_]
    rows: npt.NDArray[np.int64]
    notes: tuple[Note, ...] = ()
    faults: tuple[Finding, ...] = field(default=())
    repairs: tuple[Repair, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def objects(values: list[Any]) -> npt.NDArray[np.object_]:
    """Return a list as an object array, never as an array of arrays."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def closed_ring(row: int) -> Repair:
    """Return the note that a ring was closed with its own first point."""
    return Repair(
        row=row,
        what_zh="环没有闭合",
        what_en="ring not closed",
        how_zh="用首点闭合",
        how_en="closed with its first point",
    )


def refuse_repeated_columns(names: list[str], file: str) -> None:
    """Refuse a heading in which a name stands twice: nobody could say which one is meant.

    Raises
    ------
    UnreadableFile
        Names the column.
    """
    for name in names:
        if name and names.count(name) > 1:
            raise UnreadableFile(
                file=file,
                reason_zh=f"有两列都叫“{name}”",
                reason_en=f"two columns are called “{name}”",
            )
