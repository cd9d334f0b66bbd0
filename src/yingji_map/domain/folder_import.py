"""What became of every file of a folder that was handed in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class OutcomeState(StrEnum):
    """`waiting`: in a rehearsal, what the file is checked against is not there yet."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """One data set: which layer it was found to be, how, and the report or the reason.

    Attributes
    ----------
    matched_by
        `name`, `columns` or `choice`; empty when it could not be read.
    """

    name: str
    layer_id: str | None
    matched_by: str
    state: OutcomeState
    report: Mapping[str, object]

    def document(self) -> dict[str, object]:
        """Return the outcome as a JSON document."""
        return {
            "file": self.name,
            "layer": self.layer_id,
            "matched_by": self.matched_by,
            "state": self.state.value,
            "report": dict(self.report),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReport:
    """What became of a folder; `left_out` are names with a reason in Chinese and English."""

    place: str
    files: tuple[FileOutcome, ...]
    left_out: tuple[tuple[str, str, str], ...]
    is_dry_run: bool

    @property
    def is_accepted(self) -> bool:
        """True when no file was refused."""
        return all(outcome.state is not OutcomeState.REFUSED for outcome in self.files)

    def document(self) -> dict[str, object]:
        """Return the report as a JSON document."""
        counts = Counter(outcome.state.value for outcome in self.files)
        return {
            "place": self.place,
            "is_dry_run": self.is_dry_run,
            "files_accepted": counts["accepted"],
            "files_refused": counts["refused"],
            "files_waiting": counts["waiting"],
            "files": [outcome.document() for outcome in self.files],
            "left_out": [
                {"file": name, "reason": {"zh": zh, "en": en}} for name, zh, en in self.left_out
            ],
        }
