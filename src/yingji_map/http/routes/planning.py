"""`/v1/sites/proposal` and `/v1/supply/sizing`: where the next one goes, what people need."""

from typing import Annotated

from fastapi import APIRouter, Query

from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import ProfileId
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.planning import (
    SiteProposalBody,
    SupplySizingBody,
    site_proposal,
    supply_sizing,
)
from yingji_map.http.representations.trips import CLOSURES_HELP
from yingji_map.services.propose_sites import SiteQuery
from yingji_map.services.size_supplies import SupplyQuery

router = APIRouter(tags=["reach"])
ClosuresQuery = Annotated[str, Query(description=CLOSURES_HELP)]


@router.get("/v1/sites/proposal")
def get_proposal(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    layer: Annotated[str, Query(description="点图层，如 rescue_team、supply_depot、shelter")],
    minutes: Annotated[int, Query(description="多少分钟内算有保障，1–240")],
    count: Annotated[int, Query(description="再要几处，1–20")] = 1,
    profile: ProfileId = ProfileId.CAR,
    closures: ClosuresQuery = IN_FORCE,
) -> SiteProposalBody:
    """Return the settlements where so many more would serve the most people, with a bound."""
    query = SiteQuery(
        layer_id=layer,
        minutes=minutes,
        count=count,
        profile=profile,
        closures=choice_of(closures),
    )
    return site_proposal(application.planning.propose_sites.run(query))


@router.get("/v1/supply/sizing")
def get_sizing(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    people: Annotated[int, Query(description="多少人")],
    lon: Annotated[float, Query(description="运到哪里：经度")],
    lat: Annotated[float, Query(description="纬度")],
    days: Annotated[int, Query(description="保障几天")] = 3,
    profile: ProfileId = ProfileId.CAR,
    closures: ClosuresQuery = IN_FORCE,
) -> SupplySizingBody:
    """Return what people need by the norms, from which depots, and what is missing."""
    query = SupplyQuery(
        people=people,
        days=days,
        place=(lon, lat),
        profile=profile,
        closures=choice_of(closures),
    )
    return supply_sizing(application.planning.size_supplies.run(query))
