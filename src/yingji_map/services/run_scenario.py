"""A what-if question and a run → a scenario: the same run with other values of a raster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import shapely

from yingji_map.domain.assumption import Assumption, WhatIf
from yingji_map.domain.division import find_division
from yingji_map.domain.errors import InvalidParameter, RunNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.run import RunKind, RunRecord, identify_run
from yingji_map.engine.assess import model_sources
from yingji_map.engine.world import DEM
from yingji_map.ingest.models import ModelSet
from yingji_map.services.collect_risk_inputs import CollectRiskInputs
from yingji_map.services.compute_run import ComputeRun, Progress, RunPlan, summaries
from yingji_map.services.fields_read import COUNTY
from yingji_map.services.recall_run import RecallRun
from yingji_map.store.database import Store, Transaction
from yingji_map.store.features import read_features
from yingji_map.store.runs import find_run, save_run

TOWNSHIP = "township"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScenario:
    """Compute what would be; it stays apart and never becomes the latest run."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    collect: CollectRiskInputs
    compute: ComputeRun
    clock: Callable[[], datetime]

    def run(
        self,
        questions: Sequence[WhatIf],
        base_id: str | None = None,
        progress: Progress = lambda _zh, _en: None,
    ) -> RunRecord:
        """Compute a scenario of a run (None: the latest), or find the one computed before.

        Raises
        ------
        InvalidParameter
            No raster of the models, no such place, or an amount without sense.
        RunNotFound, NotReady, RunInputsChanged
            The base is not there, or cannot be computed again.
        """
        progress("读取图层", "Reading layers")
        with self.store.read() as tx:
            base = find_run(tx, base_id)
            models = RecallRun.models(base)
            assumed = tuple(self._assumption(tx, question, models) for question in questions)
            collected = self.collect.again(tx, base.run_id, base.inputs, models)
        inputs = replace(
            collected.inputs,
            assumptions=(*base.inputs.assumptions, *assumed),
            base_run_id=base.run_id,
        )
        collected = replace(collected, inputs=inputs)
        run_id = identify_run(
            inputs,
            kind=RunKind.SCENARIO,
            resolution=base.resolution,
            valid_at=collected.rain_at,
        )
        with self.store.read() as tx:
            try:
                return find_run(tx, run_id)
            except RunNotFound:
                pass
        plan = RunPlan(run_id=run_id, models=models, resolution=base.resolution)
        surfaces = self.compute.run(plan, collected, progress)
        record = replace(
            base,
            run_id=run_id,
            kind=RunKind.SCENARIO,
            computed_at=self.clock(),
            hazards=summaries(surfaces, models),
            inputs=inputs,
            is_superseded=False,
        )
        progress("保存结果", "Saving the run")
        with self.store.transaction() as tx:
            save_run(tx, record, surfaces)
        return record

    def _assumption(self, tx: Transaction, question: WhatIf, models: ModelSet) -> Assumption:
        asked = question.checked()
        usable = {DEM, models.rain_layer} | {
            source.raster for model in models.hazards for source in model_sources(model)
        }
        definition = self.catalogue.get(asked.layer_id)
        if definition is None or definition.raster is None or asked.layer_id not in usable:
            names = "、".join(sorted(name for name in usable if name))
            zh, en = f"只能假设模型读取的栅格：{names}", f"only rasters of the models: {names}"
            raise InvalidParameter(
                parameter="layer", value=asked.layer_id, reason_zh=zh, reason_en=en
            )
        unit = definition.raster.unit or ""
        if asked.unit and asked.unit.lower() != unit.lower():
            zh, en = f"{asked.layer_id} 的单位是 {unit}", f"the unit of {asked.layer_id} is {unit}"
            raise InvalidParameter(parameter="unit", value=asked.unit, reason_zh=zh, reason_en=en)
        place, name = self._place(tx, asked)
        return Assumption(
            layer_id=asked.layer_id,
            kind=asked.kind,
            amount=asked.amount,
            unit=unit,
            place=name,
            geom_wkb=place,
        )

    def _place(self, tx: Transaction, asked: WhatIf) -> tuple[str, str]:
        if asked.geom_wkb is not None:
            return asked.geom_wkb, asked.place or "所画范围"
        counties = read_features(tx, self.catalogue[COUNTY], columns=["name"])
        if asked.place is None:
            geometry, name = shapely.union_all(counties.geometry), "全县"
        else:
            townships = read_features(tx, self.catalogue[TOWNSHIP], columns=["name"])
            names = [*townships.columns["name"], *counties.columns["name"]]
            row = find_division((*townships.keys, *counties.keys), names, asked.place)
            geometry = np.concatenate([townships.geometry, counties.geometry])[row]
            name = str(names[row])
        return shapely.to_wkb(geometry, hex=True), name
