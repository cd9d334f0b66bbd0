"""Risk runs and models, as they are."""

from dataclasses import dataclass

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.run import RunKind, RunRecord
from yingji_map.ingest.models import ModelSet
from yingji_map.store.database import Store
from yingji_map.store.runs import find_run, find_runs

MAX_RUNS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuns:
    """Answer which runs and which models there are."""

    store: Store
    models: ModelSet

    def run(
        self,
        limit: int = 20,
        *,
        kind: RunKind | None = None,
        is_superseded: bool | None = None,
    ) -> list[RunRecord]:
        """Return the runs, the latest first; of one kind, or only (not) replaced ones, if wanted.

        Scenarios are no news of the county: they are listed only when asked for by their kind.

        Raises
        ------
        InvalidParameter
            The limit is out of domain.
        """
        if not 1 <= limit <= MAX_RUNS:
            zh, en = f"应在 1 到 {MAX_RUNS} 之间", f"must be within 1 and {MAX_RUNS}"
            raise InvalidParameter(parameter="limit", value=limit, reason_zh=zh, reason_en=en)
        with self.store.read() as tx:
            kinds = (RunKind.DYNAMIC, RunKind.STATIC) if kind is None else (kind,)
            return find_runs(tx, limit, kinds=kinds, is_superseded=is_superseded)

    def one(self, run_id: str | None = None) -> RunRecord:
        """Return one run; None means the latest.

        Raises
        ------
        RunNotFound, NotReady
            See `find_run`.
        """
        with self.store.read() as tx:
            return find_run(tx, run_id)
