"""The planning desk: the services that plan with shelters, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yingji_map.domain.standard import Standards
from yingji_map.services.evaluate_shelters import EvaluateShelters
from yingji_map.services.export_plan import ExportPlan
from yingji_map.services.gather_bases import GatherBases
from yingji_map.services.gather_evacuation import GatherEvacuation
from yingji_map.services.keep_lattice import KeepLattice
from yingji_map.services.plan_evacuation import PlanEvacuation
from yingji_map.services.propose_sites import ProposeSites
from yingji_map.services.size_supplies import SizeSupplies


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What plans are made with."""

    plan_evacuation: PlanEvacuation
    export_plan: ExportPlan
    evaluate_shelters: EvaluateShelters
    propose_sites: ProposeSites
    size_supplies: SizeSupplies


def build_planning(
    gather: GatherBases, clock: Callable[[], datetime], standards: Standards
) -> Planning:
    """Put the planning services together on what gathers bases."""
    evacuation = GatherEvacuation(
        store=gather.store,
        catalogue=gather.catalogue,
        network=gather.network,
        places=gather.places,
        closures=gather.closures,
    )
    return Planning(
        plan_evacuation=PlanEvacuation(store=gather.store, gather=evacuation, clock=clock),
        export_plan=ExportPlan(store=gather.store),
        evaluate_shelters=EvaluateShelters(gather=evacuation, standard=standards.shelter),
        propose_sites=ProposeSites(gather=gather, lattice=KeepLattice()),
        size_supplies=SizeSupplies(gather=gather, standard=standards.supply),
    )
