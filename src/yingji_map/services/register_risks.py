"""A run → the risk register (风险清单): its dangerous patches with people and causes."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from yingji_map.domain.division import KINDS
from yingji_map.domain.errors import HazardNotFound, InvalidParameter
from yingji_map.domain.register import Register, RegisterEntry
from yingji_map.domain.run import NO_FACTOR, HazardSummary, RunRecord, SurfaceDetail
from yingji_map.engine.divisions import kinds_of, people_on_cells
from yingji_map.engine.grid import cell_centre, cell_text
from yingji_map.engine.patches import adjacent_rows, label_patches
from yingji_map.services.recall_run import RecallRun
from yingji_map.services.tally_divisions import TallyDivisions, TownshipMap
from yingji_map.store.runs import find_run, load_detail

IntArray = npt.NDArray[np.int64]
_LEVELS = ("red", "orange", "yellow", "blue")
_CAUSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRisks:
    """List what is red and orange, for people who work from a list."""

    tally: TallyDivisions
    recall: RecallRun

    def run(
        self, run_id: str | None = None, hazard: str | None = None, down_to: str = "orange"
    ) -> Register:
        """Return the register of a run (None: the latest), of one hazard or of all.

        Raises
        ------
        RunNotFound, NotReady, HazardNotFound
            There is no such run or hazard, or there are no townships.
        InvalidParameter
            `down_to` is no colour.
        """
        if down_to not in _LEVELS:
            names = ", ".join(_LEVELS)
            raise InvalidParameter(
                parameter="level", value=down_to, reason_zh=names, reason_en=names
            )
        with self.tally.resident.store.read() as tx:
            run = find_run(tx, run_id)
        chosen = [s for s in run.hazards if hazard in (None, s.hazard)]
        if not chosen:
            raise HazardNotFound(hazard=hazard, run=run.run_id)
        cells = self.tally.resident.surface(run.run_id, chosen[0].hazard).cells
        persons, _ = people_on_cells(cells, run.resolution, self.tally.residents())
        ground = _Ground(
            pairs=adjacent_rows(cells), persons=persons, mapped=self.tally.townships(cells)
        )
        titles = self._titles(run)
        entries = [
            entry
            for summary in chosen
            for entry in self._entries(run, summary, ground, titles)
            if _LEVELS.index(entry.level) <= _LEVELS.index(down_to)
        ]
        entries.sort(key=lambda e: (_LEVELS.index(e.level), -e.population_persons, -e.score_ratio))
        numbered = tuple(replace(e, number=number) for number, e in enumerate(entries, start=1))
        return Register(run=run, entries=numbered)

    def _entries(
        self,
        run: RunRecord,
        summary: HazardSummary,
        ground: "_Ground",
        titles: dict[tuple[str, str], str],
    ) -> list[RegisterEntry]:
        with self.tally.resident.store.read() as tx:
            surface, detail = load_detail(tx, run.run_id, summary.hazard)
        kind = kinds_of(surface)
        patch = label_patches(kind, ground.pairs)
        coloured = np.flatnonzero(kind < len(_LEVELS))
        order = coloured[np.argsort(patch[coloured], kind="stable")]
        starts = np.flatnonzero(np.r_[True, np.diff(patch[order]) > 0][: len(order)])
        entries = []
        for rows in np.split(order, starts[1:]) if len(order) else ():
            worst = int(surface.cells[rows[np.argmax(surface.score_ratio[rows])]])
            lon, lat = cell_centre(worst)
            factors = _leading(detail, rows, summary.factor_ids)
            entries.append(
                RegisterEntry(
                    number=0,
                    hazard=summary.hazard,
                    hazard_zh=summary.title_zh,
                    level=KINDS[kind[rows[0]]],
                    townships=ground.townships(rows),
                    worst_cell=cell_text(worst),
                    lon=round(lon, 6),
                    lat=round(lat, 6),
                    cells=len(rows),
                    area_km2=float(ground.mapped.cells.area_m2[rows].sum() / 1e6),
                    population_persons=int(ground.persons[rows].sum()),
                    score_ratio=float(surface.score_ratio[rows].max()),
                    causes=tuple(titles.get((summary.hazard, name), name) for name in factors),
                )
            )
        return entries

    def _titles(self, run: RunRecord) -> dict[tuple[str, str], str]:
        models = self.recall.models(run)
        titles = {
            (model.id, factor.id): factor.title.zh
            for model in models.hazards
            for factor in model.all_factors
        }
        for model in models.hazards:
            points = model.blocks.hazard.known_points
            if points is not None:
                titles[model.id, points.id] = points.title.zh
            if models.composite is not None:
                titles[models.composite.id, model.id] = model.title.zh
        return titles


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What all hazards of a run share: neighbours, people and townships of its cells."""

    pairs: IntArray
    persons: IntArray
    mapped: TownshipMap

    def townships(self, rows: IntArray) -> tuple[str, ...]:
        return tuple(
            self.mapped.names[row][1] for row in np.unique(self.mapped.cells.division[rows])
        )


def _leading(detail: SurfaceDetail, rows: IntArray, factor_ids: tuple[str, ...]) -> tuple[str, ...]:
    factor, ratio = detail.top_factor[rows].ravel(), detail.top_ratio[rows].ravel()
    known = factor != NO_FACTOR
    total = np.bincount(factor[known], weights=ratio[known], minlength=len(factor_ids))
    order = np.argsort(-total, kind="stable")[:_CAUSES]
    return tuple(factor_ids[number] for number in order if total[number] > 0)
