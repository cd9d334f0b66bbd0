"""`yingji reach …`: who can be where, in what time, on the road."""

from typing import Annotated

import typer

from yingji_map.cli.reach_people import coverage, isolated
from yingji_map.cli.session import language, opened, print_json
from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.network import PROFILES, Direction, ProfileId, TravelMode
from yingji_map.http.parameters import position_of, whole_numbers_of
from yingji_map.http.representations.isochrone import isochrone as represent_isochrone
from yingji_map.http.representations.nearest import nearest as represent
from yingji_map.http.representations.reach import matrix as represent_matrix
from yingji_map.http.representations.reach import route as represent_route
from yingji_map.services.find_isochrone import IsochroneQuery
from yingji_map.services.find_nearest import Exclusion, NearestAnswer, NearestQuery
from yingji_map.services.find_route import MatrixQuery, RouteQuery

app = typer.Typer(help="可达性：按路网行程时间 / reach by travel time", no_args_is_help=True)
Profile = Annotated[ProfileId, typer.Option(help="出行方式 / way of travelling")]
Closures = Annotated[
    str,
    typer.Option(help="封路：in_force、none、编号、road:路段编号、GeoJSON / closures"),
]
Json = Annotated[bool, typer.Option("--json", help="给程序读 / for programs")]
app.command()(coverage)
app.command()(isolated)
_EXCLUSIONS_ZH = {
    Exclusion.CLOSED: "未开放",
    Exclusion.CUT_OFF: "因封路不可达",
    Exclusion.NO_ROUTE: "无路可达",
    Exclusion.OFF_NETWORK: "离路太远",
}


@app.command()
def nearest(  # noqa: PLR0913 - one option each
    *,
    layer: Annotated[str, typer.Option(help="点图层，如 shelter / a layer of points")],
    lon: Annotated[float, typer.Option(help="经度 / longitude, degrees")],
    lat: Annotated[float, typer.Option(help="纬度 / latitude, degrees")],
    k: Annotated[int, typer.Option("-k", help="几个，1–50 / how many")] = 3,
    profile: Profile = ProfileId.CAR,
    direction: Annotated[
        Direction | None, typer.Option(help="from 从该点出发，to 前往该点 / from or to the point")
    ] = None,
    closures: Closures = IN_FORCE,
    json: Json = False,
) -> None:
    """按行程时间找最近的几处 / find the nearest places by travel time."""
    query = NearestQuery(
        layer_id=layer,
        lon=lon,
        lat=lat,
        k=k,
        profile=profile,
        direction=direction,
        closures=choice_of(closures),
    )
    with opened() as application:
        answer = application.find_nearest.run(query)
    if json:
        print_json(represent(answer).model_dump(mode="json"))
    else:
        _print_answer(answer)


@app.command()
def route(
    *,
    start: Annotated[str, typer.Option("--from", help="起点 lon,lat / start")],
    end: Annotated[str, typer.Option("--to", help="终点 lon,lat / end")],
    profile: Profile = ProfileId.CAR,
    closures: Closures = IN_FORCE,
    json: Json = False,
) -> None:
    """两点间最快的路 / the quickest way between two places."""
    query = RouteQuery(
        start=position_of("from", start),
        end=position_of("to", end),
        profile=profile,
        closures=choice_of(closures),
    )
    with opened() as application:
        answer = application.find_route.run(query)
    if json:
        print_json(represent_route(answer).model_dump(mode="json"))
        return
    is_zh = language() == "zh"
    if answer.trip is None:
        if answer.is_cut_off:
            closed = ", ".join(answer.mattered)
            print(f"因封路不可达：{closed}" if is_zh else f"cut off by closures: {closed}")
        else:
            print("无路可达" if is_zh else "no way there")
        return
    minutes, km = answer.trip.travel_time_s / 60, answer.trip.distance_m / 1000
    print(f"{minutes:.1f} {'分钟' if is_zh else 'min'}  {km:.1f} km")


@app.command()
def matrix(
    *,
    origins: Annotated[list[str], typer.Option("--from", help="起点 lon,lat，可多次 / repeat")],
    destinations: Annotated[list[str], typer.Option("--to", help="终点 lon,lat，可多次 / repeat")],
    profile: Profile = ProfileId.CAR,
    closures: Closures = IN_FORCE,
    json: Json = False,
) -> None:
    """许多点之间的行程时间，一行一个起点 / travel times, one row an origin."""
    query = MatrixQuery(
        origins=tuple(position_of("from", place) for place in origins),
        destinations=tuple(position_of("to", place) for place in destinations),
        profile=profile,
        closures=choice_of(closures),
    )
    with opened() as application:
        answer = application.find_route.matrix(query)
    document = represent_matrix(answer)
    if json:
        print_json(document.model_dump(mode="json"))
        return
    for row in document.travel_times_s:
        print("  ".join("     –" if value is None else f"{value / 60:6.1f}" for value in row))


@app.command()
def isochrone(  # noqa: PLR0913 - one option each
    *,
    minutes: Annotated[str, typer.Option(help="如 15,30 / minutes")],
    lon: Annotated[float | None, typer.Option(help="经度 / longitude")] = None,
    lat: Annotated[float | None, typer.Option(help="纬度 / latitude")] = None,
    layer: Annotated[str | None, typer.Option(help="图层的每一处 / every place of a layer")] = None,
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
    """多少分钟能到的范围 / what can be reached in so many minutes."""
    query = IsochroneQuery(
        minutes=whole_numbers_of("minutes", minutes),
        place=None if lon is None or lat is None else (lon, lat),
        layer_id=layer,
        profile=profile,
        direction=direction,
        closures=choice_of(closures),
        mode=mode,
    )
    with opened() as application:
        answer = application.find_isochrone.run(query)
    if json:
        print_json(represent_isochrone(answer).model_dump(mode="json"))
        return
    unit = "分钟" if language() == "zh" else "min"
    for band in answer.bands:
        print(f"{band.minutes:>4} {unit}  {band.area_km2:9.1f} km²  {band.road_km:8.1f} km")


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
