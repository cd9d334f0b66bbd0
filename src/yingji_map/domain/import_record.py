"""What is kept of an import: its report, and the rows that were not taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """One file that was handed in, taken or not; `report` is the document that was shown then."""

    import_id: int
    layer_id: str
    file_name: str
    file_sha256: str
    is_accepted: bool
    report: Mapping[str, Any]
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that was not taken, as the file has it, and why.

    Attributes
    ----------
    row
        1-based number in the file, a heading not counted.
    properties
        Values by column of the file, as text.
    shape
        WKB in EPSG:4490; None where the row has no usable geometry.
    """

    row: int
    properties: Mapping[str, str | None]
    reason_zh: str
    reason_en: str
    shape: bytes | None
