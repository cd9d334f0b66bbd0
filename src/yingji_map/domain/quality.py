"""What was found in a file before any of it is believed: findings by row, and the report they make."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

SHOWN_FINDINGS = 500  # a report is read by people; the counts by rule stay complete


class Severity(StrEnum):
    """`refuse` stops the whole import, `warn` is reported only."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: where, by which rule, why.

    Attributes
    ----------
    rule
        `column`, `required`, `type`, `enum`, `range`, `key`, `geometry`, `coordinates`, or the id
        of a layer's own rule.
    row
        1-based number of the row in the file, a heading not counted; None for the whole file.
    value
        What the file has there, as text.
    lon, lat
        Where the fault lies, degrees (EPSG:4490), if that is known.
    """

    rule: str
    reason_zh: str
    reason_en: str
    severity: Severity = Severity.REFUSE
    row: int | None = None
    key: str | None = None
    field: str | None = None
    value: str | None = None
    lon: float | None = None
    lat: float | None = None

    def text(self, language: str) -> str:
        """Return the finding as one line in `zh` or `en`."""
        reason = self.reason_zh if language == "zh" else self.reason_en
        if self.row is None:
            where = "整个文件" if language == "zh" else "whole file"
        else:
            where = f"第 {self.row} 行" if language == "zh" else f"row {self.row}"
        parts = [where, *([self.key] if self.key else []), *([self.field] if self.field else [])]
        return f"{' · '.join(parts)}{'：' if language == 'zh' else ': '}{reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something the reader decided or ignored, which the sender of the file should know."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One geometry that was made valid because the operator asked for it: what was wrong, how."""

    row: int
    what_zh: str
    what_en: str
    how_zh: str
    how_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """How a file fits a layer.

    Attributes
    ----------
    columns
        Field of the layer by column of the file.
    ignored
        Columns that fit no field.
    rows_read
        Rows in the file.
    findings
        All of them, in row order.
    repairs
        What was changed so that a row could be taken.
    """

    file: str
    layer_id: str
    crs: str
    encoding: str
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    notes: tuple[Note, ...]
    rows_read: int
    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...] = ()

    @property
    def is_clean(self) -> bool:
        """True when nothing stops the import."""
        return not self.refusals

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Findings that stop the import."""
        return tuple(f for f in self.findings if f.severity is Severity.REFUSE)

    @property
    def faulty_rows(self) -> frozenset[int]:
        """Numbers of the rows that have a fault of their own."""
        return frozenset(f.row for f in self.refusals if f.row is not None)

    @property
    def is_faulty_as_a_whole(self) -> bool:
        """True when something is wrong that no single row can be blamed for."""
        return any(finding.row is None for finding in self.refusals)

    @property
    def rows_faulty(self) -> int:
        """Rows with a fault of their own; all rows when the file as a whole has one."""
        return self.rows_read if self.is_faulty_as_a_whole else len(self.faulty_rows)

    @property
    def rows_warned(self) -> int:
        """Rows with a warning."""
        return len({f.row for f in self.findings if f.severity is Severity.WARN} - {None})

    def document(self) -> dict[str, object]:
        """Return the report as a JSON document; of many findings the first are kept."""
        counts = Counter((f.rule, f.severity.value) for f in self.findings)
        return {
            "file": self.file,
            "layer": self.layer_id,
            "crs": self.crs,
            "encoding": self.encoding,
            "columns": dict(self.columns),
            "ignored": list(self.ignored),
            "notes": [asdict(note) for note in self.notes],
            "rows_read": self.rows_read,
            "rows_faulty": self.rows_faulty,
            "rows_warned": self.rows_warned,
            "rows_repaired": len({repair.row for repair in self.repairs}),
            "rules": [
                {"rule": rule, "severity": severity, "findings": count}
                for (rule, severity), count in sorted(counts.items())
            ],
            "findings": [_finding_document(f) for f in self.findings[:SHOWN_FINDINGS]],
            "findings_total": len(self.findings),
            "repairs": [_repair_document(r) for r in self.repairs[:SHOWN_FINDINGS]],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or with `is_dry_run` would do: read = written + unchanged + refused.

    Attributes
    ----------
    refused
        Rows that were not taken: the faulty ones of a lenient import, every row of a refused file.
    closed
        Stored rows that ended: changed ones, and missing ones when replacing.
    version
        Version of the layer afterwards.
    import_id
        Number of the record; None for a dry run.
    """

    quality: QualityReport
    written: int
    unchanged: int
    refused: int
    closed: int
    version: int
    import_id: int | None
    is_accepted: bool
    is_dry_run: bool
    is_lenient: bool = False

    def document(self) -> dict[str, object]:
        """Return the report as a JSON document."""
        return {
            **self.quality.document(),
            "rows_written": self.written,
            "rows_unchanged": self.unchanged,
            "rows_refused": self.refused,
            "rows_closed": self.closed,
            "version": self.version,
            "import_id": self.import_id,
            "mode": "lenient" if self.is_lenient else "strict",
            "is_accepted": self.is_accepted,
            "is_dry_run": self.is_dry_run,
        }


def _finding_document(finding: Finding) -> dict[str, object]:
    document = {name: value for name, value in asdict(finding).items() if value is not None}
    document["reason"] = {"zh": document.pop("reason_zh"), "en": document.pop("reason_en")}
    return document


def _repair_document(repair: Repair) -> dict[str, object]:
    return {
        "row": repair.row,
        "what": {"zh": repair.what_zh, "en": repair.what_en},
        "how": {"zh": repair.how_zh, "en": repair.how_en},
    }
