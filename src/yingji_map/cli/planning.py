"""`yingji site propose` and `yingji supply size`: where the next one goes, what people need."""

from typing import Annotated

import typer

from yingji_map.cli.session import language, opened, print_json, say
from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import ProfileId
from yingji_map.http.parameters import position_of
from yingji_map.http.representations.planning import site_proposal, supply_sizing
from yingji_map.services.propose_sites import SiteQuery
from yingji_map.services.size_supplies import SupplyQuery

sites = typer.Typer(help="选址：下一处放哪里 / where the next one goes", no_args_is_help=True)
supplies = typer.Typer(help="物资：要多少、从哪调 / supplies", no_args_is_help=True)
Profile = Annotated[ProfileId, typer.Option(help="出行方式 / profile")]
Closures = Annotated[str, typer.Option(help="封路 / closures")]
Json = Annotated[bool, typer.Option("--json", help="给程序读 / for programs")]


@sites.callback()
def site() -> None:
    """选址 / sites."""


@supplies.callback()
def supply() -> None:
    """物资 / supplies."""


@sites.command()
def propose(  # noqa: PLR0913 - one option each
    *,
    layer: Annotated[str, typer.Option(help="点图层，如 rescue_team / a layer of points")],
    minutes: Annotated[int, typer.Option(help="多少分钟内算有保障 / within")],
    count: Annotated[int, typer.Option(help="再要几处 / how many")] = 1,
    profile: Profile = ProfileId.CAR,
    closures: Closures = IN_FORCE,
    json: Json = False,
) -> None:
    """再加几处，放哪里覆盖的人最多，附证明 / the best sites, proven."""
    query = SiteQuery(
        layer_id=layer,
        minutes=minutes,
        count=count,
        profile=profile,
        closures=choice_of(closures),
    )
    with opened() as application:
        found = application.planning.propose_sites.run(query)
    if json:
        print_json(site_proposal(found).model_dump(mode="json"))
        return
    unit = "人" if language() == "zh" else "people"
    for one in found.sites:
        print(f"{one.rank:>2}  {one.name}  +{one.gain_persons} {unit}  +{one.gain_km2:.1f} km²")
    siting = found.siting
    say(
        f"新增 {siting.covered} 人，上界 {siting.bound} 人",
        f"{siting.covered} more people, at most {siting.bound}",
    )


@supplies.command()
def size(  # noqa: PLR0913 - one option each
    *,
    people: Annotated[int, typer.Option(help="多少人 / how many people")],
    to: Annotated[str, typer.Option(help="运到 lon,lat / where to")],
    days: Annotated[int, typer.Option(help="几天 / how many days")] = 3,
    profile: Profile = ProfileId.CAR,
    closures: Closures = IN_FORCE,
    json: Json = False,
) -> None:
    """按人数和天数算物资，逐级就近调拨，列出缺口 / needs, draws tier by tier, what is missing."""
    query = SupplyQuery(
        people=people,
        days=days,
        place=position_of("to", to),
        profile=profile,
        closures=choice_of(closures),
    )
    with opened() as application:
        found = application.planning.size_supplies.run(query)
    if json:
        print_json(supply_sizing(found).model_dump(mode="json"))
        return
    is_zh = language() == "zh"
    for line in found.lines:
        title = line.item.title.zh if is_zh else line.item.title.en
        needed = "–" if line.needed is None else line.needed
        missing = "–" if line.missing is None else line.missing
        words = ("需", "缺") if is_zh else ("needed", "missing")
        print(f"{title}  {words[0]} {needed}  {words[1]} {missing} {line.item.unit}")
        for draw in line.draws:
            minutes = f"{draw.travel_time_s / 60:.0f} {'分钟' if is_zh else 'min'}"
            print(f"    {draw.tier}  {draw.depot_name}  {draw.quantity}  {minutes}")
