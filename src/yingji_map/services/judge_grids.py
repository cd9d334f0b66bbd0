"""Grids of files → kept forms on drafts, each with its instant; what is not fit is a finding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from yingji_map.domain.errors import (
    CrsNotConvertible,
    InvalidParameter,
    RasterRefused,
    UnknownCrs,
    UnreadableFile,
    YingjiError,
)
from yingji_map.domain.layer import LayerDefinition, RasterOptions
from yingji_map.domain.quality import Finding, Note, QualityReport
from yingji_map.domain.raster_report import GridFacts, GridOutcome
from yingji_map.ingest.raster_mosaic import lay_together
from yingji_map.ingest.raster_normalise import VAGUE_DEGREES, normalise_raster
from yingji_map.ingest.raster_source import Grid, GridOptions, UnreadableGrid
from yingji_map.store.rasters import NewRaster

Progress = Callable[[str, str], None]
_UNFIT = (RasterRefused, UnreadableFile, UnknownCrs, CrsNotConvertible, InvalidParameter)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedGrid:
    """One grid in its kept form.

    Attributes
    ----------
    names
        The grids of files that it was made of: several where tiles were laid together.
    source
        Where it came from: coordinate system and unit that the file states.
    """

    names: tuple[str, ...]
    valid_at: datetime | None
    draft: Path
    facts: GridFacts
    source: dict[str, str | None]

    @property
    def name(self) -> str:
        """Return how lists call it."""
        more = len(self.names) - 1
        return f"{self.names[0]} (+{more})" if more else self.names[0]

    def as_new(self, layer_id: str, sha256: str) -> NewRaster:
        """Return it as it is registered."""
        facts = self.facts
        return NewRaster(
            layer_id=layer_id,
            sha256=sha256,
            file_name=self.name,
            valid_at=self.valid_at,
            bounds=facts.bounds,
            width=facts.width,
            height=facts.height,
            content_sha256=facts.content_sha256,
            description={
                "lowest": facts.lowest,
                "highest": facts.highest,
                "voids": facts.voids,
                "source": self.source,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found in all files: the grids that are fit, the faults of the others."""

    read: int
    grids: list[JudgedGrid]
    faults: list[tuple[int, str, YingjiError]]
    notes: tuple[Note, ...]
    unit: str

    def quality(self, file: str, layer_id: str) -> QualityReport:
        """Return it as a report whose rows are grids."""
        systems = sorted({str(grid.source["crs"]) for grid in self.grids})
        return QualityReport(
            file=file,
            layer_id=layer_id,
            crs=", ".join(systems),
            encoding="",
            columns={},
            ignored=(),
            notes=self.notes,
            rows_read=self.read,
            findings=tuple(
                Finding(
                    rule=error.code,
                    row=number,
                    key=name,
                    reason_zh=error.text("zh"),
                    reason_en=error.text("en"),
                )
                for number, name, error in self.faults
            ),
        )

    def count(self, written: set[int]) -> int:
        """Return how many grids of files stand behind the rasters at these positions."""
        return sum(len(self.grids[at].names) for at in written)

    def outcomes(self, news: Sequence[NewRaster], written: set[int]) -> list[GridOutcome]:
        """Return what became of every grid that was registered."""
        return [
            GridOutcome(
                grid=grid.name,
                valid_at=grid.valid_at,
                outcome="written" if at in written else "unchanged",
                sha256=new.sha256,
                facts=grid.facts,
            )
            for at, (grid, new) in enumerate(zip(self.grids, news, strict=True))
        ]

    def refused_outcomes(self) -> list[GridOutcome]:
        """Return what became of every grid when some fault refused them all."""
        fit = [
            GridOutcome(grid=g.name, valid_at=g.valid_at, outcome="refused", facts=g.facts)
            for g in self.grids
        ]
        unfit = [
            GridOutcome(grid=name, valid_at=None, outcome="refused") for _, name, _ in self.faults
        ]
        return [*fit, *unfit]

    def as_error(self, file: str) -> YingjiError:
        """Return the refusal: what is wrong with the one grid, or with the first of several."""
        _, name, first = self.faults[0]
        if self.read == 1:
            return first
        count = len(self.faults)
        return RasterRefused(
            file=file,
            reason_zh=f"{self.read} 个格网里有 {count} 个不合格，首个 {name}：{first.text('zh')}",
            reason_en=f"{count} of {self.read} grids are not fit, first {name}: {first.text('en')}",
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What the operator says of the files: how to read them, and when the one grid is true."""

    options: GridOptions
    valid_at: datetime | None


def judge_grids(
    found: Sequence[Grid | UnreadableGrid],
    definition: LayerDefinition,
    told: Said,
    drafts: Path,
    progress: Progress,
) -> Judgement:
    """Bring every grid to its kept form, in `drafts`, and find when it is true.

    Tiles of a layer without instants are laid together to one raster.

    Raises
    ------
    InvalidParameter
        One instant was given for several grids.
    """
    options, said, valid_at = definition.raster, told.options, told.valid_at
    assert options is not None  # noqa: S101 - a raster layer
    if valid_at is not None and len(found) > 1:
        raise InvalidParameter(
            parameter="valid_at",
            value=valid_at.isoformat(),
            reason_zh=f"有 {len(found)} 个格网，一个时刻不够；时刻取自文件或文件名",
            reason_en=f"there are {len(found)} grids, one instant is not enough",
        )
    grids: list[JudgedGrid] = []
    faults: list[tuple[int, str, YingjiError]] = []
    taken: dict[datetime | None, str] = {}
    for number, one in enumerate(found, start=1):
        progress(
            f"[{number}/{len(found)}] 读取并检查 {one.name}",
            f"[{number}/{len(found)}] Reading and checking {one.name}",
        )
        try:
            if isinstance(one, UnreadableGrid):
                raise one.error
            moment = _instant(one, options, valid_at, taken)
            grids.append(_judged(one, moment, options, said, drafts / f"{number}.tif"))
        except _UNFIT as error:
            faults.append((number, one.name, error))
    if not options.temporal and len(grids) > 1 and not faults:
        try:
            grids = [_mosaic(grids, options, drafts)]
        except RasterRefused as error:
            faults.append((2, grids[1].name, error))
    return Judgement(
        read=len(found),
        grids=grids,
        faults=faults,
        notes=_notes(found, grids, options, said),
        unit=options.unit,
    )


def _judged(
    grid: Grid, moment: datetime | None, options: RasterOptions, said: GridOptions, draft: Path
) -> JudgedGrid:
    facts, system = normalise_raster(grid, draft, options, said)
    return JudgedGrid(
        names=(grid.name,),
        valid_at=moment,
        draft=draft,
        facts=facts,
        source={"crs": system, "unit": said.unit or grid.unit},
    )


def _instant(
    grid: Grid,
    options: RasterOptions,
    valid_at: datetime | None,
    taken: dict[datetime | None, str],
) -> datetime | None:
    if not options.temporal:
        return None
    moment = valid_at or grid.valid_at
    if moment is None:
        raise InvalidParameter(
            parameter="valid_at",
            value=grid.name,
            reason_zh=grid.time_fault_zh or "这个图层每个格网对应一个时刻，请指明",
            reason_en=grid.time_fault_en or "each grid of this layer is one instant, name it",
        )
    if moment in taken:
        raise RasterRefused(
            file=grid.name,
            reason_zh=f"与 {taken[moment]} 是同一时刻 {moment.isoformat()}",
            reason_en=f"it is of the same instant as {taken[moment]}, {moment.isoformat()}",
        )
    taken[moment] = grid.name
    return moment


def _mosaic(grids: list[JudgedGrid], options: RasterOptions, drafts: Path) -> JudgedGrid:
    target = drafts / "mosaic.tif"
    facts = lay_together([(grid.name, grid.draft) for grid in grids], target, options)
    names = tuple(name for grid in grids for name in grid.names)
    return replace(grids[0], names=names, draft=target, facts=facts)


def _notes(
    found: Sequence[Grid | UnreadableGrid],
    grids: list[JudgedGrid],
    options: RasterOptions,
    said: GridOptions,
) -> tuple[Note, ...]:
    notes = []
    readable = [one for one in found if isinstance(one, Grid)]
    units = sorted({one.unit for one in readable if one.unit and not said.unit} - {options.unit})
    if units:
        listed = ", ".join(units)
        zh, en = f"由 {listed} 换算为 {options.unit}", f"turned from {listed} into {options.unit}"
        notes.append(Note(zh=zh, en=en))
    if any(one.address or one.path.suffix in {".nc", ".nc4"} for one in readable):
        if options.temporal and said.zone is None and any(one.valid_at for one in readable):
            zh = "文件没有写明时区的时间按 UTC 理解（CF 约定）"
            notes.append(Note(zh=zh, en="times without a zone are read as UTC (CF conventions)"))
        if any(grid.source["crs"] == VAGUE_DEGREES for grid in grids):
            zh = "经纬度没有写明基准，按 WGS 84 理解"
            notes.append(Note(zh=zh, en="degrees without a datum are read as WGS 84"))
    if len(grids) == 1 and len(grids[0].names) > 1:
        zh = f"{len(grids[0].names)} 幅拼成一个栅格，重叠处取先列出的"
        en = f"{len(grids[0].names)} tiles are laid together, the first one wins where they overlap"
        notes.append(Note(zh=zh, en=en))
    return tuple(notes)
