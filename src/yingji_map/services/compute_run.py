"""Collected inputs → the surfaces of a run, model by model."""

from collections.abc import Callable
from dataclasses import dataclass

from yingji_map.domain.risk import RiskSurface
from yingji_map.domain.risk_model import RiskModel
from yingji_map.domain.run import HazardSummary, SurfaceDetail, count_cells
from yingji_map.engine.assess import Assessment, Measurements, assess, measure_model
from yingji_map.engine.surfaces import compose_surfaces, composite_surface, hazard_surface
from yingji_map.engine.world import View, view_of
from yingji_map.ingest.models import ModelSet
from yingji_map.services.collect_risk_inputs import Collected, CollectRiskInputs, PreparedRun
from yingji_map.services.single_flight import SingleFlightCache

Progress = Callable[[str, str], None]
Surfaces = list[tuple[RiskSurface, SurfaceDetail]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What is to be computed: a run's id, the models it uses and the size of its cells."""

    run_id: str
    models: ModelSet
    resolution: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeRun:
    """Compute every cell of a run; what several runs share is prepared and measured once."""

    collect: CollectRiskInputs
    prepared: SingleFlightCache[str, PreparedRun]
    measured: SingleFlightCache[tuple[str, str], Measurements]

    def run(self, plan: RunPlan, collected: Collected, progress: Progress) -> Surfaces:
        """Return all hazards of a run, the composite last."""
        progress("划分格网，推算地形与汇流", "Laying out cells, deriving terrain and drainage")
        prepared = self.prepared.get(
            plan.run_id, lambda: self.collect.prepare(collected, plan.models, plan.resolution)
        )
        view = view_of(prepared.world)
        progress(f"共 {len(view.grid)} 个格网", f"{len(view.grid)} cells")
        surfaces: Surfaces = []
        for model in plan.models.hazards:
            progress(f"计算{model.title.zh}", f"Computing {model.title.en}")
            assessment = self._assess(model, prepared, view)
            surfaces.append(hazard_surface(plan.run_id, view.grid, assessment))
        if plan.models.composite is not None:
            by_hazard = {surface.hazard: surface for surface, _ in surfaces}
            result = compose_surfaces(plan.models.composite, by_hazard)
            surfaces.append(composite_surface(plan.run_id, view.grid, result))
        return surfaces

    def _assess(self, model: RiskModel, prepared: PreparedRun, view: View) -> Assessment:
        # Only rain differs between the runs of a storm; the rest is measured once.
        found = self.measured.get(
            (prepared.background_id, model.model_dump_json()),
            lambda: measure_model(model, prepared.world, view),
        )
        return assess(model, prepared.world, view, found)


def summaries(surfaces: Surfaces, models: ModelSet) -> tuple[HazardSummary, ...]:
    """Return what a run says of each of its hazards in numbers."""
    return tuple(_summary(surface, models) for surface, _ in surfaces)


def _summary(surface: RiskSurface, models: ModelSet) -> HazardSummary:
    composite = models.composite
    if composite is not None and surface.hazard == composite.id:
        title, contributors = composite.title, composite.members
    else:
        model = next(m for m in models.hazards if m.id == surface.hazard)
        title, contributors = model.title, model.factor_ids
    return HazardSummary(
        hazard=surface.hazard,
        title_zh=title.zh,
        title_en=title.en,
        counts=count_cells(surface),
        factor_ids=tuple(contributors),
    )
