"""Features inside a zone: counted, summed and listed through the spatial index."""

from geoalchemy2 import Geography
from shapely import to_wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    and_,
    collate,
    func,
    literal,
    select,
    true,
)

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.layer import FieldType, GeometryType, LayerDefinition
from yingji_map.domain.shapes import dense
from yingji_map.domain.zone import LayerInside, PlaceInside, Zone
from yingji_map.store.features import as_of
from yingji_map.store.layer_tables import layer_table

_GEOGRAPHY = Geography(srid=STORAGE_SRID)
# The outline may lie inside the true edge by 0.4 % of the radius; the search box must not.
_OUTLINE_SLACK = 0.01


def find_inside(tx: Connection, definition: LayerDefinition, zone: Zone, limit: int) -> LayerInside:
    """Return what a zone holds now of a layer; its edge belongs to it.

    Distances are geodesic and exact. Whether a line or an area lies wholly inside a radius is
    judged by the outline.
    """
    table = layer_table(definition)
    inside = and_(as_of(table), _touches(table, zone))
    whole = true() if definition.geometry is GeometryType.POINT else _is_whole(table, zone)
    fields = definition.additive_fields
    row = tx.execute(
        select(
            func.count(),
            func.count().filter(whole),
            *(func.sum(table.c[field.name]).filter(whole) for field in fields),
            *(func.count(table.c[field.name]).filter(whole) for field in fields),
        )
        .select_from(table)
        .where(inside)
    ).one()
    count, n_whole = row[0], row[1]
    totals, filled = row[2 : 2 + len(fields)], row[2 + len(fields) :]
    return LayerInside(
        definition=definition,
        count=count,
        partly_inside=count - n_whole,
        sums={
            field.name: int(total or 0) if field.type is FieldType.INTEGER else float(total or 0)
            for field, total in zip(fields, totals, strict=True)
        },
        missing={
            field.name: n_whole - n for field, n in zip(fields, filled, strict=True) if n < n_whole
        },
        places=_places(tx, definition, table, inside, limit) if count and limit else (),
    )


def _places(
    tx: Connection,
    definition: LayerDefinition,
    table: Table,
    inside: ColumnElement[bool],
    limit: int,
) -> tuple[PlaceInside, ...]:
    point = func.ST_PointOnSurface(table.c.geom)
    key = table.c[definition.key or ""]
    label = table.c[definition.tiles.label or definition.key or ""]
    names = [field.name for field in definition.public_fields]
    rows = tx.execute(
        select(
            key.label("place_key"),
            func.coalesce(label, key).label("place_name"),
            func.ST_X(point).label("place_lon"),
            func.ST_Y(point).label("place_lat"),
            *(table.c[name].label(f"field_{name}") for name in names),
        )
        .where(inside)
        .order_by(collate(key, "C"))
        .limit(limit)
    )
    return tuple(
        PlaceInside(
            key=row[0],
            name=row[1],
            lon=row[2],
            lat=row[3],
            properties=dict(zip(names, row[4:], strict=True)),
        )
        for row in rows
    )


def _touches(table: Table, zone: Zone) -> ColumnElement[bool]:
    if zone.radius_m == 0:
        return func.ST_Intersects(table.c.geom, _geometry(zone.shape))
    west, south, east, north = zone.outline.bounds
    margin = _OUTLINE_SLACK * max(east - west, north - south)
    box = func.ST_MakeEnvelope(
        west - margin, south - margin, east + margin, north + margin, STORAGE_SRID
    )
    # The box is for the index on `geom`; the distance on the ellipsoid decides.
    distance = func.ST_DWithin(
        table.c.geom.cast(_GEOGRAPHY), _geometry(dense(zone.shape)).cast(_GEOGRAPHY), zone.radius_m
    )
    return and_(table.c.geom.op("&&")(box), distance)


def _is_whole(table: Table, zone: Zone) -> ColumnElement[bool]:
    return func.ST_CoveredBy(table.c.geom, _geometry(zone.outline))


def _geometry(shape: BaseGeometry) -> ColumnElement[object]:
    return func.ST_GeomFromWKB(literal(to_wkb(shape), LargeBinary), STORAGE_SRID)
