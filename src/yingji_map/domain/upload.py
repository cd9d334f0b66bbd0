"""A file handed in over HTTP, on its way into a layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class UploadState(StrEnum):
    """`running` until it is `accepted` (rows were written) or `refused` (nothing was)."""

    RUNNING = "running"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """Where an upload stands; `step` says what is being done, `report` what came of it."""

    import_id: int
    layer_id: str
    file_name: str
    state: UploadState
    step_zh: str = ""
    step_en: str = ""
    report: Mapping[str, Any] | None = None
