"""An old run's models and world, prepared again from the very inputs it was made of."""

from dataclasses import dataclass

from yingji_map.domain.run import RunRecord
from yingji_map.ingest.models import ModelSet, parse_models
from yingji_map.services.collect_risk_inputs import CollectRiskInputs, PreparedRun
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRun:
    """Prepare a run as it was; the last ones are kept."""

    store: Store
    collect: CollectRiskInputs
    prepared: SingleFlightCache[str, PreparedRun]

    def run(self, record: RunRecord) -> PreparedRun:
        """Return the models and the world of a run.

        Raises
        ------
        RunInputsChanged
            The store no longer holds what the run was made of.
        """
        return self.prepared.get(record.run_id, lambda: self._prepare(record))

    @staticmethod
    def models(record: RunRecord) -> ModelSet:
        """Return the models of a run as they were."""
        return parse_models({model.model_id: model.text for model in record.inputs.models})

    def _prepare(self, record: RunRecord) -> PreparedRun:
        models = self.models(record)
        with self.store.read() as tx:
            collected = self.collect.again(tx, record.run_id, record.inputs, models)
        return self.collect.prepare(collected, models, record.resolution)
