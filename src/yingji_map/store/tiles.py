"""Vector tiles of a layer's current rows, and which state of it they show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    collate,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NullType

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.query import FeatureQuery
from yingji_map.domain.tile import BUFFER, EXTENT, TileAddress
from yingji_map.domain.tile_view import TileView
from yingji_map.store.collections import matching
from yingji_map.store.filters import calculable
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.tables import layers

# Geometry between functions of one statement; GeoAlchemy2 would wrap its own type in ST_AsEWKB.
_RAW = NullType()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerView:
    """The state of a layer's current rows at an instant; equal views, equal tiles.

    Attributes
    ----------
    turned_at
        When rows last began or ended to be valid; None for never.
    turns_at
        When that happens next without any write, and this view ends; None for never.
    """

    layer_id: str
    version: int
    updated_at: datetime
    content_hash: str
    turned_at: datetime | None
    turns_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTileQuery:
    """The fixed statements of one layer, built once from its definition."""

    layer_id: str
    properties: tuple[str, ...]
    tile: Select[bytes]
    turning_points: Select[datetime | None, datetime | None]


def tile_properties(definition: LayerDefinition) -> tuple[str, ...]:
    """Return the fields that tiles carry: key, label and the declared ones, never a private one."""
    label = (definition.tiles.label,) if definition.tiles.label else ()
    wanted = dict.fromkeys((definition.key or "", *label, *definition.tiles.fields))
    public = {field.name for field in definition.public_fields}
    return tuple(name for name in wanted if name in public)


def layer_tile_query(definition: LayerDefinition, only: TileView | None = None) -> LayerTileQuery:
    """Build the statements of a vector layer, or of the rows that a view shows."""
    table = layer_table(definition)
    properties = tile_properties(definition)
    return LayerTileQuery(
        layer_id=definition.id,
        properties=properties,
        tile=_tile_statement(table, definition, properties, only),
        turning_points=_turning_points_statement(table),
    )


def find_layer_view(
    tx: Connection, query: LayerTileQuery, known: LayerView | None
) -> LayerView | None:
    """Return the view of a layer that this transaction sees; None before the layer was applied.

    One row by its key; only after a change the rows' validity is looked through.

    Parameters
    ----------
    known
        The view found last, to be returned again while it holds.
    """
    row = tx.execute(_STATE, {"layer": query.layer_id}).one_or_none()
    if row is None:
        return None
    state = (row.version, row.updated_at, row.content_hash)
    if known is not None and state == (known.version, known.updated_at, known.content_hash):
        is_over = known.turns_at is not None and known.turns_at <= row.read_at
        if not is_over:
            return known
    turned_at, turns_at = tx.execute(query.turning_points).one()
    return LayerView(
        layer_id=query.layer_id,
        version=row.version,
        updated_at=row.updated_at,
        content_hash=row.content_hash,
        turned_at=turned_at,
        turns_at=turns_at,
    )


def encode_layer_tile(tx: Connection, query: LayerTileQuery, tile: TileAddress) -> bytes:
    """Return one tile as Mapbox Vector Tile; empty bytes where nothing lies.

    Rows whose geometry touches the tile or its margin are taken, clipped to the margin, in the
    order of their keys. Nothing is thinned out but what falls together on the tile's grid, so that
    neighbouring polygons keep one border at every zoom.

    Raises
    ------
    InvalidParameter
        The filter's arithmetic fails on some row.
    """
    place: Mapping[str, float] = {
        "z": tile.z,
        "x": tile.x,
        "y": tile.y,
        "margin": tile.buffer_m,
    }
    with calculable():
        return bytes(tx.execute(query.tile, place).scalar_one())


def _tile_statement(
    table: Table,
    definition: LayerDefinition,
    properties: tuple[str, ...],
    only: TileView | None,
) -> Select[bytes]:
    key = collate(table.c[definition.key or ""], "C")
    square = func.ST_TileEnvelope(bindparam("z"), bindparam("x"), bindparam("y"), type_=_RAW)
    shape = func.ST_AsMVTGeom(table.c.geom_3857, square, EXTENT, BUFFER, True, type_=_RAW)  # noqa: FBT003 - SQL argument: clip
    rows = (
        select(table.c.row_id, *(table.c[name] for name in properties), shape.label("geom"))
        .where(
            matching(table, FeatureQuery() if only is None else only.query(), key),
            # With the margin, else features just outside are missing from it.
            table.c.geom_3857.op("&&")(func.ST_Expand(square, bindparam("margin"), type_=_RAW)),
        )
        .order_by(key)
        .subquery("feature")
    )
    tile: ColumnElement[bytes] = func.ST_AsMVT(
        literal_column("feature"), definition.id, EXTENT, "geom", "row_id"
    )
    return select(tile).select_from(rows)


def _turning_points_statement(
    table: Table,
) -> Select[datetime | None, datetime | None]:
    known = func.upper_inf(table.c.known_during)
    edges = union_all(
        select(func.lower(table.c.valid_during).label("edge_at")).where(known),
        select(func.upper(table.c.valid_during).label("edge_at")).where(known),
    ).subquery("edges")
    now = func.statement_timestamp()
    return select(
        func.max(edges.c.edge_at).filter(edges.c.edge_at <= now),
        func.min(edges.c.edge_at).filter(edges.c.edge_at > now),
    )


_STATE = select(
    layers.c.version,
    layers.c.updated_at,
    layers.c.content_hash,
    type_coerce(func.statement_timestamp(), layers.c.updated_at.type).label("read_at"),
).where(layers.c.layer_id == bindparam("layer"))
