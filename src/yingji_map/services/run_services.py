"""What can be done with risk runs once they are there, built as one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.warning import IssuerProfile
from yingji_map.services.compressed import weight_of
from yingji_map.services.compute_run import ComputeRun
from yingji_map.services.diff_runs import DiffRuns
from yingji_map.services.propose_warnings import ProposeWarnings
from yingji_map.services.prune_runs import PruneRuns
from yingji_map.services.recall_run import RecallRun
from yingji_map.services.register_risks import RegisterRisks
from yingji_map.services.run_scenario import RunScenario
from yingji_map.services.serve_diff_tiles import ServeDiffTiles
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.services.tally_divisions import TallyDivisions
from yingji_map.services.zone_run import ZoneRun

_TILE_CACHE_BYTES = 16 * 1024 * 1024
_LAYER_CACHE_BYTES = 64 * 1024 * 1024
_DIFFS_KEPT = 16
_ZONINGS_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RunServices:
    """Compare, draw the comparison, let old runs go."""

    diff: DiffRuns
    diff_tiles: ServeDiffTiles
    prune: PruneRuns
    scenario: RunScenario
    zone: ZoneRun
    register: RegisterRisks
    propose: ProposeWarnings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What an installation decides about runs: the latest of each kind that pruning keeps."""

    keep_runs: int
    issuer: IssuerProfile
    clock: Callable[[], datetime]


def run_services(
    tally: TallyDivisions, recall: RecallRun, compute: ComputeRun, options: RunOptions
) -> RunServices:
    """Build the services on what the map keeps in memory anyway."""
    diff = DiffRuns(
        resident=tally.resident, tally=tally, recall=recall, kept=SingleFlightCache(_DIFFS_KEPT)
    )
    return RunServices(
        diff=diff,
        diff_tiles=ServeDiffTiles(
            diffs=diff,
            layers=SingleFlightCache(_LAYER_CACHE_BYTES, lambda layer: layer.size_bytes),
            cache=SingleFlightCache(_TILE_CACHE_BYTES, weight_of),
        ),
        prune=PruneRuns(store=recall.store, keep=options.keep_runs),
        scenario=RunScenario(
            store=recall.store,
            catalogue=recall.collect.catalogue,
            collect=recall.collect,
            compute=compute,
            clock=options.clock,
        ),
        zone=ZoneRun(tally=tally, kept=SingleFlightCache(_ZONINGS_KEPT)),
        register=RegisterRisks(tally=tally, recall=recall),
        propose=ProposeWarnings(
            tally=tally,
            catalogue=recall.collect.catalogue,
            clock=options.clock,
            profile=options.issuer,
        ),
    )
