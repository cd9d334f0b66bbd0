"""`/v1/risk/diff` and its tiles: what changed between two runs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from yingji_map.domain.run import RunRecord
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.compressed import compressed_answer
from yingji_map.http.dependencies import ApplicationDep, BaseUrlDep, TileAddressDep
from yingji_map.http.representations.risk_diff import DiffBody, diff_body
from yingji_map.http.representations.tiles import VECTOR_TILE, TileJson, diff_tilejson

router = APIRouter()


def _two_runs(
    application: ApplicationDep,
    hazard: str,
    from_: Annotated[str, Query(alias="from", description="较早的运行 / the run to start from")],
    to: Annotated[str | None, Query(description="默认最新 / the latest by default")] = None,
) -> tuple[RunRecord, RunRecord]:
    return application.runs.diff.find(from_, to, hazard)


TwoRunsDep = Annotated[tuple[RunRecord, RunRecord], Depends(_two_runs)]


@router.get("/v1/risk/diff", response_model=DiffBody, tags=["risk"])
def get_diff(
    request: Request, application: ApplicationDep, runs: TwoRunsDep, hazard: str
) -> Response:
    """Compare two runs cell by cell: up, down, ground, people, townships, and because of what."""
    found = diff_body(application.runs.diff.run(*runs, hazard))
    body = found.model_dump_json(by_alias=True).encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)


@router.get("/tiles/risk-diff/{hazard}.json", tags=["tiles"])
def get_diff_tilejson(
    hazard: str, application: ApplicationDep, base_url: BaseUrlDep, runs: TwoRunsDep
) -> TileJson:
    """Describe the tiles of the cells that changed between two runs (TileJSON 3.0)."""
    tiles = application.runs.diff_tiles
    layer = tiles.layer(*runs, hazard, runs[1].resolution)
    return diff_tilejson(hazard, runs, layer.bounds, base_url)


@router.get("/tiles/risk-diff/{hazard}/{z}/{x}/{y}", response_class=Response, tags=["tiles"])  # noqa: FAST003 - in TileAddressDep
# Decorators register from below: the longer path must be looked at first.
@router.get("/tiles/risk-diff/{hazard}/{z}/{x}/{y}.pbf", response_class=Response, tags=["tiles"])
def get_diff_tile(
    hazard: str,
    address: TileAddressDep,
    request: Request,
    application: ApplicationDep,
    runs: TwoRunsDep,
) -> Response:
    """Answer one vector tile of the cells that changed; 204 where none did."""
    tiles = application.runs.diff_tiles
    return compressed_answer(
        request,
        tiles.tag(*runs, hazard),
        lambda: tiles.tile(*runs, hazard, address),
        media_type=VECTOR_TILE,
    )
