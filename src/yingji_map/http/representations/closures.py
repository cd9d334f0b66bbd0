"""Bodies of `/v1/closures`."""

import json

import shapely
from pydantic import AwareDatetime, BaseModel, Field

from yingji_map.domain.closure import SHAPES, ClosedPlace, ClosureRequest, ClosureState
from yingji_map.domain.shapes import shape_of
from yingji_map.services.close_roads import ClosureReport


class ClosureBody(BaseModel):
    """What to close, why, and when; without times from now until lifted."""

    geometry: dict[str, object] | None = Field(
        default=None, description="GeoJSON 面：里面的路都封；线：两侧 10 米内的路都封"
    )
    road_codes: list[str] = Field(default=[], description="整条封闭的路段编号 / whole roads")
    reason: str
    source: str | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    def request(self) -> ClosureRequest:
        """Return the request as a domain value."""
        shape = None if self.geometry is None else shape_of(self.geometry, SHAPES)
        return ClosureRequest(
            place=ClosedPlace(shape=shape, road_codes=tuple(self.road_codes)),
            reason=self.reason,
            source=self.source,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class ClosedRoad(BaseModel):
    """What a closure closes on the roads of now."""

    length_m: float
    road_codes: list[str]


class ClosureDocument(BaseModel):
    """A closure, what has become of it, and what it closes."""

    id: str
    state: ClosureState
    geometry: dict[str, object] | None
    road_codes: list[str]
    reason: str
    source: str | None
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None
    created_at: AwareDatetime
    created_via: str
    lifted_at: AwareDatetime | None
    lifted_via: str | None
    closes: ClosedRoad


class ClosureList(BaseModel):
    """Closures, the newest first; `next` is where to go on."""

    closures: list[ClosureDocument]
    next: str | None


def closure_document(report: ClosureReport) -> ClosureDocument:
    """Represent a closure."""
    closure = report.closure
    shape = closure.place.shape
    return ClosureDocument(
        id=str(closure.closure_id),
        state=report.state,
        geometry=None if shape is None else json.loads(shapely.to_geojson(shape)),
        road_codes=list(closure.place.road_codes),
        reason=closure.reason,
        source=closure.source,
        valid_from=closure.valid_from,
        valid_until=closure.valid_until,
        created_at=closure.created_at,
        created_via=closure.created_via,
        lifted_at=closure.lifted_at,
        lifted_via=closure.lifted_via,
        closes=ClosedRoad(
            length_m=round(report.closed_length_m, 1), road_codes=list(report.road_codes)
        ),
    )


def closure_list(reports: list[ClosureReport], limit: int) -> ClosureList:
    """Represent a page of closures."""
    last = reports[-1].closure.closure_id if len(reports) == limit else None
    return ClosureList(
        closures=[closure_document(report) for report in reports],
        next=None if last is None else f"/v1/closures?limit={limit}&before={last}",
    )
