"""One cell of a run → why it has its colour, recomputed from the very inputs of the run."""

from dataclasses import dataclass

import numpy as np
import shapely

from yingji_map.domain.errors import CellNotFound, InvalidParameter
from yingji_map.domain.explanation import CellExplanation, Contribution, MemberExplanation
from yingji_map.domain.layer import LayerDefinition, Title
from yingji_map.domain.risk import CellState, RiskLevel, RiskSurface
from yingji_map.domain.risk_model import CompositeModel
from yingji_map.domain.run import RunRecord
from yingji_map.engine.assess import Assessment, assess
from yingji_map.engine.composite import CompositeResult
from yingji_map.engine.grid import cell_centre, cell_number, cell_resolution, cell_text
from yingji_map.engine.roll_up import deciding_cell
from yingji_map.engine.surfaces import compose_surfaces, hazard_surface
from yingji_map.engine.world import View, view_of
from yingji_map.services.describe_cell import DescribeCell, formula_of, number_or_none
from yingji_map.services.describe_turns import hazard_turns, member_turns
from yingji_map.services.recall_run import RecallRun
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.runs import chunk_parents, find_run, find_runs, load_detail, load_surface

TOWNSHIP = "township"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    record: RunRecord
    surface: RiskSurface


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainCell:
    """Recompute one cell and say how its score came about."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    recall: RecallRun

    def run(self, run_id: str | None, hazard: str, cell_hex: str) -> CellExplanation:
        """Explain one cell; `run_id` None means the latest run.

        A cell coarser than the run's is answered by the one below it that decides its colour, so
        that what a map shows from afar can be asked as well.

        Raises
        ------
        InvalidParameter
            The text names no cell.
        RunNotFound, HazardNotFound, CellNotFound, NotReady
            Run, hazard or cell is not there.
        RunInputsChanged
            The store no longer holds what the run was made of.
        """
        stored = self._stored(run_id, hazard, _cell(cell_hex))
        cell = int(stored.surface.cells[0])
        record = stored.record
        prepared = self.recall.run(record)
        world, models = prepared.world, prepared.models
        row = world.grid.row_of(cell)
        if row is None:
            raise CellNotFound(cell=cell_text(cell), run=record.run_id)
        view = view_of(world, np.array([row], dtype=np.intp))
        is_composite = models.composite is not None and hazard == models.composite.id
        asked = [model for model in models.hazards if is_composite or model.id == hazard]
        assessments = {model.id: assess(model, world, view) for model in asked}
        if models.composite is not None and is_composite:
            return self._composite(stored, models.composite, (view, assessments))
        return self._hazard(stored, view, assessments[hazard])

    def warm_up(self) -> None:
        """Prepare the latest run, so that the first question about it is answered at once."""
        with self.store.read() as tx:
            runs = find_runs(tx, limit=1)
        if runs:
            self.recall.run(runs[0])

    def _stored(self, run_id: str | None, hazard: str, cell: int) -> _Stored:
        with self.store.read() as tx:
            record = find_run(tx, run_id)
            if cell_resolution(cell) < record.resolution:
                cell = _deciding(load_surface(tx, record.run_id, hazard), cell)
            cells = np.array([cell], dtype=np.uint64)
            parent = int(chunk_parents(cells, record.resolution)[0])
            surface, _ = load_detail(tx, record.run_id, hazard, parent)
        row = int(np.searchsorted(surface.cells, np.uint64(cell)))
        if row >= len(surface) or int(surface.cells[row]) != cell:
            raise CellNotFound(cell=cell_text(cell), run=record.run_id)
        return _Stored(record=record, surface=_single(surface, row))

    def _hazard(self, stored: _Stored, view: View, assessment: Assessment) -> CellExplanation:
        labels = {
            layer_id: definition.tiles.label
            for layer_id, definition in self.catalogue.items()
            if definition.tiles.label
        }
        describe = DescribeCell(assessment=assessment, inputs=stored.record.inputs, labels=labels)
        surface, _ = hazard_surface(stored.record.run_id, view.grid, assessment)
        frame = self._frame(stored, view, surface, assessment.model.title)
        return CellExplanation(
            **frame,  # type: ignore[arg-type]  # the fields that every explanation shares
            blocks=describe.blocks(),
            members=(),
            conditions=describe.conditions(),
            trigger=describe.trigger(),
            contributions=describe.contributions(),
            turns=hazard_turns(assessment),
            formula=formula_of(assessment.model),
        )

    def _composite(
        self,
        stored: _Stored,
        model: CompositeModel,
        basis: tuple[View, dict[str, Assessment]],
    ) -> CellExplanation:
        view, assessments = basis
        run_id = stored.record.run_id
        surfaces = {
            name: hazard_surface(run_id, view.grid, assessment)[0]
            for name, assessment in assessments.items()
        }
        result = compose_surfaces(model, surfaces)
        titles = {name: assessment.model.title for name, assessment in assessments.items()}
        surface = _composed(stored.surface, result)
        share = model.max_share.value
        return CellExplanation(
            **self._frame(stored, view, surface, model.title),  # type: ignore[arg-type]  # see _hazard
            blocks=(),
            members=_members(model, surfaces, (titles, result)),
            conditions=(),
            trigger=None,
            contributions=tuple(
                Contribution(id=name, title=titles[name], value=float(result.contributions[i, 0]))
                for i, name in enumerate(model.members)
            ),
            turns=member_turns(model, surfaces, (a.model for a in assessments.values())),
            formula=f"R = {share:g}·max R + {1 - share:g}·Σ w·R",
        )

    def _frame(
        self, stored: _Stored, view: View, again: RiskSurface, title: Title
    ) -> dict[str, object]:
        kept = stored.surface
        names = ("score_ratio", "level", "state", "confidence_ratio")
        cell = int(kept.cells[0])
        return {
            "cell": cell_text(cell),
            "hazard": kept.hazard,
            "title": title,
            "run": stored.record,
            "state": CellState(int(kept.state[0])).name.lower(),
            "level": RiskLevel(int(kept.level[0])).name.lower(),
            "score": number_or_none(kept.score_ratio[0]),
            "confidence": float(kept.confidence_ratio[0]),
            "center": cell_centre(cell),
            "township": self._township(stored.record, view),
            "recomputed_score": number_or_none(again.score_ratio[0]),
            "recomputes_exactly": all(
                getattr(again, name).tobytes() == getattr(kept, name).tobytes() for name in names
            ),
        }

    def _township(self, record: RunRecord, view: View) -> tuple[str, str] | None:
        definition = self.catalogue.get(TOWNSHIP)
        if definition is None:
            return None
        with self.store.read() as tx:
            at = record.inputs.layers_at
            table = read_features(tx, definition, columns=["name"], at=at)
        lon, lat = view.grid.anchor[0]
        rows = np.flatnonzero(shapely.intersects_xy(table.geometry, lon, lat))
        return (table.keys[rows[0]], str(table.columns["name"][rows[0]])) if len(rows) else None


def _cell(text: str) -> int:
    cell = cell_number(text)
    if cell is None:
        zh, en = "不是 H3 格网编号", "not an H3 cell"
        raise InvalidParameter(parameter="cell", value=text, reason_zh=zh, reason_en=en)
    return cell


def _deciding(surface: RiskSurface, cell: int) -> int:
    found = deciding_cell(surface, cell)
    if found is None:
        raise CellNotFound(cell=cell_text(cell), run=surface.run_id)
    return found


def _single(surface: RiskSurface, row: int) -> RiskSurface:
    return RiskSurface(
        run_id=surface.run_id,
        hazard=surface.hazard,
        resolution=surface.resolution,
        cells=surface.cells[row : row + 1],
        score_ratio=surface.score_ratio[row : row + 1],
        level=surface.level[row : row + 1],
        state=surface.state[row : row + 1],
        confidence_ratio=surface.confidence_ratio[row : row + 1],
    )


def _composed(stored: RiskSurface, result: CompositeResult) -> RiskSurface:
    return RiskSurface(
        run_id=stored.run_id,
        hazard=stored.hazard,
        resolution=stored.resolution,
        cells=stored.cells,
        score_ratio=result.score,
        level=result.level,
        state=result.state,
        confidence_ratio=result.confidence,
    )


def _members(
    model: CompositeModel,
    surfaces: dict[str, RiskSurface],
    basis: tuple[dict[str, Title], CompositeResult],
) -> tuple[MemberExplanation, ...]:
    titles, result = basis
    return tuple(
        MemberExplanation(
            hazard=name,
            title=titles[name],
            state=CellState(int(surfaces[name].state[0])).name.lower(),
            level=RiskLevel(int(surfaces[name].level[0])).name.lower(),
            score=number_or_none(surfaces[name].score_ratio[0]),
            confidence=float(surfaces[name].confidence_ratio[0]),
            weight=weight,
            contribution=float(result.contributions[row, 0]),
        )
        for row, (name, weight) in enumerate(zip(model.members, model.weights, strict=True))
    )
