"""Two runs → what changed between them, for how many people, and because of which factor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingji_map.domain.errors import InvalidParameter, RunInputsChanged, RunsNotComparable
from yingji_map.domain.layer import Title
from yingji_map.domain.risk_model import RiskModel
from yingji_map.domain.run import RunRecord
from yingji_map.domain.run_diff import Cause, Change, DivisionChange, RunDiff, SurfaceDiff
from yingji_map.engine.assess import assess
from yingji_map.engine.attribution import (
    APPLICABILITY,
    MODEL,
    TRIGGER,
    Composed,
    Judged,
    attribute,
    attribute_composite,
)
from yingji_map.engine.composite import MemberResults
from yingji_map.engine.divisions import people_on_cells
from yingji_map.engine.run_diff import compare_surfaces, transitions
from yingji_map.engine.world import view_of
from yingji_map.services.collect_risk_inputs import PreparedRun
from yingji_map.services.recall_run import RecallRun
from yingji_map.services.resident_surfaces import ResidentSurfaces
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.services.tally_divisions import TallyDivisions

IntArray = npt.NDArray[np.int64]
_COLOURED = (Change.UP, Change.DOWN, Change.BECAME_SCORED)
_IN_BOTH = (*_COLOURED, Change.BECAME_NO_DATA, Change.BECAME_NOT_APPLICABLE)
_TITLES = {
    MODEL: Title(zh="模型", en="Model"),
    APPLICABILITY: Title(zh="适用范围", en="Applicability"),
    TRIGGER: Title(zh="触发因素（雨情、火险天气）", en="Trigger (rain, fire weather)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRuns:
    """Compare two runs cell by cell; runs never change, so neither do their differences."""

    resident: ResidentSurfaces
    tally: TallyDivisions
    recall: RecallRun
    kept: SingleFlightCache[tuple[str, str, str], SurfaceDiff]

    def find(
        self, origin_id: str | None, target_id: str | None, hazard: str
    ) -> tuple[RunRecord, RunRecord]:
        """Return the two runs; None means the latest.

        Raises
        ------
        RunNotFound, NotReady, HazardNotFound
            See `ResidentSurfaces.find`.
        RunsNotComparable
            Their cells are of different sizes.
        InvalidParameter
            It is one run twice.
        """
        origin = self.resident.find(origin_id, hazard)
        target = self.resident.find(target_id, hazard)
        if origin.run_id == target.run_id:
            zh, en = "要与另一次运行比较", "must be another run"
            raise InvalidParameter(parameter="to", value=target.run_id, reason_zh=zh, reason_en=en)
        if origin.resolution != target.resolution:
            raise RunsNotComparable(
                origin=origin.run_id,
                target=target.run_id,
                resolutions=f"r{origin.resolution}/r{target.resolution}",
            )
        return origin, target

    def surface(self, origin: RunRecord, target: RunRecord, hazard: str) -> SurfaceDiff:
        """Return the difference of two runs that `find` answered, on their cells."""

        def make() -> SurfaceDiff:
            return compare_surfaces(
                self.resident.surface(origin.run_id, hazard),
                self.resident.surface(target.run_id, hazard),
            )

        return self.kept.get((origin.run_id, target.run_id, hazard), make)

    def run(self, origin: RunRecord, target: RunRecord, hazard: str) -> RunDiff:
        """Return everything that changed between two runs that `find` answered.

        Raises
        ------
        NotReady
            There are no townships yet.
        """
        diff = self.surface(origin, target, hazard)
        mapped = self.tally.townships(diff.cells)
        persons, _ = people_on_cells(diff.cells, target.resolution, self.tally.residents())
        rows = np.flatnonzero(np.isin(diff.change, _IN_BOTH))
        score = np.nan_to_num(diff.score_to) - np.nan_to_num(diff.score_from)
        return RunDiff(
            origin=origin,
            target=target,
            hazard=hazard,
            changes={change: int((diff.change == change).sum()) for change in Change},
            transitions=transitions(diff, mapped.cells.area_m2, persons),
            divisions=_divisions(diff, mapped.names, (mapped.cells.division, persons)),
            causes=self._causes((origin, target), hazard, (diff, rows)),
            score_change=float(score[rows].sum()),
            attributed_cells=len(rows),
        )

    def _causes(
        self,
        runs: tuple[RunRecord, RunRecord],
        hazard: str,
        basis: tuple[SurfaceDiff, npt.NDArray[np.intp]],
    ) -> tuple[Cause, ...] | None:
        diff, rows = basis
        if len(rows) == 0:
            return ()
        cells = diff.cells[rows]
        titles = dict(_TITLES)
        old, new = (self.recall.models(run) for run in runs)
        if new.composite and old.composite and hazard == new.composite.id:
            found = attribute_composite(
                Composed(model=old.composite, members=self._members(runs[0], cells)),
                Composed(model=new.composite, members=self._members(runs[1], cells)),
            )
            titles |= {model.id: model.title for model in new.hazards}
        else:
            try:
                judged = [_judged(self.recall.run(run), hazard, cells) for run in runs]
            except RunInputsChanged:
                return None
            found = attribute(*judged)
            titles |= _factor_titles(judged[1].model)
        is_coloured = np.isin(diff.change[rows], _COLOURED)
        return _summed(found, titles, is_coloured)

    def _members(self, run: RunRecord, cells: npt.NDArray[np.uint64]) -> dict[str, MemberResults]:
        found = {}
        for summary in run.hazards:
            surface = self.resident.surface(run.run_id, summary.hazard)
            row = np.searchsorted(surface.cells, cells)
            found[summary.hazard] = MemberResults(
                score=surface.score_ratio[row],
                level=surface.level[row],
                state=surface.state[row],
                confidence=surface.confidence_ratio[row],
            )
        return found


def _judged(prepared: PreparedRun, hazard: str, cells: npt.NDArray[np.uint64]) -> Judged:
    model = next(model for model in prepared.models.hazards if model.id == hazard)
    rows = np.searchsorted(prepared.world.grid.cells, cells)
    view = view_of(prepared.world, rows.astype(np.intp))
    return Judged(model=model, raw=assess(model, prepared.world, view).raw)


def _factor_titles(model: RiskModel) -> dict[str, Title]:
    titles = {factor.id: factor.title for factor in model.all_factors}
    points = model.blocks.hazard.known_points
    return titles | ({points.id: points.title} if points else {})


def _summed(
    found: dict[str, npt.NDArray[np.float64]],
    titles: dict[str, Title],
    is_coloured: npt.NDArray[np.bool_],
) -> tuple[Cause, ...]:
    if not found:
        return ()
    sizes = np.abs(np.stack(list(found.values())))
    leader = np.where(is_coloured & (sizes.max(axis=0) > 0), sizes.argmax(axis=0), -1)
    causes = [
        Cause(
            id=name,
            title=titles.get(name, Title(zh=name, en=name)),
            gain=float(np.maximum(moved, 0).sum()),
            loss=float(np.minimum(moved, 0).sum()),
            leads_cells=int((leader == number).sum()),
        )
        for number, (name, moved) in enumerate(found.items())
    ]
    return tuple(sorted(causes, key=lambda cause: (-(cause.gain - cause.loss), cause.id)))


def _divisions(
    diff: SurfaceDiff, names: Sequence[tuple[str, str]], basis: tuple[IntArray, IntArray]
) -> tuple[DivisionChange, ...]:
    division, persons = basis
    counted = {}
    for change in (Change.UP, Change.DOWN):
        is_it = diff.change == change
        weights = (is_it.astype(np.int64), persons * is_it)
        counted[change] = [np.zeros(len(names), dtype=np.int64) for _ in weights]
        for total, weight in zip(counted[change], weights, strict=True):
            np.add.at(total, division, weight)
    (up, persons_up), (down, persons_down) = counted[Change.UP], counted[Change.DOWN]
    return tuple(
        DivisionChange(
            code=code,
            name=name,
            up=int(up[row]),
            down=int(down[row]),
            persons_up=int(persons_up[row]),
            persons_down=int(persons_down[row]),
        )
        for row, (code, name) in enumerate(names)
    )
