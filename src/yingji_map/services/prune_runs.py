"""Old risk runs, let go when there are more than the office wants to keep."""

import logging
from dataclasses import dataclass

from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.run import RunRecord
from yingji_map.store.database import Store
from yingji_map.store.run_retention import delete_runs, find_prunable_runs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRuns:
    """Keep the latest runs of each kind, and every run that a warning came from."""

    store: Store
    keep: int

    def run(self, keep: int | None = None, *, is_dry_run: bool = False) -> list[RunRecord]:
        """Delete what is beyond `keep` of a kind (the setting when None) and return what it was.

        Raises
        ------
        InvalidParameter
            Fewer than one run should be kept.
        """
        wanted = self.keep if keep is None else keep
        if wanted < 1:
            zh, en = "至少保留 1 次", "at least one run must be kept"
            raise InvalidParameter(parameter="keep", value=wanted, reason_zh=zh, reason_en=en)
        with self.store.transaction() as tx:
            found = find_prunable_runs(tx, wanted)
            if is_dry_run or not found:
                return found
            delete_runs(tx, [run.run_id for run in found])
        for run in found:
            _log.info(
                "risk.run_pruned run=%s kind=%s valid_at=%s cells=%d",
                run.run_id,
                run.kind.value,
                run.valid_at.isoformat(),
                run.cell_count,
            )
        return found
