"""`yingji reach …`: who can be where, in what time, on the road."""

from typing import Annotated

import typer

from yingji_map.cli.session import language, opened, print_json
from yingji_map.domain.network import PROFILES, Direction, ProfileId
from yingji_map.http.representations.nearest import nearest as represent
from yingji_map.services.find_nearest import Exclusion, NearestAnswer, NearestQuery

app = typer.Typer(help="可达性：按路网行程时间 / reach by travel time", no_args_is_help=True)
_EXCLUSIONS_ZH = {
    Exclusion.CLOSED: "未开放",
    Exclusion.NO_ROUTE: "无路可达",
    Exclusion.OFF_NETWORK: "离路太远",
}


@app.callback()
def _reach() -> None:
    """Keep `nearest` a word of its own while it is the only one."""


@app.command()
def nearest(  # noqa: PLR0913 - one option each
    *,
    layer: Annotated[str, typer.Option(help="点图层，如 shelter / a layer of points")],
    lon: Annotated[float, typer.Option(help="经度 / longitude, degrees")],
    lat: Annotated[float, typer.Option(help="纬度 / latitude, degrees")],
    k: Annotated[int, typer.Option("-k", help="几个，1–50 / how many")] = 3,
    profile: Annotated[
        ProfileId, typer.Option(help="出行方式 / way of travelling")
    ] = ProfileId.CAR,
    direction: Annotated[
        Direction | None, typer.Option(help="from 从该点出发，to 前往该点 / from or to the point")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="给程序读 / for programs")] = False,
) -> None:
    """按行程时间找最近的几处 / find the nearest places by travel time."""
    query = NearestQuery(
        layer_id=layer, lon=lon, lat=lat, k=k, profile=profile, direction=direction
    )
    with opened() as application:
        answer = application.find_nearest.run(query)
    if json:
        print_json(represent(answer).model_dump(mode="json"))
    else:
        _print_answer(answer)


def _print_answer(answer: NearestAnswer) -> None:
    is_zh = language() == "zh"
    title = PROFILES[answer.query.profile].title
    outward = answer.direction is Direction.FROM
    way = ("从该点出发" if outward else "前往该点") if is_zh else answer.direction.value
    print(f"{title.zh if is_zh else title.en} · {way}")
    for place in answer.results:
        minutes, km = place.trip.travel_time_s / 60, place.trip.distance_m / 1000
        unit = "分钟" if is_zh else "min"
        print(f"{place.rank:>3}  {minutes:6.1f} {unit}  {km:6.1f} km  {place.name}  {place.key}")
    for excluded in answer.excluded:
        reason = _EXCLUSIONS_ZH[excluded.reason] if is_zh else excluded.reason.value
        print(f"  –  {reason}  {excluded.name}  {excluded.key}")
