"""What lies in a warning zone now: its county, its townships, settlements and shelters."""

from collections.abc import Mapping

import shapely
from shapely import MultiPolygon
from sqlalchemy import (
    Connection,
    LargeBinary,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.shapes import geodesic_area_km2
from yingji_map.domain.warning import Audience, Place
from yingji_map.domain.warning_draft import DivisionInZone, ZoneSurvey
from yingji_map.domain.zone import LayerInside, Zone
from yingji_map.store.features import as_of
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.layers import find_layer_states, statement_time
from yingji_map.store.zones import find_inside

Catalogue = Mapping[str, LayerDefinition]
_POLYGONS = 3  # ST_CollectionExtract: keep surfaces, drop shared border lines
_INTERIORS_MEET = "T********"
_MAX_PLACES = 100_000  # more than any county has settlements; the list is never cut


def survey_zone(tx: Connection, catalogue: Catalogue, zone: MultiPolygon) -> ZoneSurvey:
    """Return what lies in a zone now."""
    counties = find_divisions(tx, catalogue, "county", zone)
    inside_km2 = sum(county.shared_km2 for county in counties)
    return ZoneSurvey(
        zone=zone,
        is_county_loaded=_has_rows(tx, "county"),
        counties=tuple(counties),
        townships=tuple(find_divisions(tx, catalogue, "township", zone)),
        audience=count_audience(tx, catalogue, zone, inside_km2=inside_km2),
    )


def find_divisions(
    tx: Connection, catalogue: Catalogue, layer_id: str, zone: MultiPolygon
) -> list[DivisionInZone]:
    """Return the divisions of a boundary layer in each part of a zone, most shared ground first.

    A division that only touches a part with its border is not in it.
    """
    if not _has_rows(tx, layer_id):
        return []
    table = layer_table(catalogue[layer_id])
    wkbs = literal([shapely.to_wkb(part) for part in zone.geoms], ARRAY(LargeBinary))
    parts = (
        func.unnest(wkbs)
        .table_valued(column("wkb", LargeBinary), with_ordinality="number", name="parts")
        .render_derived()
    )
    shape = func.ST_GeomFromWKB(parts.c.wkb, STORAGE_SRID)
    shared = func.ST_CollectionExtract(func.ST_Intersection(table.c.geom, shape), _POLYGONS)
    rows = tx.execute(
        select(parts.c.number - 1, table.c.code, table.c.name, func.ST_AsBinary(shared))
        .select_from(parts)
        .join(table, func.ST_Relate(table.c.geom, shape, _INTERIORS_MEET))
        .where(as_of(table), table.c.geom.op("&&")(shape))
    )
    # Measured as the zone itself is, so that a zone inside its county has nothing outside.
    found = [
        DivisionInZone(
            part=part,
            code=code,
            name=name,
            shared_km2=geodesic_area_km2(shapely.from_wkb(bytes(wkb))),
        )
        for part, code, name, wkb in rows
    ]
    return sorted(found, key=lambda division: (division.part, -division.shared_km2, division.code))


def count_audience(
    tx: Connection, catalogue: Catalogue, zone: MultiPolygon, *, inside_km2: float
) -> Audience:
    """Count who and what is inside a zone now; a point on its border is inside.

    Parameters
    ----------
    inside_km2
        How much of the zone lies in the county.
    """
    settlements = _inside(tx, catalogue, "settlement", zone, limit=_MAX_PLACES)
    shelters = _inside(tx, catalogue, "shelter", zone, limit=0)
    area_km2 = geodesic_area_km2(zone)
    return Audience(
        counted_at=statement_time(tx),
        area_km2=round(area_km2, 3),
        outside_county_km2=round(max(area_km2 - inside_km2, 0), 3),
        population_persons=_total(settlements, "population_persons"),
        households=_total(settlements, "households"),
        settlements=settlements.count if settlements else None,
        settlements_without_households=settlements.missing.get("households", 0)
        if settlements
        else None,
        shelters=shelters.count if shelters else None,
        shelter_capacity_persons=_total(shelters, "capacity_persons"),
        places=_places(settlements) if settlements else (),
    )


def _inside(
    tx: Connection, catalogue: Catalogue, layer_id: str, zone: MultiPolygon, *, limit: int
) -> LayerInside | None:
    """Return what the zone holds of a layer; None when the layer has no feature at all."""
    if not _has_rows(tx, layer_id):
        return None
    return find_inside(tx, catalogue[layer_id], Zone(shape=zone, outline=zone), limit)


def _places(settlements: LayerInside) -> tuple[Place, ...]:
    """Return the settlements, those with most people first."""
    places = [
        Place(
            place_id=place.key,
            name=place.name,
            population_persons=_whole(place.properties["population_persons"]),
        )
        for place in settlements.places
    ]
    return tuple(sorted(places, key=lambda p: (-(p.population_persons or 0), p.place_id)))


def _total(found: LayerInside | None, field: str) -> int | None:
    return None if found is None else int(found.sums[field])


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _has_rows(tx: Connection, layer_id: str) -> bool:
    state = find_layer_states(tx).get(layer_id)
    return state is not None and state.row_count > 0
