"""`/v1/within` and `/v1/buffer`: who and what is inside a zone or a radius."""

from typing import Annotated

from fastapi import APIRouter, Query

from yingji_map.domain.shapes import polygon_of, shape_of
from yingji_map.domain.zone import Zone
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.within import (
    BufferAnswer,
    BufferRequest,
    CircleQuery,
    WithinAnswer,
    ZoneRequest,
    buffer_answer,
    within_answer,
)
from yingji_map.services.find_within import circle, widened

router = APIRouter(prefix="/v1", tags=["within"])
_Circle = Annotated[CircleQuery, Query()]
_KINDS = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


@router.post("/within")
def post_within(application: ApplicationDep, asked: ZoneRequest) -> WithinAnswer:
    """Count, add up and list what lies in a zone."""
    shape = polygon_of(asked.geometry)
    zone = Zone(shape=shape, outline=shape)
    return within_answer(application.find_within.run(zone, asked.layers, asked.limit))


@router.get("/within")
def get_within(application: ApplicationDep, asked: _Circle) -> WithinAnswer:
    """Count, add up and list what lies within a radius of a position."""
    zone = circle(asked.lon, asked.lat, asked.radius_m)
    return within_answer(application.find_within.run(zone, asked.layer_ids, asked.limit))


@router.get("/buffer")
def get_buffer(application: ApplicationDep, asked: _Circle) -> BufferAnswer:
    """Answer a radius about a position as a polygon, and what lies in it."""
    zone = circle(asked.lon, asked.lat, asked.radius_m)
    return buffer_answer(application.find_within.run(zone, asked.layer_ids, asked.limit))


@router.post("/buffer")
def post_buffer(application: ApplicationDep, asked: BufferRequest) -> BufferAnswer:
    """Answer everything within a radius of a geometry as a polygon, and what lies in it."""
    zone = widened(shape_of(asked.geometry, _KINDS), asked.radius_m)
    return buffer_answer(application.find_within.run(zone, asked.layers, asked.limit))
