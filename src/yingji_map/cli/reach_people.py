"""`yingji reach coverage` and `isolated`: who is served in time, who is out of reach."""

from typing import Annotated

import typer

from yingji_map.cli.session import language, opened, print_json
from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.engine.coverage import Split
from yingji_map.http.parameters import position_of
from yingji_map.http.representations.coverage import coverage as represent_coverage
from yingji_map.http.representations.coverage import isolated as represent_isolated
from yingji_map.services.find_isolated import DEFAULT_LAYERS, IsolatedQuery
from yingji_map.services.measure_coverage import CoverageQuery

Profile = Annotated[ProfileId, typer.Option(help="出行方式 / way of travelling")]
Closures = Annotated[
    str, typer.Option(help="封路：in_force、none、编号、road:路段编号、GeoJSON / closures")
]
Json = Annotated[bool, typer.Option("--json", help="给程序读 / for programs")]


def coverage(  # noqa: PLR0913 - one option each
    *,
    layer: Annotated[str, typer.Option(help="点图层，如 rescue_team / a layer of points")],
    minutes: Annotated[int, typer.Option(help="1–240")],
    profile: Profile = ProfileId.CAR,
    direction: Annotated[
        Direction | None, typer.Option(help="from 从那里出发，to 前往那里 / from or to it")
    ] = None,
    closures: Closures = IN_FORCE,
    mode: Annotated[
        TravelMode, typer.Option(help="road 离路直线步行，drive_walk 按地形走 / off the road")
    ] = TravelMode.ROAD,
    json: Json = False,
) -> None:
    """多少分钟覆盖多少人，哪些村没覆盖 / who is served in time and who is not."""
    query = CoverageQuery(
        layer_id=layer,
        minutes=minutes,
        profile=profile,
        direction=direction,
        closures=choice_of(closures),
        mode=mode,
    )
    with opened() as application:
        answer = application.measure_coverage.run(query)
    if json:
        print_json(represent_coverage(answer).model_dump(mode="json"))
        return
    is_zh = language() == "zh"
    whole = answer.whole
    print(f"{'人口' if is_zh else 'people'}  {_share(whole.people)}")
    print(f"{'村社' if is_zh else 'settlements'}  {_share(whole.settlements)}")
    for one in answer.not_covered:
        minutes_away = "–" if one.travel_time_s is None else f"{one.travel_time_s / 60:.0f}"
        print(f"  {one.township}  {one.name}  {one.population_persons}  {minutes_away}")


def isolated(
    *,
    layers: Annotated[str, typer.Option(help="逗号分隔的点图层 / layers")] = ",".join(
        DEFAULT_LAYERS
    ),
    seat: Annotated[str | None, typer.Option(help="县城 lon,lat / county seat")] = None,
    profile: Profile = ProfileId.CAR,
    closures: Closures = IN_FORCE,
    json: Json = False,
) -> None:
    """哪些村队伍到不了、去不了避难场所 / settlements out of reach."""
    query = IsolatedQuery(
        layer_ids=tuple(layers.split(",")),
        seat=None if seat is None else position_of("seat", seat),
        profile=profile,
        closures=choice_of(closures),
    )
    with opened() as application:
        answer = application.find_isolated.run(query)
    if json:
        print_json(represent_isolated(answer).model_dump(mode="json"))
        return
    for one in answer.settlements:
        lacks = "  ".join(f"{name}:{lack.value}" for name, lack in one.lacks.items())
        print(f"{one.name}  {one.population_persons}  {lacks}")
    is_zh = language() == "zh"
    print(f"{'孤立人口' if is_zh else 'people isolated'}  {answer.isolated_persons}")


def _share(split: Split) -> str:
    share = split.covered / split.total if split.total else 0.0
    return f"{split.covered} / {split.total}  {share:.1%}"
