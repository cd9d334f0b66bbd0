"""Bodies of `/v1/reach/isochrone`."""

import json

import shapely
from pydantic import BaseModel, Field

from yingji_map.domain.network import Direction, ProfileId, TravelMode
from yingji_map.engine.grid import cell_text
from yingji_map.http.representations.reach import RoadAssumptions, road_assumptions
from yingji_map.http.representations.trips import AppliedClosure, Origin, closures_of
from yingji_map.services.find_isochrone import IsochroneAnswer

COUNTED = {
    TravelMode.ROAD: "格网中心：到中心的行程时间（含离路直线步行）不超过时限；离路超过上限的格网不计",
    TravelMode.DRIVE_WALK: "格网中心：开车到路上某处，下车后逐格步行，坡度越陡越慢，水面、大河、陡崖不通",
}


class IsochroneBase(Origin):
    """A place that trips start from or go to; without a layer it is the point asked about."""

    id: str | None
    name: str | None
    is_on_network: bool


class IsochroneCell(BaseModel):
    """A cell, the travel time to its centre, and the number of the base it is quickest for."""

    cell: str
    travel_time_s: float
    base: int


class IsochroneBand(BaseModel):
    """What lies within so many minutes, smaller bands included; `geometry` is for display."""

    minutes: int
    cells: int
    area_km2: float
    road_km: float = Field(description="路段只走到一半的，只算走到的部分")
    geometry: dict[str, object] = Field(description="GeoJSON MultiPolygon of the cells")


class Isochrone(BaseModel):
    """The cells whose centre can be reached in time."""

    bases: list[IsochroneBase]
    direction: Direction = Field(description="from：从基地出发；to：前往基地")
    profile: ProfileId
    resolution: int
    mode: TravelMode
    counted: str
    bands: list[IsochroneBand]
    cells: list[IsochroneCell]
    closures: list[AppliedClosure]
    assumptions: RoadAssumptions


def isochrone(answer: IsochroneAnswer) -> Isochrone:
    """Represent cells in their order, bands from the smallest."""
    return Isochrone(
        bases=_bases(answer),
        direction=answer.direction,
        profile=answer.query.profile,
        resolution=answer.query.resolution,
        mode=answer.query.mode,
        counted=COUNTED[answer.query.mode],
        bands=[
            IsochroneBand(
                minutes=band.minutes,
                cells=band.cell_count,
                area_km2=round(band.area_km2, 2),
                road_km=round(band.road_km, 2),
                geometry=json.loads(shapely.to_geojson(band.outline)),
            )
            for band in answer.bands
        ],
        cells=[
            IsochroneCell(cell=cell_text(cell), travel_time_s=time_ds / 10, base=base)
            for cell, time_ds, base in zip(
                answer.cells.tolist(), answer.times_ds.tolist(), answer.base.tolist(), strict=True
            )
        ],
        closures=closures_of(answer.applied, ()).applied,
        assumptions=road_assumptions(answer.road_version, is_current=answer.is_network_current),
    )


def _bases(answer: IsochroneAnswer) -> list[IsochroneBase]:
    snaps = answer.snaps
    return [
        IsochroneBase(
            id=answer.bases[row].key if answer.bases else None,
            name=answer.bases[row].name if answer.bases else None,
            lon=float(snaps.places[row, 0]),
            lat=float(snaps.places[row, 1]),
            snap_distance_m=round(float(snaps.distance_m[row]), 1),
            is_on_closed_road=bool(snaps.is_moved[row]),
            is_on_network=bool(snaps.edge[row] >= 0),
        )
        for row in range(len(snaps))
    ]
