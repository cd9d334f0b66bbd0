"""Models and stored data → an immutable risk run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.errors import InvalidParameter, NotReady, RunNotFound
from yingji_map.domain.run import RunKind, RunRecord, identify_run
from yingji_map.ingest.models import ModelSet
from yingji_map.services.collect_risk_inputs import Collected, CollectRiskInputs, check_instant
from yingji_map.services.compute_run import ComputeRun, Progress, RunPlan, Surfaces, summaries
from yingji_map.store.database import Store
from yingji_map.store.runs import confirm_run, find_run, save_run

# Finer than 9 a county's DEM of about 30 m has too few pixels per cell to say anything.
RESOLUTIONS = range(6, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessRequest:
    """Which run; `at` None computes the static one, an instant the dynamic one of its rain."""

    at: datetime | None = None
    resolution: int = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """The run that answers a request; `is_new` is False when equal inputs had been run before."""

    record: RunRecord
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessRisk:
    """Compute all models on the county's cells and keep the result for good."""

    store: Store
    models: ModelSet
    collect: CollectRiskInputs
    compute: ComputeRun
    clock: Callable[[], datetime]

    def run(self, request: AssessRequest, progress: Progress = lambda _zh, _en: None) -> RunSummary:
        """Compute a run, or find the one that equal inputs made.

        Raises
        ------
        InvalidParameter
            Resolution or instant out of domain.
        NotReady
            No county, or no rain at that instant.
        """
        self._check(request)
        progress("读取图层", "Reading layers")
        with self.store.read() as tx:
            collected = self.collect.now(tx, self.models, request.at)
        kind = RunKind.STATIC if collected.rain_at is None else RunKind.DYNAMIC
        run_id = identify_run(
            collected.inputs, kind=kind, resolution=request.resolution, valid_at=collected.rain_at
        )
        known = self._find(run_id)
        if known is not None:
            if known.is_superseded:  # what was undone is how things stand again
                with self.store.transaction() as tx:
                    confirm_run(tx, run_id, self.clock())
                known = self._find(run_id) or known
            return RunSummary(record=known, is_new=False)
        surfaces = self.compute.run(
            RunPlan(run_id=run_id, models=self.models, resolution=request.resolution),
            collected,
            progress,
        )
        record = self._record(run_id, kind, (collected, request.resolution), surfaces)
        progress("保存结果", "Saving the run")
        with self.store.transaction() as tx:
            is_new = save_run(tx, record, surfaces)
        return RunSummary(record=record, is_new=is_new)

    def newest_rain_at(self) -> datetime:
        """Return the newest instant for which a dynamic run can be made."""
        with self.store.read() as tx:
            return self.collect.newest_rain_at(tx, self.models)

    def rain_instants(self) -> list[datetime]:
        """Return every instant for which a dynamic run can be made, oldest first."""
        with self.store.read() as tx:
            return self.collect.rain_instants(tx, self.models)

    def _check(self, request: AssessRequest) -> None:
        if request.resolution not in RESOLUTIONS:
            bounds = f"{RESOLUTIONS[0]}–{RESOLUTIONS[-1]}"
            raise InvalidParameter(
                parameter="resolution",
                value=request.resolution,
                reason_zh=f"应在 {bounds} 之间",
                reason_en=f"must be within {bounds}",
            )
        if request.at is not None:
            check_instant(request.at)
        if not self.models.hazards:
            fix = "YINGJI_LAYERS_DIR=<layers>"
            raise NotReady(what_zh="风险模型", what_en="risk model", fix=fix)

    def _find(self, run_id: str) -> RunRecord | None:
        with self.store.read() as tx:
            try:
                return find_run(tx, run_id)
            except RunNotFound:
                return None

    def _record(
        self, run_id: str, kind: RunKind, basis: tuple[Collected, int], surfaces: Surfaces
    ) -> RunRecord:
        collected, resolution = basis
        return RunRecord(
            run_id=run_id,
            kind=kind,
            valid_at=collected.rain_at or collected.inputs.layers_at,
            computed_at=self.clock(),
            resolution=resolution,
            cell_count=len(surfaces[0][0]),
            hazards=summaries(surfaces, self.models),
            inputs=collected.inputs,
        )
