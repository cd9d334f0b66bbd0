"""Small valid warnings that tests vary."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import shapely
from shapely import MultiPolygon, Polygon

from tests.support.county import NOW
from yingji_map.domain.warning import Audience, HazardWarning, IssuerProfile, issuer_of
from yingji_map.domain.warning_draft import (
    DivisionInZone,
    DraftRecord,
    DraftRequest,
    ZoneSurvey,
    check_request,
    draft_of,
)

SQUARE = shapely.box(106.28, 32.1, 106.32, 32.2)


def a_zone(shape: Polygon | MultiPolygon = SQUARE) -> dict[str, object]:
    """Return a shape as parsed JSON would give it: lists, not tuples."""
    return _lists(shapely.geometry.mapping(shape))


def a_request(**changes: object) -> DraftRequest:
    """Return a red landslide warning of six hours from `NOW`."""
    request = DraftRequest(
        hazard="landslide",
        level="red",
        zone=a_zone(),
        effective_at=NOW,
        expires_at=NOW + timedelta(hours=6),
    )
    return replace(request, **changes)  # type: ignore[arg-type]  # tests pass any field


def a_warning(**changes: object) -> HazardWarning:
    """Return the draft that `a_request` leads to, in a county with one township."""
    request = a_request(**changes)
    checked = check_request(request, NOW)
    parts = range(len(checked.zone.geoms))
    survey = ZoneSurvey(
        zone=checked.zone,
        is_county_loaded=True,
        counties=tuple(
            DivisionInZone(part=part, code="510821", name="旺苍县", shared_km2=1.0)
            for part in parts
        ),
        townships=tuple(
            DivisionInZone(part=part, code="510821101", name="东河镇", shared_km2=1.0)
            for part in parts
        ),
        audience=an_audience(),
    )
    record = DraftRecord(
        warning_id="51082100000000_20260713210000_0",
        revision=1,
        created_at=NOW,
        revised_at=NOW,
        revised_via="test",
    )
    return draft_of(checked, survey, issuer_of("510821", "旺苍县", IssuerProfile()), record)


def an_audience(**changes: Any) -> Audience:
    """Return an audience of nobody."""
    fields: dict[str, Any] = {
        "counted_at": NOW,
        "area_km2": 1.0,
        "outside_county_km2": 0.0,
        "population_persons": 0,
        "households": 0,
        "settlements": 0,
        "settlements_without_households": 0,
        "shelters": 0,
        "shelter_capacity_persons": 0,
        "places": (),
    }
    return Audience(**{**fields, **changes})


def _lists(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _lists(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_lists(part) for part in value]
    return value
