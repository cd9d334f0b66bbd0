"""What became of grids that were handed in, one by one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from yingji_map.domain.quality import ImportReport


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFacts:
    """What a kept raster holds.

    Attributes
    ----------
    content_sha256
        Hash of place and pixels: equal content, equal hash, however the file is compressed.
    bounds
        West, south, east, north in degrees.
    lowest, highest
        Extreme values in the layer's unit; None where all is void.
    voids
        Pixels without a value.
    """

    content_sha256: str
    bounds: tuple[float, float, float, float]
    width: int
    height: int
    lowest: float | None
    highest: float | None
    voids: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOutcome:
    """One grid of an import: `written`, `unchanged` or `refused`; `sha256` names the kept file."""

    grid: str
    valid_at: datetime | None
    outcome: str
    sha256: str | None = None
    facts: GridFacts | None = None

    def document(self) -> dict[str, object]:
        """Return it as a JSON document."""
        facts = {} if self.facts is None else asdict(self.facts)
        return {
            "grid": self.grid,
            "valid_at": None if self.valid_at is None else self.valid_at.isoformat(),
            "outcome": self.outcome,
            "sha256": self.sha256,
            **facts,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterReport:
    """What an import of grids did; its rows are grids: read = written + unchanged + refused."""

    report: ImportReport
    grids: Sequence[GridOutcome]
    unit: str

    def document(self) -> dict[str, object]:
        """Return the report as a JSON document."""
        grids = [grid.document() for grid in self.grids]
        return {**self.report.document(), "unit": self.unit, "grids": grids}
